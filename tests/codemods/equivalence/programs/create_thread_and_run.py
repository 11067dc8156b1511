from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(instructions="Greet.", model="gpt-4o")
run = client.beta.threads.create_and_run_poll(
    assistant_id=assistant.id,
    thread={"messages": [{"role": "user", "content": "Hi"}]},
)
if run.status == "completed":
    messages = client.beta.threads.messages.list(thread_id=run.thread_id)
    print(messages.data[0].content[0].text.value)
