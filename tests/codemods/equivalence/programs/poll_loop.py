import time

from openai import OpenAI

client = OpenAI()

assistant = client.beta.assistants.create(instructions="Answer.", model="gpt-4o")
thread = client.beta.threads.create(messages=[{"role": "user", "content": "First question"}])

run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)

# Wait for completion
while run.status != "completed":
    time.sleep(0.5)
    run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)

messages = client.beta.threads.messages.list(thread_id=thread.id)
print(messages.data[0].content[0].text.value)

client.beta.threads.messages.create(thread.id, role="user", content="Second question")
run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
while True:
    run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)
    if run.status in ("completed", "failed", "cancelled", "expired"):
        break
    time.sleep(1)
print(run.status)
for message in client.beta.threads.messages.list(thread_id=thread.id, order="asc"):
    print(f"{message.role}: {message.content[0].text.value}")
