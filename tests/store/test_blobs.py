"""The folder of files that code made: private, whole files only, bounded, and swept of what dead processes left."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
from assistants_compat.store.blobs import Blobs, BlobTooLarge


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(lambda: tmp_path / "blobs")


def names(blobs: Blobs) -> list[str]:
    return sorted(path.name for path in blobs.folder().iterdir())


def test_a_blob_is_its_owners_alone(blobs: Blobs) -> None:
    blobs.put("file-a", b"secret", 100)
    assert stat.S_IMODE(blobs.folder().stat().st_mode) == 0o700
    assert stat.S_IMODE(blobs.path("file-a").stat().st_mode) == 0o600
    assert blobs.path("file-a").read_bytes() == b"secret"


def test_a_blob_that_is_not_finished_is_not_there(blobs: Blobs) -> None:
    with blobs.part("file-a", 100) as part:
        part.write(b"half")
        assert not blobs.path("file-a").exists()
    assert names(blobs) == []


def test_a_blob_that_is_restarted_has_only_what_came_after(blobs: Blobs) -> None:
    with blobs.part("file-a", 100) as part:
        part.write(b"some of the file")
        part.restart()
        part.write(b"all of it")
        part.keep()
    assert blobs.path("file-a").read_bytes() == b"all of it"


def test_more_than_a_file_may_have_is_not_written(blobs: Blobs) -> None:
    with pytest.raises(BlobTooLarge):
        blobs.put("file-a", b"12345", 4)
    blobs.put("file-a", b"1234", 4)
    assert names(blobs) == ["file-a"]


@pytest.mark.parametrize("id", ["../file", "a/b", "file-a.part", "", ".."])
def test_an_id_names_no_file_elsewhere(blobs: Blobs, id: str) -> None:
    with pytest.raises(ValueError, match="is not the id of a file"):
        blobs.path(id)


def test_deleting_what_is_not_there_is_no_error(blobs: Blobs) -> None:
    blobs.delete("file-a")


def test_what_a_dead_process_left_half_written_is_swept_away_a_day_later(tmp_path: Path) -> None:
    for name, age in (("file-old.00.part", 90_000), ("file-new.00.part", 60), ("file-kept", 900_000)):
        path = tmp_path / name
        path.write_bytes(b"x")
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    blobs = Blobs(lambda: tmp_path)
    blobs.put("file-a", b"", 1)
    assert names(blobs) == ["file-a", "file-kept", "file-new.00.part"]


def test_files_are_kept_beside_the_store_or_where_the_setting_says(tmp_path: Path) -> None:
    assert Runtime(Settings(store=str(tmp_path / "store.db"))).blobs.folder() == tmp_path / "store.db.files"
    elsewhere = Settings(store=str(tmp_path / "store.db"), files=tmp_path / "elsewhere")
    assert Runtime(elsewhere).blobs.folder() == tmp_path / "elsewhere"


def test_files_of_a_store_in_memory_go_with_the_process(tmp_path: Path) -> None:
    program = """
import os
from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
blobs = Runtime(Settings(store=":memory:")).blobs
blobs.put("file-a", b"x", 1)
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        raise SystemExit
    os.waitpid(child, 0)
assert blobs.path("file-a").exists(), "a child that ends takes nothing with it"
print(blobs.folder())
"""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, env=environment)
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert not folder.exists()
