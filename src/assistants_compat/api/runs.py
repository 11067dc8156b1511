"""/threads/{thread_id}/runs, and /threads/runs"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa

from assistants_compat import wire
from assistants_compat.api import locks, messages, resources, threads
from assistants_compat.api.errors import ApiError, no_user_message, not_found, thread_is_running
from assistants_compat.api.exchange import Answer, Errand, Held, Reply, Request, Streamed
from assistants_compat.api.pages import listing
from assistants_compat.api.parameters import CREATE_RUN, CREATE_RUN_QUERY, CREATE_THREAD_AND_RUN, LIST_RUNS, MODIFY_RUN
from assistants_compat.ids import new_id
from assistants_compat.runs import progress
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.execution import Execution
from assistants_compat.runs.lifecycle import CANCELLABLE, WORKING, move
from assistants_compat.runs.objects import run_event, run_json, thread_event
from assistants_compat.runs.runtime import new_owner
from assistants_compat.store import assistants, items
from assistants_compat.store import runs as stored
from assistants_compat.store import threads as stored_threads

Json = dict[str, Any]

_AUTO_TRUNCATION: Json = {"type": "auto", "last_messages": None}


def create(request: Request, thread_id: str) -> Answer:
    included = CREATE_RUN_QUERY.check(request.query)["include"]
    given = CREATE_RUN.check(request.body())
    additional = given.get("additional_messages") or []

    def attempt(connection: sa.Connection) -> stored.Run:
        thread = stored_threads.count_more(connection, request.tenant, thread_id, len(additional))
        if thread is None:
            raise not_found("thread", thread_id)
        if thread.active_run is not None:
            raise locks.ThreadLocked(thread.active_run, thread_is_running(thread_id, thread.active_run))
        if thread.message_count > messages.MOST_MESSAGES:
            raise messages.too_many_messages(thread_id)
        for message in additional:
            messages.append(connection, request, thread_id, message)
        return _insert(connection, request, thread.body, given, included)

    def with_attachments() -> resources.Calls:
        run = yield from messages.attaching(request, thread_id, additional, attempt)
        return _started(request, run, stream=bool(given.get("stream")))

    if resources.has_attachments(additional):
        return Errand(with_attachments())
    return _started(request, locks.unlocking(request, attempt), stream=bool(given.get("stream")))


def create_thread_and_run(request: Request) -> Answer:
    included = CREATE_RUN_QUERY.check(request.query)["include"]
    given = CREATE_THREAD_AND_RUN.check(request.body())
    new_thread = dict(given.get("thread") or {})
    if threads.needs_upstream(new_thread):
        return Errand(_with_resources(request, given, new_thread, included))
    return _thread_and_run(request, given, new_thread, included)


def _with_resources(request: Request, given: Json, new_thread: Json, included: Sequence[str]) -> resources.Calls:
    return _thread_and_run(request, given, (yield from threads.with_resources(request, new_thread)), included)


def _thread_and_run(request: Request, given: Json, new_thread: Json, included: Sequence[str]) -> Answer:
    def insert(connection: sa.Connection) -> tuple[Json, stored.Run]:
        thread = threads.insert(connection, request, new_thread)
        return thread, _insert(connection, request, thread, given, included)

    thread, run = request.runtime.database.transact(insert)
    before = [wire.event("thread.created", thread_event(thread))]
    return _started(request, run, stream=bool(given.get("stream")), before=before)


def _insert(connection: sa.Connection, request: Request, thread: Json, given: Json, included: Sequence[str]) -> stored.Run:
    """A queued run that holds its thread, leased to this process."""
    assistant = assistants.get(connection, request.tenant, given["assistant_id"])
    if assistant is None:
        raise not_found("assistant", given["assistant_id"])
    runtime = request.runtime
    clock = runtime.clock()
    body = _new_run(assistant, thread, given, int(clock), int(clock + runtime.settings.expires_after))
    usable = resources.of_run(assistant, thread, given.get("tool_resources"))
    if not body["instructions"] and not items.has_user_message(connection, thread["id"]):
        raise no_user_message()
    run = stored.Run(
        body,
        progress.start(usable, shows_results=bool(included)),
        clock + runtime.settings.expires_after,
        new_owner(),
        clock + runtime.settings.lease,
        attempts=1,
    )
    stored.insert(connection, run)
    stored_threads.lock(connection, thread["id"], run.id)
    return run


def _new_run(assistant: Json, thread: Json, given: Json, now: int, expires_at: int) -> Json:
    def of(name: str) -> Any:
        """The run's own, or else the assistant's."""
        return assistant[name] if given.get(name) is None else given[name]

    def own(name: str, default: Any = None) -> Any:
        return default if given.get(name) is None else given[name]

    instructions = of("instructions")
    additional = given.get("additional_instructions")
    if additional:
        # The separator is inferred: nobody has ever seen the original's.
        instructions = f"{instructions}\n{additional}" if instructions else additional
    return {
        "id": new_id("run"),
        "object": "thread.run",
        "created_at": now,
        "assistant_id": assistant["id"],
        "thread_id": thread["id"],
        "status": "queued",
        "started_at": None,
        "expires_at": expires_at,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": of("model"),
        "instructions": instructions,
        "tools": of("tools"),
        "tool_resources": {},
        "metadata": own("metadata", {}),
        "temperature": of("temperature"),
        "top_p": of("top_p"),
        "reasoning_effort": of("reasoning_effort"),
        "max_completion_tokens": own("max_completion_tokens"),
        "max_prompt_tokens": own("max_prompt_tokens"),
        "truncation_strategy": own("truncation_strategy", _AUTO_TRUNCATION),
        "incomplete_details": None,
        "usage": None,
        "response_format": of("response_format"),
        "tool_choice": own("tool_choice", "auto"),
        "parallel_tool_calls": own("parallel_tool_calls", True),
    }


def _started(request: Request, run: stored.Run, *, stream: bool, before: list[bytes] | None = None) -> Answer:
    channel = Channel() if stream else None
    locks.start(request, Execution(request.runtime, run.thread_id, run.id, run.lease_owner or "", request.upstream, channel), run.deadline)
    if channel is None:
        return Reply(run_json(run.body))
    shown = run_event(run.body)
    channel.send([*(before or []), wire.event("thread.run.created", shown), wire.event("thread.run.queued", shown)])
    return Streamed(channel)


def retrieve(request: Request, thread_id: str, run_id: str) -> Answer:
    """A poll helper's GET is held until the run has left its working states, for as long as the settings allow.

    So is one that has just taken the run over: a program that polls from one short event loop after the other would never
    let it get anywhere else.
    """
    run = existing(request, thread_id, run_id)
    seconds = request.runtime.settings.hold
    if not ((request.held or request.executions) and seconds and run.status in WORKING):
        return Reply(run_json(run.body))
    executions = request.runtime.executions

    def resume() -> Reply:
        # The helper waits this long before it asks again, for the rest of its loop.
        body = existing(request, thread_id, run_id).body
        request.let_go_if_left()
        return Reply(run_json(body), headers={"openai-poll-after-ms": "50"})

    # Work that this request has just taken over has yet to begin, and is registered already.
    if run_id in executions:
        return Held(lambda: run_id not in executions, seconds, resume)
    watch = request.runtime.elsewhere.watch(run_id)
    return Held(watch.has_moved, seconds, resume, look=lambda: _has_moved(request, run_id))


def _has_moved(request: Request, run_id: str) -> bool:
    """Whether a run that another process executes has left its working states, or been left by that process."""
    with request.runtime.database.read() as connection:
        run = stored.get(connection, run_id)
    return run is None or run.status not in WORKING or locks.is_due(run, request.runtime.clock())


def existing(request: Request, thread_id: str, run_id: str) -> stored.Run:
    """The run, looked after.

    Raises:
        ApiError: there is no such thread or run for this tenant.
    """
    with request.runtime.database.read() as connection:
        if not stored_threads.exists(connection, request.tenant, thread_id):
            raise not_found("thread", thread_id)
        run = stored.get(connection, run_id, thread_id)
    if run is not None:
        run = locks.look(request, run, run_id)
    if run is None:
        raise not_found("run", run_id)
    return run


def modify(request: Request, thread_id: str, run_id: str) -> Reply:
    given = MODIFY_RUN.check(request.body())
    existing(request, thread_id, run_id)

    def modified(connection: sa.Connection) -> Json:
        run = stored.get(connection, run_id, thread_id, to_write=True)
        if run is None:
            raise not_found("run", run_id)
        body = run.body
        if "metadata" in given:
            body["metadata"] = given["metadata"]
        stored.replace(connection, body)
        return body

    return Reply(run_json(request.runtime.database.transact(modified)))


def cancel(request: Request, thread_id: str, run_id: str) -> Reply:
    """Answers `cancelling`; by the time anybody looks again the run is `cancelled`."""
    existing(request, thread_id, run_id)
    runtime = request.runtime
    execution = runtime.executions.get(run_id)

    def cancelling(connection: sa.Connection) -> Json:
        run = stored.get(connection, run_id, thread_id, to_write=True)
        if run is None:
            raise not_found("run", run_id)
        if run.status not in CANCELLABLE:
            raise ApiError(f"Cannot cancel run with status '{run.status}'.")
        body = move(run.body, "cancelling", runtime.now())
        stored.replace(connection, body)
        return body

    with execution.last_word if execution is not None else nullcontext():
        body = runtime.database.transact(cancelling)
        if execution is not None and execution.channel is not None:
            execution.channel.send([wire.event("thread.run.cancelling", run_event(body))])
        locks.look(request, None, run_id)
    return Reply(run_json(body))


def list_(request: Request, thread_id: str) -> Reply:
    query = LIST_RUNS.check(request.query)
    with request.runtime.database.read() as connection:
        thread = stored_threads.get(connection, request.tenant, thread_id)
    if thread is None:
        raise not_found("thread", thread_id)
    if thread.active_run is not None:
        locks.look(request, None, thread.active_run)
    with request.runtime.database.read() as connection:
        return listing("run", query, lambda cut: stored.list_page(connection, thread_id, cut))
