"""The upstream: whether it can be asked, and takes the key."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, ok


def reachable(facts: Facts) -> Iterator[Finding]:
    upstream = facts.upstream
    if not facts.environment.has_key:
        yield Finding(
            "note",
            "There is no OPENAI_API_KEY: what the upstream has was not looked at.",
            "Runs need a key, here or given to the client by the program.",
        )
    if upstream.not_asked is not None:
        if facts.environment.has_key:
            yield Finding("note", f"The upstream was not asked: {upstream.not_asked}.")
    elif upstream.refused and facts.environment.has_key:
        yield Finding("problem", f"{upstream.base_url} refuses the key: {upstream.failure}", "Set OPENAI_API_KEY to a key that is valid.")
    elif upstream.failure is not None and facts.environment.has_key:
        yield Finding(
            "warning",
            f"{upstream.base_url} cannot be asked: {upstream.failure}",
            "Look at OPENAI_BASE_URL, HTTPS_PROXY and the network. --offline leaves the upstream out.",
            looked=False,
        )
    elif facts.environment.has_key:
        yield ok(f"{upstream.base_url} answers, and takes the key.")
