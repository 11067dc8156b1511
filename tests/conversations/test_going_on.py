"""A program with thread ids in its database is moved to native code by the codemods, its threads by the export: it goes on with them."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openai
import pytest

from assistants_compat.testing import OfflineUpstream

from .conftest import KEY, Done

pytestmark = pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")

PROGRAM = """\
import sqlite3
import sys

from openai import OpenAI

client = OpenAI()
database = sqlite3.connect("app.db")


def thread_of(user):
    row = database.execute("SELECT thread_id FROM users WHERE name = ?", (user,)).fetchone()
    return row[0]


def ask(user, question):
    thread_id = thread_of(user)
    client.beta.threads.messages.create(thread_id=thread_id, role="user", content=question)
    assistant = client.beta.assistants.create(model="gpt-5.6-sol", instructions="Be brief.")
    run = client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=assistant.id)
    if run.status == "completed":
        messages = client.beta.threads.messages.list(thread_id=thread_id, order="asc")
        for message in messages:
            print(message.role, message.content[0].text.value)


ask(sys.argv[1], sys.argv[2])
"""


@pytest.fixture
def shell(base_url: str, store: str, tmp_path: Path) -> Callable[..., str]:
    """A command of the test's Python in the program's folder: → what it printed."""

    def run(*words: str, code: int = 0) -> str:
        own = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "ASSISTANTS_COMPAT_STORE": store, "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=tmp_path / "app", env=os.environ | own, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.mark.long
def test_a_migrated_program_goes_on_with_the_threads_in_its_database(
    shell: Callable[..., str], export: Callable[..., Done], client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "main.py").write_text(PROGRAM)
    threads = {user: client.beta.threads.create().id for user in ("ada", "bob")}
    database = sqlite3.connect(folder / "app.db")
    with database:
        database.execute("CREATE TABLE users (name TEXT, thread_id TEXT)")
        database.executemany("INSERT INTO users VALUES (?, ?)", threads.items())
    upstream.script("One.")
    shell("-m", "assistants_compat", "run", "main.py", "ada", "First?")

    done = export()
    shell("-m", "assistants_compat", "migrate", "--to", "responses", "--write", "--allow-dirty", "main.py", code=1)
    native = (folder / "main.py").read_text()
    assert "beta" not in native
    assert "conversation=thread_id" in native
    with database, (done.folder / "conversations.csv").open(newline="") as file:
        database.executemany("UPDATE users SET thread_id = :conversation_id WHERE thread_id = :thread_id", csv.DictReader(file))
    database.close()

    upstream.script("Two.", "Hello, Bob.")
    assert shell("main.py", "ada", "Second?").splitlines() == ["user First?", "assistant One.", "user Second?", "assistant Two."]
    assert [item["content"][0]["text"] for item in upstream.requests[-1].asked] == ["First?", "One.", "Second?"]
    assert shell("main.py", "bob", "Hello?").splitlines() == ["user Hello?", "assistant Hello, Bob."]
