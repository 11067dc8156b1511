"""`make record`: record scenarios anew, with OPENAI_API_KEY against the real API, without against the offline upstream.

    PYTHONPATH=tests python -m cassettes.record [SCENARIO …]

The snapshot beside a cassette is that of its first replay. A recording that brings nothing new leaves its files as they were.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import openai

from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.tapes.cassette_file import CassetteFile, Yaml, without_header
from assistants_compat.testing.tapes.normal_form import API
from assistants_compat.testing.tapes.scrubbing import Scrubber
from assistants_compat.testing.tapes.tape import Tape

from .replaying import CASSETTES, path_below, replayed
from .scenarios import SCENARIOS, Scenario
from .stage import stage

OFFLINE_KEY = "sk-offline-0123456789abcdef"


@dataclass(frozen=True)
class Source:
    """What is recorded."""

    name: str
    base_url: str
    api_key: str
    trust_env: bool
    """Whether it is reached the way the environment says, through a proxy for one."""


@contextmanager
def source(scenario: Scenario, real_key: str) -> Iterator[Source]:
    """The real API if there is a key for it, else the offline upstream with this scenario's answers, on the loopback interface."""
    if real_key:
        yield Source("the real API", API, real_key, trust_env=True)
        return
    upstream = OfflineUpstream(scenario.offline)
    with upstream.serve() as base_url:
        yield Source("the offline upstream", base_url, OFFLINE_KEY, trust_env=False)
    if upstream.unused:
        raise AssertionError(f"{scenario.name} left {upstream.unused} answers of its script unused.")


def record(scenario: Scenario, folder: Path, environ: Mapping[str, str]) -> bool:
    """Record a scenario into a folder. Says whether anything in it is new; on any error the folder stays as it was."""
    scrubber = Scrubber.of(environ)
    scrubber.learn(OFFLINE_KEY)
    with TemporaryDirectory(prefix="assistants-compat-") as elsewhere:
        cassette = Path(elsewhere) / f"{scenario.name}.yaml"
        with source(scenario, environ.get("OPENAI_API_KEY", "")) as recorded:
            take(scenario, recorded, cassette, scrubber)
        written = {cassette.name: cassette.read_text("utf-8"), f"{scenario.name}.snapshot.json": replayed(scenario, cassette)}
    news = [_put(folder / name, text, recorded) for name, text in written.items()]
    return any(news)


def take(scenario: Scenario, recorded: Source, cassette: Path, scrubber: Scrubber) -> None:
    """Write a scenario's cassette, and delete upstream what the program has left there.

    Raises:
        Leak: a secret would have been written. Nothing is.
    """
    tape = Tape.use(
        path=str(cassette),
        record_mode="all",
        persister=CassetteFile(partial(_header, scenario, recorded), scrubber),
        serializer=Yaml,
        record_on_exception=False,
        path_of=path_below(recorded.base_url),
        again=f"Record it again: make record ARGS={scenario.name}",
        began=int(time.time()),
        scrubber=scrubber,
    )
    set_up = stage(recorded.base_url, recorded.api_key, replaying=False, trust_env=recorded.trust_env)
    with set_up as here, ExitStack() as afterwards, tape as recording, recording.faithfully():
        afterwards.callback(delete, recording.made, recorded)
        scenario.program(here)
        here.wait_for_the_end()


def delete(made: list[str], recorded: Source) -> None:
    """Delete what a recording has made upstream, and say what could not be deleted. Nothing of this is recorded."""
    http_client = openai.DefaultHttpxClient(trust_env=recorded.trust_env)
    with openai.OpenAI(api_key=recorded.api_key, base_url=recorded.base_url, http_client=http_client) as client:
        for address in made:
            try:
                client.delete(address, cast_to=object)
            except openai.NotFoundError:
                continue
            except openai.APIError as error:
                print(f"{address} could not be deleted at {recorded.name}: {type(error).__name__}", file=sys.stderr)


def _header(scenario: Scenario, recorded: Source) -> tuple[str, ...]:
    versions = [f"{package} {version(package)}" for package in ("assistants-compat", "openai", "vcrpy")]
    return (
        f"{scenario.name}: recorded against {recorded.name} on {datetime.now(timezone.utc):%Y-%m-%d}",
        f"with {', '.join(versions)} and Python {platform.python_version()}. Record it again: make record ARGS={scenario.name}",
    )


def _put(path: Path, text: str, recorded: Source) -> bool:
    """Write a file unless it has the same already, from the same source."""
    old = path.read_text("utf-8") if path.is_file() else ""
    if without_header(old) == without_header(text) and (path.suffix != ".yaml" or f"against {recorded.name} on" in old):
        return False
    path.write_text(text, "utf-8")
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make record", description="Record scenarios anew.")
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; all of them by default")
    names = parser.parse_args(arguments).scenario or list(SCENARIOS)
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        parser.error(f"there is no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}")
    logging.getLogger("vcr").setLevel(logging.CRITICAL)  # it tells what it takes in
    failures = 0
    for name in names:
        try:
            news = "recorded" if record(SCENARIOS[name], CASSETTES, os.environ) else "nothing new"
        except Exception:  # noqa: BLE001 - the others are still worth recording
            failures += 1
            news = "NOT RECORDED\n" + Scrubber.of(os.environ).text(traceback.format_exc())
        print(f"{name}: {news}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
