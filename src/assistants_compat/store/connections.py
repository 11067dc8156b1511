"""A connection to PostgreSQL, past SQLAlchemy: its transactions' first and last words, and what may become of them on the way."""

from __future__ import annotations

import select
from typing import Any

import sqlalchemy as sa

GIVEN_UP = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected"""

NOT_NOW = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"})
"""The server stops, starts or is cut off."""


class LostInCommit(sa.exc.OperationalError):
    """The connection broke while the commit was on its way: nobody can tell whether it was done, so it is not repeated."""


def may_be_repeated(error: sa.exc.DBAPIError) -> bool:
    """Whether nothing was done of a transaction that failed with this, for reasons that pass."""
    if isinstance(error, LostInCommit):
        return False
    return getattr(error.orig, "sqlstate", None) in GIVEN_UP | NOT_NOW or error.connection_invalidated


def execute(driver: Any, statement: str) -> None:
    """One statement, or several at once, which are therefore never prepared. Takes less time than SQLAlchemy's execution of them does."""
    import psycopg

    try:
        driver.execute(statement, prepare=False)
    except psycopg.Error as error:
        raise sa.exc.OperationalError(statement, None, error, hide_parameters=True, connection_invalidated=driver.closed) from error


def commit(driver: Any, statement: str) -> None:
    if _has_word(driver.fileno()):  # lost already, and so not in the commit
        driver.close()
        raise sa.exc.OperationalError(statement, None, ConnectionError("the connection is lost"), True, True)
    try:
        execute(driver, statement)
    except sa.exc.OperationalError as error:
        if driver.closed:
            raise LostInCommit(statement, None, error.orig, hide_parameters=True, connection_invalidated=True) from error  # type: ignore[arg-type]
        raise


def roll_back(connection: sa.Connection, driver: Any) -> None:
    from psycopg.pq import TransactionStatus

    if connection.invalidated:
        return
    try:
        if driver.info.transaction_status != TransactionStatus.IDLE:
            execute(driver, "ROLLBACK")
    except sa.exc.DBAPIError:
        connection.invalidate()


def refuse_a_dead_one(driver: Any, _record: Any, _proxy: Any) -> None:
    """A connection at rest on which something can be read was ended by the server: seen without asking it, at every use."""
    if driver.closed or _has_word(driver.fileno()):
        raise sa.exc.InvalidatePoolError


def _has_word(descriptor: int) -> bool:
    if hasattr(select, "poll"):  # select itself cannot look at descriptors past 1024
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(poll.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])
