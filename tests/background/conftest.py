from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistants_compat.runs import background
from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from processes.conftest import base_url as base_url
from processes.conftest import nursery as nursery
from processes.conftest import process as process
from runs.conftest import conversation as conversation
from runs.conftest import no_waiting as no_waiting
from runs.helpers import PATIENCE


@pytest.fixture
def settings(store: str, tmp_path: Path) -> Settings:
    files = "" if store.endswith(".db") else tmp_path / "store.db.files"
    return Settings(store=store, files=files, execution="background")


@pytest.fixture
def no_polling_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at a response that cannot be followed come one after the other."""
    monkeypatch.setattr(background, "LOOK_EVERY", 0.0)


@pytest.fixture
def told(upstream: OfflineUpstream, runtime: Runtime) -> Callable[[], list[str]]:
    """What the upstream was told about responses once they were made: `GET …`, `cancel`, `DELETE`, in their order."""

    def since() -> list[str]:
        assert runtime.moved.wait(lambda: not runtime.parting, PATIENCE)
        calls = [call for call in upstream.calls if "/responses/" in call.path]
        return ["cancel" if call.path.endswith("/cancel") else call.method for call in calls]

    return since


@pytest.fixture
def noted(runtime: Runtime) -> Callable[[Any], Any]:
    """What the store has noted of a run's response."""
    from assistants_compat.store import runs

    def of(run: Any) -> Any:
        with runtime.database.read() as connection:
            found = runs.get(connection, run.id)
        assert found is not None
        return found.progress["response"]

    return of
