"""The upstream as a real HTTP server on the loopback interface."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.replies import PATIENCE, Do, Drop, Hold, Pause, Send, Step, Until, UpstreamReply, error_body, json_reply

if TYPE_CHECKING:
    from assistants_compat.testing.upstream import OfflineUpstream

HOST = "127.0.0.1"
LARGEST_BODY = 64 * 1024 * 1024


class Server(ThreadingHTTPServer):
    """A thread a connection; none of them outlives the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, upstream: OfflineUpstream, port: int) -> None:
        self.upstream = upstream
        super().__init__((HOST, port), _Handler)

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is not worth a traceback; a script that raises is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serve(upstream: OfflineUpstream, port: int = 0) -> Iterator[str]:
    server = Server(upstream, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.base_url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        body = self._read_body()
        if body is not None:
            reply = self.server.upstream.handle(self.command, self.path, dict(self.headers.items()), body)
            try:
                self._reply(reply)
            finally:
                reply.close()

    do_GET = do_DELETE = do_PUT = do_PATCH = do_POST

    def _read_body(self) -> bytes | None:
        """Bodies come with their length; a chunked or an oversized one is refused and the connection closed."""
        length = self.headers.get("content-length", "0")
        if self.headers.get("transfer-encoding") or not length.isdecimal():
            self._refuse(411, "A Content-Length is required.")
            return None
        if int(length) > LARGEST_BODY:
            self._refuse(413, f"The request body is larger than {LARGEST_BODY} bytes.")
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: int, sentence: str) -> None:
        self.close_connection = True
        self._reply(json_reply(status, error_body(HttpError(status, sentence)), {"connection": "close"}))

    def _reply(self, reply: UpstreamReply) -> None:
        if not all(self._performed(step) for step in reply.before):
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        chunked = "content-length" not in reply.headers
        if chunked:
            self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for step in reply.body:
            if not isinstance(step, Send):
                if not self._performed(step):
                    return
            elif chunked:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(step.data), step.data))
                self.wfile.flush()
            else:
                self.wfile.write(step.data)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _performed(self, step: Step) -> bool:
        """False when the connection is gone."""
        if isinstance(step, Pause):
            time.sleep(step.seconds)
        elif isinstance(step, Hold):
            step.gate.pass_through()
        elif isinstance(step, Until):
            step.flag.wait(PATIENCE)
        elif isinstance(step, Do):
            step.action()
        elif isinstance(step, Drop):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        return True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the upstream's `calls` are the log."""
