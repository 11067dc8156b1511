"""Settings in the environment that nobody reads, or nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, counted, ok
from assistants_compat.settings import PREFIX

SERVER = f"{PREFIX}SERVER_"
_OF_TESTS = f"{PREFIX}TEST_"


def names(facts: Facts) -> Iterator[Finding]:
    environment = facts.environment
    has_server = any(name.startswith(SERVER) for name in environment.known)
    for name in environment.names:
        if name in environment.known or name.startswith(_OF_TESTS):
            continue
        if name.startswith(SERVER) and not has_server:
            yield Finding(
                "note",
                f"{name} is for the server, which is not installed here.",
                "If it is to run here: pip install 'assistants-compat[server]'",
                (name,),
            )
            continue
        near = get_close_matches(name.upper(), environment.known, n=1, cutoff=0.8)
        package = [known for known in environment.known if not known.startswith(SERVER)]
        advice = f"Did you mean {near[0]}?" if near else f"There are {', '.join(sorted(package))}."
        yield Finding("warning", f"{name} is no setting: nobody reads it.", advice, (name,))
    read = [name for name in environment.names if name in environment.known]
    if read:
        yield ok(f"The environment sets {', '.join(read)}.")
    elif not environment.names:
        yield ok("The environment sets nothing: all settings have their defaults.")


def values(facts: Facts) -> Iterator[Finding]:
    for why in facts.environment.invalid:
        yield Finding("problem", why.removeprefix("assistants-compat: "), "Correct it, or take it out of the environment.")
    if facts.environment.invalid:
        count = len(facts.environment.invalid)
        yield Finding(
            "note",
            f"All that follows is with the {'default' if count == 1 else 'defaults'} in the place of {counted(count, 'such value')}.",
        )
