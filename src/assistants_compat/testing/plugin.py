"""The pytest plugin: `offline_responses` and `assistants_cassette`, each a fixture and a marker. See docs/testing.md.

pytest loads this in every run of everybody who has the package installed: what is not used must cost nothing and change nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from assistants_compat.testing.offline_responses import OfflineResponses
    from assistants_compat.testing.tapes.tape import Tape

OFFLINE, CASSETTE = "offline_responses", "assistants_cassette"
RECORD_MODES = ("once", "new_episodes", "none", "all", "rewrite")
"""pytest-recording's, whose option it is where that is installed."""

_MARKERS = (
    f"{OFFLINE}(*, allow_unused=False, base_urls=(), **options): run the test on the offline upstream; options are OfflineUpstream's",
    f"{CASSETTE}(name=None, *, record_mode=None, base_urls=(), allow_unused=False): record the API's answers once, and replay them",
)
_LONGEST_NAME = 200
"""Bytes of a cassette's name, without its ending."""

_checks = pytest.StashKey[Any]()
_session_store = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addini("assistants_offline", "no test needs a key: OPENAI_API_KEY has one that opens nothing, if there is none", type="bool")
    parser.addini("assistants_allowed_hosts", "hosts that tests on the offline upstream, and replays, may connect to", type="linelist")
    parser.addini("assistants_secrets", "environment variables whose values must not get into a cassette", type="linelist")
    if not _has_pytest_recording(pluginmanager):
        group = parser.getgroup("assistants-compat")
        group.addoption("--record-mode", choices=RECORD_MODES, help="What is recorded. Default: none.")


def _has_pytest_recording(pluginmanager: pytest.PytestPluginManager) -> bool:
    """Whether it brings its option, before this plugin or after it."""
    if pluginmanager.has_plugin("recording") or pluginmanager.has_plugin("pytest_recording.plugin"):
        return True
    by_itself = not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") and not pluginmanager.is_blocked("recording")
    return by_itself and find_spec("pytest_recording") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything of the user's is imported: a client at the top of a module wants a key, and what is made there a store."""
    if not early_config.getini("assistants_offline"):
        return
    folder = _folder()
    early_config.add_cleanup(folder.cleanup)
    early_config.stash[_session_store] = store = Path(folder.name) / "imported.db"
    for name, value in {"OPENAI_API_KEY": "sk-offline", "ASSISTANTS_COMPAT_STORE": str(store)}.items():
        if not os.environ.get(name):
            early_config.add_cleanup(_set(name, value))


def _set(name: str, value: str) -> Callable[[], None]:
    os.environ[name] = value

    def unset() -> None:
        del os.environ[name]

    return unset


def pytest_configure(config: pytest.Config) -> None:
    for line in _MARKERS:
        config.addinivalue_line("markers", line)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A marker brings its fixture, before the test's others: what they ask for belongs to the test as well."""
    for name in (OFFLINE, CASSETTE):
        if item.get_closest_marker(name) is not None and hasattr(item, "fixturenames"):
            wider = [other for other in item.fixturenames if other != name and _is_wider(item, other)]
            rest = [other for other in item.fixturenames if other != name and other not in wider]
            item.fixturenames = [*wider, name, *rest]


def _is_wider(item: Any, fixture: str) -> bool:
    """Whether a fixture is not a single test's."""
    found = item._fixtureinfo.name2fixturedefs.get(fixture)
    return bool(found) and found[-1].scope != "function"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """What a fixture finds wrong at the end fails the test, not its teardown."""
    check = item.stash.get(_checks, None)
    if check is None:
        return (yield)
    from assistants_compat.testing.complaint import Complaint

    try:
        with check:
            result = yield
            for failure in getattr(item, "_excinfo", None) or ():  # a unittest's
                raise failure.value
            return result
    except Complaint as complaint:
        told = str(complaint)
    pytest.fail(told, pytrace=False)


@pytest.fixture(name=OFFLINE)
def _offline_responses(request: pytest.FixtureRequest) -> Iterator[OfflineResponses]:
    """The offline upstream in the place of the API, for every client of this process; its `script` says what the model says."""
    from assistants_compat.testing.offline_responses import offline_responses

    options = _marked(request, OFFLINE)
    allow_unused, base_urls = options.pop("allow_unused", False), options.pop("base_urls", ())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(_folder()))
        hosts = tuple(request.config.getini("assistants_allowed_hosts"))
        try:
            in_place = offline_responses(folder, beginning=request.config.stash.get(_session_store, None), hosts=hosts, **options)
            upstream = stack.enter_context(in_place)
            upstream.answer_for(*base_urls)
        except (TypeError, ValueError) as error:
            pytest.fail(f"@pytest.mark.{OFFLINE}: {error}", pytrace=False)
        if not allow_unused:
            _check(request, upstream.used_up())
        yield upstream


@pytest.fixture(scope="module")
def assistants_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """Where the cassettes of a test module are: `cassettes/<module>` beside it. Override it to have them elsewhere."""
    module: Path = request.path
    return module.parent / "cassettes" / module.stem


@pytest.fixture(name=CASSETTE)
def _assistants_cassette(request: pytest.FixtureRequest, assistants_cassette_dir: Path) -> Iterator[Tape | None]:
    """A cassette in the place of the API, for every client of this process: recorded once, then replayed without a network."""
    if find_spec("vcr") is None:
        pytest.fail(f"{CASSETTE} records with vcrpy: pip install 'assistants-compat[testing]'", pytrace=False)
    from assistants_compat.testing.own_store import OwnStore
    from assistants_compat.testing.tapes.taped import kept, taped

    if request.config.getoption("--disable-recording", False):  # pytest-recording's
        yield None
        return
    config, options = request.config, _marked(request, CASSETTE, "name")
    unknown = sorted(set(options) - {"name", "record_mode", "base_urls", "allow_unused"})
    if unknown:
        pytest.fail(f"@pytest.mark.{CASSETTE} has no option {', '.join(unknown)}: {_MARKERS[1]}", pytrace=False)
    mode = config.getoption("--record-mode", None) or options.get("record_mode") or "none"
    if mode not in RECORD_MODES:
        pytest.fail(f"@pytest.mark.{CASSETTE}: record_mode is one of {', '.join(RECORD_MODES)}, not {mode!r}", pytrace=False)
    with _folder() as folder:
        own_store = OwnStore(Path(folder), config.stash.get(_session_store, None))
        in_place = taped(
            assistants_cassette_dir / f"{_file_name(options.get('name') or _test_name(request))}.yaml",
            request.node.nodeid,
            mode,
            own_store,
            base_urls=options.get("base_urls", ()),
            secrets=[os.environ.get(name, "") for name in config.getini("assistants_secrets")],
            hosts=config.getini("assistants_allowed_hosts"),
        )
        with in_place as tape:
            if not tape.plays and config.getoption("--block-network", False):  # pytest-recording's
                pytest.fail(f"With --block-network nothing can be recorded for {CASSETTE}.", pytrace=False)
            _check(request, kept(tape, own_store, allow_unused=options.get("allow_unused", False)))
            yield tape


def _marked(request: pytest.FixtureRequest, name: str, *positional: str) -> dict[str, Any]:
    """What the markers of that name say, the closest one last."""
    marks = list(request.node.iter_markers(name))
    said: dict[str, Any] = {}
    for mark in reversed(marks):
        if len(mark.args) > len(positional):
            pytest.fail(f"@pytest.mark.{name} takes no {mark.args[len(positional)]!r} without a name", pytrace=False)
        said |= {**dict(zip(positional, mark.args, strict=False)), **mark.kwargs}
    return said


def _check(request: pytest.FixtureRequest, check: Any) -> None:
    if _checks in request.node.stash:
        pytest.fail(f"A test is either on {OFFLINE} or on {CASSETTE}, not on both.", pytrace=False)
    request.node.stash[_checks] = check
    request.addfinalizer(lambda: request.node.stash.__delitem__(_checks))  # it may run again


def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="assistants-compat-", ignore_cleanup_errors=True)


def _test_name(request: pytest.FixtureRequest) -> str:
    return f"{request.cls.__name__}.{request.node.name}" if request.cls else str(request.node.name)


def _file_name(name: str) -> str:
    """What every file system takes for a name."""
    name = re.sub(r"[<>?%*:|\"'/\\]", "-", name)
    return name if len(name.encode()) <= _LONGEST_NAME else f"{name[:60]}...{sha256(name.encode()).hexdigest()[:16]}"
