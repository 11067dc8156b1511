"""What README and docs print for people to copy does what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from documentation import shell
from documentation.blocks import NOT_RUN, PAGES, ROOT, Block, all_blocks
from documentation.place import DATABASE, a_database, a_place_to_run, a_port

pytestmark = pytest.mark.long

PROGRAMS = Path(sys.executable).parent

BLOCKS = all_blocks()
RUN = [block for block in BLOCKS if block.not_run is None]


def blocks(language: str) -> list[object]:
    return [pytest.param(block, id=block.id) for block in RUN if block.language == language and block.file is None]


@pytest.mark.parametrize("block", blocks("python"))
def test_a_program_runs_as_printed(block: Block, tmp_path: Path) -> None:
    if "assistants_compat.server" in block.code:
        pytest.importorskip("starlette", reason="the extra [server] is not installed")
    is_test = re.search(r"^(async )?def test_", block.code, re.M) is not None
    (tmp_path / "test_snippet.py").write_text(block.code)
    command = [sys.executable, *(("-m", "pytest", "-q") if is_test else ()), "test_snippet.py"]
    with a_place_to_run(block, tmp_path, PROGRAMS) as environment:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_does_and_prints_what_is_shown(block: Block, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """But for pip install, which test_installation does, and make, whose targets do what takes minutes: they are there."""
    steps = [step for step in shell.steps_of(block.code) if not step.command.startswith("pip install ")]
    for step in steps:
        if step.command.startswith("make "):
            subprocess.run(["bash", "-c", step.command.replace("make", "make --dry-run", 1)], cwd=ROOT, check=True, capture_output=True)
    steps = [step for step in steps if not step.command.startswith("make ")]
    with a_place_to_run(block, tmp_path, PROGRAMS) as environment, a_port() as (places, more):
        if DATABASE in block.code:
            with a_database(request.getfixturevalue("postgres")) as database:
                shell.run(steps, tmp_path, environment | more, places | database, block.exit_code)
        else:
            shell.run(steps, tmp_path, environment | more, places, block.exit_code)


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


def test_reasons_for_not_running_are_few_and_fit_their_blocks() -> None:
    given = [(block, block.not_run) for block in BLOCKS if block.not_run is not None]
    assert [block.id for block, reason in given if block.language not in NOT_RUN.get(reason, set())] == []


def test_json_is_json() -> None:
    for block in BLOCKS:
        if block.language == "json":
            json.loads(block.code)


def test_files_that_pages_name_are_used_there() -> None:
    unused = [
        block.id
        for block in BLOCKS
        if block.file is not None
        and not re.match(r"(test_\w+\.py|pytest\.ini)$", block.file)
        and not any(
            re.search(
                rf"\b({re.escape(block.file)}\b|import {Path(block.file).stem}\b|{re.escape(f'{Path(block.file).parent}/')})", other.code
            )
            for other in BLOCKS
            if other.page == block.page and other is not block
        )
    ]
    assert unused == []


def test_pages_name_only_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = {(page.name, target) for page in PAGES for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", page.read_text())}
    assert {target for _, target in named} > {"demo", "test"}
    assert {(page, target) for page, target in named if not re.search(rf"^{target}:", makefile, re.M)} == set()


def test_links_between_the_readme_and_the_pages_lead_somewhere() -> None:
    """`make docs` looks through the links within docs/."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"):
        links = re.findall(r"\]\(([^)#:]+)[)#]", page.read_text())
        assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_is_no_longer_than_two_screens() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100
