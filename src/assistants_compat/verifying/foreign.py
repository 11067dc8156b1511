"""Which objects a recording uses that it does not make: they were there before it began. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.verifying.knowledge import KINDS
from assistants_compat.verifying.recording import Recording, Turn

Json = dict[str, Any]

_ID = re.compile(r"(?<![\w-])(?:asst|thread|run|msg)_\w+")
_NOT_FOUND = re.compile(r"found with id '([^']*)'")
_KIND_OF_PLACE = {"assistants": "assistant", "threads": "thread", "messages": "message", "runs": "run"}


@dataclass
class Foreign:
    """By kind, the ids of what was there before, in the order in which the recording speaks of it."""

    ids: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in _KIND_OF_PLACE.values()})
    """By kind: ids, with the id of the thread of messages and runs."""
    more_assistants: bool = False
    """Whether a page of assistants that the recording shows was not the last."""
    more_messages: set[str] = field(default_factory=set)
    """Threads of which a page of messages, the newest first, was not the last."""
    newer_messages: set[str] = field(default_factory=set)
    """The same of pages with the oldest first, where the recording itself has added nothing."""


def foreign_in(recording: Recording) -> Foreign:
    """What a recording takes for granted."""
    found = Foreign()
    made: set[str] = set()
    touched: set[str] = set()
    last_page: dict[str, bool] = {}
    newer_page: dict[str, bool] = {}
    for turn in recording.turns:
        for kind, id, thread_id in _named(turn):
            if id not in made and not (kind == "message" and thread_id in made):
                found.ids[kind].setdefault(id, thread_id)
        if not turn.succeeded:
            continue
        for value in _made(turn):
            made.add(str(value.get("id")))
            if value.get("object") == "thread.run":
                made.update([str(value.get("thread_id"))] if turn.parts == ("threads", "runs") else ())
        for value in _listed(turn):
            shown = KINDS.get(str(value.get("object")))
            id, run_id = str(value.get("id")), value.get("run_id")
            if shown not in found.ids or id in made:
                continue
            if shown == "message" and (run_id in made or value.get("thread_id") in made):
                continue  # a run's, or one of the messages that the thread was made with
            if shown == "message" and run_id:
                found.ids["run"].setdefault(str(run_id), value.get("thread_id"))
            else:
                found.ids[shown].setdefault(id, value.get("thread_id"))
        if isinstance(turn.reply, dict) and turn.reply.get("object") == "list":
            pages = newer_page if "order=asc" in turn.query else last_page
            if "before=" not in turn.query:
                pages[turn.path] = bool(turn.reply.get("has_more")) and not (pages is newer_page and turn.ids and turn.ids[0] in touched)
        if turn.method == "POST" and turn.ids:
            touched.add(turn.ids[0])
    found.more_assistants = last_page.get("/assistants", False)
    found.more_messages, found.newer_messages = (
        {path.split("/")[2] for path, more in pages.items() if more and path.endswith("/messages")} for pages in (last_page, newer_page)
    )
    return found


def _named(turn: Turn) -> Iterator[tuple[str, str, str | None]]:
    """Kind and id of what the request names and the reply takes for there, with the thread of runs and messages."""
    reply = turn.reply if isinstance(turn.reply, dict) else {}
    if turn.status == 404:
        missing = _NOT_FOUND.search(str((reply.get("error") or {}).get("message") if isinstance(reply.get("error"), dict) else ""))
        if missing is None:
            return
        absent = {missing[1]}
    elif turn.succeeded or turn.status == 400:
        absent = set()
    else:
        return
    thread_id = turn.ids[0] if turn.ids and turn.path.startswith("/threads") else None
    places = [part for part in turn.path.split("/") if part]
    for place, id in zip(places[::2], places[1::2], strict=False):
        if place in _KIND_OF_PLACE and id not in absent and id in turn.ids and (turn.succeeded or _ID.fullmatch(id)):
            yield _KIND_OF_PLACE[place], id, thread_id
    if isinstance(turn.body, dict) and isinstance(turn.body.get("assistant_id"), str) and turn.body["assistant_id"] not in absent:
        yield "assistant", turn.body["assistant_id"], None
    if turn.succeeded and turn.query:
        for id in _ID.findall(turn.query):
            if id.startswith(("asst_", "run_")):
                yield "run" if id.startswith("run_") else "assistant", id, thread_id


def _made(turn: Turn) -> Iterator[Json]:
    """What the request has made."""
    if turn.events is not None:
        yield from (event.data for event in turn.events if isinstance(event.data, dict))
    elif turn.method == "POST" and turn.parts[-1:] != ("*",) and isinstance(turn.reply, dict):
        yield turn.reply


def _listed(turn: Turn) -> Iterator[Json]:
    """What a GET shows."""
    if turn.method != "GET" or not isinstance(turn.reply, dict):
        return
    listed = turn.reply.get("data")
    for value in listed if isinstance(listed, list) else [turn.reply]:
        if isinstance(value, dict):
            yield value
