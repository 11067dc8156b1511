"""Event loops as programs have them: blocked by a sleep, begun anew for each call, left without being closed."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream, Slow, Text, Turn

MOST_LOOKS = 200
SLOWLY = Slow(Turn(Text("One two three.")), delay=0.002)


async def begin(client: openai.AsyncOpenAI) -> Any:
    assistant = await client.beta.assistants.create(model="gpt-4o")
    thread = await client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
    return await client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)


def client_of(base_url: str, settings: Settings) -> openai.AsyncOpenAI:
    client = openai.AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0)
    attach(client, settings)
    return client


@pytest.mark.parametrize("look", ["run", "steps", "messages"])
def test_a_run_goes_on_though_its_program_never_awaits_anything_but_looks(settings: Settings, look: str) -> None:
    upstream = OfflineUpstream([SLOWLY])

    async def program(base_url: str) -> int:
        async with client_of(base_url, settings) as client:
            run = await begin(client)
            for looks in range(MOST_LOOKS):
                threads = client.beta.threads
                if look == "run":
                    done = (await threads.runs.retrieve(run.id, thread_id=run.thread_id)).status == "completed"
                elif look == "steps":
                    found = (await threads.runs.steps.list(run.id, thread_id=run.thread_id)).data
                    done = bool(found) and found[0].status == "completed"
                else:
                    done = len((await threads.messages.list(run.thread_id)).data) == 2
                if done:
                    return looks
            raise AssertionError("the run never got a turn")

    with upstream.serve() as base_url:
        assert asyncio.run(program(base_url)) < MOST_LOOKS


@pytest.mark.filterwarnings("ignore")  # of a connection that was being made when its loop stopped
def test_a_run_whose_loop_has_stopped_is_taken_over_by_the_next_look_from_another(settings: Settings, runtime: Runtime) -> None:
    upstream = OfflineUpstream([SLOWLY, SLOWLY])
    loops = []

    def in_a_loop_of_its_own(work: Any) -> Any:
        loops.append(asyncio.new_event_loop())
        return loops[-1].run_until_complete(work)

    with upstream.serve() as base_url:
        client = client_of(base_url, settings)
        run = in_a_loop_of_its_own(begin(client))
        assert run.id in runtime.executions
        run = in_a_loop_of_its_own(client.beta.threads.runs.retrieve(run.id, thread_id=run.thread_id))
        assert run.status == "completed"
        messages = in_a_loop_of_its_own(client.beta.threads.messages.list(run.thread_id)).data
        assert [message.role for message in messages] == ["assistant", "user"]
        loops[-1].run_until_complete(client.close())
    for loop in loops:
        loop.run_until_complete(end_all_tasks())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    gc.collect()  # here, and not in the middle of another test


async def end_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
