"""The server's settings from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from assistants_compat.server import ServerSettings


def test_settings_are_read_from_the_environment() -> None:
    environment = {
        "ASSISTANTS_COMPAT_SERVER_MAX_RUNS": "7",
        "ASSISTANTS_COMPAT_SERVER_KEEP_ALIVE": "2.5",
        "ASSISTANTS_COMPAT_SERVER_LOG_CONTENT": "yes",
        "ASSISTANTS_COMPAT_SERVER_KEYS": "alice a-key-of-her-own-0001",
        "OPENAI_API_KEY": "sk-pays",
        "OPENAI_ORG_ID": "org-1",
    }
    found = ServerSettings.from_environment(environment, max_runs_per_tenant=3)
    assert (found.max_runs, found.keep_alive, found.log_content, found.max_runs_per_tenant) == (7, 2.5, True, 3)
    assert (found.mode, found.upstream_key, found.organization) == ("gateway", "sk-pays", "org-1")
    for secret in ("sk-pays", "a-key-of-her-own"):
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("MAX_RUNS", "many", "MAX_RUNS='many' cannot be read"),
        ("AZURE", "perhaps", "expected true or false"),
        ("MODE", "open", "'mode' is one of local, pass-through, gateway"),
        ("PATIENCE", "0", "'patience' must be above 0"),
        ("SHUTDOWN", "-1", "'shutdown' must not be negative"),
        ("UPSTREAM", "api.openai.com", "'upstream' is a base URL"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(name: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ServerSettings.from_environment({f"ASSISTANTS_COMPAT_SERVER_{name}": text})


@pytest.mark.parametrize("given", [{"mode": "local"}, {"mode": "pass-through"}])
def test_client_keys_in_another_mode_are_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="client keys are for mode 'gateway'"):
        ServerSettings(keys="alice a-key-of-her-own-0001", **given)
