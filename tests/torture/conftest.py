from __future__ import annotations

from pathlib import Path

import pytest

from stores import Files, Postgres
from torture.plan import SHORT, Plan


@pytest.fixture
def plan(tmp_path: Path, stores: Files | Postgres) -> Plan:
    """The short form, always by the same seed, on the database that the tests run on."""
    return Plan(
        seed=20261121, scale=SHORT, directory=tmp_path, stores={"SQLite" if isinstance(stores, Files) else "PostgreSQL": stores.new}
    )
