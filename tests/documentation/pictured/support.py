import os
import shelve

from openai import OpenAI

client = OpenAI()


def thread_of(customer):
    with shelve.open("threads") as threads:
        if customer not in threads:
            threads[customer] = client.beta.threads.create().id
        return threads[customer]


def answer(customer, question):
    thread_id = thread_of(customer)
    client.beta.threads.messages.create(thread_id=thread_id, role="user", content=question)
    run = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=os.environ["ASSISTANT_ID"])
    for step in client.beta.threads.runs.steps.list(thread_id=thread_id, run_id=run.id):
        print(step.step_details)
    return client.beta.threads.messages.list(thread_id=thread_id).data[0].content[0].text.value
