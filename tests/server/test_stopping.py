"""The command as a process: what it says, how it stops, and who goes on then."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from assistants_compat.cli import main
from assistants_compat.testing import Gate, HttpError, OfflineUpstream, Text, Turn

from .conftest import PATIENCE, Process, Served

pytestmark = pytest.mark.long

Start = Callable[..., Process]

WORDS = Text("One two three", chunks=("One", " two", " three"))


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """The command, called in this process, sets the logging of all of it."""
    root = logging.getLogger()
    names = ["", *root.manager.loggerDict]
    levels, handlers = {name: logging.getLogger(name).level for name in names}, list(root.handlers)
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def begun(served: Served, **more: Any) -> Any:
    """A run that has been created."""
    with served.sdk() as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        return client.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread, **more)


def test_it_says_where_it_is_and_how_it_is_used(process: Start, base_url: str, tmp_path: Path) -> None:
    server = process()
    assert (
        server.announcement
        == f"assistants-compat serves {server.served.url}/v1 · mode local · store {tmp_path}/store.db · upstream {base_url}\n"
    )
    assert httpx.get(f"{server.served.url}/healthz", trust_env=False).json() == {"status": "ok"}
    assert httpx.get(f"{server.served.url}/readyz", trust_env=False).json() == {"status": "ok"}


def test_stopped_it_lets_a_stream_go_on_to_its_end(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate))
    server = process()
    with server.served.sdk() as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            assert next(iter(stream)).event == "thread.run.created"
            gate.wait_reached()
            server.process.send_signal(signal.SIGTERM)
            _until_closed(server.served)
            gate.open()
            assert [event.event for event in stream][-1] == "thread.run.completed"
    assert server.end() == -signal.SIGTERM
    with process().served.sdk() as client:
        message: Any = client.beta.threads.messages.list(thread.id, limit=1).data[0]
        assert message.content[0].text.value == "One two three"


def test_what_is_not_done_in_time_is_gone_on_with_by_another_process(process: Start, upstream: OfflineUpstream) -> None:
    """At once, not when a lease of an hour runs out; and the stream ends instead of hanging."""
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    lease = {"ASSISTANTS_COMPAT_LEASE": "3600"}
    first, second = process("--shutdown", "0.2", **lease), process(**lease)
    with first.served.sdk() as client, second.served.sdk() as other:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            created: Any = next(iter(stream))
            gate.wait_reached()
            first.process.send_signal(signal.SIGTERM)
            assert not [event for event in stream if event.event == "thread.run.completed"]
        assert first.end() == -signal.SIGTERM
        run = other.beta.threads.runs.poll(created.data.id, thread_id=thread.id)
        assert run.status == "completed"
        texts = [message.content[0].text.value for message in other.beta.threads.messages.list(thread.id, order="asc")]  # type: ignore[union-attr]
        assert texts == ["Hi", "Four five."]
    gate.open()
    assert f"run {created.data.id} is left to the next process that looks" in [line["message"] for line in first.log_lines()]


def test_a_poll_that_is_held_when_the_server_stops_is_told_to_ask_again(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    server = process("--shutdown", "0.2")
    run = begun(server.served)
    gate.wait_reached()
    port = int(server.served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as own:
        own.sendall(
            f"GET /v1/threads/{run.thread_id}/runs/{run.id} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk-test\r\n"
            "openai-beta: assistants=v2\r\nx-stainless-poll-helper: true\r\n\r\n".encode()
        )
        for _ in range(3):  # what came after it is answered, so it is held by now
            assert server.served.ask("GET", "/readyz").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        reply = own.makefile("rb").read().lower()
    assert server.end() == -signal.SIGTERM
    gate.open()
    assert reply.startswith(b"http/1.1 503")
    assert b"retry-after: 1" in reply


def test_a_second_interrupt_does_not_wait_for_runs(process: Start, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(WORDS, hold=gate), "Four five.")
    server = process("--shutdown", "600")
    run = begun(server.served)
    gate.wait_reached()
    server.process.send_signal(signal.SIGINT)
    _until_closed(server.served)
    server.process.send_signal(signal.SIGINT)
    assert server.end() == 0
    gate.open()
    with process().served.sdk() as client:
        assert client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "completed"


def _until_closed(served: Served) -> None:
    """Once it accepts no more connections."""
    port = int(served.url.rpartition(":")[2])
    while True:
        with socket.socket() as own:
            if own.connect_ex(("127.0.0.1", port)) != 0:
                return


def test_logs_are_json_lines_with_ids_and_without_what_was_said(process: Start, upstream: OfflineUpstream) -> None:
    upstream.fail("POST /responses", HttpError(401, "Incorrect API key provided: sk-te***test"))
    server = process()
    run = begun(server.served)
    with server.served.sdk() as client:
        assert client.beta.threads.runs.poll(run.id, thread_id=run.thread_id).status == "failed"
    reply = server.served.ask("GET", "/v1/models")
    server.process.terminate()
    server.end()
    lines = server.log_lines()
    assert {"time", "level", "logger", "message"} <= set.intersection(*[set(line) for line in lines])
    requests = [line for line in lines if line["message"] == "request"]
    assert [line["path"] for line in requests[:2]] == ["/v1/assistants", "/v1/threads/runs"]
    assert requests[-1]["status"] == reply.status_code == 200
    ended = [line for line in lines if line["message"] == "run failed"]
    assert [line["run_id"] for line in ended] == [run.id]
    assert ended[0]["request_id"] == requests[1]["request_id"]  # of the request that started it
    for secret in ("Hi", "sk-te"):
        assert f'"{secret}' not in server.log()
    assert "sk-te" not in server.log()


def test_what_is_said_is_logged_when_that_is_asked_for_and_keys_are_not(process: Start) -> None:
    server = process("--log-content")
    begun(server.served)
    server.process.terminate()
    server.end()
    bodies = [json.loads(line["request_body"]) for line in server.log_lines() if line.get("request_body")]
    assert [body["thread"]["messages"][0]["content"] for body in bodies if "thread" in body] == ["Hi"]
    assert "sk-test" not in server.log()


def test_metrics_have_a_port_of_their_own_which_tenants_do_not_reach(process: Start, upstream: OfflineUpstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    upstream.script("Hello!")
    server = process("--pass-through", "--metrics-port", str(port))
    run = begun(server.served)
    with server.served.sdk() as client:
        client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    assert server.served.ask("GET", "/metrics").status_code == 404
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    values = dict(line.rsplit(" ", 1) for line in shown.splitlines() if not line.startswith("#"))
    assert values['assistants_compat_runs_total{status="completed"}'] == "1.0"
    assert values['assistants_compat_runs_active{status="in_progress"}'] == "0.0"
    assert values['assistants_compat_upstream_requests_total{status="200"}'] == "2.0"  # the key's check and the model call
    assert float(values['assistants_compat_tokens_total{kind="completion"}']) > 0
    assert values["assistants_compat_run_seconds_count"] == "1.0"
    assert values['assistants_compat_requests_total{method="POST",route="/threads/runs",status="200"}'] == "1.0"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "everybody who can reach this machine could use the server"),
        (["--host", "::"], "--keys FILE or --pass-through"),
        (["--keys", "missing", "--pass-through"], "client keys are for mode 'gateway'"),
        (["--keys", "missing"], "the file of client keys missing cannot be read: No such file or directory"),
        (["--upstream", "ftp://example.com"], "'upstream' is a base URL"),
        (["--upstream", "https://user:secret-word@example.com/v1"], "without user and query"),
        (["--max-runs", "0"], "'max_runs' must be above 0"),
        (["--store", "/dev/null/store.db"], "The store /dev/null/store.db cannot be opened"),
        (["--models", "nonsense"], "expected 'recommended' or 'old=new,old=new'"),
    ],
)
@pytest.mark.usefixtures("logging_as_it_was")
def test_a_command_line_that_cannot_be_followed_is_refused(arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", ":memory:")
    shown = CliRunner().invoke(main, ["serve", *arguments])
    assert shown.exit_code in (1, 2)
    assert message in shown.output
    assert "secret-word" not in shown.output
    assert "Traceback" not in shown.output


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_gateway_without_a_key_that_pays_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").write_text("alice client-key-of-alice-0001")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", ":memory:")
    shown = CliRunner().invoke(main, ["serve", "--keys", str(tmp_path / "keys")])
    assert (shown.exit_code, "set OPENAI_API_KEY" in shown.output) == (1, True)


def test_a_port_that_is_taken_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [
            sys.executable,
            "-m",
            "assistants_compat",
            "serve",
            "--port",
            str(taken.getsockname()[1]),
            "--store",
            str(tmp_path / "s.db"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=dict(os.environ))
    assert done.returncode != 0
    assert "address already in use" in done.stderr
    assert "Traceback" not in done.stderr
