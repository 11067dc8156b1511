import time

from openai import OpenAI

client = OpenAI()


def wait_on_run(run, thread):
    while run.status == "queued" or run.status == "in_progress":
        run = client.beta.threads.runs.retrieve(
            thread_id=thread.id,
            run_id=run.id,
        )
        time.sleep(0.5)
    return run


def submit_message(assistant_id, thread, user_message):
    client.beta.threads.messages.create(thread_id=thread.id, role="user", content=user_message)
    return client.beta.threads.runs.create(
        thread_id=thread.id,
        assistant_id=assistant_id,
    )


def get_response(thread):
    return client.beta.threads.messages.list(thread_id=thread.id, order="asc")


def pretty_print(messages):
    print("# Messages")
    for m in messages:
        print(f"{m.role}: {m.content[0].text.value}")
    print()


assistant = client.beta.assistants.create(name="Tutor", instructions="Answer in a sentence or less.", model="gpt-4o")
thread = client.beta.threads.create()
run = submit_message(assistant.id, thread, "What is 1 + 1?")
run = wait_on_run(run, thread)
pretty_print(get_response(thread))
run = submit_message(assistant.id, thread, "And 2 + 2?")
run = wait_on_run(run, thread)
pretty_print(get_response(thread))
