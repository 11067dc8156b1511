"""What docs/testing.md prints for people to copy runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistants_compat.testing import OfflineUpstream

from .conftest import Project

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8")
SECTIONS = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")}


def copy(section: str, folder: Path) -> int:
    """Copy the files of a section into a folder; how many tests are among them."""
    blocks = re.findall(r"^```(?:python|ini)\n(# (\S+)\n.*?)^```$", SECTIONS[section], re.S | re.M)
    assert blocks
    for text, name in blocks:
        (folder / name).write_text(text, "utf-8")
    return sum(text.count("\ndef test_") for text, _ in blocks)


@pytest.fixture
def blank(project: Project) -> Project:
    """A project without any file at all."""
    (project.folder / "pytest.ini").unlink()
    return project


def test_the_first_test_passes_as_printed(blank: Project) -> None:
    assert copy("First test", blank.folder) == 1
    result = blank.test("-p", "no:cacheprovider", in_a_new_process=True)
    result.assert_outcomes(passed=1)


def test_it_fails_for_a_reason_when_the_program_does_something_else(blank: Project) -> None:
    copy("First test", blank.folder)
    program = blank.folder / "weather_bot.py"
    program.write_text(program.read_text().replace("in one sentence", "at length"))
    result = blank.test("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*assert 'Answer at length.' == 'Answer in one sentence.'*"])


def test_the_other_tests_pass_as_printed(blank: Project) -> None:
    count = sum(copy(name, blank.folder) for name in ("First test", "Scripting replies", "Function tools", "Code that has already moved"))
    blank.test("-p", "no:cacheprovider").assert_outcomes(passed=count)


def test_the_recorded_test_is_recorded_and_replayed_and_its_difference_is_the_printed_one(
    blank: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy("First test", blank.folder)
    assert copy("Cassettes", blank.folder) == 1
    with OfflineUpstream(["It is Oslo."]).serve() as base_url, monkeypatch.context() as recording:
        recording.setenv("OPENAI_BASE_URL", base_url)
        recording.setenv("OPENAI_API_KEY", "sk-aB3dE6gH9jK2mN5p")
        blank.test("-p", "no:cacheprovider", "--record-mode=once", "test_recorded.py").assert_outcomes(passed=1)
    assert [path.split("/")[:2] for path in blank.cassettes] == [["cassettes", "test_recorded"]]
    blank.test("-p", "no:cacheprovider").assert_outcomes(passed=2)
    test = blank.folder / "test_recorded.py"
    test.write_text(test.read_text().replace("Norway", "Sweden"))
    result = blank.test("-p", "no:cacheprovider", "test_recorded.py")
    result.assert_outcomes(failed=1)
    (printed,) = re.findall(r"^```\n(A request is not .*?)\n```$", SECTIONS["Cassettes"], re.S | re.M)
    result.stdout.fnmatch_lines(["A request is not the recorded one:"])
    assert printed in "\n".join(result.outlines)


def test_the_table_of_modes_has_those_there_are() -> None:
    rows = [row for row in re.findall(r"^\| (`[^|]*)\|", SECTIONS["Record modes"], re.M) if "record-mode" not in row]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == ["all", "new_episodes", "none", "once", "rewrite"]
