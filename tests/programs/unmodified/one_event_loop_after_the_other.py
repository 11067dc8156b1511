import asyncio
import time

import openai
from openai.types.beta.threads import Run

client = openai.AsyncOpenAI()


async def begin() -> Run:
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    return await client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)


run = asyncio.run(begin())
for _ in range(10):
    run = asyncio.run(client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id))
    if run.status == "completed":
        break
    time.sleep(0.05)
assert run.status == "completed", run.status
print("ok")
