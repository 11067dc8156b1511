import json
import time

from openai import OpenAI

client = OpenAI()


def get_weather(city):
    return json.dumps({"city": city, "degrees": len(city)})


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather in a city",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]

assistant = client.beta.assistants.create(instructions="You are a weather bot.", model="gpt-4o", tools=TOOLS)
thread = client.beta.threads.create()
client.beta.threads.messages.create(thread_id=thread.id, role="user", content="How is the weather in Oslo and Rome?")
run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)

while True:
    run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)
    if run.status == "completed":
        break
    elif run.status == "requires_action":
        tool_outputs = []
        for tool_call in run.required_action.submit_tool_outputs.tool_calls:
            if tool_call.function.name == "get_weather":
                arguments = json.loads(tool_call.function.arguments)
                print("calling", tool_call.function.name, arguments)
                tool_outputs.append({"tool_call_id": tool_call.id, "output": get_weather(**arguments)})
        client.beta.threads.runs.submit_tool_outputs(thread_id=thread.id, run_id=run.id, tool_outputs=tool_outputs)
    elif run.status in ["failed", "cancelled", "expired"]:
        print("it ended as", run.status, run.last_error)
        break
    time.sleep(1)

messages = client.beta.threads.messages.list(thread_id=thread.id)
print(messages.data[0].content[0].text.value)
