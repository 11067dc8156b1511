"""`make codemods`: the parts of docs/codemods.md that are made from the code: the fixers, the events, and the codes of reports."""

from __future__ import annotations

from pathlib import Path

from assistants_codemods.codes import CODES
from assistants_codemods.registry import Fixer, fixers
from assistants_codemods.responses._events import EVENTS, NEVER

PAGE = Path(__file__).parents[2] / "docs" / "codemods.md"
_TARGETS = {"shim": "To the shim", "responses": "To native code", None: "In every report"}


def fixer_table() -> str:
    """What each fixer does, by target."""
    lines = []
    known = {(fixer.target, fixer.id): fixer for fixer in fixers()}
    for target, title in _TARGETS.items():
        own: list[Fixer] = sorted((fixer for (of, _), fixer in known.items() if of == target), key=lambda fixer: fixer.id)
        if own:
            lines += [f"### {title}", "", "| fixer | what it does |", "| --- | --- |"]
            lines += [f"| `{fixer.id}` | {fixer.summary.replace('|', chr(92) + '|')} |" for fixer in own]
            lines.append("")
    return "\n".join(lines).rstrip()


def code_table() -> str:
    """Each code, with what it means and what to do."""
    lines = []
    for code in sorted(CODES.values(), key=lambda code: code.id):
        lines += [f"### {code.id}: {code.title}", "", code.explanation, "", f"*{code.what_to_do}*", ""]
    return "\n".join(lines).rstrip()


_TOLD_APART = {
    "": "",
    "message": ", where the item is a message",
    "completed": ", where no call of a function waits for its output",
    "requires_action": ", where a call of a function waits for its output",
}


def event_table() -> str:
    """What the events of a run are among those of a response."""
    lines = ["| of a run | of a response |", "| --- | --- |"]
    lines += [f"| `{of_a_run}` | `{native}`{_TOLD_APART[told_apart]} |" for of_a_run, (native, told_apart) in EVENTS.items()]
    lines += [f"| `{of_a_run}` | none: left out of lists of names, refused for itself |" for of_a_run in sorted(NEVER)]
    lines.append("| all others | none |")
    return "\n".join(lines)


SECTIONS = {"fixers": fixer_table, "events": event_table, "codes": code_table}


def page_with_sections(text: str) -> str:
    """`text` with each made section in its place."""
    for name, make in SECTIONS.items():
        begin, end = f"<!-- {name}: written by `make codemods` -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        assert found, f"{PAGE.name} lacks {begin}"
        assert closed, f"{PAGE.name} lacks {end}"
        text = f"{before}{begin}\n{make()}\n{end}{after}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page_with_sections(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
