"""Python, the SDK, and whether the seam applies to its clients."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, ok

OLDEST_PYTHON = (3, 10)
OLDEST_SDK, SDK_TOO_NEW = (1, 66), (4,)
_CONVERSATIONS = (1, 101)
"""The first SDK with `client.conversations`."""

_REPAIR = "pip install 'openai>=1.66,<4'"


def python(facts: Facts) -> Iterator[Finding]:
    text = ".".join(map(str, facts.installation.python))
    if facts.installation.python < OLDEST_PYTHON:
        yield Finding("problem", f"Python is {text}.", "assistants-compat needs Python 3.10 or newer.")
    else:
        yield ok(f"Python is {text}, assistants-compat {facts.installation.versions.get('assistants-compat') or 'a checkout'}.")


def sdk(facts: Facts) -> Iterator[Finding]:
    found = facts.installation.versions.get("openai")
    if found is None:
        yield Finding("problem", "The SDK, openai, is not installed.", _REPAIR)
        return
    version = tuple(int(part) for part in re.findall(r"\d+", found)[:2])
    if version < OLDEST_SDK or version >= SDK_TOO_NEW:
        yield Finding("problem", f"The SDK is openai {found}; supported is openai >= 1.66, < 4.", _REPAIR)
        return
    yield ok(f"The SDK is openai {found}.")
    if version < _CONVERSATIONS:
        yield Finding(
            "note",
            f"openai {found} has no conversations.",
            "Code that 'migrate --to responses' writes needs openai 1.101 or newer; the shim does not.",
        )


def seam(facts: Facts) -> Iterator[Finding]:
    versions = facts.installation.versions
    for probe in facts.installation.probes:
        if probe.failure is not None:
            yield Finding(
                "problem",
                f"A request of {probe.client} to the Assistants API is not answered here: {probe.failure}",
                "Reinstall openai and its http library. If that does not help, this is a bug of assistants-compat: please report it.",
            )
    answered = [probe for probe in facts.installation.probes if probe.failure is None]
    if answered:
        families = sorted({probe.family for probe in answered if probe.family})
        libraries = " and ".join(f"{family} {versions.get(family) or ''}".rstrip() for family in families)
        yield ok(f"The seam applies to {', '.join(probe.client for probe in answered)}, over {libraries}.")
