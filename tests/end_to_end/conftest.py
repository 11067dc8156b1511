"""The ways in and the looks behind the scenes that these tests share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
import sqlalchemy as sa

from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
from assistants_compat.store.tables import metadata

from .support import Json, parsed


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory, stores: Any) -> Iterator[Settings]:
    """For a module whose tests do not mind each other's objects: its `settings` fixture returns this."""
    with stores.new(tmp_path_factory.mktemp("store")) as store:
        yield Settings(store=store)


@pytest.fixture
def http(client: openai.OpenAI) -> Callable[..., Any]:
    """A request as a program in another language sends it: method, path, JSON body → the response, read in full."""

    def send(method: str, path: str, body: Any = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        return client._client.request(
            method,
            str(client.base_url).rstrip("/") + path,
            content=raw if raw is not None else (None if body is None else json.dumps(body).encode()),
            headers={"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sk-test", **(headers or {})},
        )

    return send


@pytest.fixture
def call(http: Callable[..., Any]) -> Callable[..., Any]:
    """The same for requests that have to succeed: → the parsed JSON, keys in the order they came in."""

    def send(method: str, path: str, body: Any = None) -> Any:
        response = http(method, path, body)
        assert response.status_code == 200, response.text
        return parsed(response.content)

    return send


@pytest.fixture
def refused(http: Callable[..., Any], stored: Callable[[], Any]) -> Callable[..., Any]:
    """The same for requests that have to be refused, and must leave the store as it was: → status and error."""

    def send(method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Json]:
        before = stored()
        response = http(method, path, body, **more)
        assert stored() == before
        reply = parsed(response.content)
        assert list(reply) == ["error"]
        assert list(reply["error"]) == ["message", "type", "param", "code"]
        return response.status_code, reply["error"]

    return send


@pytest.fixture
def stored(runtime: Runtime) -> Callable[[], Any]:
    """Every row of the store, as it stands."""

    def dump() -> dict[str, list[tuple[Any, ...]]]:
        with runtime.database.read() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(table.c.seq))]
                for table in metadata.sorted_tables
            }

    return dump


@pytest.fixture
def finish(http: Callable[..., Any]) -> Callable[[Json], Json]:
    """Wait until a run has left its working states, as a poll helper does."""

    def wait(run: Json) -> Json:
        path = f"/threads/{run['thread_id']}/runs/{run['id']}"
        latest = parsed(http("GET", path, headers={"X-Stainless-Poll-Helper": "true"}).content)
        assert latest["status"] not in ("queued", "in_progress")
        return latest

    return wait


@pytest.fixture
def assistant(client: openai.OpenAI) -> Any:
    return client.beta.assistants.create(model="gpt-4o")


@pytest.fixture
def thread(client: openai.OpenAI) -> Any:
    return client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])


@pytest.fixture
def fill(assistant: Any, thread: Any) -> Callable[[Any], Any]:
    """Put this test's ids in the place of their names."""
    return lambda value: json.loads(json.dumps(value).replace("{thread}", thread.id).replace("{assistant}", assistant.id))
