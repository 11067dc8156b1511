from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(instructions="Greet.", model="gpt-4o")
thread = client.beta.threads.create()
client.beta.threads.messages.create(thread_id=thread.id, role="user", content="Hi")
stream = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id, stream=True)
for event in stream:
    if event.event == "thread.message.delta":
        print(event.data.delta.content[0].text.value, end="|")
    elif event.event == "thread.run.completed":
        print("\ndone")
