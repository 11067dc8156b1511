from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(instructions="Count.", model="gpt-4o")
thread = client.beta.threads.create(
    messages=[
        {"role": "user", "content": "Let us count."},
        {"role": "assistant", "content": "Zero"},
    ]
)
for text in ["next", "again"]:
    message = client.beta.threads.messages.create(thread_id=thread.id, role="user", content=text)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)

messages = client.beta.threads.messages.list(thread_id=thread.id, limit=50)
for message in reversed(messages.data):
    for part in message.content:
        if part.type == "text":
            print(message.role, ">", part.text.value)
print(len(messages.data))
