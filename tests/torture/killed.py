"""kill -9 at every step of a run's life: of the process whose program it is, and of the server between it and the upstream.

Somebody else comes back to each thread then, as the program would when it is started again: looks at its runs until they have ended, with
the outputs that are asked for, says something more and has it answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import openai

from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from torture import invariants, picture
from torture.lives import LIVES, Life, outputs
from torture.nursery import Nursery, nursery
from torture.plan import Plan
from torture.result import Result, Violation
from torture.speech import MODEL, answer, heard
from torture.steps import MOMENTS

Json = dict[str, Any]

EVERY = {"a program": {"SQLite": 1, "PostgreSQL": 3}, "assistants-compat serve": {"SQLite": 2, "PostgreSQL": 5}}
"""At each how-manieth step a process is killed, at full scale: all of them where it costs least."""

AT_ONCE = 12
LEASE = 1.0
"""Seconds after which a dead process's run may be taken over; with many processes on two processors a living one takes a while, too."""


@dataclass
class Fate:
    """What became of one process: what its program was promised, and before which step it died; None if it did not."""

    name: str
    """It begins every message of its."""
    life: str
    kill_at: int
    granted: list[tuple[str, Any]] = field(default_factory=list)
    killed_before: str | None = None
    moment: str = ""
    """Of the run's life, in which it died."""
    steps: int = 0

    def __str__(self) -> str:
        return f"{self.life}, killed at step {self.kill_at} ({self.killed_before})" if self.kill_at else f"{self.life}, not killed"

    @property
    def thread(self) -> str | None:
        return next((value for what, value in self.granted if what == "thread"), None)

    @property
    def accepted(self) -> list[tuple[str, str]]:
        return [(id, text) for what, (id, text) in ((what, value) for what, value in self.granted if what == "message")]

    def hear(self, line: Json) -> None:
        if "granted" in line:
            self.granted.append((line["granted"], line["value"]))
        elif "killed before" in line:
            self.killed_before, self.moment = line["killed before"], line["moment"]


@dataclass
class Scene:
    """A store, an upstream, processes to kill, and a client that outlives them."""

    nursery: Nursery
    base_url: str
    settings: Settings
    survivor: openai.OpenAI

    @property
    def runtime(self) -> Runtime:
        return runtime_for(self.settings)

    def configuration(self, kind: str, kill_at: int) -> Json:
        own = {"store": str(self.settings.store), "files": str(self.settings.files), "lease": self.settings.lease}
        return {"kind": kind, "base_url": self.base_url, "settings": own, "kill_at": kill_at}


def a_program(scene: Scene, fate: Fate) -> None:
    """The program and what executes its runs are one process."""
    with scene.nursery.process(**scene.configuration("program", fate.kill_at)) as victim:
        victim.send("live", life=fate.life, name=fate.name)
        for line in victim.lines():
            fate.hear(line)
            if "done" in line:
                assert isinstance(line["done"], int), f"{fate}: {line['done']}"
                fate.steps = line["done"]


def a_server(scene: Scene, fate: Fate) -> None:
    """The program lives on, and its server dies."""
    with ExitStack() as stack:
        victim = stack.enter_context(scene.nursery.process(**scene.configuration("server", fate.kill_at)))
        client = stack.enter_context(openai.OpenAI(api_key="sk-test", base_url=f"{victim.do('serve')}/v1", max_retries=0))
        try:
            LIVES[fate.life](Life(client, fate.name, lambda what, value: fate.granted.append((what, value))))
        except Exception as error:
            if not _is_end_of_server(error):
                raise
            for line in victim.lines():
                fate.hear(line)
        else:  # the server may have been killed since, at what it did after its last answer
            with suppress(OSError):
                victim.send("steps")
            for line in victim.lines():
                fate.hear(line)
                fate.steps = line.get("done", 0)


def _is_end_of_server(error: Exception) -> bool:
    """No connection, or one that broke in the middle of a stream, which the SDK lets through as its http library raised it."""
    return isinstance(error, openai.APIConnectionError) or type(error).__module__.startswith(("httpx", "httpcore"))


DOORS: dict[str, Callable[[Scene, Fate], None]] = {"a program": a_program, "assistants-compat serve": a_server}


@contextmanager
def staged(plan: Plan, door: str, database: str, nursery: Nursery) -> Iterator[Scene]:
    """A scene whose survivor comes through the same door."""
    with ExitStack() as stack:
        store, files = stack.enter_context(plan.each_store(f"killed-{door.replace(' ', '-')}", database))
        base_url = stack.enter_context(OfflineUpstream(default=answer).serve())
        settings = Settings(store=store, files=str(files), lease=LEASE)
        scene = Scene(nursery, base_url, settings, openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0))
        if door == "a program":
            attach(scene.survivor, settings)
        else:
            server = stack.enter_context(nursery.process(**scene.configuration("server", 0)))
            scene.survivor = openai.OpenAI(api_key="sk-test", base_url=f"{server.do('serve')}/v1", max_retries=0)
        stack.callback(scene.survivor.close)
        stack.callback(scene.runtime.database.close)
        yield scene


def measure(plan: Plan) -> Iterator[Result]:
    with nursery("torture.child") as processes:
        for door, die in DOORS.items():
            for database in plan.stores:
                with staged(plan, door, database, processes) as scene:
                    every = EVERY[door][database] * plan.scale.every_nth_step
                    yield at_every_step(plan, scene, f"kill -9 of {door}, {database}", die, every)


def at_every_step(plan: Plan, scene: Scene, subject: str, die: Callable[[Scene, Fate], None], every: int) -> Result:
    number = count()
    whole = [Fate(f"p{next(number)}", life, kill_at=0) for life in LIVES]
    fates = list(whole)
    found: list[Violation] = []

    def suffer(fate: Fate) -> None:
        die(scene, fate)
        if fate.thread is not None:
            found.extend(come_back(scene.survivor, fate.thread, fate.name, str(fate)))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(suffer, whole))
        for fate in whole:
            first = plan.random(subject, fate.life).randint(1, every)
            fates += [Fate(f"p{next(number)}", fate.life, step) for step in range(first, fate.steps + 1, every)]
        list(pool.map(suffer, fates[len(whole) :]))
    found += in_the_end(scene, fates)
    killed = Counter(fate.killed_before for fate in fates if fate.killed_before is not None)
    kinds = f"{len(killed)} kinds of steps"
    moments = Counter(fate.moment for fate in fates if fate.killed_before is not None)
    seen = ", ".join(f"{moments[moment]} {moment}" for moment in MOMENTS)
    return Result(subject, f"{killed.total()} kills, {kinds}, {len(LIVES)} programs", invariants.KINDS, found, seen)


def come_back(client: openai.OpenAI, thread: str, name: str, whose: str) -> list[Violation]:
    """As the program would, started again."""
    threads = client.beta.threads
    try:
        for run in threads.runs.list(thread):
            run = threads.runs.poll(run.id, thread_id=thread)
            while run.status == "requires_action":
                run = threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread, tool_outputs=outputs(run))
        threads.messages.create(thread, role="user", content=f"{name} comes back")
        assistant = client.beta.assistants.create(model=MODEL)
        run = threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant.id)
    except openai.APIStatusError as error:
        return [Violation(invariants.UNUSABLE, f"{whose}: {thread}: {error}")]
    if run.status != "completed":
        return [Violation(invariants.UNUSABLE, f"{whose}: {thread}: the next run is {run.status}: {run.last_error}")]
    return []


def in_the_end(scene: Scene, fates: Sequence[Fate]) -> list[Violation]:
    """Everything that is in the store, threads that nobody was told of too."""
    found: list[Violation] = []
    known = {fate.thread: fate for fate in fates}
    for thread in picture.take(scene.runtime, scene.survivor):
        if thread.id not in known:
            found += come_back(scene.survivor, thread.id, "nobody", "of a thread that nobody was told of")
    blobs = picture.blobs(scene.runtime)
    for thread in picture.take(scene.runtime, scene.survivor):
        fate = known.pop(thread.id, None)
        kept = invariants.of_thread(thread, fate.accepted if fate else ())
        kept += [*invariants.heard_everything(thread, heard), *invariants.copied(thread, blobs)]
        found += [Violation(each.kind, f"{fate or 'nobody was told'}: {each.where}") for each in kept]
    found += [Violation(invariants.LOST, f"{fate}: thread {id}") for id, fate in known.items() if id is not None]
    found += [
        Violation(invariants.HALF, f"{count} rows of {table} without their thread")
        for table, count in picture.orphans(scene.runtime).items()
    ]
    return found
