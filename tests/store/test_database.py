"""The file that threads live in: where it is, who may read it, what happens when it cannot be used, and what is never in it."""

from __future__ import annotations

import errno
import logging
import os
import stat
import threading
from pathlib import Path
from typing import Any

import openai
import pytest
import sqlalchemy as sa

from assistants_compat.runs.runtime import Runtime, runtime_for
from assistants_compat.seam import attach
from assistants_compat.settings import Settings
from assistants_compat.store import sqlite
from assistants_compat.store.database import Database, StoreError, store_url
from assistants_compat.testing import HttpError, OfflineUpstream, Text

COUNT = "SELECT count(*) FROM threads"


def add_thread(connection: sa.Connection, id: str) -> None:
    connection.exec_driver_sql("INSERT INTO threads (id, tenant, created_at, message_count, body) VALUES (?, '', 0, 0, '{}')", (id,))


# -- where


@pytest.mark.parametrize(
    ("store", "database"),
    [
        (":memory:", None),
        ("sqlite://", None),
        ("sqlite:///:memory:", ":memory:"),
        ("/data/threads.db", "/data/threads.db"),
        ("threads.db", f"{Path.cwd()}/threads.db"),
        ("~/threads.db", f"{Path.home()}/threads.db"),
        ("sqlite:////data/threads.db", "/data/threads.db"),
        ("sqlite:///threads.db", "threads.db"),
        ("/data/50% off?#1 and more.db", "/data/50% off?#1 and more.db"),
    ],
)
def test_where_a_store_is(store: str, database: str | None) -> None:
    assert store_url(store).database == database
    assert Database(store).in_memory == (database in (None, ":memory:"))


def test_without_a_name_it_is_in_the_platforms_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert store_url("").database == str(tmp_path / "assistants-compat" / "store.db")


@pytest.mark.parametrize("name", ["plain.db", "50% off?#1.db", "мои беседы.db", "a b/c d.db", "quote'.db"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    with Database(str(tmp_path / name)).write() as connection:
        add_thread(connection, "thread_1")
    assert (tmp_path / name).is_file()
    with Database(str(tmp_path / name)).read() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 1


@pytest.mark.parametrize("store", [":memory:", "sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_one_store_for_all_threads_and_no_file(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(store)

    def add(number: int) -> None:
        for index in range(20):
            with database.write() as connection:
                add_thread(connection, f"thread_{number}_{index}")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 80
    assert list(tmp_path.iterdir()) == []


# -- who may read it


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        path = tmp_path / "new" / "deeper" / "store.db"
        database = Database(str(path))
        with database.write() as connection:
            add_thread(connection, "thread_1")
            files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert files == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


# -- what cannot be used


def refused(store: str) -> str:
    with pytest.raises(StoreError) as error, Database(store).read():
        pass
    assert str(error.value).endswith("Name another with ASSISTANTS_COMPAT_STORE or Settings(store=…).") or "newer" in str(error.value)
    return str(error.value)


def test_a_directory(tmp_path: Path) -> None:
    assert f"The store {tmp_path} cannot be opened: Is a directory." in refused(str(tmp_path))


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "store.db cannot be opened: " in refused(str(tmp_path / "file" / "store.db"))


def test_a_directory_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not tried for real, because a superuser may write anywhere."""

    def denied(*arguments: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert "cannot be opened: Permission denied." in refused(str(tmp_path / "store.db"))


def test_a_place_where_nothing_can_be_written() -> None:
    assert "cannot be opened" in refused("/proc/nowhere/store.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database. " * 1000)
    assert "cannot be opened: file is not a database." in refused(str(path))
    assert path.read_text() == "Not a database. " * 1000


def test_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE threads (subject TEXT)")
    assert "table threads already exists" in refused(str(path))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["threads"]


def test_a_url_that_is_none_says_nothing_of_its_password() -> None:
    message = refused("postgres ql://me:secret@host/db")
    assert "neither a path nor a database URL" in message
    assert "secret" not in message


def test_a_database_of_a_kind_it_does_not_know() -> None:
    with pytest.raises(StoreError, match="is neither SQLite") as error, Database("mysql://me:secret@host/db").read():
        pass
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("store", ["/proc/nowhere/store.db", "postgres ql://me:secret@host/db"])
def test_a_program_is_told_in_an_http_error(upstream: OfflineUpstream, client: openai.OpenAI, store: str) -> None:
    other = client.with_options(base_url="https://other.test/v1", max_retries=5)
    attach(other, Settings(store=store))
    with pytest.raises(openai.InternalServerError, match="The store ") as error:
        other.beta.threads.create()
    assert error.value.status_code == 503
    assert error.value.response.headers["x-should-retry"] == "false"
    assert "secret" not in str(error.value)


def test_a_store_that_fails_is_told_in_the_reply(client: openai.OpenAI, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    client.beta.threads.create()

    def insert(*_: Any) -> None:
        raise sa.exc.OperationalError("INSERT INTO threads", {}, Exception("disk I/O error"))

    monkeypatch.setattr("assistants_compat.store.threads.insert", insert)
    with pytest.raises(openai.InternalServerError, match="The store failed: disk I/O error") as error:
        client.beta.threads.create()
    assert error.value.status_code == 503


def test_a_store_that_could_not_be_opened_can_be_later(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    database = Database(str(tmp_path / "store.db"))
    with pytest.raises(StoreError), database.read():
        pass
    (tmp_path / "store.db").rmdir()
    with database.read() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 0


# -- transactions


def test_a_transaction_that_raises_leaves_nothing_and_the_next_goes_on(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "store.db"))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), database.write() as connection:  # noqa: PT012
            add_thread(connection, "thread_1")
            raise ZeroDivisionError
    with database.write() as connection:
        add_thread(connection, "thread_2")
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id FROM threads").scalars().all() == ["thread_2"]


@pytest.mark.parametrize("store", ["store.db", ":memory:"])
def test_a_commit_that_fails_leaves_nothing_and_the_next_goes_on(tmp_path: Path, store: str) -> None:
    """A deferred foreign key is refused by COMMIT itself, which leaves the transaction open, as a full disk may."""
    database = Database(store if store == ":memory:" else str(tmp_path / store))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE strict (thread TEXT REFERENCES threads (id) DEFERRABLE INITIALLY DEFERRED)")
    for _ in range(3):
        with pytest.raises(sa.exc.SQLAlchemyError, match="FOREIGN KEY"), database.write() as connection:  # noqa: PT012
            _with_foreign_keys(connection)
            add_thread(connection, "thread_1")
            connection.exec_driver_sql("INSERT INTO strict VALUES ('thread_nowhere')")
    with database.write() as connection:
        add_thread(connection, "thread_2")
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id FROM threads").scalars().all() == ["thread_2"]


def _with_foreign_keys(connection: sa.Connection) -> None:
    """They can be switched on outside a transaction only."""
    driver: Any = connection.connection.driver_connection
    driver.execute("COMMIT")
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("BEGIN IMMEDIATE")


def test_a_reader_sees_what_was_committed_and_waits_for_nobody(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "store.db"))
    with database.write() as connection:
        add_thread(connection, "thread_1")
        seen: list[Any] = []

        def read() -> None:
            with database.read() as other:
                seen.append(other.exec_driver_sql(COUNT).scalar())

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(10)
        assert seen == [0]
    with database.read() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 1


def test_a_closed_store_opens_again(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "store.db"))
    with database.write() as connection:
        add_thread(connection, "thread_1")
    database.close()
    with database.read() as connection:
        assert connection.exec_driver_sql(COUNT).scalar() == 1
    database.close()


# -- what is never in it

SECRETS = ("sk-secret-0123456789abcdef", "org-secret", "proj-secret", "cookie-secret", "azure-secret")


def everything_written(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def test_no_key_is_ever_written_logged_or_repeated(upstream: OfflineUpstream, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(store=str(tmp_path / "store.db"))
    key, organization, project, cookie, azure = SECRETS
    said: list[str] = []
    with upstream.serve() as base_url:
        with openai.OpenAI(
            api_key=key,
            organization=organization,
            project=project,
            base_url=base_url,
            default_headers={"Cookie": cookie, "api-key": azure},
            max_retries=0,
        ) as client:
            attach(client, settings)
            threads = client.beta.threads
            assistant = client.beta.assistants.create(model="gpt-4o", metadata={"name": "tutor"})
            thread = threads.create(messages=[{"role": "user", "content": "How are you?"}])
            upstream.script(
                Text("Fine."), HttpError(401, "Who are you?", "invalid_api_key"), *[HttpError(500, "", headers={"retry-after-ms": "1"})] * 5
            )
            for status in ("completed", "failed", "failed"):
                run = threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
                assert run.status == status
                said.append(run.to_json())
            with threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
                said += [repr(event) for event in stream]
            for wrong in (lambda: threads.retrieve("thread_nowhere"), lambda: threads.create(messages=[{"role": "nobody", "content": ""}])):  # type: ignore[typeddict-item]
                with pytest.raises(openai.APIStatusError) as error:
                    wrong()
                said.append(str(error.value) + error.value.response.text + str(error.value.response.headers))
            said.append(repr(runtime_for(settings).__dict__))
        runtime_for(settings).database.close()
    places = {
        "the store": everything_written(tmp_path),
        "the log": caplog.text.encode(),
        "what a program sees": "".join(said).encode(),
    }
    assert b"How are you?" in places["the store"]
    for place, content in places.items():
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} is in {place}"


def test_an_error_of_our_own_says_nothing_of_keys(client: openai.OpenAI, runtime: Runtime, monkeypatch: Any, caplog: Any) -> None:
    def broken(*arguments: Any) -> Any:
        raise ZeroDivisionError(arguments)

    monkeypatch.setattr("assistants_compat.store.threads.insert", broken)
    secret = client.with_options(api_key=SECRETS[0])
    with pytest.raises(openai.InternalServerError) as error:
        secret.beta.threads.create()
    assert "ZeroDivisionError" in caplog.text
    assert SECRETS[0] not in caplog.text + error.value.response.text


# -- interrupted


def test_an_interrupt_at_the_worst_moment_leaves_the_store_to_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between the beginning of a transaction and everything else."""
    database, other = Database(str(tmp_path / "store.db")), Database(str(tmp_path / "store.db"))
    with database.write() as connection:
        add_thread(connection, "thread_1")
    execute = sqlite._execute

    def interrupted(connection: sa.Connection, statement: str) -> None:
        execute(connection, statement)
        monkeypatch.setattr(sqlite, "_execute", execute)
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite, "_execute", interrupted)
    with pytest.raises(KeyboardInterrupt), database.write() as connection:
        add_thread(connection, "thread_2")
    for store, id in ((other, "thread_3"), (database, "thread_4")):
        with store.write() as connection:
            add_thread(connection, id)
            assert connection.exec_driver_sql(COUNT).scalar() == int(id[-1]) - 1
    database.close()
    other.close()


@pytest.mark.parametrize("store", ["sqlite+aiosqlite:////tmp/threads.db", "/data/nul\0.db"])
def test_a_store_that_no_sqlite_opens_is_refused_in_words(store: str) -> None:
    with pytest.raises(StoreError), Database(store).read():
        raise AssertionError("it was opened")


@pytest.mark.parametrize("url", ["postgresql://me:secret@host/threads", "postgresql+psycopg://host/threads", "sqlite:///threads.db"])
def test_a_url_that_was_made_a_path_is_no_store_and_no_folder_is_made_of_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="is text, not a Path") as refused, Database(Settings(store=Path(url)).store).read():
        raise AssertionError("it was opened")
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("files", ["s3://bucket/files", Path("s3://bucket/files")])
def test_a_url_is_no_folder_for_files(files: Any) -> None:
    with pytest.raises(ValueError, match="'files' is a folder, not a URL"):
        Settings(files=files)


def test_a_path_object_names_a_store(tmp_path: Path) -> None:
    assert Settings(store=tmp_path / "store.db") == Settings(store=str(tmp_path / "store.db"))
