"""What README and docs print for people to copy does what it says."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from assistants_compat.testing import OfflineUpstream
from documentation import shell
from documentation.blocks import NOT_RUN, ROOT, Block, all_blocks

BLOCKS = all_blocks()
RUN = [block for block in BLOCKS if block.not_run is None]

PORT = "127.0.0.1:8000"
DATABASE = "postgresql://app@db.example/threads"
"""As pages write them; tests put their own in the place."""


def blocks(language: str) -> list[object]:
    return [pytest.param(block, id=block.id) for block in RUN if block.language == language and block.file is None]


@contextmanager
def a_place_to_run(block: Block, folder: Path) -> Iterator[Mapping[str, str]]:
    """The page's files in the folder, and the environment of somebody who has the package, a key and no other settings."""
    for other in BLOCKS:
        if other.page == block.page and other.file is not None:
            (folder / other.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / other.file).write_text(other.code)
    with OfflineUpstream().serve() as base_url:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANTS_COMPAT_", "OPENAI_", "AZURE_"))}
        yield inherited | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / ".local" / "share"),
            "OPENAI_BASE_URL": base_url,
            "OPENAI_API_KEY": "sk-test",
            "AZURE_OPENAI_ENDPOINT": base_url.removesuffix("/v1"),
            "AZURE_OPENAI_API_KEY": "azure-test",
            "NO_COLOR": "1",
            "COLUMNS": "140",
        }


@pytest.mark.parametrize("block", blocks("python"))
def test_a_program_runs_as_printed(block: Block, tmp_path: Path) -> None:
    if "assistants_compat.server" in block.code:
        pytest.importorskip("starlette", reason="the extra [server] is not installed")
    is_test = re.search(r"^(async )?def test_", block.code, re.M) is not None
    (tmp_path / "test_snippet.py").write_text(block.code)
    command = [sys.executable, *(("-m", "pytest", "-q") if is_test else ()), "test_snippet.py"]
    with a_place_to_run(block, tmp_path) as environment:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_does_and_prints_what_is_shown(block: Block, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    code = block.code
    steps = [step for step in shell.steps_of(code) if not step.command.startswith("pip install ")]  # those are for test_installation
    of_make = [step for step in steps if step.command.startswith("make ")]
    for step in of_make:  # what they do is tested, or measured, elsewhere
        subprocess.run(["bash", "-c", f"make --dry-run {step.command.removeprefix('make ')}"], cwd=ROOT, check=True, capture_output=True)
    with ExitStack() as stack:
        environment = dict(stack.enter_context(a_place_to_run(block, tmp_path)))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        places = {PORT: f"127.0.0.1:{port}"}
        if DATABASE in code:
            places[DATABASE] = request.getfixturevalue("postgres").empty()
        environment["ASSISTANTS_COMPAT_SERVER_PORT"] = str(port)
        steps = [shell.Step(*(_replaced(text, places) for text in step)) for step in steps if step not in of_make]
        shell.run(steps, tmp_path, environment, block.exit_code)


def _replaced(text: str, places: Mapping[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("block", blocks("diff"))
def test_a_before_and_after_is_what_the_codemods_make(block: Block, tmp_path: Path) -> None:
    before, after = (
        "".join(f"{line[1:]}\n" for line in block.code.splitlines() if line[:1] in (sign, " ", "")) or "" for sign in ("-", "+")
    )
    target = "shim" if "assistants_compat" in after else "responses"
    (tmp_path / "program.py").write_text(before)
    command = [sys.executable, "-m", "assistants_compat", "migrate", "--to", target, "--write", "--allow-dirty", "program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "program.py").read_text() == after, done.stdout


def test_every_block_is_run_or_says_why_not() -> None:
    handled = {"python", "console", "diff"}
    assert [block.id for block in RUN if block.language not in handled and block.file is None] == []


def test_reasons_for_not_running_are_few_used_and_fit_their_blocks() -> None:
    given = [(block, block.not_run) for block in BLOCKS if block.not_run is not None]
    assert [block.id for block, reason in given if block.language not in NOT_RUN.get(reason, set())] == []
    assert set(NOT_RUN) == {reason for _, reason in given}


def test_files_that_pages_name_are_used_there() -> None:
    unused = [
        block.id
        for block in BLOCKS
        if block.file is not None
        and not any(block.file in other.code for other in BLOCKS if other.page == block.page and other is not block)
    ]
    assert unused == []


def test_the_readme_names_only_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = re.findall(r"make ([a-z-]+)", "".join((ROOT / page).read_text() for page in ("README.md", "CONTRIBUTING.md")))
    assert named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.M)] == []


def test_the_readme_is_no_longer_than_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100
