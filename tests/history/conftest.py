"""The command line on this test's store, and histories to bring in and out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from assistants_compat.cli import main


class Done:
    """What a command came to."""

    def __init__(self, result: Result) -> None:
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr
        self.bytes = result.stdout_bytes
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def command(store: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """`command("export", folder)`: on this test's store, unless told otherwise by `--store`."""
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", store)

    def run(*arguments: object, input: bytes | None = None) -> Done:
        assert isinstance(main, click.Group)
        return Done(CliRunner().invoke(main, [str(argument) for argument in arguments], input=input))

    return run
