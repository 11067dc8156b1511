import time

from openai import OpenAI

client = OpenAI()
threads = {}


def check_if_thread_exists(user):
    return threads.get(user)


def create_assistant():
    return client.beta.assistants.create(name="Bot", instructions="Count.", model="gpt-4o", tools=[])


assistant_id = create_assistant().id


def run_assistant(thread):
    assistant = client.beta.assistants.retrieve(assistant_id)
    run = client.beta.threads.runs.create(
        thread_id=thread.id,
        assistant_id=assistant.id,
    )
    while run.status != "completed":
        time.sleep(0.5)
        run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)
    messages = client.beta.threads.messages.list(thread_id=thread.id)
    new_message = messages.data[0].content[0].text.value
    return new_message


def generate_response(message_body, user):
    thread_id = check_if_thread_exists(user)
    if thread_id is None:
        thread = client.beta.threads.create()
        threads[user] = thread.id
        thread_id = thread.id
    else:
        thread = client.beta.threads.retrieve(thread_id)
    client.beta.threads.messages.create(
        thread_id=thread_id,
        role="user",
        content=message_body,
    )
    return run_assistant(thread)


print(generate_response("next", "123"))
print(generate_response("again", "123"))
