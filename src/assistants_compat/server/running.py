"""Running the app by itself, in uvicorn: its listeners, its one line at the start, and its end in good order."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from prometheus_client import disable_created_metrics, start_http_server

from assistants_compat.server.app import create_app
from assistants_compat.server.service import Service
from assistants_compat.server.settings import ServerSettings
from assistants_compat.settings import Settings

_REMAINS = 10.0
"""Seconds in which connections have closed once the last run is done or left to others."""


class Server(uvicorn.Server):
    """On SIGTERM it accepts no more connections, lets runs finish, and leaves those that do not to other processes; streams then end."""

    def __init__(self, config: uvicorn.Config, service: Service, started: Callable[[str], None]) -> None:
        super().__init__(config)
        self._service = service
        self._started = started
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: Any = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._started(self._url())

    def _url(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        again = self.should_exit
        super().handle_exit(sig, frame)
        if again and sig == signal.SIGINT and self._loop is not None:
            self._loop.call_soon_threadsafe(self._service.at_work.hurry)

    async def shutdown(self, sockets: Any = None) -> None:
        stopping = asyncio.create_task(self._service.stop())
        await super().shutdown(sockets)
        await stopping


def serve(
    settings: ServerSettings,
    compat: Settings,
    host: str,
    port: int,
    metrics: tuple[str, int] | None,
    started: Callable[[str, Service], None],
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        metrics: host and port of a listener of its own for Prometheus.
        started: called once requests are answered, with the URL before `/v1`.

    Raises:
        ValueError, OSError: as `create_app`; OSError for the port of the metrics that cannot be had.
        StoreError: the store cannot be opened.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]
    app = create_app(settings, compat)
    service: Service = app.state.service
    with service.runtime.database.read():  # opens it, and so says at once if it cannot be
        pass
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # what is passed on has one already
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=int(settings.shutdown + _REMAINS),
        # Whom a request comes from decides in local mode whether it is answered; a proxy in front of it must not be believed about that.
        proxy_headers=False,
    )
    # What is there by now stays to the end. Looking through it for garbage again and again, as hundreds of runs make it necessary, would
    # hold up all of their streams for as long.
    gc.collect()
    gc.freeze()
    listener = None if metrics is None else start_http_server(metrics[1], metrics[0], registry=service.metrics.registry)
    try:
        with suppress(KeyboardInterrupt):  # raised once more by uvicorn, when all is done
            Server(config, service, lambda url: started(url, service)).run()
    finally:
        if listener is not None:
            listener[0].shutdown()
            listener[0].server_close()
            listener[1].join()
