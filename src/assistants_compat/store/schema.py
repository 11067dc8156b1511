"""The schema of a store, for whoever looks after it: which one it has, and bringing it to this version's."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from assistants_compat.settings import Settings, without_password
from assistants_compat.store import migrations, postgres
from assistants_compat.store.database import Database
from assistants_compat.store.errors import ELSEWHERE, StoreError


class Schema:
    """Of the store that `settings` name. Nothing is changed by looking.

    Raises:
        StoreError: the setting is no store, or it cannot be reached; from `upgrade` also: it belongs to a newer version.
    """

    newest = migrations.HEAD

    def __init__(self, settings: Settings) -> None:
        self._database = Database(os.fspath(settings.store), settings)
        self._url = self._database.url
        self.name = without_password(self._url.render_as_string()) if self._database.is_remote else str(self._url.database or ":memory:")

    def current(self) -> str | None:
        """The revision; None where there is none yet."""
        if not self._database.is_remote and not (self._url.database and Path(self._url.database).exists()):
            return None  # and not made by asking
        engine = self._engine()
        try:
            with engine.connect() as connection:
                return migrations.revision(connection)
        except sa.exc.DBAPIError as error:
            raise self._failed(error) from error
        finally:
            engine.dispose()

    def upgrade(self) -> None:
        if not self._database.is_remote:
            with self._database.read():  # opening it is enough
                return
        engine = self._engine()
        try:
            postgres.upgrade(engine)
        except migrations.NewerStore as error:
            raise StoreError(f"The store {self.name} was written by a newer assistants-compat ({error}): upgrade it.") from None
        except sa.exc.DBAPIError as error:
            raise self._failed(error) from error
        finally:
            engine.dispose()

    def _engine(self) -> sa.Engine:
        return self._database.unopened() if self._database.is_remote else sa.create_engine(self._url)

    def _failed(self, error: sa.exc.DBAPIError) -> StoreError:
        return StoreError(f"The store {self.name} cannot be used: {' '.join(str(error.orig).split()).rstrip('.')}. {ELSEWHERE}")
