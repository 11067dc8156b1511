"""Limits: bodies, runs at the same time, readers who do not read, streams in which nothing happens."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from assistants_compat.testing import Gate, OfflineUpstream, Text, Turn

from .conftest import PATIENCE, Serve, Served

KEYS = "alice client-key-of-alice-0001\nbob client-key-of-bob-000002"


def ask_to_run(served: Served, key: str, **more: Any) -> Any:
    with served.sdk(key=key) as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        return client.beta.threads.create_and_run(assistant_id=assistant.id, thread=thread, **more)


def test_a_body_that_is_too_large_is_refused_by_its_length_and_by_its_bytes(serve: Serve) -> None:
    served = serve(max_body_bytes=1000)
    url = urlsplit(served.url)
    head = b"POST /v1/threads HTTP/1.1\r\nhost: localhost\r\nopenai-beta: assistants=v2\r\n"
    chunk = b"200\r\n" + bytes(512) + b"\r\n"
    for request in (head + b"content-length: 1001\r\n\r\n", head + b"transfer-encoding: chunked\r\n\r\n" + chunk + chunk):
        with socket.create_connection((str(url.hostname), url.port or 80), PATIENCE) as own:
            own.sendall(request)
            status, _, rest = own.makefile("rb").read().partition(b"\r\n")
        assert status.startswith(b"HTTP/1.1 413")
        error = json.loads(rest.partition(b"\r\n\r\n")[2])["error"]
        assert (error["message"], error["type"], error["code"]) == (
            "The request body is larger than 1000 bytes.",
            "invalid_request_error",
            "request_too_large",
        )
    assert served.ask("POST", "/v1/threads", {"metadata": {"fits": "x" * 400}}).status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for(serve: Serve) -> None:
    url = urlsplit(serve(patience=0.2).url)
    with socket.create_connection((str(url.hostname), url.port or 80), PATIENCE) as own:
        own.sendall(b"POST /v1/threads HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{")
        assert own.makefile("rb").read().startswith(b"HTTP/1.1 408")


def test_a_tenant_has_so_many_runs_at_a_time_and_other_tenants_have_theirs(serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(mode="gateway", keys=KEYS, upstream_key="sk-server", max_runs_per_tenant=1)
    alice, bob = (line.split()[1] for line in KEYS.splitlines())
    gate = Gate("request")
    upstream.script(Turn("Hello!", hold=gate), "For Bob", "Again")
    first = ask_to_run(served, alice)
    gate.wait_reached()
    with pytest.raises(openai.RateLimitError) as refused:
        ask_to_run(served, alice)
    error: Any = refused.value.body
    assert (error["code"], refused.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "1")
    assert ask_to_run(served, bob).status == "queued"
    gate.open()
    with served.sdk(key=alice) as client:
        assert client.beta.threads.runs.poll(first.id, thread_id=first.thread_id).status == "completed"
    assert ask_to_run(served, alice).status == "queued"


def test_a_server_has_so_many_runs_at_a_time(serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(max_runs=2)
    gates = [Gate("request"), Gate("request")]
    upstream.script(*[Turn("Hello!", hold=gate) for gate in gates])
    for gate in gates:
        ask_to_run(served, "sk-test")
        gate.wait_reached()
    with pytest.raises(openai.RateLimitError, match="2 at the same time on this server"):
        ask_to_run(served, "sk-test")
    for gate in gates:
        gate.open()


def test_the_sdk_waits_and_tries_again_when_there_is_no_place_for_its_run(serve: Serve, upstream: OfflineUpstream) -> None:
    served = serve(max_runs=1)
    gate = Gate("request")
    upstream.script(Turn("Hello!", hold=gate), "And again")
    ask_to_run(served, "sk-test")
    gate.wait_reached()

    def refusing(response: Any) -> None:
        if response.status_code == 429:
            gate.open()

    with served.sdk() as client:
        client.max_retries = 5
        client._client.event_hooks = {"response": [refusing]}
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread: Any = {"messages": [{"role": "user", "content": "Hi"}]}
        assert client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=thread).status == "completed"
    assert gate.reached


def test_an_idle_stream_is_sent_comments_which_the_sdk_does_not_see(serve: Serve, upstream: OfflineUpstream) -> None:
    gate = Gate("request")
    upstream.script(Turn("Hello!", hold=gate))
    served = serve(keep_alive=0.05)
    with served.sdk() as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        with client.beta.threads.runs.with_streaming_response.create(thread.id, assistant_id=assistant.id, stream=True) as raw:
            seen = b""
            for piece in raw.iter_bytes():
                seen += piece
                if seen.count(b": keep-alive\n\n") >= 3:
                    gate.open()
            assert seen.endswith(b"event: done\ndata: [DONE]\n\n")
        gate = Gate("request")
        upstream.script(Turn("And again", hold=gate))
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            gate.wait_reached()
            gate.open()
            assert [event.event for event in stream][-1] == "thread.run.completed"


def test_a_reader_who_does_not_read_is_cut_off_and_the_run_goes_on(serve: Serve, upstream: OfflineUpstream) -> None:
    words = tuple("x" * 4000 for _ in range(1500))
    upstream.script(Text("".join(words), chunks=words))
    served = serve(max_unread_bytes=100_000)
    with served.sdk() as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        url = urlsplit(served.url)
        body = json.dumps({"assistant_id": assistant.id, "stream": True}).encode()
        with socket.socket() as own:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            own.settimeout(PATIENCE)
            own.connect((str(url.hostname), url.port))
            own.sendall(
                f"POST /v1/threads/{thread.id}/runs HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer sk-test\r\n"
                f"openai-beta: assistants=v2\r\ncontent-length: {len(body)}\r\n\r\n".encode()
                + body
            )
            assert own.recv(15) == b"HTTP/1.1 200 OK"
            run = client.beta.threads.runs.list(thread.id).data[0]
            assert client.beta.threads.runs.poll(run.id, thread_id=thread.id).status == "completed"
            seen = own.makefile("rb").read()
        assert b"[DONE]" not in seen
        message: Any = client.beta.threads.messages.list(thread.id, limit=1).data[0]
        assert len(message.content[0].text.value) == 6_000_000
    assert "assistants_compat_streams_cut_off_total 1.0" in served.ask("GET", "/metrics").text


def test_a_reader_who_goes_away_leaves_the_run_to_itself(serve: Serve, upstream: OfflineUpstream) -> None:
    gate = Gate()
    upstream.script(Turn(Text("Hello!"), hold=gate))
    served = serve()
    with served.sdk() as client:
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            next(iter(stream))
            gate.wait_reached()
        gate.open()
        run = client.beta.threads.runs.list(thread.id).data[0]
        assert client.beta.threads.runs.poll(run.id, thread_id=thread.id).status == "completed"
