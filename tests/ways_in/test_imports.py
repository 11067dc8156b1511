"""What importing the package costs, and what it shows."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

import assistants_compat


def _imported_by(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_package_alone_imports_nothing_it_may_not_need() -> None:
    assert _imported_by("import assistants_compat").isdisjoint(
        {"openai", "sqlalchemy", "alembic", "click", "pydantic", "importlib_metadata"}
    )


@pytest.mark.parametrize("name", ["OpenAI", "AsyncAzureOpenAI", "wrap", "install"])
def test_a_client_is_built_without_store_command_line_and_codemods(name: str) -> None:
    sdk = _imported_by("import openai; openai.OpenAI(api_key='sk')")  # httpx, not httpx2, imports click where there is one
    ours = _imported_by(f"from assistants_compat import {name}, OpenAI; OpenAI(api_key='sk', compat=':memory:')")
    assert "openai" in ours
    assert (ours - sdk).isdisjoint({"sqlalchemy", "alembic", "click", "libcst", "starlette", "rich"})


def test_settings_are_read_without_the_sdk() -> None:
    assert _imported_by("from assistants_compat import Settings").isdisjoint({"openai", "sqlalchemy", "click"})


def test_the_command_line_alone_imports_click_only() -> None:
    assert _imported_by("import assistants_compat.cli").isdisjoint(
        {"openai", "sqlalchemy", "alembic", "pydantic", "libcst", "starlette", "rich"}
    )


def test_every_public_name_is_shown_and_there() -> None:
    assert set(assistants_compat.__all__) <= set(dir(assistants_compat))
    for name in assistants_compat.__all__:
        assert getattr(assistants_compat, name) is not None
    assert assistants_compat.__version__ == version("assistants-compat")


def test_a_name_that_is_not_there_is_refused_as_usual() -> None:
    with pytest.raises(AttributeError, match="module 'assistants_compat' has no attribute 'Wrap'"):
        assistants_compat.Wrap  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        from assistants_compat import Wrap  # type: ignore[attr-defined]  # noqa: F401
