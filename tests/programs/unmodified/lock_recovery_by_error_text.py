import re

import openai

client = openai.OpenAI()
assistant = client.beta.assistants.create(
    model="gpt-4o",
    tools=[{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}],
)
thread = client.beta.threads.create(messages=[{"role": "user", "content": "What is the weather?"}])
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
assert run.status == "requires_action", run.status
try:
    client.beta.threads.messages.create(thread.id, role="user", content="Never mind.")
except openai.BadRequestError as error:
    found = re.search(r"Can't add messages to (thread_[a-zA-Z0-9]+) while a run (run_[a-zA-Z0-9]+) is active\.", str(error))
    client.beta.threads.runs.cancel(thread_id=found.group(1), run_id=found.group(2))
client.beta.threads.messages.create(thread.id, role="user", content="Never mind.")
assert client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id).status == "cancelled"
print("ok")
