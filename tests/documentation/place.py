"""Where blocks of pages run: a folder with the page's files, an offline upstream, the environment of somebody who has only set a key."""

from __future__ import annotations

import os
import re
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai

from assistants_compat import Settings, wrap
from assistants_compat.testing import OfflineUpstream
from documentation.blocks import Block, all_blocks
from stores import Postgres

PORT = "127.0.0.1:8000"
DATABASE = "postgresql://app@db.example/threads"
"""As pages write them; a test has others in their place."""


@contextmanager
def a_place_to_run(block: Block, folder: Path, programs: Path) -> Iterator[dict[str, str]]:
    """Fill the folder with the page's files; the environment.

    Args:
        programs: the folder of `python`, `pip` and `assistants-compat`.
    """
    for other in all_blocks():
        if other.page == block.page and other.file is not None:
            (folder / other.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / other.file).write_text(other.code)
    if re.search(r"assistants-compat (doctor|export|threads|assistants)\b", block.code):
        _use_for_a_while(folder / ".local" / "share" / "assistants-compat" / "store.db")
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


def _use_for_a_while(store: Path) -> None:
    """A store in which there is something to look at."""
    with wrap(openai.OpenAI(api_key="sk-test"), Settings(store=store)) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello."}])


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
