"""A program for the Assistants API, as people wrote them: it knows nothing of assistants-compat.

A maths tutor answers by polling and by streaming, then an assistant with a weather function; at the end, what the thread and
its runs look like. The model it names is one that OpenAI has shut down since. Run it with
`assistants-compat run --models recommended examples/tutor.py`, or `make demo`.
"""

import json

from openai import AssistantEventHandler, OpenAI
from typing_extensions import override

client = OpenAI()


class Printer(AssistantEventHandler):
    @override
    def on_text_created(self, text) -> None:
        print("assistant > ", end="", flush=True)

    @override
    def on_text_delta(self, delta, snapshot) -> None:
        print(delta.value, end="", flush=True)

    @override
    def on_text_done(self, text) -> None:
        print()


def get_weather(city: str) -> str:
    return json.dumps({"city": city, "temperature": 21, "sky": "clear"})


print("— polling")
tutor = client.beta.assistants.create(name="Math Tutor", instructions="You are a personal math tutor. Answer briefly.", model="gpt-4-turbo")
thread = client.beta.threads.create()
question = "I need to solve the equation `3x + 11 = 14`. Can you help me?"
print("user      >", question)
client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=tutor.id)
if run.status != "completed":
    raise SystemExit(f"The run ended as {run.status}: {run.last_error}")
newest = client.beta.threads.messages.list(thread_id=thread.id, limit=1).data[0]
print("assistant >", newest.content[0].text.value)

print("— streaming")
question = "And `5x - 2 = 13`?"
print("user      >", question)
client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=tutor.id, event_handler=Printer()) as stream:
    stream.until_done()

print("— a function tool")
guide = client.beta.assistants.create(
    name="Travel Guide",
    model="gpt-4-turbo",
    tools=[
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "The weather in a city right now",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            },
        }
    ],
)
question = "What is the weather in Paris?"
print("user      >", question)
client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=guide.id)
while run.status == "requires_action":
    outputs = []
    for call in run.required_action.submit_tool_outputs.tool_calls:
        print(f"tool call > {call.function.name}({call.function.arguments})")
        outputs.append({"tool_call_id": call.id, "output": get_weather(**json.loads(call.function.arguments))})
    run = client.beta.threads.runs.submit_tool_outputs_and_poll(thread_id=thread.id, run_id=run.id, tool_outputs=outputs)
newest = client.beta.threads.messages.list(thread_id=thread.id, limit=1).data[0]
print("assistant >", newest.content[0].text.value)

print("— the thread")
for message in client.beta.threads.messages.list(thread_id=thread.id, order="asc"):
    print(f"{message.id}  {message.role:9}  {message.content[0].text.value[:60]}")
print("— the last run's steps")
for step in client.beta.threads.runs.steps.list(thread_id=thread.id, run_id=run.id, order="asc"):
    print(f"{step.id}  {step.type:16}  {step.status}  {step.usage.total_tokens} tokens")

client.beta.assistants.delete(tutor.id)
client.beta.assistants.delete(guide.id)
