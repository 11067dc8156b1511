"""The end-to-end tests on every version of the SDK: `make matrix`, and `make matrix-ci` for the part that CI runs.

    nox -l                                     every session
    nox -s "suite-3.12(2.54.0)"                one Python, one version of the SDK, every http library and kind of client
    nox -s "suite-3.12(2.54.0)" -- -k threads  some of its tests
    nox -s types                               a program as mypy and pyright see it, with the oldest SDK and the newest

What is run is data: tests/sdk_versions/matrix.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nox
from nox.command import CommandFailed

sys.path.insert(0, str(Path(__file__).parent / "tests"))

from sdk_versions.matrix import CI, NEWEST, PYTHONS, SDKS, Part, Sdk

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # --download-python=auto fetches what is missing, where there is a network for it
nox.options.error_on_missing_interpreters = False  # not even in CI: a Python that the machine lacks is skipped by name
nox.options.sessions = ["suite", "types"]

# The commands of pyenv's that stand on the PATH run only the versions that this names.
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
if PYENV.is_dir():
    os.environ.setdefault("PYENV_VERSION", ":".join(sorted((found.name for found in PYENV.glob("3.*")), reverse=True)))

SAMPLE = "tests/typing/sample.py"
TESTS = ("python", "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", "tests/end_to_end", "tests/sdk_versions/test_features.py")
NAMED = {sdk.name: sdk for sdk in SDKS}


def _at_hand(python: str) -> str | None:
    """This Python; where the machine lacks it None, which is the one that nox itself runs on."""
    try:
        subprocess.run([f"python{python}", "-c", ""], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return python


def _install(session: nox.Session, sdk: Sdk) -> str:
    """This version of the SDK and what the tests need; returns what it has become, for people."""
    session.install("--editable", ".[dev]", sdk.requirement)
    versions = "import openai, platform; print(f'openai {openai.__version__} on Python {platform.python_version()}')"
    return str(session.run("python", "-c", versions, silent=True)).strip()


def _run(session: nox.Session, sdk: Sdk, ways: Iterable[tuple[str, str]]) -> None:
    """The whole suite by each way; one that fails does not keep the others from being tried."""
    what = _install(session, sdk)
    failed = []
    for library, kind in ways:
        session.log(f"{what}: {library}, {kind}")
        try:
            session.run(*TESTS, "--http", library, "--client", kind, *session.posargs)
        except CommandFailed:
            failed.append(f"{library} {kind}")
    if failed:
        session.error(f"{what} failed: {', '.join(failed)}")


@nox.session(python=PYTHONS)
@nox.parametrize("sdk", [nox.param(sdk, id=sdk.name) for sdk in SDKS])
def suite(session: nox.Session, sdk: Sdk) -> None:
    """The end-to-end tests: each way that this version of the SDK has."""
    _run(session, sdk, sdk.ways())


@nox.session(tags=["ci"])
@nox.parametrize("python,part", [nox.param(_at_hand(part.python), part, id=part.sdk) for part in CI])
def ci(session: nox.Session, part: Part) -> None:
    """The part of that which fits into CI."""
    _run(session, NAMED[part.sdk], part.ways)


@nox.session(tags=["ci"])
@nox.parametrize("sdk", [nox.param(NAMED[name], id=name) for name in (SDKS[0].name, NEWEST)])
def types(session: nox.Session, sdk: Sdk) -> None:
    """A program as its type checkers see it."""
    _install(session, sdk)
    session.run("mypy", "--strict", SAMPLE)
    session.run("pyright", "--pythonpath", str(session.virtualenv.location) + "/bin/python", SAMPLE)
