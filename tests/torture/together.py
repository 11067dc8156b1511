"""Many processes on the same threads: each says something, has it answered, and reads, against all others.

The database itself is told that a thread has one active run at most, by a unique index that is not part of the schema: a second one would
be an error that some program sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import openai
import sqlalchemy as sa

from assistants_compat.runs.lifecycle import TERMINAL
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.store import tables
from assistants_compat.testing import OfflineUpstream
from torture import invariants, picture
from torture.nursery import Nursery, nursery
from torture.plan import Plan
from torture.result import Result, Violation, violations
from torture.speech import MODEL, answer, heard
from torture.writer import fingerprint

Json = dict[str, Any]

TWO_RUNS = "times two active runs"
FAILED = "requests failed"
PROMISED = (TWO_RUNS, FAILED, *invariants.KINDS)

LEASE = 15.0


def measure(plan: Plan) -> Iterator[Result]:
    scale = plan.scale
    with nursery("torture.child") as processes:
        for database in plan.stores:
            for servers, of in ((0, ""), (max(1, scale.processes // 2), " through {} servers")):
                if servers == 0:
                    yield contended(plan, processes, database, servers, of.format(servers), 1, scale.messages_to_one_thread)
                yield contended(plan, processes, database, servers, of.format(servers), scale.threads, scale.turns_over_threads)


def contended(plan: Plan, processes: Nursery, database: str, servers: int, through: str, threads: int, turns: int) -> Result:
    """Args:
    servers: between the programs and the store; 0: the programs use it themselves.
    """
    count = plan.scale.processes
    subject = f"{count} processes on {threads} thread{'s' if threads > 1 else ''}{through}, {database}"
    with ExitStack() as stack:
        store, files = stack.enter_context(plan.each_store(f"together-{servers}-{threads}", database))
        base_url = stack.enter_context(OfflineUpstream(default=answer).serve())
        settings = Settings(store=store, files=str(files), lease=LEASE)
        client = stack.enter_context(openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0))
        attach(client, settings)
        assistant = client.beta.assistants.create(model=MODEL).id
        ids = [client.beta.threads.create(messages=[{"role": "user", "content": f"Thread {n}"}]).id for n in range(threads)]
        runtime = runtime_for(settings)
        stack.callback(runtime.database.close)
        _allow_one_active_run(settings)
        own: Json = {"store": store, "files": str(files), "lease": LEASE}
        urls = []
        for _ in range(servers):
            server = stack.enter_context(processes.process(kind="server", base_url=base_url, settings=own, kill_at=0))
            urls.append(f"{server.do('serve')}/v1")
        writers = []
        for number in range(count):
            through_server: Json = (
                {"base_url": urls[number % servers], "settings": None} if servers else {"base_url": base_url, "settings": own}
            )
            writers.append(stack.enter_context(processes.process(kind="writer", **through_server)))
        for number, writer in enumerate(writers):
            names = [f"p{number}{letter}" for letter in ("a" if threads == 1 else "ab")]
            writer.send("write", threads=ids, assistant=assistant, names=names, turns=turns, seed=f"{plan.seed} {subject}")
        with ThreadPoolExecutor(count) as pool:
            answers = list(pool.map(lambda writer: next(line["done"] for line in writer.lines() if "done" in line), writers))
        told = [each for of_process in answers for each in of_process]
        found = _judged(picture.take(runtime, client), told)
    accepted = sum(len(each["accepted"]) for each in told)
    runs = sum(len(each["runs"]) for each in told)
    refused = sum(each["refused"] for each in told)
    readings = sum(len(each["readings"]) for each in told)
    tried = f"{accepted} messages, {runs} runs, {readings} readings; {refused} requests met a lock"
    return Result(subject, tried, PROMISED, found)


def _allow_one_active_run(settings: Settings) -> None:
    runs = tables.runs
    active = runs.c.status.not_in(sorted(TERMINAL))
    index = sa.Index("one_active_run", runs.c.thread_id, unique=True, sqlite_where=active, postgresql_where=active)
    try:
        with runtime_for(settings).database.write() as connection:
            connection.execute(sa.schema.CreateIndex(index))
    finally:
        runs.indexes.discard(index)  # it is this store's alone


def _judged(threads: list[picture.Thread], told: list[Json]) -> list[Violation]:
    accepted: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    readings: dict[str, list[tuple[str, list[Any]]]] = defaultdict(list)
    ended: dict[str, str] = {}
    found: list[Violation] = []
    for each in told:
        for thread, id, text in each["accepted"]:
            accepted[thread][each["name"]].append((id, text))
        for thread, *reading in each["readings"]:
            readings[thread].append((each["name"], reading))
        ended |= {run: status for _, run, status in each["runs"]}
        found += violations(TWO_RUNS, (sentence for sentence in each["failed"] if "one_active_run" in sentence))
        found += violations(FAILED, (sentence for sentence in each["failed"] if "one_active_run" not in sentence))
    for thread in threads:
        of_writers = accepted.pop(thread.id, {})
        found += invariants.of_thread(thread)
        found += invariants.heard_everything(thread, heard)
        for messages in of_writers.values():
            found += [*invariants.present_once(thread, messages), *invariants.in_order(thread, messages)]
        found += nobodys(thread, {id for messages in of_writers.values() for id, _ in messages})
        found += as_it_was_read(thread, readings[thread.id])
        found += as_it_was_told(thread, ended)
    found += [Violation(invariants.LOST, f"thread {id}") for id in accepted]
    return found


def nobodys(thread: picture.Thread, accepted: set[str]) -> list[Violation]:
    """Nobody died, so there is nothing in a thread that nobody was told of, but its first message."""
    unknown = [said for said in thread.listed[1:] if said.role == "user" and said.id not in accepted]
    return violations(invariants.HALF, (f"nobody was told of {said.id} ({said.text!r}) in {thread.id}" for said in unknown))


def as_it_was_read(thread: picture.Thread, readings: list[tuple[str, list[Any]]]) -> list[Violation]:
    """Whatever anybody has read of it, at any time, is how it begins: nothing has come in between later, or changed its place."""
    ids = [said.id for said in thread.listed]
    return violations(
        invariants.ORDER,
        (
            f"thread {thread.id}: {name} has read {reading[0]} messages that it does not begin with"
            for name, reading in readings
            if fingerprint(ids[: reading[0]]) != reading
        ),
    )


def as_it_was_told(thread: picture.Thread, ended: dict[str, str]) -> list[Violation]:
    """A run is in the state that its program saw it end in, with one answer if it was completed."""
    found = []
    for run in thread.runs:
        answers = [said for said in thread.listed if said.run_id == run["id"]]
        if run["status"] != ended.get(run["id"], run["status"]) or run["status"] != "completed" or len(answers) != 1:
            found.append(f"run {run['id']} is {run['status']} with {len(answers)} answers, told as {ended.get(run['id'])}")
    return violations(invariants.HALF, found)
