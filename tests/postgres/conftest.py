"""These tests are about PostgreSQL, whatever `--store` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.seam.family import family_of
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from stores import Postgres, close_all_on


@pytest.fixture
def stores(postgres: Postgres) -> Postgres:
    return postgres


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    """A store that nobody has made a schema in."""
    store = postgres.empty()
    yield store
    postgres.drop(store)


class Other:
    """A program on the same store with settings of its own, and so with a runtime of its own, as another process has."""

    def __init__(self, upstream: OfflineUpstream, settings: Settings) -> None:
        with openai.OpenAI(api_key="sk-test") as plain:
            family = family_of(plain._client)
        http_client = family.Client(transport=upstream.transport(family.__name__))
        self.client = openai.OpenAI(api_key="sk-test", max_retries=0, http_client=http_client)
        attach(self.client, settings)
        self.runtime: Runtime = runtime_for(settings)


@pytest.fixture
def other(upstream: OfflineUpstream, store: str, tmp_path: Path) -> Iterator[Callable[..., Other]]:
    made: list[Other] = []

    def make(**settings: Any) -> Other:
        more = {"store": store, "files": tmp_path / "store.db.files", "max_file_bytes": 1_000_000 + len(made), **settings}
        made.append(Other(upstream, Settings(**more)))
        return made[-1]

    yield make
    for each in made:
        each.client.close()
    close_all_on(store)
