"""`pip install openai` in a notebook gains the package, or loses it again."""

from __future__ import annotations

import re

from assistants_codemods.dependencies.pins import PACKAGE, SHIM_NEEDS, allows_shim

_COMMAND = re.compile(r"(?P<command>\bpip3?[ \t]+install\b)(?P<arguments>(?:\\\n|[^\n|;&])*)")
_OPENAI = re.compile(r"(?<=\s)(?P<quote>[\"']?)openai(?P<extras>\[[^\]\s]*\])?(?P<specifier>[<>=!~][^\s\"']*)?(?P=quote)(?=\s|$)")
_OURS = re.compile(r"[ \t]+[\"']?assistants-compat(?:\[[^\]\s]*\])?(?:[<>=!~][^\s\"']*)?[\"']?(?=\s|$)")


def adapt(piece: str, needs_shim: bool) -> str:
    """A magic or a shell cell, its pip commands with our package after openai where `needs_shim`, else without it."""
    return _COMMAND.sub(lambda match: match["command"] + _arguments(match["arguments"], needs_shim), piece)


def _arguments(arguments: str, needs_shim: bool) -> str:
    if not needs_shim:
        return _OURS.sub("", arguments)
    if _OURS.search(arguments):
        return arguments
    return _OPENAI.sub(lambda match: f"{_raised(match)} {PACKAGE}", arguments, count=1)


def _raised(match: re.Match[str]) -> str:
    if allows_shim(match["specifier"] or ""):
        return match[0]
    return f'"openai{match["extras"] or ""}{SHIM_NEEDS}"'
