import json
import time

from openai import OpenAI


class Bot:
    def __init__(self):
        self.client = OpenAI()
        self.threads = self.client.beta.threads
        self.run = None

    def setup(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
        tool = {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": schema}}
        self.assistant_id = self.client.beta.assistants.create(model="gpt-4o-mini", tools=[tool]).id
        self.thread_id = self.threads.create().id

    def ask(self, text):
        self.threads.messages.create(self.thread_id, role="user", content=text)
        self.run = self.threads.runs.create(thread_id=self.thread_id, assistant_id=self.assistant_id)
        self.wait()
        return self.threads.messages.list(self.thread_id).data[0].content[0].text.value

    def refresh(self):
        self.run = self.threads.runs.retrieve(thread_id=self.thread_id, run_id=self.run.id)

    def wait(self):
        while self.run.status not in ("completed", "failed", "cancelled", "expired"):
            time.sleep(0.05)
            self.refresh()
            if self.run.status == "requires_action":
                self.act()
        assert self.run.status == "completed", self.run.last_error

    def act(self):
        calls = self.run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": c.id, "output": json.dumps({"sky": "blue", **json.loads(c.function.arguments)})} for c in calls]
        self.run = self.threads.runs.submit_tool_outputs(thread_id=self.thread_id, run_id=self.run.id, tool_outputs=outputs)


bot = Bot()
bot.setup()
assert "blue" in bot.ask("What is the weather in Oslo?")
assert bot.ask("Thank you!")
assert [s.type for s in bot.threads.runs.steps.list(thread_id=bot.thread_id, run_id=bot.run.id)] == ["message_creation"]
print("ok")
