"""A store without room, and one that may only be read: a clear answer, nothing lost, and on it goes when there is room again."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import openai
import sqlalchemy as sa

from assistants_compat.runs.runtime import runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from torture import invariants, picture
from torture.nursery import Nursery, Worker, nursery
from torture.plan import Plan
from torture.result import Result, Violation
from torture.speech import MUCH, answer

Json = dict[str, Any]

UNCLEAR = "unclear answers"
DAMAGED = "databases damaged"
FILES = "files not told of"
PROMISED = (UNCLEAR, DAMAGED, FILES, *invariants.KINDS)

LEASE = 1.0
ROOM = 256 * 1024
"""Bytes by which the store may grow before there is no more room."""
SMALL_DISK = "3m"


def measure(plan: Plan) -> Iterator[Result]:
    with nursery("torture.child") as processes:
        if "SQLite" in plan.stores:
            yield full(processes, "a file that may not grow (RLIMIT_FSIZE), SQLite")
            with ExitStack() as stack:
                disk = stack.enter_context(_small_disk())
                if disk is not None:
                    yield full_disk(processes, disk, "a full disk (tmpfs), SQLite")
            yield read_only_file(processes, "a store that may only be read, SQLite")
        if "PostgreSQL" in plan.stores:
            yield read_only_database(plan, processes, "a database that may only be read, PostgreSQL")


def full(processes: Nursery, subject: str) -> Result:
    """No room for messages; then under a run; then for a file that code has made."""
    found: list[Violation] = []
    with _scene(processes) as scene:
        ids, program = scene.process.do("begin"), scene.process
        program.do("limit", more=ROOM)
        filled = program.do("fill", thread=ids["thread"], name="a", most=2000)
        found += is_clear(filled)
        found += is_clear(program.do("run", **ids))
        if program.do("count", thread=ids["thread"]) != len(filled["accepted"]) + 1:
            found.append(Violation(invariants.LOST, "while there was no room"))
        program.do("limit", more=None)
        program.do("settle", thread=ids["thread"])
        again = program.do("fill", thread=ids["thread"], name="slowly", most=5)
        found += goes_on(program.do("run", **ids))
        program.do("fill", thread=ids["thread"], name="slowly again", most=1)
        run = program.do("run_cut_short", **ids)
        program.do("limit", more=None)
        found += goes_on(program.do("poll", thread=ids["thread"], run=run))
        program.do("fill", thread=ids["thread"], name="much code", most=1)
        program.do("limit", more=4 * ROOM)
        made = program.do("run", **ids)
        found += is_told(made)
        program.do("limit", more=None)
        size = program.do("file")
        if size != len(MUCH):
            found.append(Violation(FILES, f"the file has {size} bytes of {len(MUCH)} when there is room again"))
        found += scene.judged([*filled["accepted"], *again["accepted"]])
    tried = f"{len(filled['accepted'])} messages until there was no room; a run that lost it; a file of {len(MUCH) >> 20} MiB"
    return Result(subject, tried, PROMISED, found, f'told: "{filled["error"]}"')


def full_disk(processes: Nursery, disk: Path, subject: str) -> Result:
    found: list[Violation] = []
    with _scene(processes, disk) as scene:
        program, ids = scene.process, scene.process.do("begin")
        filled = program.do("fill", thread=ids["thread"], name="a", most=3000)
        found += is_clear(filled)
        found += is_clear(program.do("run", **ids))
        if program.do("count", thread=ids["thread"]) != len(filled["accepted"]) + 1:
            found.append(Violation(invariants.LOST, "while the disk was full"))
        _mount("-o", "remount,size=64m", str(disk))
        program.do("settle", thread=ids["thread"])
        again = program.do("fill", thread=ids["thread"], name="b", most=5)
        found += goes_on(program.do("run", **ids))
        found += scene.judged([*filled["accepted"], *again["accepted"]])
    return Result(
        subject, f"{len(filled['accepted'])} messages until {SMALL_DISK} were full", PROMISED, found, f'told: "{filled["error"]}"'
    )


def read_only_file(processes: Nursery, subject: str) -> Result:
    found: list[Violation] = []
    with _scene(processes) as scene:
        ids = scene.process.do("begin")
        written = scene.process.do("fill", thread=ids["thread"], name="a", most=20)
        scene.process.kill()
        folder = scene.folder
        files = [folder, *folder.glob("*")]
        modes = {path: path.stat().st_mode for path in files}
        for path in files:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            with processes.process(kind="cramped", **scene.configuration, may_write=False) as reader:
                refused = reader.do("fill", thread=ids["thread"], name="b", most=1)
                found += is_clear(refused)
                found += is_clear(reader.do("run", **ids))
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        found += scene.judged(written["accepted"])
    return Result(subject, "a message and a run", PROMISED, found, f'told: "{_short(refused["error"], folder)}"')


def read_only_database(plan: Plan, processes: Nursery, subject: str) -> Result:
    found: list[Violation] = []
    with plan.each_store("disk", "PostgreSQL") as (store, files), _scene(processes, files.parent, store) as scene:
        ids = scene.process.do("begin")
        written = scene.process.do("fill", thread=ids["thread"], name="a", most=20)
        _read_only(store, "on")
        with processes.process(kind="cramped", **scene.configuration) as reader:
            refused = reader.do("fill", thread=ids["thread"], name="b", most=1)
            found += [*is_clear(refused), *is_clear(reader.do("run", **ids))]
            if reader.do("count", thread=ids["thread"]) != len(written["accepted"]) + 1:
                found.append(Violation(invariants.LOST, "while the database was read-only"))
        _read_only(store, "off")
        with processes.process(kind="cramped", **scene.configuration) as program:
            found += goes_on(program.do("run", **ids))
        found += scene.judged(written["accepted"])
    return Result(subject, "a message and a run", PROMISED, found, f'told: "{refused["error"]}"')


# -- judging


def is_clear(told: Json) -> list[Violation]:
    """503, and a sentence that says that it is the store."""
    if told["status"] == 503 and "store" in told["error"].lower():
        return []
    return [Violation(UNCLEAR, f"{told['status']}: {told.get('error')}")]


def goes_on(run: Json) -> list[Violation]:
    return (
        []
        if run["status"] == "completed"
        else [Violation(invariants.UNUSABLE, f"{run['status']}: {run.get('error', run.get('last_error'))}")]
    )


def is_told(run: Json) -> list[Violation]:
    """A run whose file could not be kept has done its work, and says what is missing."""
    if run["status"] == "completed" and run["last_error"] and "could not be copied" in run["last_error"]["message"]:
        return []
    return [Violation(FILES, f"the run is {run['status']}, last_error: {run.get('last_error')}")]


# -- the scene


class _Scene:
    def __init__(self, process: Worker, configuration: Json, folder: Path) -> None:
        self.process = process
        self.configuration = configuration
        self.folder = folder

    def judged(self, accepted: list[list[str]]) -> list[Violation]:
        """The store, as another process finds it when everything is over."""
        settings = Settings(**self.configuration["settings"])
        runtime = runtime_for(settings)
        found: list[Violation] = []
        with openai.OpenAI(api_key="sk-test", base_url=self.configuration["base_url"], max_retries=0) as client:
            attach(client, settings)
            blobs = picture.blobs(runtime)
            told = [(id, text) for id, text in accepted]
            for thread in picture.take(runtime, client):
                found += [*invariants.of_thread(thread, told), *invariants.copied(thread, blobs)]
        if runtime.database.url.get_backend_name() == "sqlite":
            with runtime.database.read() as connection:
                found += [Violation(DAMAGED, row) for row in connection.exec_driver_sql("PRAGMA integrity_check").scalars() if row != "ok"]
        runtime.database.close()
        return found


@contextmanager
def _scene(processes: Nursery, folder: Path | None = None, store: str | None = None) -> Iterator[_Scene]:
    """A program with a store in a folder that others may look into; not where only this user may go."""
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assistants-compat-disk-")))
            folder.chmod(0o755)
        base_url = stack.enter_context(OfflineUpstream(default=answer).serve())
        own = {"store": store or str(folder / "store.db"), "files": str(folder / "files"), "lease": LEASE, "max_retries": 0}
        configuration = {"base_url": base_url, "settings": own}
        process = stack.enter_context(processes.process(kind="cramped", **configuration))
        yield _Scene(process, configuration, folder)


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """None where this user may not mount one."""
    with tempfile.TemporaryDirectory(prefix="assistants-compat-disk-") as folder:
        if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", folder):
            yield None
            return
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def _mount(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _read_only(store: str, value: str) -> None:
    from assistants_compat.store.database import store_url

    url = store_url(store)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} SET default_transaction_read_only = {value}")
    engine.dispose()


def _short(sentence: str, folder: Path) -> str:
    return sentence.replace(str(folder), "…")
