"""Telling other processes that a run has moved: noted in the transaction that moves it, sent with its commit.

Only a database that can carry such words notes any; SQLite cannot, and its processes look every second.
"""

from __future__ import annotations

import sqlalchemy as sa

CHANNEL = "assistants_compat"

NOTED = "assistants_compat_moved"
"""Where a connection keeps the ids noted in its transaction, as long as there is one."""


def announce(connection: sa.Connection, run_id: str) -> None:
    """Have everybody told, when and if the transaction is committed, that this run has left its working states, or is gone."""
    noted = connection.info.get(NOTED)
    if noted is not None:
        noted.append(run_id)


def payload(run_id: str, teller: str) -> str:
    return f"{run_id} {teller}"


def heard(text: str, listener: str) -> str | None:
    """The run that a payload tells of; None for this process's own words, which it knows."""
    run_id, _, teller = text.partition(" ")
    return run_id if teller != listener else None
