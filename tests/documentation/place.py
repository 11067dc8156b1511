"""Where blocks of pages run: a folder with the page's files, an offline upstream, the environment of somebody who has only set a key."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistants_compat.testing import OfflineUpstream
from documentation.blocks import Block, all_blocks
from stores import Postgres

PORT = "127.0.0.1:8000"
DATABASE = "postgresql://app@db.example/threads"
"""As pages write them; a test has others in their place."""


_MESSAGE = {"object": "thread.message", "thread_id": "thread_1", "created_at": 1_760_000_002, "metadata": {}, "attachments": []}
HISTORY = [
    {
        "id": "asst_1",
        "object": "assistant",
        "created_at": 1_760_000_000,
        "name": "Tutor",
        "model": "gpt-4o",
        "instructions": "Be brief.",
        "tools": [],
        "metadata": {},
    },
    {"id": "thread_1", "object": "thread", "created_at": 1_760_000_001, "metadata": {}},
    {"id": "thread_2", "object": "thread", "created_at": 1_760_000_001, "metadata": {}},
    {**_MESSAGE, "id": "msg_1", "role": "user", "content": [{"type": "text", "text": {"value": "Hello", "annotations": []}}]},
    {**_MESSAGE, "id": "msg_2", "role": "assistant", "content": [{"type": "text", "text": {"value": "Hello.", "annotations": []}}]},
]
"""Somebody's, saved as the API showed it."""


@contextmanager
def a_place_to_run(block: Block, folder: Path, programs: Path) -> Iterator[dict[str, str]]:
    """Fill the folder with the page's files; the environment.

    Args:
        programs: the folder of `python`, `pip` and `assistants-compat`.
    """
    files = [other for other in all_blocks() if other.page == block.page and other.file is not None]
    for file in files:
        assert file.file is not None
        (folder / file.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.file).write_text(file.code)
    if not files and re.search(r"assistants-compat (doctor|export)\b", block.code):
        _leave_a_history(folder)
    with OfflineUpstream().serve() as base_url:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANTS_COMPAT_", "OPENAI_", "AZURE_"))}
        yield inherited | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / ".local" / "share"),
            "OPENAI_BASE_URL": base_url,
            "OPENAI_API_KEY": "sk-test",
            "AZURE_OPENAI_ENDPOINT": base_url.removesuffix("/v1"),
            "AZURE_OPENAI_API_KEY": "azure-test",
            "NO_COLOR": "1",
            "COLUMNS": "140",
        }


def _leave_a_history(folder: Path) -> None:
    """A store in which there is something to look at."""
    store = folder / ".local" / "share" / "assistants-compat" / "store.db"
    command = [sys.executable, "-m", "assistants_compat", "import", "-", "--store", str(store), "--no-check-files"]
    subprocess.run(command, cwd=folder, input=json.dumps(HISTORY).encode(), check=True, capture_output=True)


@contextmanager
def a_port() -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """A free port in the place of the one that pages name: what to replace, and what to set."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    yield {PORT: f"127.0.0.1:{port}"}, {"ASSISTANTS_COMPAT_SERVER_PORT": str(port)}


@contextmanager
def a_database(server: Postgres) -> Iterator[dict[str, str]]:
    """An empty database in the place of the one that pages name."""
    database = server.empty()
    try:
        yield {DATABASE: database}
    finally:
        server.drop(database)
