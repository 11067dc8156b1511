"""Recorded programs, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from click.testing import CliRunner, Result

from assistants_compat.cli import main
from assistants_compat.testing import OfflineUpstream

from .programs import PROGRAMS
from .recorder import Json, Tape


@pytest.fixture
def record(client: openai.OpenAI, upstream: OfflineUpstream, clock: Any) -> Callable[[str], list[Json]]:
    """Run a program and return what it said, as a cassette has it."""

    def recorded(name: str) -> list[Json]:
        tape = Tape(client, upstream, clock.advance)
        PROGRAMS[name](tape)
        return tape.interactions

    return recorded


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)], catch_exceptions=False)


def report(*paths: Path) -> Json:
    """What `--format json` tells."""
    result = command("--format", "json", *paths)
    assert result.exit_code in (0, 1), result.output
    told: Json = json.loads(result.stdout)
    assert result.exit_code == (1 if told["unknown"] else 0)
    return told
