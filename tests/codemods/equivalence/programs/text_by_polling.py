from openai import OpenAI

client = OpenAI()
tutor = client.beta.assistants.create(name="Math Tutor", instructions="You are a personal math tutor.", model="gpt-4o")
thread = client.beta.threads.create()

for question in ("Solve `3x + 1 = 0`.", "And twice that?"):
    client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=tutor.id)
    if run.status == "completed":
        messages = client.beta.threads.messages.list(thread_id=thread.id)
        print(messages.data[0].content[0].text.value)
    else:
        print(run.status)
print(run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens)
