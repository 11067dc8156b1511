"""Which objects a recording uses that it does not make: they were there before it began. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.verifying.fields import inside, objects, text
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
    for turn in recording.turns:
        for kind, id, thread_id in _named(turn):
            if id not in made and not (kind == "message" and thread_id in made):
                found.ids[kind].setdefault(id, thread_id)
        if not turn.succeeded:
            continue
        for value in _made(turn):
            made.add(text(value, "id"))
            if turn.parts == ("threads", "runs"):
                made.add(text(value, "thread_id"))
        made.discard("")
        for value in _listed(turn):
            _take_for_granted(value, made, found)
    found.more_assistants = "/assistants" in _unfinished(recording, oldest_first=False)
    found.more_messages = _threads_of(_unfinished(recording, oldest_first=False))
    found.newer_messages = _threads_of(_unfinished(recording, oldest_first=True))
    return found


def _take_for_granted(value: Json, made: set[str], found: Foreign) -> None:
    """An object that a GET shows, unless the recording has made it."""
    kind, id, run_id, thread_id = KINDS.get(text(value, "object")), *(text(value, name) for name in ("id", "run_id", "thread_id"))
    if kind not in found.ids or id in made:
        return
    if kind == "message" and (run_id in made or thread_id in made):
        return  # a run's, or one of the messages that the thread was made with
    if kind == "message" and run_id:
        found.ids["run"].setdefault(run_id, thread_id)
    else:
        found.ids[kind].setdefault(id, thread_id)


def _unfinished(recording: Recording, *, oldest_first: bool) -> set[str]:
    """Paths of lists whose last page that the recording shows has more after it, which the recording itself has not made."""
    touched: set[str] = set()  # threads
    more: dict[str, bool] = {}
    for turn in recording.turns:
        if not turn.succeeded:
            continue
        if text(turn.reply, "object") == "list" and "before=" not in turn.query and ("order=asc" in turn.query) is oldest_first:
            is_own = oldest_first and not touched.isdisjoint(turn.ids)
            more[turn.path] = inside(turn.reply, "has_more") is True and not is_own
        if turn.method == "POST":
            touched.update(turn.ids[:1])
    return {path for path, has_more in more.items() if has_more}


def _threads_of(paths: set[str]) -> set[str]:
    return {path.split("/")[2] for path in paths if path.endswith("/messages")}


def _named(turn: Turn) -> Iterator[tuple[str, str, str | None]]:
    """Kind and id of what the request names and the reply takes for there, with the thread of runs and messages."""
    missing = _NOT_FOUND.search(text(turn.reply, "error", "message"))
    if not turn.succeeded and turn.status != 400 and missing is None:
        return
    absent = missing[1] if missing else None
    thread_id = turn.ids[0] if turn.ids and turn.path.startswith("/threads") else None
    places = [part for part in turn.path.split("/") if part]
    for place, id in zip(places[::2], places[1::2], strict=False):
        if place in _KIND_OF_PLACE and id != absent and id in turn.ids and (turn.succeeded or _ID.fullmatch(id)):
            yield _KIND_OF_PLACE[place], id, thread_id
    assistant_id = text(turn.body, "assistant_id")
    if assistant_id and assistant_id != absent:
        yield "assistant", assistant_id, None
    for id in _ID.findall(turn.query) if turn.succeeded else ():
        if id.startswith(("asst_", "run_")):
            yield "run" if id.startswith("run_") else "assistant", id, thread_id


def _made(turn: Turn) -> Iterator[Json]:
    """What the request has made."""
    if turn.events is not None:
        yield from (event.data for event in turn.events if isinstance(event.data, dict))
    elif turn.method == "POST" and turn.parts[-1:] != ("*",) and isinstance(turn.reply, dict):
        yield turn.reply


def _listed(turn: Turn) -> list[Json]:
    """What a GET shows."""
    if turn.method != "GET" or not isinstance(turn.reply, dict):
        return []
    return objects(turn.reply, "data") if "data" in turn.reply else [turn.reply]
