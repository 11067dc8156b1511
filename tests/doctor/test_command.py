"""`assistants-compat doctor` on real stores and an upstream that answers: what it finds, and that it changes nothing."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from click.testing import Result

from assistants_compat.doctor.looking import contents as contents_module
from assistants_compat.runs.runtime import Runtime
from assistants_compat.settings import Settings
from assistants_compat.store.tables import runs, threads
from assistants_compat.testing import CodeInterpreter, FunctionCall, HttpError, OfflineUpstream, Text, Turn, Unreachable

Found = dict[str, list[dict[str, Any]]]
Diagnose = Callable[..., Found]

WEATHER: Any = {"type": "function", "function": {"name": "get_weather"}}


def levels(found: Found, check: str) -> list[str]:
    return [finding["level"] for finding in found.get(check, [])]


def text(found: Found, check: str) -> str:
    return " ".join(f"{finding['text']} {finding['advice'] or ''}" for finding in found[check])


def test_a_healthy_installation_has_nothing_to_do(run: Callable[..., Result], client: openai.OpenAI) -> None:
    client.beta.assistants.create(model="gpt-5.6-sol")
    result = run()
    assert result.exit_code == 0
    assert re.search(r"^  ok       The SDK is openai \d", result.output, re.M)
    assert re.search(r"^  ok       The seam applies to OpenAI, AsyncOpenAI", result.output, re.M)
    assert ": 1 assistant, 0 threads, 0 runs." in result.output
    assert "'gpt-5.6-sol', named by 1 assistant, has no date of its end." in result.output
    assert "The clock agrees with the upstream's." in result.output
    assert result.output.endswith("\nNothing to do.\n")


@pytest.mark.usefixtures("store_in_a_file")
def test_a_store_that_is_not_there_is_not_made(run: Callable[..., Result], tmp_path: Path) -> None:
    missing = tmp_path / "not" / "yet" / "store.db"
    result = run("--store", str(missing))
    assert result.exit_code == 0
    assert f"There is no store at {missing} yet: the first request makes it." in result.output
    assert not (tmp_path / "not").exists()


@pytest.mark.usefixtures("store_in_a_file")
def test_an_older_store_is_told_of_and_left_as_it_is(diagnosed: Diagnose, settings: Settings) -> None:
    with sqlite3.connect(settings.store) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    found = diagnosed()
    assert levels(found, "schema") == ["note"]
    assert "The store has schema 0001; this version needs" in text(found, "schema")
    with sqlite3.connect(settings.store) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


@pytest.mark.usefixtures("store_in_a_file")
def test_a_newer_store_is_a_problem(diagnosed: Diagnose, settings: Settings) -> None:
    with sqlite3.connect(settings.store) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = diagnosed()
    assert levels(found, "schema") == ["problem"]
    assert "schema 9999, of a newer assistants-compat" in text(found, "schema")


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("sqlite:/data/store.db", "neither a path nor a database URL"),
        ("mysql://me:hidden-word@host/threads", "mysql://me:***@host/threads is neither SQLite"),
        (":memory:", "The store is in memory"),
    ],
)
def test_a_setting_that_is_no_store_is_told_of(run: Callable[..., Result], store: str, said: str) -> None:
    result = run(ASSISTANTS_COMPAT_STORE=store)
    assert said in result.output
    assert "hidden-word" not in result.output


@pytest.mark.usefixtures("store_in_a_file")
def test_a_file_that_is_no_database_is_a_problem(diagnosed: Diagnose, settings: Settings) -> None:
    Path(settings.store).write_bytes(b"not a database " * 100)
    found = diagnosed()
    assert levels(found, "store") == ["problem"]
    assert "file is not a database" in text(found, "store")


@pytest.mark.usefixtures("store_in_a_file")
def test_a_damaged_file_is_a_problem(diagnosed: Diagnose, settings: Settings, client: openai.OpenAI, runtime: Runtime) -> None:
    for number in range(40):
        client.beta.threads.create(metadata={"number": str(number)}, messages=[{"role": "user", "content": "Hello " * 500}])
    runtime.close()
    with sqlite3.connect(settings.store) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'items_of_a_run'").fetchone()[0]
    with Path(settings.store).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    found = diagnosed()
    assert "problem" in levels(found, "store-soundness") + levels(found, "store")
    assert "restore it from a backup" in text(found, "store-soundness")


@pytest.mark.usefixtures("store_in_a_file")
def test_files_that_others_may_read_are_warned_about(diagnosed: Diagnose, settings: Settings) -> None:
    assert text(diagnosed(), "store-permissions").strip() == "Its files are their owner's alone."
    os.chmod(settings.store, 0o644)
    folder = Path(f"{settings.store}.files")
    folder.mkdir(0o755)
    found = diagnosed()
    assert levels(found, "store-permissions") == ["warning", "warning"]
    assert f"chmod 600 {settings.store}" in text(found, "store-permissions")
    assert f"chmod 700 {folder}" in text(found, "store-permissions")


def test_models_that_are_gone_or_going_are_named_with_dates_and_replacements(diagnosed: Diagnose, client: openai.OpenAI) -> None:
    ids = [client.beta.assistants.create(model=model).id for model in ("gpt-4-turbo", "gpt-4-turbo", "gpt-4o", "gpt-5.1", "gpt-5.6-sol")]
    found = diagnosed()
    by_model = {finding["text"].split("'")[1]: finding for finding in found["models"]}
    assert by_model["gpt-4-turbo"]["level"] == "problem"
    assert by_model["gpt-4-turbo"]["text"] == "'gpt-4-turbo', named by 2 assistants, is gone."
    assert by_model["gpt-4-turbo"]["advice"].startswith("OpenAI shut down 'gpt-4-turbo' on 2026-10-23 and recommends 'gpt-5.6-sol'.")
    assert "ASSISTANTS_COMPAT_MODELS=gpt-4-turbo=gpt-5.6-sol" in by_model["gpt-4-turbo"]["advice"]
    assert by_model["gpt-4-turbo"]["objects"] == ids[:2]
    assert "is shut down on 2027-01-14, in" in by_model["gpt-4o"]["text"]
    assert "ASSISTANTS_COMPAT_MODELS=gpt-4o=gpt-6-luna" in by_model["gpt-4o"]["advice"]
    assert by_model["gpt-5.6-sol"]["level"] == "ok"


def test_models_are_judged_as_they_are_sent(diagnosed: Diagnose, client: openai.OpenAI) -> None:
    client.beta.assistants.create(model="gpt-4-turbo")
    found = diagnosed(ASSISTANTS_COMPAT_MODELS="gpt-4-turbo=gpt-5.6-sol")
    assert text(found, "models") == "'gpt-4-turbo', named by 1 assistant, is sent as 'gpt-5.6-sol', which has no date of its end. "
    found = diagnosed(ASSISTANTS_COMPAT_MODELS="recommended")
    assert levels(found, "models") == ["ok"]
    found = diagnosed(ASSISTANTS_COMPAT_MODELS="gpt-4-turbo=o1")
    assert levels(found, "models") == ["problem"]
    assert "is sent as 'o1', which is gone." in text(found, "models")


def test_a_model_that_the_upstream_does_not_list_is_a_problem(diagnosed: Diagnose, client: openai.OpenAI) -> None:
    client.beta.assistants.create(model="gpt-ours")
    assert levels(diagnosed(), "models") == ["problem"]
    assert levels(diagnosed("--offline"), "models") == ["ok"]


def test_vector_stores_and_files_that_are_gone_are_named_with_who_names_them(
    diagnosed: Diagnose, client: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    kept, lost = (upstream.put_vector_store({f"{name}.txt": "text"}) for name in ("kept", "lost"))
    image, data = upstream.put_file("a.png", b"png", purpose="vision"), upstream.put_file("b.csv", "1,2")
    resources: Any = {"file_search": {"vector_store_ids": [lost]}, "code_interpreter": {"file_ids": [data]}}
    assistant = client.beta.assistants.create(model="gpt-5.6-sol", tool_resources=resources)
    thread = client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [kept]}})
    content: Any = [{"type": "image_file", "image_file": {"file_id": image}}]
    message = client.beta.threads.messages.create(thread.id, role="user", content=content)
    assert levels(diagnosed(), "vector-stores") == levels(diagnosed(), "files") == ["ok"]
    client.vector_stores.delete(lost)
    client.files.delete(image)
    client.files.delete(data)
    found = diagnosed()
    assert found["vector-stores"][0]["objects"] == [lost]
    assert f"{lost}, named by {assistant.id}" in text(found, "vector-stores")
    assert sorted(found["files"][0]["objects"]) == sorted([image, data])
    assert f"{image}, named by message {message.id} of {thread.id}" in text(found, "files")


def test_an_expired_vector_store_is_a_problem(client: openai.OpenAI, upstream: OfflineUpstream, diagnosed: Diagnose) -> None:
    store = upstream.put_vector_store({"a.txt": "text"}, expires_after={"anchor": "last_active_at", "days": 1})
    client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store]}})
    assert levels(diagnosed(), "vector-stores") == ["ok"]
    upstream._storage.vector_stores.clock = lambda: 4_000_000_000.0
    found = diagnosed()
    assert (levels(found, "vector-stores"), "expired" in text(found, "vector-stores")) == (["problem"], True)


def test_lookups_are_bounded(diagnosed: Diagnose, client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    for number in range(3):
        store = upstream.put_vector_store({f"{number}.txt": "text"})
        client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store]}})
    upstream.calls.clear()
    found = diagnosed("--lookups", "2")
    assert text(found, "vector-stores") == "2 of 3 vector stores looked at. To look at more of them: --lookups."
    assert sum(bool(re.search(r"/vector_stores/vs_", call.path)) for call in upstream.calls) == 2


def test_what_is_read_of_a_large_store_is_bounded(
    diagnosed: Diagnose, client: openai.OpenAI, upstream: OfflineUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents_module, "MOST", 2)
    stores = [upstream.put_vector_store({f"{number}.txt": "text"}) for number in range(3)]
    for store in stores:
        client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store]}})
    client.vector_stores.delete(stores[0])
    client.vector_stores.delete(stores[2])
    found = diagnosed()
    assert found["vector-stores"][0]["objects"] == [stores[2]]
    assert "the newest 2 of 3 threads were" in text(found, "files")


def test_without_a_key_only_the_clock_is_asked_for(diagnosed: Diagnose, client: openai.OpenAI, upstream: OfflineUpstream) -> None:
    client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [upstream.put_vector_store()]}})
    upstream.calls.clear()
    found = diagnosed(OPENAI_API_KEY=None)
    assert "was not looked at" in text(found, "upstream")
    assert "vector-stores" not in found
    assert levels(found, "clock-of-upstream") == ["ok"]
    assert [call.path for call in upstream.calls] == ["/v1/models"]


def test_offline_asks_nothing(run: Callable[..., Result], upstream: OfflineUpstream) -> None:
    assert run("--offline").exit_code == 0
    assert upstream.calls == []


def test_a_key_that_is_refused_is_a_problem(run: Callable[..., Result], upstream: OfflineUpstream) -> None:
    upstream.fail("GET /models", HttpError(401, f"Incorrect API key provided: {'sk-' + 'a' * 20}.", "invalid_api_key"))
    result = run()
    assert result.exit_code == 1
    assert "refuses the key" in result.output
    assert "sk-aaa" not in result.output


def test_an_upstream_that_cannot_be_reached_leaves_open_what_it_has(run: Callable[..., Result], upstream: OfflineUpstream) -> None:
    upstream.fail("GET /models", Unreachable(), Unreachable())
    result = run()
    assert result.exit_code == 2
    assert "cannot be asked:" in result.output
    assert "Not everything could be looked at: 1 warning, 1 note." in result.output
    assert run("--strict", OPENAI_BASE_URL="http://127.0.0.1:9/v1").exit_code == 2


def test_lookups_that_are_refused_are_not_taken_for_missing(
    run: Callable[..., Result], client: openai.OpenAI, upstream: OfflineUpstream
) -> None:
    client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [upstream.put_vector_store()]}})
    upstream.fail("GET /vector_stores/*", *[HttpError(429, "Rate limit reached", "rate_limit_exceeded")] * 2)
    result = run()
    assert result.exit_code == 2
    assert "0 of 1 vector store looked at: " in result.output


def test_strict_makes_warnings_count(run: Callable[..., Result], client: openai.OpenAI) -> None:
    client.beta.assistants.create(model="gpt-5.6-sol")
    assert run(ASSISTANTS_COMPAT_STOER="x").exit_code == 0
    assert run("--strict", ASSISTANTS_COMPAT_STOER="x").exit_code == 1


def test_settings_that_nobody_reads_are_told_without_their_values(run: Callable[..., Result]) -> None:
    result = run(ASSISTANTS_COMPAT_MODLES="a-private-value", ASSISTANT_COMPAT_LEASE="5", assistants_compat_hold="5")
    assert "ASSISTANTS_COMPAT_MODLES is no setting: nobody reads it." in result.output
    assert "Did you mean ASSISTANTS_COMPAT_MODELS?" in result.output
    assert "Did you mean ASSISTANTS_COMPAT_LEASE?" in result.output
    assert "Did you mean ASSISTANTS_COMPAT_HOLD?" in result.output
    assert "a-private-value" not in result.output


def test_each_setting_that_cannot_be_read_is_told_and_the_rest_is_looked_at(run: Callable[..., Result], client: openai.OpenAI) -> None:
    client.beta.assistants.create(model="gpt-5.6-sol")
    result = run(ASSISTANTS_COMPAT_LEASE="soon", ASSISTANTS_COMPAT_MAX_RETRIES="-1")
    assert result.exit_code == 1
    assert "ASSISTANTS_COMPAT_LEASE='soon' cannot be read: could not convert string to float: 'soon'." in result.output
    assert "ASSISTANTS_COMPAT_MAX_RETRIES: " in result.output
    assert ": 1 assistant, 0 threads" in result.output


def test_the_servers_settings_are_known_too(run: Callable[..., Result]) -> None:
    pytest.importorskip("starlette", reason="the extra [server] is not installed")
    result = run(ASSISTANTS_COMPAT_SERVER_PORT="8000", ASSISTANTS_COMPAT_SERVER_MAX_RUNS="0")
    assert re.search(r"The environment sets .*ASSISTANTS_COMPAT_SERVER_MAX_RUNS, ASSISTANTS_COMPAT_SERVER_PORT", result.output)
    assert "'max_runs' must be above 0" in result.output


def test_a_key_in_the_wrong_place_is_not_shown(run: Callable[..., Result]) -> None:
    result = run(ASSISTANTS_COMPAT_POOL_SIZE="sk-proj-abcdefghijkl", ASSISTANTS_COMPAT_LEASE="correct horse", A_SECRET="correct horse")
    assert result.exit_code == 1
    assert "abcdefgh" not in result.output
    assert "correct horse" not in result.output


@pytest.fixture
def run_at_work(client: openai.OpenAI, upstream: OfflineUpstream) -> Any:
    """A run that waits for its tools' outputs."""
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Weather?"}])
    upstream.script(FunctionCall("get_weather", "{}"))
    return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)


def set_run(runtime: Runtime, run: Any, **values: Any) -> None:
    with runtime.database.write() as connection:
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(**values))


def test_runs_are_stuck_when_their_process_is_dead(diagnosed: Diagnose, run_at_work: Any, runtime: Runtime) -> None:
    assert text(diagnosed(), "stuck-runs").startswith("No run is stuck; 0 at work, 1 waiting")
    set_run(runtime, run_at_work, status="in_progress", lease_until=runtime.clock() + 100)
    assert text(diagnosed(), "stuck-runs").startswith("No run is stuck; 1 at work, 0 waiting")
    set_run(runtime, run_at_work, lease_until=runtime.clock() - 1)
    found = diagnosed()
    assert (levels(found, "stuck-runs"), found["stuck-runs"][0]["objects"]) == (["warning"], [run_at_work.id])
    assert "nobody is at work on" in text(found, "stuck-runs")
    set_run(runtime, run_at_work, deadline=runtime.clock() - 1)
    assert "should have ended, and locks its thread until then" in text(diagnosed(), "stuck-runs")


def test_a_thread_that_a_finished_run_locks_is_a_problem(diagnosed: Diagnose, run_at_work: Any, runtime: Runtime) -> None:
    assert "thread-locks" not in diagnosed()
    set_run(runtime, run_at_work, status="failed")
    found = diagnosed()
    assert (levels(found, "thread-locks"), found["thread-locks"][0]["objects"]) == (["problem"], [run_at_work.thread_id])
    with runtime.database.write() as connection:
        connection.execute(sa.update(threads).values(active_run="run_gone"))
    assert f"{run_at_work.thread_id} by run_gone" in text(diagnosed(), "thread-locks")


@pytest.fixture
def made_file(client: openai.OpenAI, upstream: OfflineUpstream) -> str:
    tools: Any = [{"type": "code_interpreter"}]
    assistant = client.beta.assistants.create(model="gpt-4o", tools=tools)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Write a file"}])
    upstream.script(
        Turn(CodeInterpreter("open('a.csv', 'w').write('1,2')", files={"a.csv": b"1,2"}), Text("[it](sandbox:/mnt/data/a.csv)"))
    )
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    file = client.files.list(purpose="assistants_output").data[0]
    return file.id


def test_files_that_code_made_are_looked_for_on_disk(diagnosed: Diagnose, made_file: str, runtime: Runtime) -> None:
    assert text(diagnosed(), "made-files").strip() == "1 file, all there."
    blob = runtime.blobs.path(made_file)
    blob.write_bytes(b"1")
    assert "1 file of another size" in text(diagnosed(), "made-files")
    blob.unlink()
    found = diagnosed()
    assert (levels(found, "made-files"), found["made-files"][0]["objects"]) == (["problem"], [made_file])
    blob.parent.rmdir()
    assert "There is no folder" in text(diagnosed(), "made-files")


def test_looking_leaves_the_store_as_it_is(run: Callable[..., Result], client: openai.OpenAI, run_at_work: Any, runtime: Runtime) -> None:
    set_run(runtime, run_at_work, deadline=1.0)

    def everything() -> Any:
        with runtime.database.read() as connection:
            return [connection.execute(sa.select(table)).all() for table in (threads, runs)]

    before = everything()
    run()
    assert everything() == before


@pytest.mark.usefixtures("store_in_a_file")
def test_looking_leaves_no_files(run: Callable[..., Result], settings: Settings) -> None:
    folder = Path(settings.store).parent
    before = sorted(folder.iterdir())
    run()
    assert sorted(folder.iterdir()) == before


def test_the_json_is_one_object_without_anything_else(run: Callable[..., Result]) -> None:
    result = run("--format", "json")
    assert [finding["check"] for finding in json.loads(result.stdout)["findings"]][:3] == ["python", "sdk", "seam"]
