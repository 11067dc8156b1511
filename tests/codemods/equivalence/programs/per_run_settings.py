from openai import OpenAI

client = OpenAI()

assistant = client.beta.assistants.create(
    name="Helper",
    instructions="You help.",
    model="gpt-4o",
    temperature=0.2,
    metadata={"team": "support"},
)
thread = client.beta.threads.create(messages=[{"role": "user", "content": "Can you help?"}])
run = client.beta.threads.runs.create_and_poll(
    thread_id=thread.id,
    assistant_id=assistant.id,
    additional_instructions="Address the user as Jane.",
)
print(run.status)
client.beta.threads.messages.create(thread_id=thread.id, role="user", content="Sure?")
run = client.beta.threads.runs.create_and_poll(
    thread_id=thread.id,
    assistant_id=assistant.id,
    instructions="Be negative. Address the user as Jane.",
    model="gpt-4.1",
)
for message in client.beta.threads.messages.list(thread_id=thread.id, order="asc").data:
    print(message.role, message.content[0].text.value)
client.beta.threads.delete(thread.id)
client.beta.assistants.delete(assistant.id)
