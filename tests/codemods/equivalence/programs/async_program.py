import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI()


async def answer(thread_id: str, assistant_id: str, question: str) -> str:
    await client.beta.threads.messages.create(thread_id=thread_id, role="user", content=question)
    run = await client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant_id)
    if run.status != "completed":
        return f"ended as {run.status}"
    messages = await client.beta.threads.messages.list(thread_id=thread_id)
    return messages.data[0].content[0].text.value


async def main() -> None:
    assistant = await client.beta.assistants.create(instructions="Count.", model="gpt-4o")
    thread = await client.beta.threads.create()
    for question in ("next", "again"):
        print(await answer(thread.id, assistant.id, question))
    await client.beta.threads.delete(thread.id)


asyncio.run(main())
