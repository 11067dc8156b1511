"""A project of somebody else's, and its tests, run by a pytest of their own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

INI = """
[pytest]
addopts = -p no:cacheprovider -p no:randomly
filterwarnings =
    ignore:.*deprecated:DeprecationWarning
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def _without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is set up."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_OPENAI_", "ASSISTANTS_COMPAT_", "PYTEST_")):
            monkeypatch.delenv(name)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project without files."""
    pytester.makeini(INI)
    return pytester


@pytest.fixture
def offline_project(project: pytest.Pytester) -> pytest.Pytester:
    """One that says that its tests need no key."""
    project.makeini(f"{INI}assistants_offline = true\n")
    return project


@pytest.fixture
def cassettes(project: pytest.Pytester) -> Callable[[], dict[str, str]]:
    """All cassettes of a project, as they are now: path to text."""

    def found() -> dict[str, str]:
        folder = Path(project.path)
        return {str(path.relative_to(folder)): path.read_text("utf-8") for path in sorted(folder.rglob("cassettes/**/*.yaml"))}

    return found
