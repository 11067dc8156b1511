"""Which thread is which conversation, in files: `conversations.csv` and `.json`, `messages.csv`; and what came of it, `report.json`.

The first three are of all conversations that the store knows to be whole, however few an export was about. Each appears when it is whole.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistants_compat.store import conversations
from assistants_compat.store.conversations import Conversation
from assistants_compat.store.database import Database
from assistants_compat.transfer.conversations.exporting import Brought
from assistants_compat.transfer.conversations.items import KINDS
from assistants_compat.transfer.conversations.reading import Outcome
from assistants_compat.transfer.exporting import whole_file

Json = dict[str, Any]

MAP = "assistants-compat-conversations/v1"
REPORT = "assistants-compat-conversations-report/v1"
_IDS = ("thread_id", "conversation_id")
_MESSAGES = ("thread_id", "message_id", "conversation_id", "item_id")


class NotOurs(Exception):
    """What is there would be lost: one sentence."""


def check_folder(folder: Path, upstream: str) -> None:
    """That what would be written over are maps of the same upstream.

    Raises:
        NotOurs: the first that is not.
        OSError: it cannot be read.
    """
    for name, begins in _BEGINNINGS.items():
        path = folder / name
        if path.exists():
            with path.open("rb") as file:
                if file.read(len(begins)) != begins.encode():
                    raise NotOurs(f"{path} is something else than a map of conversations")
    path = folder / "conversations.json"
    if path.exists():
        try:
            of = json.loads(path.read_bytes())["upstream"]
        except (ValueError, KeyError, TypeError):
            raise NotOurs(f"{path} is no whole map of conversations") from None
        if of != upstream:
            raise NotOurs(f"{path} is of conversations at {of}, not at {upstream}")


def write_maps(folder: Path, database: Database, upstream: str, known: Sequence[Conversation], brought: Brought) -> None:
    """Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = {conversation.thread_id: str(conversation.id) for conversation in known if conversation.whole}
    _write_rows(folder / "conversations.csv", _IDS, whole.items())
    _write_json(folder / "conversations.json", {"schema": MAP, "upstream": upstream, "conversations": whole})
    _write_rows(folder / "messages.csv", _MESSAGES, _messages(database, known))
    _write_json(folder / "report.json", report(upstream, known, brought))


def report(upstream: str, known: Iterable[Conversation], brought: Brought) -> Json:
    """What came of it, by name."""
    return {
        "schema": REPORT,
        "upstream": upstream,
        "stopped": brought.stopped,
        "kinds": KINDS,
        "threads": [_told(outcome) for outcome in brought.outcomes],
        "replaced": {conversation.thread_id: conversation.former for conversation in known if conversation.former},
        "lost": {conversation.thread_id: conversation.lost for conversation in known if conversation.lost},
    }


def _told(outcome: Outcome) -> Json:
    told = {key: value for key, value in asdict(outcome).items() if key != "losses"}
    lost: dict[str, list[str]] = {}
    for kind, name in outcome.losses:
        lost.setdefault(kind, []).append(name)
    return {**told, "why": outcome.why or None, "not_as_it_was": lost}


def _messages(database: Database, known: Iterable[Conversation]) -> Iterator[tuple[str, str, str, str]]:
    for conversation in known:
        if conversation.whole:
            with database.read() as connection:
                for item in conversations.added(connection, conversation.seq):
                    if item.source_type == "message":
                        yield conversation.thread_id, item.source_id, str(conversation.id), item.item_id


def _write_rows(path: Path, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with whole_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
        text.detach()


def _write_json(path: Path, value: Json) -> None:
    with whole_file(path) as file:
        file.write(json.dumps(value, indent=1, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")


_BEGINNINGS = {
    "conversations.csv": ",".join(_IDS) + "\n",
    "conversations.json": f'{{\n "schema": "{MAP}"',
    "messages.csv": ",".join(_MESSAGES) + "\n",
    "report.json": f'{{\n "schema": "{REPORT}"',
}
