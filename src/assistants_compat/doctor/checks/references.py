"""Vector stores and files that the store names, and the upstream has no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assistants_compat.doctor.facts import Facts, Lookups
from assistants_compat.doctor.findings import Finding, counted, named, ok

_MORE = "To look at more of them: --lookups."


def vector_stores(facts: Facts) -> Iterator[Finding]:
    holders = {} if facts.contents is None else facts.contents.vector_stores
    found = facts.upstream.vector_stores
    if found is not None:
        yield from _missing(
            found, holders, "vector store", "Runs that search it fail. Make one anew, and let its assistant or thread name it."
        )
        if found.expired:
            yield Finding(
                "problem",
                f"{counted(len(found.expired), 'vector store')} expired: {_with_holders(found.expired, holders)}.",
                "Runs that search it fail. Add its files to a new one, and let its assistant or thread name that.",
                found.expired,
            )
        yield from _rest(found, "vector store")


def files(facts: Facts) -> Iterator[Finding]:
    holders = {} if facts.contents is None else facts.contents.files
    found = facts.upstream.files
    if found is not None:
        advice = "Upload it again, and let what names it name the new id. A message's image cannot be exchanged: its thread's runs fail."
        yield from _missing(found, holders, "file", advice)
        yield from _rest(found, "file")
        for what in () if facts.contents is None else facts.contents.unread:
            yield Finding("note", f"Not all that names files was read: {what}.")


def _missing(found: Lookups, holders: Mapping[str, str], noun: str, advice: str) -> Iterator[Finding]:
    if found.missing:
        yield Finding(
            "problem",
            f"{counted(len(found.missing), noun)} not there upstream: {_with_holders(found.missing, holders)}.",
            advice,
            found.missing,
        )


def _rest(found: Lookups, noun: str) -> Iterator[Finding]:
    if found.stopped is not None:
        yield Finding(
            "warning",
            f"{found.looked:,} of {counted(found.there_are, noun)} looked at: {found.stopped}",
            "Run it again later.",
            looked=False,
        )
    elif found.looked < found.there_are:
        yield Finding("note", f"{found.looked:,} of {counted(found.there_are, noun)} looked at.", _MORE)
    elif not (found.missing or found.expired):
        yield ok(
            f"{counted(found.there_are, noun)} named in the store, all there." if found.there_are else f"No {noun} is named in the store."
        )


def _with_holders(ids: tuple[str, ...], holders: Mapping[str, str]) -> str:
    return named([f"{id}, named by {holders[id]}" if id in holders else id for id in ids])
