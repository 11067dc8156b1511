"""Servers as they are deployed: uvicorn on the loopback interface, in a thread or as a process, before an upstream that is served too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn

from assistants_compat.server import ServerSettings, create_app
from assistants_compat.server.running import Server
from assistants_compat.server.service import Service
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.own_store import ready_file

Json = dict[str, Any]

PATIENCE = 30.0
BETA = {"OpenAI-Beta": "assistants=v2"}


class Served:
    """A server that answers. `url` is what is before `/v1`."""

    def __init__(self, url: str, service: Service | None = None) -> None:
        self.url = url
        self.service = service

    def sdk(self, key: str = "sk-test", **options: Any) -> openai.OpenAI:
        """A client of the SDK's as a program makes it, with nothing but the base URL changed."""
        return openai.OpenAI(api_key=key, base_url=f"{self.url}/v1", max_retries=0, **options)

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "sk-test", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """A request as a program in another language sends it, read in full."""
        headers = {"Authorization": f"Bearer {key}", **BETA, **(headers or {})}
        return httpx.request(method, self.url + path, json=body, headers=headers, timeout=PATIENCE, trust_env=False)


@contextmanager
def serving(app: Any, service: Service) -> Iterator[Served]:
    """Run an app in a thread of this process, with the server that the command uses."""
    ready = threading.Event()
    urls: list[str] = []

    def started(url: str) -> None:
        urls.append(url)
        ready.set()

    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=False,
    )
    server = Server(config, service, started)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield Served(urls[0], service)
    finally:
        server.should_exit = True
        service.at_work.hurry()
        thread.join(PATIENCE)
        assert not thread.is_alive()


Serve = Callable[..., Served]


@pytest.fixture
def base_url(upstream: OfflineUpstream) -> Iterator[str]:
    with upstream.serve() as base_url:
        yield base_url


@pytest.fixture
def serve(base_url: str, settings: Settings) -> Iterator[Serve]:
    """Starts a server on the test's store: fields of ServerSettings; `compat` are fields of Settings."""
    with ExitStack() as stack:

        def start(*, transport: Any = None, compat: Json | None = None, **given: Any) -> Served:
            shared = {"tenant_secret": "what servers on one database share"} if "://" in str(settings.store) else {}
            own = ServerSettings(**{"upstream": base_url, "shutdown": 0.0, **shared, **given})
            app = create_app(own, replace(settings, **(compat or {})), transport=transport)
            return stack.enter_context(serving(app, app.state.service))

        yield start


class Process:
    """`assistants-compat serve` as a process of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        command = [sys.executable, "-m", "assistants_compat", "serve", "--port", "0", *arguments]
        self._log = (folder / f"log-{os.urandom(4).hex()}.jsonl").open("w+")
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=self._log, text=True)
        assert self.process.stdout is not None
        self.announcement = self.process.stdout.readline()
        found = re.search(r"serves (http://\S+)/v1", self.announcement)
        assert found, self.announcement + self.log()
        self.served = Served(found[1])

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def log_lines(self) -> list[Json]:
        return [json.loads(line) for line in self.log().splitlines()]

    def end(self) -> int:
        """Its status, once it has ended by itself."""
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._log.close()


@pytest.fixture
def process(base_url: str, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts the command on the test's one store. Names are environment variables."""
    started: list[Process] = []
    store = ready_file(tmp_path / "store.db")

    def start(*arguments: str, **environment: str) -> Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANTS_COMPAT_", "OPENAI_"))}
        ours = {"ASSISTANTS_COMPAT_STORE": store, "ASSISTANTS_COMPAT_SERVER_UPSTREAM": base_url}
        started.append(Process(list(arguments), {**kept, **ours, **environment}, tmp_path))
        return started[-1]

    yield start
    for each in started:
        each.close()
