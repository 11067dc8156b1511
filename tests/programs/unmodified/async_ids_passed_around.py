import asyncio

import openai

client = openai.AsyncOpenAI()


async def answer(assistant_id: str, question: str) -> str:
    thread = await client.beta.threads.create()
    await client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
    run = await client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant_id)
    while True:
        run = await client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
        if run.status in ["completed", "failed"]:
            break
        await asyncio.sleep(0.02)
    messages = await client.beta.threads.messages.list(thread.id)
    return messages.data[0].content[0].text.value


async def main() -> None:
    assistant = await client.beta.assistants.create(model="gpt-4o")
    answers = await asyncio.gather(*(answer(assistant.id, f"Solve `{n}x + 1 = {n * 3 + 1}`") for n in range(2, 12)))
    assert all("x = 3" in text for text in answers), answers
    assert assistant.id in [a.id async for a in client.beta.assistants.list(limit=1)]


asyncio.run(main())
print("ok")
