import time

from openai import OpenAI

client = OpenAI()
tutor = client.beta.assistants.create(model="gpt-4-turbo", instructions="You are a maths tutor.")
thread = client.beta.threads.create()

for question in ("Solve `3x + 1 = 0`.", "And twice that?"):
    client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=tutor.id)
    while run.status in ("queued", "in_progress"):
        time.sleep(0.5)
        run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)
    messages = client.beta.threads.messages.list(thread_id=thread.id)
    print(messages.data[0].content[0].text.value)
