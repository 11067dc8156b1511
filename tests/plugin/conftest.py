"""A project of somebody else's, and its tests, run by a pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from .pytests import Pytests

INI = """
[pytest]
addopts = -p no:cacheprovider
filterwarnings =
    error
    ignore:.*deprecated:DeprecationWarning
"""


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is set up."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_OPENAI_", "ASSISTANTS_COMPAT_", "PYTEST_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def pytests() -> Iterator[Pytests]:
    pytests = Pytests()
    yield pytests
    pytests.close()


class Project:
    """Somebody's project: its files, and its tests."""

    def __init__(self, folder: Path, pytests: Pytests) -> None:
        self.folder = folder
        self._pytests = pytests
        self.ini()

    def ini(self, *lines: str) -> None:
        """These settings, and no others."""
        (self.folder / "pytest.ini").write_text("\n".join([INI, *lines]))

    def write(self, test: str = "", /, **modules: str) -> None:
        """Modules by their names, or one of tests."""
        for name, text in ({"test_it": test} if test else modules).items():
            (self.folder / f"{name}.py").write_text(textwrap.dedent(text), "utf-8")

    def test(self, *arguments: str, in_a_new_process: bool = False) -> pytest.RunResult:
        """`pytest ARGUMENTS`."""
        if not in_a_new_process:
            return self._pytests.run(self.folder, os.environ, *arguments)
        return self.run("-m", "pytest", *arguments)

    def run(self, *arguments: str) -> pytest.RunResult:
        """`python ARGUMENTS`."""
        done = subprocess.run([sys.executable, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=100, check=False)
        return pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0)

    @property
    def cassettes(self) -> dict[str, str]:
        """All cassettes, as they are now: path to text."""
        paths = sorted(self.folder.glob("cassettes/**/*.yaml"))
        return {str(path.relative_to(self.folder)): path.read_text("utf-8") for path in paths}


@pytest.fixture
def project(tmp_path: Path, pytests: Pytests) -> Project:
    """One without files."""
    return Project(tmp_path, pytests)
