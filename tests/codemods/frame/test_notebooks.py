"""Notebooks are rewritten cell by cell, and of their JSON only what changed is another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_codemods.magics import Masks
from assistants_codemods.notebooks import read_notebook

from .conftest import Command

FIRST = ["%pip install -q openai\n", "!ls -la | grep 'x\n", "from openai import OpenAI\n", "client = OpenAI()"]


def _notebook(*cells: list[str] | str, **more: Any) -> dict[str, Any]:
    made = [{"cell_type": "markdown", "metadata": {}, "source": ["# Über beta"]}]
    made += [
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {"z": 1, "a": 2},
            "outputs": [{"text": ["from openai import OpenAI\n"]}],
            "source": cell,
        }
        for cell in cells
    ]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": made,
        "metadata": {"kernelspec": {"name": "python3", "language": "python"}},
        **more,
    }


@pytest.mark.parametrize("form", [{"indent": 1}, {"indent": 2, "ensure_ascii": False}, {}, {"separators": (",", ":")}, {"indent": "\t"}])
@pytest.mark.parametrize("end", ["", "\n"])
def test_only_the_source_of_cells_that_change_is_another(tree: Path, command: Command, form: dict[str, Any], end: str) -> None:
    notebook = _notebook(FIRST, ["thread = client.beta.threads.create()\n", "print('größer → \\u2192')"], ["x = await f()\n", "x?"])
    before = json.dumps(notebook, **form) + end
    (tree / "demo.ipynb").write_text(before, "utf-8")
    command("migrate", "--to", "shim", "--write")
    expected = before.replace("%pip install -q openai", "%pip install -q openai assistants-compat")
    cells = expected.split('"source"')  # the outputs have the same line, and keep it
    cells[2] = cells[2].replace("from openai import", "from assistants_compat import", 1)
    assert (tree / "demo.ipynb").read_text("utf-8") == '"source"'.join(cells)


def test_a_source_that_is_one_string_stays_one(tree: Path, command: Command) -> None:
    before = json.dumps(_notebook("from openai import OpenAI\nclient = OpenAI()\nclient.beta.threads.create()\n"), indent=1)
    (tree / "demo.ipynb").write_text(before)
    command("migrate", "--to", "shim", "--write")
    after = (tree / "demo.ipynb").read_text()
    assert after.split('"source"')[2] == before.split('"source"')[2].replace("from openai", "from assistants_compat", 1)
    second = command("migrate", "--to", "shim", "--write")
    assert (tree / "demo.ipynb").read_text() == after
    assert second.exit_code == 0


def test_a_notebook_of_format_3_has_its_cells_in_worksheets(tree: Path, command: Command) -> None:
    cell = {
        "cell_type": "code",
        "language": "python",
        "input": ["from openai import OpenAI\n", "c = OpenAI().beta.threads.create()"],
        "outputs": [],
    }
    (tree / "old.ipynb").write_text(json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}], "metadata": {"name": ""}}))
    command("migrate", "--to", "shim", "--write")
    assert json.loads((tree / "old.ipynb").read_text())["worksheets"][0]["cells"][0]["input"][0] == "from assistants_compat import OpenAI\n"


def test_places_and_diffs_are_told_by_cell(tree: Path, command: Command) -> None:
    (tree / "demo.ipynb").write_text(json.dumps(_notebook(FIRST, ["x = 1\n", "client.beta.threads.create()  # hard"])))
    text = command("migrate", "--to", "responses")
    assert "--- a/demo.ipynb:cell 2\n" in text.stdout
    assert "cell 3:2" in text.stderr
    sites = json.loads(command("scan", "--format", "json").stdout)["sites"]
    assert [(site["path"], site["cell"], site["line"]) for site in sites] == [("demo.ipynb", 3, 2)]


def test_cells_of_other_languages_and_cells_that_are_no_python_stay_and_are_named(tree: Path, command: Command) -> None:
    shell = ["%%bash\n", "pip install openai\n", "echo beta"]
    file = ["%%writefile app.py\n", "from openai import OpenAI\n", "OpenAI().beta.threads.create()"]
    broken = ["client.beta.threads.create(\n"]
    timed = ["%%time\n", "from openai import OpenAI\n", "OpenAI().beta.threads.create()"]
    (tree / "demo.ipynb").write_text(json.dumps(_notebook(FIRST, shell, file, broken, timed)))
    result = command("migrate", "--to", "shim", "--write")
    sources = [cell["source"] for cell in json.loads((tree / "demo.ipynb").read_text())["cells"]]
    assert sources[2] == ["%%bash\n", "pip install openai assistants-compat\n", "echo beta"]
    assert sources[3:5] == [file, broken]
    assert sources[5] == ["%%time\n", "from assistants_compat import OpenAI\n", "OpenAI().beta.threads.create()"]
    assert "demo.ipynb: cell 4, line 1: AC007 The cell is under %%writefile app.py" in result.stderr
    assert "demo.ipynb: cell 5, line 1: AC007 The cell is not Python on its own." in result.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"cells": [.beta', "Expecting value"),
        (b"", None),
        (b"[1, 2] .beta", "Extra data"),
        (b'[".beta"]', "no nbformat 3 or 4"),
        (b'{"nbformat": 4, "cells": ".beta"}', "Expecting '['"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [".beta", 1]}]}', "the source of cell 1 is not text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "x": ".beta"}]}', "cell 1 has no source"),
        (b'{"nbformat": 4, ".beta": ' + b"[" * 100_000, "recursion"),
        (b"\xff\xfe .beta", "utf-8"),
    ],
)
def test_a_broken_notebook_is_reported_and_stays(tree: Path, command: Command, content: bytes, reason: str | None) -> None:
    (tree / "demo.ipynb").write_bytes(content)
    result = command("migrate", "--to", "shim", "--write")
    assert (tree / "demo.ipynb").read_bytes() == content
    assert result.exit_code == (1 if reason else 0)
    if reason:
        assert "demo.ipynb:1: AC006" in result.stderr
        assert reason in result.stderr


def test_a_notebook_of_another_language_is_none_of_ours(tree: Path, command: Command) -> None:
    (tree / "r.ipynb").write_text(json.dumps(_notebook("rbeta(10, 1) + x.beta", metadata={"kernelspec": {"name": "ir", "language": "R"}})))
    assert command("scan").exit_code == 0


@pytest.mark.parametrize(
    "cell",
    [
        "files = !ls *.py\nprint(files)",
        "x = %sql select 1\n",
        "if ready:\n    !pip install x\n    %cd ..\nelse:\n    pass",
        "obj.method??\n?obj\nprint(1)",
        "!pip install a \\\n   b \\\n   c\nx = 1",
        "x = (10\n% 3)\ny = '''\n!not a magic\n'''\n!a magic",
        "%matplotlib inline",
        "pip install 'openai>=1'",
        "x != 3",
        "df.head();",
        "%load_ext autoreload\n%autoreload 2\n\nimport a",
    ],
)
def test_magics_come_back_as_they_were(cell: str) -> None:
    masks = Masks()
    masked, is_python = masks.mask(cell)
    compile(masked, "cell", "exec")
    assert is_python
    assert masked.count("\n") == cell.count("\n")
    assert masks.unmask(masked, masks.originals) == cell


def test_only_what_is_a_magic_is_masked() -> None:
    masks = Masks()
    assert masks.mask("x = (10\n% 3)\ny = '''\n!not a magic\n'''\n!a magic")[0] == (
        "x = (10\n% 3)\ny = '''\n!not a magic\n'''\n\"assistants-compat: magic 0\""
    )


@given(st.lists(st.text("ab%!?=\\\n\t \"'([{#)é", max_size=30) | st.just("%%time\nx = 1"), max_size=6))
def test_any_cells_at_all_are_read_and_written_back(cells: list[str]) -> None:
    content = json.dumps(_notebook(*cells), indent=1).encode()
    notebook = read_notebook(content)
    assert notebook is not None
    assert notebook.sources(notebook.text) == cells
    assert notebook.rewritten(notebook.text) == content
