"""This machine's clock, against the database server's and the upstream's."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, ok

MOST_OF_DATABASE = 1.0
"""Seconds: leases and expiry of machines that share a store go by their clocks."""
MOST_OF_UPSTREAM = 5.0
"""Seconds: `created_at` and expiry go by this clock, but nothing is compared with the upstream's."""

_ADVICE = "Have it set over the network (NTP): timedatectl set-ntp true"


def of_database(facts: Facts) -> Iterator[Finding]:
    server = facts.store.postgres
    if server is None:
        return
    off = max(0.0, abs(server.clock_ahead) - server.clock_error)
    if off <= MOST_OF_DATABASE:
        yield ok("The clock agrees with the database server's.")
        return
    is_close = off < facts.settings.lease / 2
    consequence = "" if is_close else ": processes take each other's runs away"
    yield Finding(
        "warning" if is_close else "problem",
        f"{_apart(server.clock_ahead)} the database server's. Leases of {facts.settings.lease:g} s, and expiry, go by each machine's own "
        f"clock{consequence}.",
        _ADVICE,
    )


def of_upstream(facts: Facts) -> Iterator[Finding]:
    ahead = facts.upstream.clock_ahead
    if ahead is None:
        yield Finding("note", "The clock was not compared with the upstream's, which gave no answer with a date.")
    elif max(0.0, abs(ahead) - facts.upstream.clock_error) <= MOST_OF_UPSTREAM:
        yield ok("The clock agrees with the upstream's.")
    else:
        yield Finding("warning", f"{_apart(ahead)} the upstream's. Times of runs and messages go by it.", _ADVICE)


def _apart(ahead: float) -> str:
    """`ahead`: seconds by which the other clock is ahead."""
    return f"The clock is {abs(ahead):,.1f} s {'behind' if ahead > 0 else 'ahead of'}"
