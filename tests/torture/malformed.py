"""Thousands of malformed requests: each is answered with an error of the sender's at worst, and one that is refused has changed nothing."""

from __future__ import annotations

import http.client
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import openai
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import NonInteractiveExampleWarning

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from torture import invariants, picture
from torture.nursery import Nursery, nursery
from torture.plan import Plan
from torture.requests import REQUESTS, Sent
from torture.result import Result, Violation
from torture.speech import CODE, MODEL, WEATHER, answer
from torture.steps import kind, watch_statements

Json = dict[str, Any]

SERVER_ERROR = "answers of 5xx"
TRACEBACK = "tracebacks"
FORM = "errors in another form"
WRITTEN = "refused and written"
PROMISED = (SERVER_ERROR, TRACEBACK, FORM, invariants.HALF, invariants.ORDER)

PATIENCE = 30.0
WAYS = {"the package": 0, "assistants-compat serve": 1}
EVERYWHERE = {"SQLite": 2, "PostgreSQL": 10}
"""What part of the requests a database gets through each door: one in so many."""


class Writes:
    """How many transactions that changed something this process has committed."""

    def __init__(self) -> None:
        self.committed = 0
        self._changed = False
        watch_statements(self._before)

    def _before(self, statement: str) -> None:
        what = kind(statement)
        if what.partition(" ")[0] in ("INSERT", "UPDATE", "DELETE"):
            self._changed = True
        elif what in ("COMMIT", "ROLLBACK"):
            self.committed += self._changed and what == "COMMIT"
            self._changed = False


class World:
    """What there is in the store for requests to name: made again when one of them has deleted it."""

    def __init__(self, client: openai.OpenAI) -> None:
        self._client = client
        self.ids: dict[str, str] = {}
        self.make()

    def make(self) -> None:
        beta = self._client.beta
        assistant = beta.assistants.create(model=MODEL, tools=[WEATHER, CODE])  # type: ignore[list-item]
        thread = beta.threads.create(messages=[{"role": "user", "content": "Hello"}])
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        locked = beta.threads.create(messages=[{"role": "user", "content": "How is the weather?"}])
        waiting = beta.threads.runs.create_and_poll(thread_id=locked.id, assistant_id=assistant.id)
        assert (run.status, waiting.status) == ("completed", "requires_action")
        self.ids = {
            "assistant": assistant.id,
            "thread": thread.id,
            "message": beta.threads.messages.list(thread.id).data[0].id,
            "run": run.id,
            "step": beta.threads.runs.steps.list(run.id, thread_id=thread.id).data[0].id,
            "locked_thread": locked.id,
            "waiting_run": waiting.id,
        }


Ask = Callable[[Sent], tuple[int, str, bytes]]
"""Sends it, and answers with status, content type and body."""


def measure(plan: Plan) -> Iterator[Result]:
    writes = Writes()
    with nursery("torture.child") as processes:
        for database in plan.stores:
            for door in WAYS:
                yield asked(plan, processes, database, door, writes)


def asked(plan: Plan, processes: Nursery, database: str, door: str, writes: Writes) -> Result:
    count = plan.scale.malformed_requests // EVERYWHERE[database]
    subject = f"malformed requests to {door}, {database}"
    statuses: Counter[int] = Counter()
    found: list[Violation] = []
    with ExitStack() as stack:
        store, files = stack.enter_context(plan.each_store(f"malformed-{WAYS[door]}", database))
        base_url = stack.enter_context(OfflineUpstream(default=answer).serve())
        own = {"store": store, "files": str(files), "max_retries": 0}
        compat = Settings(**own)  # type: ignore[arg-type]
        runtime = runtime_for(compat)
        stack.callback(runtime.database.close)
        client = stack.enter_context(openai.OpenAI(api_key="sk-test", base_url=base_url, max_retries=0))
        attach(client, compat)
        world = World(client)
        ask: Ask
        if door == "the package":
            ask = _within(client, base_url)
        else:
            server = stack.enter_context(processes.process(kind="server", base_url=base_url, settings=own, kill_at=0))
            ask = _over_http(server.do("serve"))

        def at_rest() -> None:
            assert runtime.moved.wait(lambda: not runtime.executions, PATIENCE)

        @seed(plan.seed)
        @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(REQUESTS)
        def send(sent: Sent) -> None:
            at_rest()
            before = writes.committed
            request = sent.filled(world.ids)
            status, content_type, body = ask(request)
            statuses[status] += 1
            found.extend(judged(request, status, content_type, body))
            at_rest()
            if door == "the package" and status >= 400 and writes.committed != before:
                found.append(Violation(WRITTEN, f"{request}: {status}"))
            if (request.method == "DELETE" and status == 200) or (request.path.endswith("/submit_tool_outputs") and status == 200):
                world.make()

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonInteractiveExampleWarning)
            send()
        found += [
            Violation(invariants.HALF, f"{rows} rows of {table} without their thread") for table, rows in picture.orphans(runtime).items()
        ]
        for thread in picture.take(runtime, client):
            kept = invariants.of_thread(thread)
            found += [each for each in kept if each.kind in PROMISED and (each.kind != invariants.HALF or not thread.active_run)]
    seen = ", ".join(f"{number} of {status}" for status, number in sorted(statuses.items()))
    # What another process commits, this one does not see.
    promised = (*PROMISED, WRITTEN) if door == "the package" else PROMISED
    return Result(subject, f"{statuses.total():,} requests", promised, found, seen)


def judged(request: Sent, status: int, content_type: str, body: bytes) -> list[Violation]:
    """Pure: what is wrong with an answer."""
    what = f"{request.method} {request.path[:200]} {(request.body or b'')[:300]!r}: {status} {body[:300]!r}"
    found = []
    if status >= 500 or status < 200:
        found.append(Violation(SERVER_ERROR, what))
    if b"Traceback (most recent call last)" in body or b'File "' in body:
        found.append(Violation(TRACEBACK, what))
    if status >= 400 and request.method != "HEAD" and not _is_an_error(content_type, body):
        found.append(Violation(FORM, what))
    return found


def _is_an_error(content_type: str, body: bytes) -> bool:
    if not content_type.startswith("application/json"):
        return False
    try:
        error = json.loads(body)["error"]
        return list(error)[:4] == ["message", "type", "param", "code"] and bool(error["message"])
    except (ValueError, KeyError, TypeError):
        return False


def _within(client: openai.OpenAI, base_url: str) -> Ask:
    def ask(sent: Sent) -> tuple[int, str, bytes]:
        headers = {**sent.headers, "Authorization": "Bearer sk-test"}
        response = client._client.request(sent.method, base_url + sent.path, content=sent.body, headers=headers)
        return response.status_code, response.headers.get("content-type", ""), response.content

    return ask


def _over_http(url: str) -> Ask:
    address = urlsplit(url)

    def ask(sent: Sent) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
        try:
            connection.request(sent.method, f"/v1{sent.path}", sent.body, {**sent.headers, "Authorization": "Bearer sk-test"})
            response = connection.getresponse()
            return response.status, response.getheader("content-type", ""), response.read()
        finally:
            connection.close()

    return ask
