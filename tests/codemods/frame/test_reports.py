"""What a scan says: text, JSON, SARIF, a page."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assistants_codemods.codes import CODES

from .conftest import START, Command, process
from .engine import PROGRAM

HARD = PROGRAM + "client.beta.threads.delete(thread.id)  # hard <b>&amp;</b> gpt-4-turbo\n"


@pytest.fixture
def mixed(tree: Path) -> Path:
    """A tree with everything that a report can have."""
    (tree / "app").mkdir()
    (tree / "app/bot.py").write_text(HARD)
    (tree / "app/<i>odd & name.py").write_text(PROGRAM)
    (tree / "broken.py").write_text("client.beta.(\n")
    cell = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": ["x = 1\n", "client.beta.threads.create()"],
    }
    (tree / "demo.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    return tree


def test_text_has_a_table_for_each_file_then_the_findings_and_a_line_that_counts(mixed: Path, command: Command) -> None:
    result = command("scan")
    lines = result.stdout.splitlines()
    assert "app/bot.py" in lines
    assert any(line.split() == ["6", "beta.threads.delete", "yes", "no", "AC020", "client:", "OpenAI"] for line in lines)
    assert "  app/bot.py:6: AC021 The model gpt-4-turbo is gone." in lines
    assert "  broken.py:1: AC001 invalid syntax." in lines
    assert lines[-1] == "Found 6 uses in 3 files: 6 can go to the shim, 5 to Responses automatically."
    assert "\x1b" not in result.stdout
    assert not any(line != line.rstrip() for line in lines)
    assert result.exit_code == 1


def test_a_tree_without_uses_is_clean(tree: Path, command: Command) -> None:
    (tree / "app.py").write_text("print(1)\n")
    result = command("scan")
    assert (result.exit_code, result.stdout) == (0, "Found no uses of the Assistants API in 1 file.\n")


def test_json_follows_its_schema_and_is_the_same_each_time(mixed: Path, command: Command) -> None:
    schema = json.loads((files("assistants_codemods.reports") / "report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    first = command("scan", "--format", "json")
    jsonschema.validate(json.loads(first.stdout), schema, cls=jsonschema.Draft202012Validator)
    jsonschema.validate(
        json.loads(command("migrate", "--to", "responses", "--format", "json").stdout), schema, cls=jsonschema.Draft202012Validator
    )
    assert command("scan", "--format", "json").stdout == first.stdout
    report = json.loads(first.stdout)
    assert report["summary"]["uses"] == 6
    assert [(site["path"], site["line"]) for site in report["sites"]][-1] == ("demo.ipynb", 2)


def test_sarif_has_a_rule_for_each_code_and_a_region_for_each_result(mixed: Path, command: Command) -> None:
    log = json.loads(command("scan", "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["AC000", "AC001", "AC020", "AC021"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert not set(physical["artifactLocation"]["uri"]) & set("<> ")
        if physical["artifactLocation"]["uri"] == "demo.ipynb":
            assert result["message"]["text"].startswith("Cell 1, line 2: ")
        else:
            assert physical["region"]["startLine"] >= 1
            assert physical["region"]["startColumn"] >= 1
    hard = next(result for result in run["results"] if "relatedLocations" in result)
    assert hard["locations"][0]["physicalLocation"]["region"]["startLine"] == 6


class _Page(HTMLParser):
    """What a page has: its tags are closed in order, and what it would load is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        known: dict[str, Any] = dict(attrs)
        if tag not in ("meta", "input", "link", "img", "br"):
            self.open.append(tag)
        if "id" in known:
            assert known["id"] not in self.ids
            self.ids.add(known["id"])
        if "src" in known or tag == "link":
            self.loads.append(tag)
        if tag == "a":
            self.links.add(known["href"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_stands_alone_and_everything_in_it_is_escaped(mixed: Path, command: Command) -> None:
    command("scan", "--format", "html", "-o", "report.html")
    content = (mixed / "report.html").read_text("utf-8")
    page = _Page()
    page.feed(content)
    assert page.open == []
    assert page.loads == []
    assert "<b>&amp;</b>" in page.text
    assert "app/<i>odd & name.py" in page.text
    assert "url(" not in content
    assert "http" not in content
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    assert "assistants_compat" in page.text
    assert CODES["AC001"].what_to_do in page.text


def test_a_report_that_cannot_be_written_is_an_error_that_names_it(mixed: Path, command: Command) -> None:
    result = command("scan", "-o", "no/such/folder.txt")
    assert result.exit_code == 2
    assert "no/such/folder.txt: No such file or directory." in result.stderr


def test_a_terminal_gets_colours_and_a_pipe_does_not(mixed: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "COLUMNS": "60"}
    environment.pop("NO_COLOR", None)
    running = subprocess.Popen([*START, "scan"], cwd=mixed, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    output = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    running.wait(timeout=30)
    os.close(ours)
    assert b"\x1b[" in output
    piped = process("scan", folder=mixed)
    assert b"\x1b" not in piped.communicate(timeout=30)[0]


def test_every_code_says_what_it_means_and_what_to_do() -> None:
    for id, code in CODES.items():
        assert code.id == id
        assert code.title
        assert not code.title.endswith(".")
        assert code.explanation.endswith(".")
        assert code.what_to_do.endswith(".")


def test_help_documents_the_exit_codes(command: Command) -> None:
    for name in ("scan", "migrate"):
        assert "2  the tool failed" in command(name, "--help").stdout
