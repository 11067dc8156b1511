"""A small engine in the place of the real one, so that these tests are about files, and about what is done with an outcome.

A call in a line with `.beta.` is a use. Both targets exchange the import of the client. What it does otherwise is said in comments:
`# hard` in a line leaves that use, `# group: name` in a file puts it into a group, `# raise` in a file makes the engine fail,
`# die` its process end, `# wait` it wait for ever, `# shared` a module be generated that serves all groups.
"""

from __future__ import annotations

import ast
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path

from assistants_codemods.engine import Engine
from assistants_codemods.findings import Change, Finding, Outcome, Place, Refusal, Site, Verdict
from assistants_codemods.migration import Options
from assistants_codemods.source import Source
from assistants_codemods.tree import Tree

_CALL = re.compile(r"[\w.()]*?\.(beta(?:\.\w+)+)\(")
_NEW_IMPORT = {"shim": "from assistants_compat import OpenAI", "responses": "from openai import OpenAI as Responses"}


def migrate(sources: Sequence[Source], options: Options, tree: Tree) -> Outcome:
    sites: list[Site] = []
    findings: list[Finding] = []
    changes: list[Change] = []
    failures: list[Finding] = []
    for source in sources:
        if "# raise" in source.text:
            raise RuntimeError("the engine is broken")
        if "# die" in source.text:
            os._exit(3)
        if "# wait" in source.text:
            Path("fifo").write_text("ready\n")
            threading.Event().wait()
        try:
            ast.parse(source.text)
        except SyntaxError as error:
            failures.append(Finding("AC001", Place(source.path, error.lineno or 1, 1), f"{error.msg}.", "error"))
            continue
        named = re.search(r"# group: (\w+)", source.text)
        group = named[1] if named else source.path
        for number, line in enumerate(re.split(r"\r\n|\r|\n", source.text), 1):
            for call in _CALL.finditer(line):
                place = Place(source.path, number, call.start() + 1)
                refusal = Refusal("AC020", place, "The line says that it is hard.") if "# hard" in line else None
                done = "from assistants_compat import" in source.text
                shim = Verdict(() if done else ("imports",))
                sites.append(Site(place, call[1], line.strip(), "client: OpenAI", group, shim, Verdict(("runs",), refusal)))
            if "gpt-4-turbo" in line:
                findings.append(Finding("AC021", Place(source.path, number, 1), "The model gpt-4-turbo is gone."))
        if options.target and "imports" not in options.skip:
            after = source.text.replace("from openai import OpenAI\n", _NEW_IMPORT[options.target] + "\n")
            after = after.replace("from openai import OpenAI\r\n", _NEW_IMPORT[options.target] + "\r\n")
            if options.target == "responses":
                after = after.replace("from assistants_compat import OpenAI\n", _NEW_IMPORT["responses"] + "\n")
            if "# breaks" in source.text:
                after += "def (:\n"
            if "# shared" in source.text and after != source.text:
                changes.append(Change("generated.py", None, "ASSISTANTS = {}\n", ("runs",), "generated", shared=True))
            if after != source.text:
                changes.append(Change(source.path, source.text, after, ("imports",), group))
    return Outcome(tuple(source.path for source in sources), tuple(sites), tuple(findings), tuple(changes), failures=tuple(failures))


def one_by_one(hits: Sequence[Source], tree: Tree) -> Sequence[Sequence[Source]]:
    """Files of a group are an application."""
    groups: dict[str, list[Source]] = {}
    for hit in hits:
        named = re.search(r"# group: (\w+)", hit.text)
        groups.setdefault(named[1] if named else hit.path, []).append(hit)
    return list(groups.values())


def fixers() -> Sequence[tuple[str, str]]:
    return [("imports", "the client comes from another place"), ("runs", "a run is a response")]


ENGINE = Engine(migrate, one_by_one, fixers)

PROGRAM = """\
from openai import OpenAI

client = OpenAI()
thread = client.beta.threads.create()
run = client.beta.threads.runs.create(thread.id, assistant_id="asst_abc")
"""
SHIMMED = PROGRAM.replace("from openai", "from assistants_compat")


def both(hits: Sequence[Source], tree: Tree) -> Sequence[Sequence[Source]]:
    """All hits, and all other files of the tree that have the word `client`."""
    paths = dict.fromkeys([*(hit.path for hit in hits), *tree.containing("client")])
    return [[source for source in map(tree.source, paths) if source is not None]]


def one_big(hits: Sequence[Source], tree: Tree) -> Sequence[Sequence[Source]]:
    """What a mistake in the search for applications looks like."""
    return [hits[: 1 // 0]]
