"""What Prometheus is told: requests, runs, tokens, and how the upstream behaves. No label says whose."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistants_compat.runs.runtime import Runtime
from assistants_compat.store import runs
from assistants_compat.store.database import StoreError

logger = logging.getLogger("assistants_compat.server")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"})
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG = (0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)

_TOKENS = {"prompt": "prompt_tokens", "completion": "completion_tokens"}


class Metrics:
    """Of one server. Safe to read from another thread.

    Args:
        executing: how many runs this process executes.
    """

    def __init__(self, runtime: Runtime, executing: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self._request_seconds = self._histogram("request_seconds", "Seconds to the head of the answer.", _QUICK, "route")
        self._runs = self._counter("runs", "Runs that came to an end or wait for tool outputs, by their state then.", "status")
        self._run_seconds = self._histogram("run_seconds", "Seconds of work on a run, from its start to its end or to a wait.", _LONG)
        self._run_errors = self._counter("run_errors", "Failed runs by the code of their last_error.", "code")
        self._tokens = self._counter("tokens", "Tokens of runs that came to an end.", "kind")
        self._upstream = self._counter(
            "upstream_requests", "Requests to the upstream, by status; 'none' where it gave no answer.", "status"
        )
        self._upstream_seconds = self._histogram("upstream_seconds", "Seconds to the head of the upstream's answer.", _LONG)
        self._cut_off = self._counter("streams_cut_off", "Bodies that could not be sent to their end.")
        self.streams: Gauge = Gauge("assistants_compat_streams", "Runs' streams that are being read.", registry=self.registry)
        executing_now = Gauge("assistants_compat_runs_executing", "Runs that this process executes.", registry=self.registry)
        executing_now.set_function(executing)
        self.registry.register(_Active(runtime))

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"assistants_compat_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"assistants_compat_{name}", what, labels, buckets=buckets, registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        # Whatever else a client makes up would be kept for ever.
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def cut_off(self) -> None:
        self._cut_off.inc()

    def run_ended(self, run: dict[str, Any], seconds: float) -> None:
        """A leg of a run is over: the run is at its end, or waits for tool outputs."""
        self._runs.labels(run["status"]).inc()
        self._run_seconds.observe(seconds)
        if run["status"] == "failed":
            self._run_errors.labels(str((run["last_error"] or {}).get("code"))).inc()
        for kind, name in _TOKENS.items():
            self._tokens.labels(kind).inc((run["usage"] or {}).get(name, 0))

    def upstream_answered(self, status: str, seconds: float) -> None:
        self._upstream.labels(status).inc()
        self._upstream_seconds.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _Active(Collector):
    """Counted in the store when asked, for other processes work on it too."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def describe(self) -> Iterable[Metric]:
        return [self._family()]

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily("assistants_compat_runs_active", "Runs of the store that are not at their end.", labels=["status"])

    def collect(self) -> Iterable[Metric]:
        family = self._family()
        try:
            with self._runtime.database.read() as connection:
                counts = runs.count_active(connection)
        except (StoreError, sa.exc.SQLAlchemyError) as error:
            logger.warning("the store could not be counted for /metrics: %s", error)
            return []
        for status in ("queued", "in_progress", "requires_action"):
            family.add_metric([status], counts.get(status, 0))
        return [family]


class Measured(httpx.AsyncBaseTransport):
    """A transport that counts what goes through it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, answered: Callable[[str, float], None]) -> None:
        self._inner = inner
        self._answered = answered

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began, status = time.perf_counter(), "none"
        try:
            response = await self._inner.handle_async_request(request)
            status = str(response.status_code)
            return response
        finally:
            self._answered(status, time.perf_counter() - began)

    async def aclose(self) -> None:
        await self._inner.aclose()
