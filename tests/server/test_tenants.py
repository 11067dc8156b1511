"""Who may see what: every endpoint, asked by one tenant for what is another's."""

from __future__ import annotations

import base64
import json
import logging
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from assistants_compat.api import _ROUTES
from assistants_compat.ids import new_file_id, new_id
from assistants_compat.server.keys import read_keys
from assistants_compat.store.database import StoreError
from assistants_compat.store.tables import metadata
from assistants_compat.testing import CodeInterpreter, FunctionCall, HttpError, OfflineUpstream, Text, Turn, Unreachable

from .conftest import BETA, Json, Serve, Served

ALICE, BOB = "client-key-of-alice-0001", "client-key-of-bob-000002"
KEYS = f"alice {ALICE}\nbob {BOB}"
GATEWAY: Json = {"mode": "gateway", "keys": KEYS, "upstream_key": "sk-of-the-server", "share_upstream_objects": True}
MODES: list[Any] = [
    pytest.param(GATEWAY, (ALICE, BOB), id="gateway"),
    pytest.param({"mode": "pass-through"}, ("sk-alice", "sk-bob"), id="pass-through"),
]

TOOLS: Any = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}},
    {"type": "code_interpreter"},
]


def rows(served: Served) -> Any:
    assert served.service is not None
    with served.service.runtime.database.read() as connection:
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in metadata.sorted_tables}


@contextmanager
def statements(served: Served) -> Iterator[list[str]]:
    """What the store is asked meanwhile."""
    assert served.service is not None
    with served.service.runtime.database.read() as connection:
        engine = connection.engine
    noted: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.current_thread().name != "assistants-compat-keeper":  # whose rounds come when they come
            noted.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield noted
    sa.event.remove(engine, "before_cursor_execute", note)


def possessions(served: Served, key: str, upstream: OfflineUpstream) -> dict[str, str]:
    """One object of each kind, the run among them waiting for tool outputs."""
    upstream.script(
        Turn(CodeInterpreter("save()", files={"data.csv": b"secret"}), Text("Here: sandbox:/mnt/data/data.csv")),
        Turn(FunctionCall("get_weather", call_id="call_1")),
    )
    with served.sdk(key=key) as client:
        assistant = client.beta.assistants.create(model="gpt-4o", tools=TOOLS)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        first = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert first.status == "completed"
        message: Any = client.beta.threads.messages.list(thread.id, limit=1).data[0]
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.status == "requires_action"
        step = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id).data[0]
        return {
            "assistant_id": assistant.id,
            "thread_id": thread.id,
            "message_id": message.id,
            "run_id": run.id,
            "step_id": step.id,
            "file_id": message.content[0].text.annotations[0].file_path.file_id,
        }


def unknown() -> dict[str, str]:
    prefixes = {"assistant_id": "asst", "thread_id": "thread", "message_id": "msg", "run_id": "run", "step_id": "step"}
    return {**{kind: new_id(prefix) for kind, prefix in prefixes.items()}, "file_id": new_file_id()}


def body_of(pattern: tuple[str, ...], ids: dict[str, str]) -> Any:
    """A body that is right for a POST."""
    last = pattern[-1]
    if last == "messages":
        return {"role": "user", "content": "Mine now"}
    if last == "runs":
        return {"assistant_id": ids["assistant_id"]}
    if last == "submit_tool_outputs":
        return {"tool_outputs": [{"tool_call_id": "call_1", "output": "sunny"}]}
    return {"metadata": {"mine": "now"}} if last != "cancel" else None


OF_AN_OBJECT = [(method, pattern) for pattern, methods in _ROUTES.items() for method in methods if any(part[0] == "{" for part in pattern)]


@pytest.mark.parametrize(("mode", "keys"), MODES)
def test_every_endpoint_answers_for_anothers_object_as_for_one_that_is_not(
    mode: Json, keys: tuple[str, str], serve: Serve, upstream: OfflineUpstream
) -> None:
    """The same status, the same words, and the same work: the store is asked the same questions."""
    served = serve(**mode)
    hers = possessions(served, keys[0], upstream)
    with served.sdk(key=keys[1]) as client:
        own_assistant = client.beta.assistants.create(model="gpt-4o").id
    before = rows(served)
    assert len(OF_AN_OBJECT) >= 20
    for method, pattern in OF_AN_OBJECT:
        replies, work = [], []
        for ids in (hers, unknown()):
            path = "/".join(ids[part[1:-1]] if part[0] == "{" else part for part in pattern)
            body = body_of(pattern, {**ids, "assistant_id": own_assistant}) if method == "POST" else None
            with statements(served) as asked:
                reply = served.ask(method, f"/v1/{path}", body, key=keys[1])
            text = reply.text
            for kind, id in ids.items():
                text = text.replace(id, f"<{kind}>")
            replies.append((reply.status_code, text, sorted(reply.headers)))
            work.append(asked)
        assert replies[0] == replies[1], (method, pattern)
        assert replies[0][0] == 404, (method, pattern, replies[0])
        assert work[0] == work[1], (method, pattern)
    assert rows(served) == before


@pytest.mark.parametrize(("mode", "names_it"), [(GATEWAY, False), ({"mode": "pass-through"}, False), ({}, True)])
def test_where_a_store_is_that_cannot_be_used_is_told_to_nobody_else(
    mode: Json, names_it: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served = serve(**mode)
    assert served.service is not None

    def fail(_work: Any) -> None:
        raise StoreError("The store postgresql://me@db.internal/threads cannot be used: it is full.")

    monkeypatch.setattr(served.service.runtime.database, "transact", fail)
    reply = served.ask("POST", "/v1/threads", {}, key=ALICE)
    assert (reply.status_code, reply.json()["error"]["type"]) == (503, "server_error")
    assert ("db.internal" in reply.text) is names_it
    assert ("db.internal" in caplog.text) is not names_it


@pytest.mark.parametrize(("mode", "keys"), MODES)
def test_lists_have_nothing_of_another_tenants(mode: Json, keys: tuple[str, str], serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(**mode)
    hers = possessions(served, keys[0], upstream)
    assert served.ask("GET", "/v1/assistants", key=keys[1]).json()["data"] == []
    assert served.ask("GET", "/v1/files", key=keys[1]).json()["data"] == []
    assert [each["id"] for each in served.ask("GET", "/v1/files", key=keys[0]).json()["data"]] == [hers["file_id"]]
    for cursor in ("after", "before"):
        replies = [served.ask("GET", f"/v1/assistants?{cursor}={id}", key=keys[1]) for id in (hers["assistant_id"], new_id("asst"))]
        assert replies[0].status_code == replies[1].status_code


@pytest.mark.parametrize(("mode", "keys"), MODES)
def test_anothers_assistant_runs_no_thread_and_anothers_file_is_no_attachment(
    mode: Json, keys: tuple[str, str], serve: Serve, upstream: OfflineUpstream
) -> None:
    served = serve(**mode)
    hers = possessions(served, keys[0], upstream)
    his = served.ask("POST", "/v1/threads", {"messages": [{"role": "user", "content": "Hi"}]}, key=keys[1]).json()["id"]
    body = {"assistant_id": hers["assistant_id"]}
    for path in (f"/v1/threads/{his}/runs", "/v1/threads/runs"):
        reply = served.ask("POST", path, body, key=keys[1])
        assert (reply.status_code, reply.json()["error"]["message"]) == (404, f"No assistant found with id '{hers['assistant_id']}'.")
    upstream_calls = len(upstream.calls)
    attachment = {"file_id": hers["file_id"], "tools": [{"type": "file_search"}]}
    reply = served.ask("POST", f"/v1/threads/{his}/messages", {"role": "user", "content": "Hi", "attachments": [attachment]}, key=keys[1])
    assert reply.status_code == 200 or reply.json()["error"]["message"]
    uploads = [call for call in upstream.calls[upstream_calls:] if (call.method, call.path) == ("POST", "/v1/files")]
    assert uploads == []  # her file's bytes went nowhere for him


def test_the_same_key_in_another_organisation_or_project_is_another_tenant(serve: Serve) -> None:
    served = serve(mode="pass-through")
    thread = served.ask("POST", "/v1/threads", {}).json()["id"]
    for header in ("OpenAI-Organization", "OpenAI-Project"):
        assert served.ask("GET", f"/v1/threads/{thread}", headers={header: "other"}).status_code == 404
    assert served.ask("GET", f"/v1/threads/{thread}", headers={"authorization": "", "api-key": "sk-test"}).status_code == 200


@pytest.mark.usefixtures("store_in_a_file")
def test_a_tenant_is_the_same_after_a_restart_and_its_key_is_nowhere_in_the_store(
    serve: Serve, tmp_path: Path, upstream: OfflineUpstream
) -> None:
    key = "sk-a-key-that-is-easy-to-find"
    hers = possessions(serve(mode="pass-through"), key, upstream)
    again = serve(mode="pass-through", max_runs=7)
    assert again.ask("GET", f"/v1/threads/{hers['thread_id']}", key=key).status_code == 200
    secret = tmp_path / "store.db.secret"
    assert stat.S_IMODE(os.stat(secret).st_mode) == 0o600
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for form in (key.encode(), base64.b64encode(key.encode())):
        assert form not in kept
    other = serve(mode="pass-through", tenant_secret="another secret, of whoever runs it")
    assert other.ask("GET", f"/v1/threads/{hers['thread_id']}", key=key).status_code == 404


def test_a_key_that_the_upstream_refuses_keeps_nothing_here(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    served = serve(mode="pass-through")
    reply = served.ask("POST", "/v1/threads", {}, key="sk-invalid-0123456789")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    assert rows(served)["threads"] == []
    assert "0123456789" not in caplog.text


def test_a_key_is_checked_once_and_not_at_every_request(serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(mode="pass-through")
    for _ in range(3):
        assert served.ask("POST", "/v1/threads", {}).status_code == 200
    assert [call.path for call in upstream.calls] == ["/v1/models"]


def test_a_new_key_that_cannot_be_checked_is_refused_for_now(serve: Serve, upstream: OfflineUpstream) -> None:
    upstream.fail("GET /models", Unreachable())
    served = serve(mode="pass-through")
    assert served.ask("POST", "/v1/threads", {}).status_code == 502
    upstream.fail("GET /models", HttpError(403, "Missing scopes: api.model.read"))
    assert served.ask("POST", "/v1/threads", {}).status_code == 200  # it is a key, though it may not list models


@pytest.mark.parametrize("mode", [GATEWAY, {"mode": "pass-through"}], ids=["gateway", "pass-through"])
def test_without_a_key_nothing_is_answered(mode: Json, serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(**mode)
    for path in ("/v1/assistants", "/v1/threads/thread_x", "/v1/models", "/openai/assistants", "/v1/nothing"):
        reply = httpx.get(served.url + path, headers=BETA, trust_env=False)
        assert (reply.status_code, list(reply.json()["error"])) == (401, ["message", "type", "param", "code"])
    assert upstream.calls == []


def test_a_token_that_changes_names_no_tenant(serve: Serve) -> None:
    reply = serve(mode="pass-through").ask("POST", "/v1/threads", {}, key="eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl")
    assert reply.status_code == 401
    assert "cannot name a tenant" in reply.json()["error"]["message"]


# ---------------------------------------------------------------------------------------------------- gateways


def test_a_gateway_pays_with_its_own_key_and_shows_the_callers_to_nobody(serve: Serve) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        headers = {"openai-organization": "org-of-the-server", "set-cookie": "a=b", "x-request-id": "req_1"}
        return httpx.Response(401, headers=headers, stream=httpx.ByteStream(b'{"error": {"message": "no"}}'))

    served = serve(transport=httpx.MockTransport(answer), **GATEWAY, organization="org-of-the-server")
    his: Json = {"OpenAI-Organization": "org-his", "OpenAI-Project": "proj-his", "Cookie": "c=d", "api-key": "his"}
    reply = served.ask("GET", "/v1/models", key=ALICE, headers=his)
    assert (reply.status_code, reply.headers.get("openai-organization"), reply.headers.get("set-cookie")) == (401, None, None)
    with served.sdk(key=ALICE) as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Hi"}]})
        assert run.status == "failed"
    assert len(seen) == 2
    for request in seen:
        assert request.headers["authorization"] == "Bearer sk-of-the-server"
        assert request.headers["openai-organization"] == "org-of-the-server"
        assert not {"openai-project", "cookie", "api-key"} & set(request.headers)
        assert ALICE not in str(request.headers.raw)


def test_a_wrong_client_key_is_refused_and_not_repeated(serve: Serve) -> None:
    for key in ("client-key-of-alice-0002", "x", "schlüssel-mit-umlaut-ß"):
        reply = httpx.get(f"{serve(**GATEWAY, max_runs=len(key)).url}/v1/models", headers={"api-key": key.encode()}, trust_env=False)
        assert reply.status_code == 401
        assert key not in reply.text


def test_tenants_that_share_an_upstream_account_reach_what_it_computes_and_not_what_it_keeps(
    serve: Serve, upstream: OfflineUpstream
) -> None:
    id = upstream.put_file("of-somebody.txt", "secret")
    served = serve(**{**GATEWAY, "share_upstream_objects": False})
    hers = possessions(served, ALICE, upstream)
    before = len(upstream.calls)
    for method, path in [
        ("GET", f"/files/{id}"),
        ("GET", f"/files/{id}/content"),
        ("DELETE", f"/files/{id}"),
        ("GET", f"/files/{hers['file_id']}"),
        ("GET", "/files?limit=0"),
        ("POST", "/files"),
        ("GET", "/vector_stores"),
        ("GET", "/containers"),
        ("GET", "/responses/resp_1"),
        ("POST", "/responses/resp_1/cancel"),
        ("GET", "/chat/completions"),
        ("GET", "/models/%2e%2e/files"),
        ("GET", "/models/..%2Ffiles"),
        ("POST", "/organization/admin_api_keys"),
    ]:
        reply = served.ask(method, f"/v1{path}", key=BOB)
        assert reply.status_code in (403, 404), (method, path)
    assert served.ask("GET", "/v1/files", key=BOB).json()["data"] == []
    assert [file["id"] for file in served.ask("GET", "/v1/files", key=ALICE).json()["data"]] == [hers["file_id"]]
    assert served.ask("GET", f"/v1/files/{hers['file_id']}/content", key=ALICE).content == b"secret"
    assert [call.path for call in upstream.calls[before:]] == []
    assert served.ask("GET", "/v1/models", key=BOB).status_code == 200
    body = {"model": "gpt-4o", "input": "Hi", "store": False}
    assert served.ask("POST", "/v1/responses", body, key=BOB).status_code == 200


def test_a_tenant_with_an_upstream_key_of_its_own_reaches_everything_with_it(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_KEY_OF_BOB", "sk-of-bob")
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    keys = f"alice {ALICE}, bob {BOB} UPSTREAM_KEY_OF_BOB"
    served = serve(transport=httpx.MockTransport(answer), **{**GATEWAY, "keys": keys, "share_upstream_objects": False})
    assert served.ask("GET", "/v1/vector_stores", key=BOB).status_code == 200
    assert served.ask("GET", "/v1/vector_stores", key=ALICE).status_code == 200  # whose account is hers alone, too
    assert seen == ["Bearer sk-of-bob", "Bearer sk-of-the-server"]


def test_client_keys_are_read_from_lines_and_digests(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"  # of "test"
    file.write_text(f"# who may come in\nalice {ALICE}   # her laptop\nalice another-key-of-alice\n\ntester {digest}\n")
    keys = read_keys(str(file), f"bob {BOB}", {})
    found = {key: keys.client_of(key) for key in (ALICE, "another-key-of-alice", "test", BOB, "nobody's")}
    assert {key: client and client.tenant for key, client in found.items()} == {
        ALICE: "alice",
        "another-key-of-alice": "alice",
        "test": "tester",
        BOB: "bob",
        "nobody's": None,
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there are no client keys"),
        ("alice", "expected a tenant, its key"),
        ("alice short", "16 characters at least"),
        ("al/ice a-key-that-is-long-enough", "a tenant's name"),
        ("alice a-key-that-is-long-enough NO_SUCH_VARIABLE", "the environment has no NO_SUCH_VARIABLE"),
        ("alice a-key-that-is-long-enough\nbob a-key-that-is-long-enough", "stands for another tenant"),
    ],
)
def test_client_keys_that_cannot_be_read_are_refused_without_being_repeated(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        read_keys("", text, {})
    assert "a-key-that-is-long-enough" not in str(error.value)


# ---------------------------------------------------------------------------------------------------- this machine only


@pytest.mark.parametrize("host", ["threads.example.com", "127.0.0.1.evil.example", "192.168.0.7:8000", ""])
def test_in_local_mode_a_page_or_a_proxy_under_another_name_is_refused(host: str, serve: Serve) -> None:
    served = serve()
    reply = served.ask("GET", "/v1/assistants", headers={"host": host})
    assert (reply.status_code, "its own machine only" in reply.json()["error"]["message"]) == (403, True)
    for name in ("localhost", "127.0.0.1:80", "[::1]:80"):
        assert served.ask("GET", "/v1/assistants", headers={"host": name}).status_code == 200


def test_keys_and_texts_are_in_no_log(serve: Serve, upstream: OfflineUpstream, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "assistants_compat")
    upstream.fail("POST /responses", HttpError(401, "Incorrect API key provided"))
    served = serve(**GATEWAY)
    with served.sdk(key=ALICE) as client:
        assistant = client.beta.assistants.create(model="gpt-4o", instructions="A secret instruction")
        thread: Any = {"messages": [{"role": "user", "content": "A secret question"}]}
        client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread)
    logged = caplog.text + json.dumps([record.__dict__ for record in caplog.records], default=str)
    assert "request" in logged
    for secret in (ALICE, "sk-of-the-server", "secret question", "secret instruction"):
        assert secret not in logged
