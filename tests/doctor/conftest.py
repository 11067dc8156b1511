"""The command, run in this process on a store of the test's and an upstream on the loopback interface."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assistants_compat.cli import main
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.models import AS_OF

KEY = "sk-test-of-the-doctor-0123456789"


@pytest.fixture
def base_url(upstream: OfflineUpstream) -> Iterator[str]:
    with upstream.serve() as base_url:
        yield base_url


@pytest.fixture
def run(base_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Arguments, and variables of the environment by their names, whose None takes one out."""

    def run(*arguments: str, **environment: str | None) -> Result:
        for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_TYPE"):
            monkeypatch.delenv(name, raising=False)
        own = {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": base_url,
            "ASSISTANTS_COMPAT_STORE": str(settings.store),
            "ASSISTANTS_COMPAT_FILES": str(settings.files) or None,
        }
        result = CliRunner().invoke(main, ["doctor", *arguments], obj=AS_OF, env={**own, **environment})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert KEY not in result.output
        return result

    return run


@pytest.fixture
def diagnosed(run: Callable[..., Result]) -> Callable[..., dict[str, list[dict[str, Any]]]]:
    """The same: → the findings by their check."""

    def diagnose(*arguments: str, **environment: str | None) -> dict[str, list[dict[str, Any]]]:
        result = run(*arguments, "--format", "json", **environment)
        report = json.loads(result.stdout)
        assert (report["schema"], report["exit_code"]) == ("assistants-compat-doctor/v1", result.exit_code)
        found: dict[str, list[dict[str, Any]]] = {}
        for finding in report["findings"]:
            found.setdefault(finding["check"], []).append(finding)
        return found

    return diagnose
