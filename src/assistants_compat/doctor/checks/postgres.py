"""What only a store on a database server has: users, connections, words between processes."""

from __future__ import annotations

from collections.abc import Iterator

from assistants_compat.doctor.facts import Facts
from assistants_compat.doctor.findings import Finding, counted, ok


def privileges(facts: Facts) -> Iterator[Finding]:
    server = facts.store.postgres
    if server is None:
        return
    yield ok(f"The server is {server.version}.")
    if server.is_read_only:
        yield Finding(
            "problem", "The database takes no writes: it is a standby, or read-only.", "Let ASSISTANTS_COMPAT_STORE name the primary."
        )
    if server.lacking:
        yield Finding("problem", f"The database user lacks {', '.join(server.lacking)}.", "Grant it, or let the tables' owner be the user.")


def connections(facts: Facts) -> Iterator[Finding]:
    server = facts.store.postgres
    if server is None or server.free_connections is None:
        return
    wanted = facts.settings.pool_size + 1
    if server.free_connections < wanted:
        yield Finding(
            "warning",
            f"The server has {counted(server.free_connections, 'connection')} left, and one process may take {wanted}.",
            "Set ASSISTANTS_COMPAT_POOL_SIZE lower, put a pooler before the server, or raise its max_connections.",
        )
    else:
        yield ok(f"The server has {counted(server.free_connections, 'connection')} left; a process takes {wanted} at most.")


def words(facts: Facts) -> Iterator[Finding]:
    server = facts.store.postgres
    if server is None:
        return
    if server.hears is None:
        yield Finding("note", "Processes do not listen for each other, as the settings say: they look every second.")
    elif server.hears:
        yield ok("Words between processes arrive (LISTEN and NOTIFY).")
    else:
        yield Finding(
            "warning",
            "Words between processes do not arrive: a run that is cancelled elsewhere is noticed later, and held requests answer later.",
            "Behind a pooler in transaction mode, set ASSISTANTS_COMPAT_TRANSACTION_POOLING=true, and ASSISTANTS_COMPAT_LISTEN to a URL "
            "that goes past it, or to 'off'.",
        )


def password(facts: Facts) -> Iterator[Finding]:
    if facts.store.has_password:
        yield Finding("note", "The store's URL has a password in it.", "It belongs into ~/.pgpass or PGPASSWORD.")
