"""Hearing what other processes announce: a connection of its own, on which the server sends word of runs that have moved."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from assistants_compat.store.announcements import CHANNEL, heard


class Ear:
    """One process's connection for listening.

    Raises:
        ConnectionError: it is not to be had, or does not understand.
    """

    def __init__(self, engine: sa.Engine, listener: str) -> None:
        import psycopg

        self._listener = listener
        self._engine = engine
        try:
            connection = engine.raw_connection()
            driver: Any = connection.driver_connection
            self._driver = driver
            connection.detach()
            self._driver.execute(f"LISTEN {CHANNEL}", prepare=False)
        except psycopg.Error as error:
            engine.dispose()
            raise ConnectionError(" ".join(str(error).split())) from error

    def runs(self, seconds: float) -> list[str]:
        """Ids of runs that have moved elsewhere, as soon as there are any, at most `seconds` later.

        Raises:
            ConnectionError: the connection is lost, and words may have been missed.
        """
        import psycopg

        try:
            said = self._driver.notifies(timeout=seconds, stop_after=1)
            return [id for word in said if (id := heard(word.payload, self._listener)) is not None]
        except psycopg.Error as error:
            raise ConnectionError(" ".join(str(error).split())) from error

    def close(self) -> None:
        self._driver.close()
        self._engine.dispose()
