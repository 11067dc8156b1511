"""What pages say of `pip install` works, in an environment that has nothing yet. Needs PyPI: make test-install."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from documentation import shell
from documentation.blocks import ROOT, Block, all_blocks
from documentation.place import DATABASE, a_database, a_place_to_run, a_port

pytestmark = [pytest.mark.install, pytest.mark.timeout(900)]

INSTALLING = [
    pytest.param(block, id=block.id)
    for block in all_blocks()
    if block.language == "console" and block.not_run is None and block.code.startswith("$ pip install ")
]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with this version's wheel."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="session")
def environment_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """An environment for each thing to be installed, empty when it is first asked for."""

    @cache
    def made(command: str) -> Path:
        folder = tmp_path_factory.mktemp("environment")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        return folder / "bin"

    return made


@pytest.mark.parametrize("block", INSTALLING)
def test_what_is_installed_by_the_page_does_what_the_page_says(
    block: Block, wheels: Path, environment_of: Callable[[str], Path], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    steps = shell.steps_of(block.code)
    programs = environment_of(steps[0].command)
    here = {"PIP_FIND_LINKS": str(wheels), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with a_place_to_run(block, tmp_path, programs) as environment, a_port() as (places, more):
        if DATABASE in block.code:
            with a_database(request.getfixturevalue("postgres")) as database:
                shell.run(steps, tmp_path, environment | more | here, places | database, block.exit_code)
        else:
            shell.run(steps, tmp_path, environment | more | here, places, block.exit_code)
        installed = subprocess.run([programs / "assistants-compat", "--version"], capture_output=True, text=True, check=True)
    assert installed.stdout.startswith("assistants-compat ")
