from typing import Optional

from openai import OpenAI


class Bot:
    def __init__(self, client: Optional[OpenAI] = None) -> None:
        self.client = client or OpenAI()
        self.assistant = self.client.beta.assistants.create(name="Bot", instructions="Count.", model="gpt-4o")
        self.thread = self.client.beta.threads.create()

    def say(self, text: str) -> str:
        self.client.beta.threads.messages.create(thread_id=self.thread.id, role="user", content=text)
        run = self.client.beta.threads.runs.create_and_poll(thread_id=self.thread.id, assistant_id=self.assistant.id)
        if run.status == "failed":
            raise RuntimeError(run.last_error.message)
        latest = self.client.beta.threads.messages.list(thread_id=self.thread.id, order="desc", limit=1)
        return latest.data[0].content[0].text.value


bot = Bot()
print(bot.say("next"))
print(bot.say("again"))
