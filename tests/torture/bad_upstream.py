"""An upstream whose answers are wrong in every way there is: each run ends, each thread goes on once the upstream is well again."""

from __future__ import annotations

import json
import logging
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import openai

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.replies import UpstreamReply
from torture import invariants, picture
from torture.damage import DAMAGES, HANGING, UNHARMED
from torture.lives import Life, outputs
from torture.nursery import Nursery, nursery
from torture.plan import Plan
from torture.result import Result, Violation
from torture.speech import CODE, MODEL, WEATHER, answer, heard

Json = dict[str, Any]

REFUSED = "answers of 5xx"
NOT_COMPLETED = "right answers not taken"
PROMISED = (REFUSED, NOT_COMPLETED, *invariants.KINDS)

AT_ONCE = 24
EXPIRES_AFTER = {False: 60.0, True: 3.0}
"""Seconds that a run is given; fewer where the upstream hangs."""
WISHES = ("says hello", "asks for the weather", "wants code")
_CASE = re.compile(r"case (\d+)")


class BadUpstream(OfflineUpstream):
    """Damages its answers to histories whose last message names a case, as that case wants: the first one, the first two, or all."""

    def __init__(self, cases: Mapping[int, tuple[str, random.Random]]) -> None:
        super().__init__(default=answer)
        self._cases = cases
        self._asked: Counter[int] = Counter()
        self._counting = threading.Lock()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        reply = super().handle(method, path, headers, body)
        if method != "POST" or not path.endswith("/responses") or reply.events is None:
            return reply
        named = _CASE.findall(_last_words(body))
        if not named:
            return reply
        case = int(named[-1])
        kind, chance = self._cases[case]
        with self._counting:
            self._asked[case] += 1
            return DAMAGES[kind](reply, chance) if self._asked[case] <= 1 + case % 3 * 4 else reply


def _last_words(body: bytes) -> str:
    said = [item for item in json.loads(body)["input"] if item.get("role") == "user"]
    return str(said[-1]["content"])


def measure(plan: Plan) -> Iterator[Result]:
    with nursery("torture.child") as processes:
        for database in plan.stores:
            for served in (False, True):
                yield at_a_bad_upstream(plan, processes, database, served=served)


def at_a_bad_upstream(plan: Plan, processes: Nursery, database: str, *, served: bool) -> Result:
    subject = f"a bad upstream, through {'assistants-compat serve' if served else 'the package'}, {database}"
    count = plan.scale.upstream_runs
    kinds = list(DAMAGES)
    cases = {number: (kinds[number % len(kinds)], plan.random(subject, number)) for number in range(count)}
    own_errors = _OwnErrors()
    with ExitStack() as stack:
        store, files = stack.enter_context(plan.each_store(f"upstream-{'served' if served else 'within'}", database))
        base_url = stack.enter_context(BadUpstream(cases).serve())
        stack.enter_context(own_errors)
        clients: dict[bool, openai.OpenAI] = {}
        for hanging, seconds in EXPIRES_AFTER.items():
            own = {"store": store, "files": str(files), "expires_after": seconds, "max_retries": 1}
            url = base_url
            if served:
                server = stack.enter_context(processes.process(kind="server", base_url=base_url, settings=own, kill_at=0))
                url = f"{server.do('serve')}/v1"
            client = stack.enter_context(openai.OpenAI(api_key="sk-test", base_url=url, max_retries=0))
            if not served:
                attach(client, Settings(**own))  # type: ignore[arg-type]
            clients[hanging] = client
        settings = Settings(store=store, files=str(files))
        stack.callback(runtime_for(settings).database.close)
        assistant = client.beta.assistants.create(model=MODEL, tools=[WEATHER, CODE]).id  # type: ignore[list-item]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(
                pool.map(
                    lambda number: Case(clients[cases[number][0] in HANGING], assistant, number, cases[number][0]).outcome(), range(count)
                )
            )
        found = [violation for outcome in outcomes for violation in outcome.found]
        blobs = picture.blobs(runtime_for(settings))
        by_thread = {outcome.thread: outcome for outcome in outcomes}
        for thread in picture.take(runtime_for(settings), client):
            outcome = by_thread[thread.id]
            kept = [*invariants.of_thread(thread, outcome.accepted), *invariants.copied(thread, blobs), *last_was_heard(thread)]
            found += [Violation(each.kind, f"{outcome}: {each.where}") for each in kept]
    ends = Counter(outcome.status for outcome in outcomes)
    seen = ", ".join(f"{number} {status}" for status, number in ends.most_common())
    if own_errors.count:
        seen += f"; {own_errors.count} by an error of our own, logged"
    return Result(subject, f"{count} runs, {len(kinds)} kinds of damage", PROMISED, found, seen)


class Case:
    """A run whose answers are damaged, and the one after it, whose are not."""

    def __init__(self, client: openai.OpenAI, assistant: str, number: int, kind: str) -> None:
        self.client = client
        self.assistant = assistant
        self.number = number
        self.kind = kind
        self.thread = ""
        self.status = ""
        self.accepted: list[tuple[str, str]] = []
        self.found: list[Violation] = []

    def __str__(self) -> str:
        return f"case {self.number} ({self.kind})"

    def outcome(self) -> Case:
        try:
            self.thread = self.client.beta.threads.create().id
            self._say(f"case {self.number} {WISHES[self.number // len(DAMAGES) % len(WISHES)]}")
            run = self._executed(streaming=self.number % 2 == 1)
            self.status = run.status
            if self.kind in UNHARMED and run.status != "completed":
                self.found.append(Violation(NOT_COMPLETED, f"{self}: {run.status}: {run.last_error}"))
            self._say("And now?")
            run = self._executed(streaming=False)
            if run.status != "completed":
                self.found.append(
                    Violation(invariants.UNUSABLE, f"{self}: the next run of {self.thread} is {run.status}: {run.last_error}")
                )
        except openai.APIStatusError as error:
            kind = REFUSED if error.status_code >= 500 else invariants.UNUSABLE
            self.found.append(Violation(kind, f"{self}: {self.thread}: {error}"))
        return self

    def _say(self, text: str) -> None:
        message = self.client.beta.threads.messages.create(self.thread, role="user", content=text)
        self.accepted.append((message.id, text))

    def _executed(self, *, streaming: bool) -> Any:
        """The run in its last state; of one that asks for outputs for ever the fourth time is enough, and it is cancelled."""
        runs = self.client.beta.threads.runs
        if streaming:
            asked = Life(self.client, "", lambda *_: None).read(
                runs.create(thread_id=self.thread, assistant_id=self.assistant, stream=True)
            )
            run: Any = runs.retrieve(asked.id, thread_id=self.thread)
        else:
            run = runs.create(thread_id=self.thread, assistant_id=self.assistant)
        run = runs.poll(run.id, thread_id=self.thread)
        for _ in range(4):
            if run.status == "requires_action":
                run = runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=self.thread, tool_outputs=outputs(run))
        if run.status == "requires_action":
            runs.cancel(run.id, thread_id=self.thread)
            run = runs.poll(run.id, thread_id=self.thread)
        return run


def last_was_heard(thread: picture.Thread) -> list[Violation]:
    """The answer that nobody damaged was to the whole history."""
    right = heard([said.text for said in thread.listed if said.role == "user"])
    last = thread.listed[-1].text
    return [] if last == right else [Violation(invariants.LOST, f"{thread.id} ends with {last!r}, and should with {right!r}")]


class _OwnErrors(logging.Handler):
    """Counts what this process logs as an error of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += "by an error of assistants-compat" in record.getMessage()

    def __enter__(self) -> _OwnErrors:
        logging.getLogger("assistants_compat").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("assistants_compat").removeHandler(self)
