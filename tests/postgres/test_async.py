"""An event loop does not wait for the database, and a task that is cancelled while a thread does leaves nothing behind."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import openai

from assistants_compat.runs.runtime import Runtime
from assistants_compat.store import threads
from assistants_compat.testing import OfflineUpstream
from stores import Postgres

from .test_transactions import PATIENCE, WAITING


async def until_somebody_waits(postgres: Postgres, store: str) -> None:
    until = time.monotonic() + PATIENCE
    while postgres.statement(store, WAITING) < 1:
        assert time.monotonic() < until
        await asyncio.sleep(0)


async def conversation(client: openai.AsyncOpenAI) -> tuple[str, str]:
    assistant = await client.beta.assistants.create(model="gpt-6-sol")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    return assistant.id, thread.id


def test_the_loop_goes_on_while_a_request_waits_for_a_lock(
    async_client: openai.AsyncOpenAI, runtime: Runtime, postgres: Postgres, store: str
) -> None:
    async def program() -> None:
        _, thread = await conversation(async_client)
        with runtime.database.write() as connection:
            threads.hold(connection, thread)
            waiting = asyncio.create_task(async_client.beta.threads.messages.create(thread, role="user", content="Hello"))
            await until_somebody_waits(postgres, store)
            assert not waiting.done()
        await waiting

    asyncio.run(program())


def test_a_run_whose_asker_was_cancelled_is_left_to_the_next_who_looks(
    async_client: openai.AsyncOpenAI, runtime: Runtime, upstream: OfflineUpstream, postgres: Postgres, store: str
) -> None:
    upstream.script("Fine.")

    async def program() -> None:
        assistant, thread = await conversation(async_client)
        with runtime.database.write() as connection:
            threads.hold(connection, thread)
            create = async_client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant)
            creating = asyncio.create_task(create)
            await until_somebody_waits(postgres, store)
            creating.cancel()
            outcome: Any = (await asyncio.gather(creating, return_exceptions=True))[0]
            assert isinstance(outcome, asyncio.CancelledError)
        until = time.monotonic() + PATIENCE
        while postgres.statement(store, "SELECT count(*) FROM runs WHERE lease_owner IS NULL") < 1:
            assert time.monotonic() < until
            await asyncio.sleep(0)
        assert runtime.executions == {}
        (run,) = (await async_client.beta.threads.runs.list(thread)).data
        assert (await async_client.beta.threads.runs.poll(run.id, thread_id=thread)).status == "completed"

    asyncio.run(program())
