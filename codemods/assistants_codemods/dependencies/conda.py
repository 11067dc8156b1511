"""environment.yml: the `pip:` part of its dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistants_codemods.dependencies.literals import line_of
from assistants_codemods.dependencies.pins import (
    PACKAGE,
    Adapted,
    Mentions,
    Note,
    allows_shim,
    is_for,
    may_lack_conversations,
    ours_beside,
    raised,
    specifier_of,
)

_PIP = re.compile(
    r"^(?P<indent>[ \t]*)-[ \t]*pip:[ \t]*(?:#[^\n]*)?\n(?P<items>(?:(?P=indent)[ \t]*(?:-|#)[^\n]*(?:\n|\Z)|[ \t]*\r?\n)*)", re.MULTILINE
)
_ITEM = re.compile(
    r"""^(?P<lead>[ \t]*-[ \t]+)(?P<quote>["']?)(?P<requirement>[^\s#"'][^\n#"']*?)(?P=quote)"""
    r"""(?P<rest>[ \t]*(?:#[^\n]*)?\r?)(?P<end>\n|\Z)""",
    re.MULTILINE,
)


def mentions(text: str) -> Mentions:
    """What the file has, by conda or by pip."""
    everything = [item["requirement"] for item in _ITEM.finditer(text)]
    return Mentions(any(is_for(_pep508(name), "openai") for name in everything), any(is_for(_pep508(name), PACKAGE) for name in everything))


def with_package(text: str) -> Adapted:
    """The file with our requirement after openai's in its pip part."""
    for item in _pip_items(text):
        requirement = item["requirement"]
        if is_for(requirement, "openai"):
            kept = requirement if allows_shim(specifier_of(requirement)) else raised(requirement)
            notes = () if kept == requirement else (Note("AC012", line_of(text, item.start()), f"{requirement} becomes {kept}."),)
            quote = item["quote"]
            first = f"{item['lead']}{quote}{kept}{quote}{item['rest']}"
            carriage = "\r" if item["rest"].endswith("\r") else ""
            second = f"{item['lead']}{quote}{ours_beside(requirement)}{quote}{carriage}"
            return Adapted(f"{text[: item.start()]}{first}\n{second}{item['end']}{text[item.end() :]}", notes)
    line = next((line_of(text, item.start()) for item in _ITEM.finditer(text) if is_for(_pep508(item["requirement"]), "openai")), 1)
    return Adapted(text, (Note("AC011", line, f"{PACKAGE} comes from PyPI: add it under `- pip:`."),))


def without_package(text: str) -> Adapted:
    """The file without our requirement."""
    for item in _pip_items(text):
        if is_for(item["requirement"], PACKAGE):
            return Adapted(text[: item.start()] + text[item.end() :])
    return Adapted(text, (Note("AC011", 1, f"Take {PACKAGE} out by hand."),))


def old_for_conversations(text: str) -> tuple[Note, ...]:
    """The requirements on openai that let in a version without the Conversations API."""
    return tuple(
        Note("AC014", line_of(text, item.start()), f"{item['requirement']} lets in an openai without the Conversations API.")
        for item in _ITEM.finditer(text)
        if is_for(_pep508(item["requirement"]), "openai") and may_lack_conversations(specifier_of(_pep508(item["requirement"])))
    )


def _pip_items(text: str) -> Iterator[re.Match[str]]:
    for part in _PIP.finditer(text):
        yield from _ITEM.finditer(text, *part.span("items"))


def _pep508(name: str) -> str:
    """A conda requirement (`openai=1.2`, `conda-forge::openai`) as pip has it."""
    return re.sub(r"(?<![<>=!~])=(?!=)", "==", name.rpartition("::")[2])
