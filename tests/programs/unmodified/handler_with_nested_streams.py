import json

from openai import AssistantEventHandler, OpenAI

client = OpenAI()
heard = []


class Handler(AssistantEventHandler):
    def on_event(self, event):
        if event.event == "thread.run.requires_action":
            self.submit(event.data)

    def submit(self, run):
        outputs = [
            {"tool_call_id": call.id, "output": json.dumps({"sky": "grey"})} for call in run.required_action.submit_tool_outputs.tool_calls
        ]
        with client.beta.threads.runs.submit_tool_outputs_stream(
            thread_id=self.current_run.thread_id, run_id=self.current_run.id, tool_outputs=outputs, event_handler=Handler()
        ) as stream:
            for text in stream.text_deltas:
                heard.append(text)


schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
assistant = client.beta.assistants.create(
    model="gpt-4o", tools=[{"type": "function", "function": {"name": "get_weather", "parameters": schema}}]
)
thread = client.beta.threads.create()
client.beta.threads.messages.create(thread_id=thread.id, role="user", content="What is the weather in Rome?")
with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, event_handler=Handler()) as stream:
    stream.until_done()
assert "grey" in "".join(heard), heard
print("ok")
