from openai import OpenAI

client = OpenAI()
assistant = client.beta.assistants.create(instructions="Greet.", model="gpt-4o")
thread = client.beta.threads.create()


def ask(question):
    client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        for text in stream.text_deltas:
            yield text


for piece in ask("Hi"):
    print(piece, end="|")
print()
