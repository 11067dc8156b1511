"""A server's parts, put together from its settings."""

from __future__ import annotations

import logging
import os

import httpx
import sqlalchemy as sa

from assistants_compat.runs.execution import Execution
from assistants_compat.runs.lifecycle import TERMINAL
from assistants_compat.runs.runtime import runtime_for
from assistants_compat.server.addresses import Destination
from assistants_compat.server.answering import Answering
from assistants_compat.server.at_work import AtWork
from assistants_compat.server.key_check import KeyCheck
from assistants_compat.server.keys import read_keys
from assistants_compat.server.limits import RunLimits
from assistants_compat.server.metrics import Measured, Metrics
from assistants_compat.server.proxy import Proxy, upstream_client
from assistants_compat.server.secret import tenant_secret
from assistants_compat.server.settings import ServerSettings
from assistants_compat.server.tenants import Gateway, Local, PassThrough, Tenants
from assistants_compat.settings import Settings
from assistants_compat.store import runs
from assistants_compat.store.database import StoreError

logger = logging.getLogger("assistants_compat.server")


class Service:
    """Raises ValueError and OSError for settings that do not go together or name what cannot be read.

    Args:
        transport: the way to the upstream; None: the network.
    """

    def __init__(self, settings: ServerSettings, compat: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.settings = settings
        self.runtime = runtime_for(compat)
        self.destination = Destination(settings.upstream, azure=settings.azure)
        limits = RunLimits(settings.max_runs, settings.max_runs_per_tenant)
        self.at_work = AtWork(limits, self._run_ended)
        self.metrics = Metrics(self.runtime, lambda: len(self.runtime.executions))
        self.client = upstream_client(transport)
        _measure(self.client, self.metrics)
        hidden = ("set-cookie", "openai-organization", "openai-project") if settings.mode == "gateway" else ()
        self.proxy = Proxy(self.client, settings.patience, hidden)
        self.answering = Answering(self.at_work, limits, settings.max_unread_bytes, names_store=settings.mode == "local")
        self.tenants = self._tenants()

    def _tenants(self) -> Tenants:
        settings, is_azure = self.settings, self.destination.is_azure
        if settings.mode == "local":
            return Local(is_azure=is_azure)
        if settings.mode == "pass-through":
            secret = tenant_secret(settings.tenant_secret, self.runtime.database)
            return PassThrough(secret, KeyCheck(self.client, self.destination.base_url), is_azure=is_azure)
        keys = read_keys(settings.keys_file, settings.keys, os.environ)
        if keys.need_upstream_key and not settings.upstream_key:
            raise ValueError("assistants-compat: a gateway needs a key that pays: set OPENAI_API_KEY.")
        named = (("openai-organization", settings.organization), ("openai-project", settings.project))
        more = tuple((name, value) for name, value in named if value)
        return Gateway(keys, settings.upstream_key, more, is_azure=is_azure, shares_objects=settings.share_upstream_objects)

    def _run_ended(self, execution: Execution, seconds: float) -> None:
        try:
            with self.runtime.database.read() as connection:
                run = runs.get(connection, execution.run_id)
        except (StoreError, sa.exc.SQLAlchemyError) as error:
            logger.warning("run %s: the store could not be asked how it ended: %s", execution.run_id, error)
            return
        if run is None or run.status not in (*TERMINAL, "requires_action"):
            return
        self.metrics.run_ended(run.body, seconds)
        error_code = (run.body["last_error"] or {}).get("code")
        fields = {
            "status": run.status,
            "seconds": round(seconds, 3),
            "model": run.body["model"],
            "usage": run.body["usage"],
            "error": error_code,
        }
        logger.info("run %s", run.status, extra={"fields": fields})

    def why_not_ready(self) -> str | None:
        """Why no requests should be sent here now; None if they should."""
        if self.at_work.closing:
            return "stopping"
        try:
            with self.runtime.database.read() as connection:
                connection.execute(sa.select(sa.literal(1)))
        except (StoreError, sa.exc.SQLAlchemyError) as error:
            logger.warning("not ready: %s", error)
            return "the store cannot be used"
        return None

    async def stop(self) -> None:
        """Let runs finish, or leave them to others. A second time changes nothing."""
        await self.at_work.stop(self.settings.shutdown)
        self.runtime.elsewhere.let_go_followed()

    async def aclose(self) -> None:
        await self.stop()
        await self.client.aclose()


def _measure(client: httpx.AsyncClient, metrics: Metrics) -> None:
    client._transport = Measured(client._transport, metrics.upstream_answered)
    for pattern, mounted in client._mounts.items():  # the proxies that the environment names
        if mounted is not None:
            client._mounts[pattern] = Measured(mounted, metrics.upstream_answered)
