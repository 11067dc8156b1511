"""/threads/{thread_id}/runs/{run_id}/steps and …/submit_tool_outputs"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assistants_compat import wire
from assistants_compat.api import locks, runs
from assistants_compat.api.errors import ApiError, not_found
from assistants_compat.api.exchange import Answer, Reply, Request, Streamed
from assistants_compat.api.pages import listing
from assistants_compat.api.parameters import LIST_STEPS, RETRIEVE_STEP, SUBMIT_TOOL_OUTPUTS
from assistants_compat.ids import new_id
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.lifecycle import complete_step, move
from assistants_compat.runs.objects import run_event, run_json, step_json
from assistants_compat.runs.runtime import new_owner
from assistants_compat.store import items, steps
from assistants_compat.store import runs as stored

Json = dict[str, Any]


def list_(request: Request, thread_id: str, run_id: str) -> Reply:
    query = LIST_STEPS.check(request.query)
    run = runs.existing(request, thread_id, run_id)
    with request.runtime.database.read() as connection:

        def fetch(cut: Any) -> tuple[Any, bool]:
            found, more = steps.list_page(connection, run_id, cut)
            return [step_json(step, run.body, shows_results=bool(query["include"])) for step in found], more

        return listing("run step", query, fetch)


def retrieve(request: Request, thread_id: str, run_id: str, step_id: str) -> Reply:
    query = RETRIEVE_STEP.check(request.query)
    run = runs.existing(request, thread_id, run_id)
    with request.runtime.database.read() as connection:
        step = steps.get(connection, run_id, step_id)
    if step is None:
        raise not_found("run step", step_id)
    return Reply(step_json(step, run.body, shows_results=bool(query["include"])))


def submit_tool_outputs(request: Request, thread_id: str, run_id: str) -> Answer:
    """The outputs go into the thread's history, their step completes, and the run is queued for its next model call."""
    given = SUBMIT_TOOL_OUTPUTS.check(request.body())
    runs.existing(request, thread_id, run_id)
    runtime = request.runtime
    owner = new_owner()

    def submit(connection: sa.Connection) -> tuple[stored.Run, Json, list[Json]]:
        run = stored.get(connection, run_id, thread_id, to_write=True)
        if run is None:
            raise not_found("run", run_id)
        if run.status != "requires_action":
            raise ApiError(f'Runs in status "{run.status}" do not accept tool outputs.')
        outputs = _matched(run.body, given["tool_outputs"])
        completed = []
        for step in steps.open_steps(connection, run_id):
            for call in step["step_details"].get("tool_calls", ()):
                if call["id"] in outputs:
                    call["function"]["output"] = outputs[call["id"]]
            step = complete_step(step, runtime.now(), run.progress["step_usage"])
            steps.replace(connection, step)
            completed.append(step)
        for call_id, output in outputs.items():
            item = {"type": "function_call_output", "call_id": call_id, "output": output}
            items.insert(connection, [items.item_row(new_id("item"), thread_id, run_id, item)])
        body = move(run.body, "queued", runtime.now())
        stored.replace(connection, body)
        stored.replace_progress(connection, run_id, {**run.progress, "step_usage": None})
        stored.lease(connection, run_id, owner, runtime.clock() + runtime.settings.lease, attempts=1)
        return run, body, completed

    run, body, completed = runtime.database.transact(submit)
    channel = Channel() if given.get("stream") else None
    locks.start(request, Execution(runtime, thread_id, run_id, owner, request.upstream, channel), run.deadline)
    if channel is None:
        return Reply(run_json(body))
    channel.send([wire.event("thread.run.step.completed", step) for step in completed])
    channel.send([wire.event("thread.run.queued", run_event(body))])
    return Streamed(channel)


def _matched(run: Json, given: Any) -> dict[str, str]:
    """The outputs by call id, in the order of the calls. All at once, and no others (reported sentence)."""
    expected = [call["id"] for call in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    got = [output["tool_call_id"] for output in given]
    outputs = {output["tool_call_id"]: output["output"] for output in given}
    if len(got) != len(expected) or set(got) != set(expected):
        raise ApiError(f"Expected tool outputs for call_ids {expected}, got {got}")
    return {call_id: outputs[call_id] for call_id in expected}
