"""Whole programs, unmodified, through `assistants-compat run`. Each is written in a manner met in the wild: openai-python's examples
(tutors with a code interpreter on a model that is long gone, events printed as they come, an event handler), a poll loop split over
functions, an async class with ids passed around, a program that polls from one short event loop after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.own_store import ready_file

PROGRAMS = Path(__file__).parent / "unmodified"
EXAMPLES = Path(__file__).parents[2] / "examples"
RECOMMENDED = ("--models", "recommended")


def run(program: Path, tmp_path: Path, *options: str, upstream: OfflineUpstream | None = None) -> subprocess.CompletedProcess[str]:
    with (upstream or OfflineUpstream()).serve() as base_url:
        environment = os.environ | {
            "OPENAI_BASE_URL": base_url,
            "OPENAI_API_KEY": "sk-test",
            "ASSISTANTS_COMPAT_STORE": ready_file(tmp_path / "store.db"),
        }
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "assistants_compat", "run", *options, str(program)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def test_the_demo_program_runs_unmodified_and_shows_each_of_its_scenes(tmp_path: Path) -> None:
    done = run(EXAMPLES / "tutor.py", tmp_path, *RECOMMENDED)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "assistant > Subtract 11 from both sides and divide by 3: the solution of 3x + 11 = 14 is x = 1." in lines
    assert 'tool call > get_weather({"city":"Paris"})' in lines
    assert [line.split()[1] for line in lines if line.startswith("msg_")] == ["user", "assistant"] * 3
    assert [line.split()[1:3] for line in lines if line.startswith("step_")] == [
        ["tool_calls", "completed"],
        ["message_creation", "completed"],
    ]


def test_the_demo_says_which_models_and_which_store_it_uses_and_runs_through(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    environment["ASSISTANTS_COMPAT_STORE"] = str(tmp_path / "store.db")
    command = [sys.executable, str(EXAMPLES / "demo.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    assert "offline upstream" in done.stdout
    assert str(tmp_path / "store.db") in done.stdout
    assert "the solution of 3x + 11 = 14 is x = 1" in done.stdout


@pytest.mark.parametrize("program", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_a_program_in_the_manner_of_the_wild_runs_unmodified(program: Path, tmp_path: Path) -> None:
    done = run(program, tmp_path, *RECOMMENDED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "ok"


def test_a_program_that_names_a_model_long_gone_is_told_once_what_is_used_instead(tmp_path: Path) -> None:
    upstream = OfflineUpstream()
    done = run(PROGRAMS / "code_interpreter_tutor.py", tmp_path, *RECOMMENDED, upstream=upstream)
    assert done.stderr.count("gpt-4-1106-preview") == 2  # one sentence, which names it twice
    assert "its runs are sent to 'gpt-5.6-sol'" in done.stderr
    assert {request.body["model"] for request in upstream.requests} == {"gpt-5.6-sol"}


def test_a_program_that_names_a_model_long_gone_fails_with_the_setting_that_helps_it(tmp_path: Path) -> None:
    upstream = OfflineUpstream()
    done = run(PROGRAMS / "code_interpreter_tutor.py", tmp_path, upstream=upstream)
    assert done.returncode == 1
    assert "thread.run.failed" in done.stderr.splitlines()[-1]  # the program's own assertion
    assert "the upstream has no model 'gpt-4-1106-preview'" in done.stderr
    assert "set ASSISTANTS_COMPAT_MODELS=gpt-4-1106-preview=gpt-5.6-sol, or ASSISTANTS_COMPAT_MODELS=recommended" in done.stderr
    assert {request.body["model"] for request in upstream.requests} == {"gpt-4-1106-preview"}
