"""A name that one process at a time holds on a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistants_compat.settings import Settings
from assistants_compat.store.database import Database, StoreError


def test_a_name_is_held_by_one_and_is_free_again_after_it(settings: Settings) -> None:
    first, second = (Database(str(settings.store), settings) for _ in range(2))
    with first.alone("work") as still:
        assert still is not None
        still()
        with second.alone("work") as other:
            assert other is None
        with second.alone("other-work") as other:
            assert other is not None
        with second.write() as connection:  # the store itself is not locked
            connection.exec_driver_sql("UPDATE threads SET message_count = 0")
    with second.alone("work") as other:
        assert other is not None
    first.close()
    second.close()


@pytest.mark.usefixtures("store_in_a_file")
def test_what_its_holder_commits_outlasts_a_power_cut(settings: Settings) -> None:
    database = Database(str(settings.store), settings)

    def synchronous() -> int:
        with database.write() as connection:
            return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    assert synchronous() == 1
    with database.alone("work"):
        assert synchronous() == 2
    assert synchronous() == 1
    database.close()


@pytest.mark.usefixtures("store_in_a_file")
def test_a_lock_that_cannot_be_taken_is_told_of(settings: Settings) -> None:
    Path(f"{settings.store}.work").write_bytes(b"no database at all, but long enough to be looked at as one " * 20)
    database = Database(str(settings.store), settings)
    with pytest.raises(StoreError, match="cannot be used"), database.alone("work"):
        pass
    database.close()
