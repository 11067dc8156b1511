"""What every test starts from: an offline upstream, a store of its own, and clients of both kinds on them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import certifi
import hypothesis
import openai
import pytest

from assistants_compat.runs import tokens
from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from budget import examples
from clients import HTTP, Clients
from clock import Clock
from sdk_versions.matrix import KINDS
from stores import Files, Postgres

# Only the extra [server] brings it, which `make test` installs.
HAS_SERVER = find_spec("starlette") is not None
collect_ignore = [] if HAS_SERVER else ["server"]

RECORDINGS = Path(__file__).parents[2] / "shared" / "recordings"


# The machine may be busy with other things; how fast it is, is not what the tests are about.
hypothesis.settings.register_profile(
    "busy machine", max_examples=examples(100), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")


def pytest_configure(config: pytest.Config) -> None:
    """No test speaks TLS, but each client reads the certificates it would trust, which takes most of the time that making it takes: here,
    and in the programs that tests start, it finds one."""
    try:
        Clients(config.getoption("--http"), config.getoption("--client"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("--client") == "trio":
        # The SDK leaves its stream at [DONE] without closing its own generators, and those of the http library below; trio tells of it.
        config.addinivalue_line("filterwarnings", r"ignore:Async generator '(openai|httpx2?)\.:ResourceWarning")
    if "SSL_CERT_FILE" in os.environ:
        return
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----\n"
    first = Path(certifi.where()).read_text().partition(begin)[2].partition(end)[0]
    folder = tempfile.TemporaryDirectory(prefix="assistants-compat-tests-")
    path = Path(folder.name) / "one.pem"
    path.write_text(begin + first + end)
    os.environ["SSL_CERT_FILE"] = str(path)
    config.add_cleanup(folder.cleanup)
    config.add_cleanup(lambda: os.environ.pop("SSL_CERT_FILE"))


def pytest_report_header() -> list[str]:
    return [] if HAS_SERVER else ["the tests of the server are left out: the extra [server] is not installed"]


@pytest.fixture(autouse=True)
def _no_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """tiktoken, where it is installed, would go for its vocabulary over the network."""
    monkeypatch.setattr(tokens, "tiktoken_counts", tokens.Tiktoken())
    monkeypatch.setattr(tokens.tiktoken_counts, "_asked", True)


@pytest.fixture
def upstream() -> OfflineUpstream:
    return OfflineUpstream()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=("sqlite", "postgresql"), default="sqlite", help="what the tests' stores are")
    parser.addoption("--http", choices=HTTP, default="sdk", help="the http library below the tests' clients; the SDK's own unless named")
    parser.addoption("--client", choices=KINDS, default="sync", help="what the tests' `client` is; under an event loop, an async one")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started when the first test asks for it."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def stores(request: pytest.FixtureRequest) -> Files | Postgres:
    """Where tests have their stores, as `--store` says."""
    if request.config.getoption("--store") == "sqlite":
        return Files()
    server: Postgres = request.getfixturevalue("postgres")
    return server


@pytest.fixture(scope="session")
def clients(pytestconfig: pytest.Config) -> Clients:
    """Makes the clients of tests, as `--http` and `--client` say."""
    return Clients(pytestconfig.getoption("--http"), pytestconfig.getoption("--client"))


@pytest.fixture
def store_in_a_file(stores: Files | Postgres) -> None:
    """For a test that is about the files of a store."""
    if isinstance(stores, Postgres):
        pytest.skip("the store is on PostgreSQL")


@pytest.fixture
def store(stores: Files | Postgres, tmp_path: Path) -> Iterator[str]:
    """This test's own."""
    with stores.new(tmp_path) as store:
        yield store


@pytest.fixture
def settings(store: str, tmp_path: Path) -> Settings:
    return Settings(store=store, files="" if store.endswith(".db") else tmp_path / "store.db.files")


@pytest.fixture
def runtime(settings: Settings) -> Runtime:
    """The runtime behind `client` and `async_client`, for what no API shows."""
    return runtime_for(settings)


@pytest.fixture
def clock(runtime: Runtime) -> Clock:
    """Replaces the time of day, for this test's store."""
    runtime.clock = clock = Clock()
    return clock


@pytest.fixture
def client(upstream: OfflineUpstream, settings: Settings, clients: Clients) -> Iterator[Any]:
    with clients.new(upstream, settings) as client:
        yield client


@pytest.fixture
def async_client(request: pytest.FixtureRequest, upstream: OfflineUpstream, settings: Settings, clients: Clients) -> Iterator[Any]:
    """Not closed here, see there."""
    if clients.http == "aiohttp" and "anyio_backend" in request.fixturenames and request.getfixturevalue("anyio_backend") == "trio":
        pytest.skip("aiohttp does not run under trio")
    with clients.new_async(upstream, settings) as client:
        yield client


@pytest.fixture
def wire(client: openai.OpenAI) -> Callable[..., Any]:
    """Requests as a program in another language would send them: method, path, JSON body → status and parsed reply."""

    def send(
        method: str, path: str, body: Any = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        content = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        response = client._client.request(
            method,
            str(client.base_url).rstrip("/") + path,
            content=content,
            headers={"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sk-test", **(headers or {})},
        )
        return response.status_code, json.loads(response.content)

    return send


def recorded(name: str) -> list[dict[str, Any]]:
    """Real exchanges, one a line; skips the test where they are not at hand."""
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"no recordings at {path.parent}")
    with path.open() as lines:
        return [json.loads(line) for line in lines]
