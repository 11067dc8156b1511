"""What recordings tell of each object: all its versions, and of runs what the model did. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from assistants_compat.cassettes import Exchange
from assistants_compat.verifying.fields import inside, number, objects, text
from assistants_compat.verifying.recording import Recording, Turn

Json = dict[str, Any]

KINDS = {
    "assistant": "assistant",
    "thread": "thread",
    "thread.message": "message",
    "thread.run": "run",
    "thread.run.step": "step",
}
"""From `object` to the kind."""

_MARK = re.compile(r"【\d+:\d+†([^】]+)】")

TERMINAL = frozenset({"completed", "incomplete", "failed", "cancelled", "expired"})


class Knowledge:
    """What is known of every object that any of the recordings shows, whichever of them that is."""

    def __init__(self, recordings: Iterable[Recording] = ()) -> None:
        self.objects: dict[str, dict[str, Json]] = {kind: {} for kind in KINDS.values()}
        """By kind and id: the latest version, in which what is known stays known."""
        self.first: dict[str, Json] = {}
        """By id: the earliest version."""
        self.order: dict[str, int] = {}
        """By id: in which order things of the same second were made, going by where they were first seen. Of a list that shows the
        newest first, what is seen later is older than all there was before."""
        self.pieces: dict[str, list[tuple[str, list[Json]]]] = defaultdict(list)
        """By message: the texts of its deltas with their annotations, as a stream had them."""
        self.asked: dict[str, list[list[Json]]] = defaultdict(list)
        """By run: the function calls it waited for, each time that it did."""
        self.outputs: dict[str, Json] = {}
        """By call: the tool's output that the program handed in."""
        self.whole: set[str] = set()
        """Runs that had ended when the last page of their steps was shown."""
        self.contents: dict[str, bytes] = {}
        """By file."""
        self.filenames: dict[str, str] = {}
        """By file."""
        for recording in recordings:
            self._learn(recording)

    def of_run(self, kind: str, run_id: str) -> list[Json]:
        """The steps, or the messages, that a run has made, in their order."""
        found = [each for each in self.objects[kind].values() if each.get("run_id") == run_id]
        if kind == "message":
            found = [each for each in found if each.get("role") == "assistant"]
        return self.in_order(found)

    def status_of(self, run_id: str) -> str | None:
        """How a run ended, or how it was last seen; where nothing shows it, going by its steps."""
        known = self.objects["run"].get(run_id)
        if known is not None:
            return text(known, "status")
        ends = {text(step, "status") for step in self.of_run("step", run_id)} & {"expired", "cancelled", "failed"}
        return next(iter(ends), None)

    def in_order(self, found: Iterable[Json]) -> list[Json]:
        return sorted(found, key=lambda each: (number(each, "created_at"), self.order[each["id"]]))

    # -- learning

    def _learn(self, recording: Recording) -> None:
        for turn in recording.turns:
            for value, is_older in _shown(turn):
                self._see(value, is_older=is_older)
            for event in turn.events or ():
                if event.name == "thread.message.delta":
                    self._hear(event.data)
            if turn.parts[-1:] == ("steps",) and inside(turn.reply, "has_more") is False:
                self._note_whole(turn.ids[1])
            if turn.parts[-1:] == ("submit_tool_outputs",):
                self.outputs.update({text(output, "tool_call_id"): output for output in objects(turn.body, "tool_outputs")})
        for exchange in recording.others:
            self._learn_file(exchange)

    def _note_whole(self, run_id: str) -> None:
        if inside(self.objects["run"].get(run_id), "status") in TERMINAL:
            self.whole.add(run_id)

    def _see(self, value: Json, *, is_older: bool = False) -> None:
        kind = KINDS.get(text(value, "object"))
        id = text(value, "id")
        if kind is None or not id:
            return
        self.order.setdefault(id, (-1 if is_older else 1) * len(self.order))
        self.first.setdefault(id, value)
        before = self.objects[kind].get(id, {})
        if kind in ("run", "step") and before.get("status") in TERMINAL and value.get("status") not in TERMINAL:
            return
        self.objects[kind][id] = _merged(before, value)
        if kind == "run" and value.get("status") == "requires_action":
            calls = objects(value, "required_action", "submit_tool_outputs", "tool_calls")
            if calls and calls not in self.asked[id]:
                self.asked[id].append(calls)
        if kind == "step":
            for call in objects(value, "step_details", "tool_calls"):
                for result in objects(call, "file_search", "results"):
                    self.filenames.setdefault(text(result, "file_id"), text(result, "file_name"))
        if kind == "message":
            for part in objects(value, "content"):
                for mark in objects(part, "text", "annotations"):
                    named = _MARK.fullmatch(text(mark, "text"))
                    if named:
                        self.filenames.setdefault(text(mark, "file_citation", "file_id"), named[1])

    def _hear(self, data: Any) -> None:
        for part in objects(data, "delta", "content"):
            if isinstance(part.get("text"), dict):
                self.pieces[text(data, "id")].append((text(part, "text", "value"), objects(part, "text", "annotations")))

    def _learn_file(self, exchange: Exchange) -> None:
        parts = [part for part in exchange.path.split("/") if part]
        if exchange.status != 200 or "files" not in parts:
            return
        after = parts[parts.index("files") + 1 :]
        if after[1:] == ["content"]:
            self.contents[after[0]] = exchange.response_body
            return
        try:
            value = exchange.response_json()
        except ValueError:
            return
        for file in objects(value, "data") or [value]:
            if text(file, "object") == "file":
                self.filenames[text(file, "id")] = text(file, "filename")


def _shown(turn: Turn) -> Iterator[tuple[Json, bool]]:
    """Every object in a reply, and whether it is older than what was shown before it."""
    if turn.events is not None:
        yield from ((event.data, False) for event in turn.events if isinstance(event.data, dict))
    elif text(turn.reply, "object") == "list":
        yield from ((each, "order=asc" not in turn.query) for each in objects(turn.reply, "data"))
    elif isinstance(turn.reply, dict):
        yield turn.reply, False


def _merged(before: Json, after: Json) -> Json:
    """The newer version, with what it does not show and the older did: the content of search results, which has to be asked for."""
    if after.get("object") != "thread.run.step" or not before:
        return {**before, **after}
    details = _filled(before.get("step_details"), after.get("step_details"))
    return {**after, "step_details": details, "usage": after.get("usage") or before.get("usage")}


def _filled(before: Any, after: Any) -> Any:
    if isinstance(before, dict) and isinstance(after, dict):
        return {**before, **{key: _filled(before.get(key), value) for key, value in after.items()}}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [_filled(one, other) for one, other in zip(before, after, strict=True)]
    return before if after is None else after
