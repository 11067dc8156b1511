"""What is not answered here: to the upstream and back, piece by piece, as it is."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from assistants_compat.testing import OfflineUpstream

from .conftest import PATIENCE, Serve, Served


class Echo(BaseHTTPRequestHandler):
    """An upstream that shows what it got, byte for byte, and when."""

    protocol_version = "HTTP/1.1"
    first_piece = threading.Event()
    go_on = threading.Event()

    def do_POST(self) -> None:
        if self.path == "/v1/slow":
            first = self.rfile.read(5)
            type(self).first_piece.set()
            self._answer(first + self.rfile.read(int(self.headers["content-length"]) - 5))
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(body)

    def do_GET(self) -> None:
        if self.path.startswith("/v1/events"):
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"c\r\ndata: one\n\n\n\r\n")
            self.wfile.flush()
            assert self.go_on.wait(PATIENCE)
            if self.path.endswith("?broken"):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(b"c\r\ndata: two\n\n\n\r\n0\r\n\r\n")
            return
        self._answer(b"")

    do_DELETE = do_PUT = do_PATCH = do_POST

    def _answer(self, body: bytes) -> None:
        shown = {"method": self.command, "path": self.path, "headers": self.headers.items(), "body": body.decode("latin-1")}
        content = json.dumps(shown).encode()
        self.send_response(418, "I am a teapot")
        for name, value in [
            ("X-One", "1"),
            ("Set-Cookie", "a=b"),
            ("Set-Cookie", "c=d"),
            ("Connection", "x-hop, keep-alive"),
            ("X-Hop", "h"),
        ]:
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[str]:
    Echo.first_piece, Echo.go_on = threading.Event(), threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    Echo.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


def connection(served: Served) -> http.client.HTTPConnection:
    url = urlsplit(served.url)
    return http.client.HTTPConnection(str(url.hostname), url.port, timeout=PATIENCE)


def test_method_path_query_headers_and_body_arrive_as_they_were_sent(serve: Serve, echo: str) -> None:
    headers = {"Authorization": "Bearer sk-mine", "X-Own": "ä".encode(), "X-Hop": "1", "Connection": "x-hop", "User-Agent": "my program",
               "X-Forwarded-For": "10.0.0.7", "TE": "trailers"}  # fmt: skip
    reply = httpx.request(
        "PATCH", f"{serve(upstream=echo).url}/v1/a%2Fb/c?x=1&y=%20&x=2", content=b"\x00\xffbytes", headers=headers, trust_env=False
    )
    seen = reply.json()
    assert (seen["method"], seen["path"], seen["body"]) == ("PATCH", "/v1/a%2Fb/c?x=1&y=%20&x=2", "\x00\xffbytes")
    arrived = {name.lower(): value for name, value in seen["headers"]}
    assert arrived["authorization"] == "Bearer sk-mine"
    assert arrived["user-agent"] == "my program"
    assert arrived["x-own"].encode("latin-1").decode() == "ä"
    assert arrived["content-length"] == "7"
    assert not {"x-hop", "te", "x-forwarded-for", "accept-language"} & set(arrived)
    assert arrived["host"] == urlsplit(echo).netloc


def test_status_and_headers_come_back_as_they_were_but_for_those_between_two_machines(serve: Serve, echo: str) -> None:
    reply = httpx.get(f"{serve(upstream=echo).url}/v1/models", trust_env=False)
    assert reply.status_code == 418
    assert reply.headers.get_list("set-cookie") == ["a=b", "c=d"]
    assert (reply.headers["x-one"], "x-hop" in reply.headers) == ("1", False)
    assert len(reply.headers.get_list("date")) == 1


def test_cookies_of_one_caller_do_not_reach_the_next(serve: Serve, echo: str) -> None:
    served = serve(upstream=echo)
    for _ in range(2):
        seen = httpx.get(f"{served.url}/v1/models", trust_env=False).json()
        assert "cookie" not in {name.lower() for name, _ in seen["headers"]}


def test_an_upload_reaches_the_upstream_before_it_is_complete(serve: Serve, echo: str) -> None:
    own = connection(serve(upstream=echo))
    own.putrequest("POST", "/v1/slow")
    own.putheader("content-length", "10")
    own.endheaders(b"first")
    assert Echo.first_piece.wait(PATIENCE)  # the second half is not even sent
    own.send(b"-then")
    assert json.loads(own.getresponse().read())["body"] == "first-then"
    own.close()


def test_events_of_the_upstream_arrive_one_by_one(serve: Serve, echo: str) -> None:
    own = connection(serve(upstream=echo))
    own.request("GET", "/v1/events")
    reply = own.getresponse()
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.read(12) == b"data: one\n\n\n"  # while the upstream waits for us
    Echo.go_on.set()
    assert reply.read() == b"data: two\n\n\n"
    own.close()


def test_an_answer_that_breaks_off_is_not_taken_for_whole(serve: Serve, echo: str) -> None:
    own = connection(serve(upstream=echo))
    own.request("GET", "/v1/events?broken")
    reply = own.getresponse()
    assert reply.read(12) == b"data: one\n\n\n"
    Echo.go_on.set()
    with pytest.raises(http.client.IncompleteRead):
        reply.read()
    own.close()


def test_a_large_body_is_not_held_in_memory(serve: Serve) -> None:
    """The upstream's next piece is asked for once the one before it was taken."""
    pieces, size = 2000, 1 << 16
    ahead: list[int] = []
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        for number in range(pieces):
            ahead.append(number * size - taken)
            yield bytes(size)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body()))
    with httpx.stream("GET", f"{serve(transport=transport).url}/v1/files/file-1/content", headers={}, trust_env=False) as reply:
        for piece in reply.iter_raw():
            taken += len(piece)
    assert taken == pieces * size
    # The kernel's buffers on both sides of the connection, a few MB, and no more of the 131 MB.
    assert max(ahead) < 24 * 1024 * 1024


def test_an_upstream_that_cannot_be_reached_is_an_error_of_the_apis_form(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    reply = serve(upstream=f"http://127.0.0.1:{port}/v1").ask("GET", "/v1/models")
    assert (reply.status_code, reply.json()["error"]["type"]) == (502, "server_error")
    assert "The upstream did not answer" in reply.json()["error"]["message"]


def test_a_websocket_is_refused_with_what_to_do(serve: Serve, upstream: OfflineUpstream) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    reply = httpx.get(f"{serve().url}/v1/realtime?model=gpt-realtime", headers=headers, trust_env=False)
    assert (reply.status_code, "WebSockets are not passed on" in reply.json()["error"]["message"]) == (501, True)
    assert upstream.calls == []
