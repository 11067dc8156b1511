"""What recordings tell of each object: all its versions, and of runs what the model did. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

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
            return known.get("status")
        ends = {str(step.get("status")) for step in self.of_run("step", run_id)} & {"expired", "cancelled", "failed"}
        return next(iter(ends), None)

    def in_order(self, objects: Iterable[Json]) -> list[Json]:
        return sorted(objects, key=lambda each: (each.get("created_at") or 0, self.order[each["id"]]))

    # -- learning

    def _learn(self, recording: Recording) -> None:
        for turn in recording.turns:
            for value, is_older in _shown(turn):
                self._see(value, is_older=is_older)
            for event in turn.events or ():
                self._hear(event.name, event.data)
            if turn.parts[-1:] == ("steps",) and isinstance(turn.reply, dict) and turn.reply.get("has_more") is False:
                self._note_whole(turn.ids[1])
            if turn.parts[-1:] == ("submit_tool_outputs",) and isinstance(turn.body, dict):
                for output in turn.body.get("tool_outputs") or ():
                    if isinstance(output, dict):
                        self.outputs[str(output.get("tool_call_id"))] = output
        for exchange in recording.others:
            self._learn_file(exchange)

    def _note_whole(self, run_id: str) -> None:
        if self.objects["run"].get(run_id, {}).get("status") in TERMINAL:
            self.whole.add(run_id)

    def _see(self, value: Json, *, is_older: bool = False) -> None:
        kind = KINDS.get(str(value.get("object")))
        id = value.get("id")
        if kind is None or not isinstance(id, str):
            return
        self.order.setdefault(id, (-1 if is_older else 1) * len(self.order))
        self.first.setdefault(id, value)
        before = self.objects[kind].get(id, {})
        if kind in ("run", "step") and before.get("status") in TERMINAL and value.get("status") not in TERMINAL:
            return
        self.objects[kind][id] = _merged(before, value)
        if kind == "run" and value.get("status") == "requires_action":
            calls = ((value.get("required_action") or {}).get("submit_tool_outputs") or {}).get("tool_calls") or []
            if calls and calls not in self.asked[id]:
                self.asked[id].append(calls)
        if kind == "step":
            self._learn_searched(value)
        if kind == "message":
            self._learn_cited(value)

    def _hear(self, name: str, data: Any) -> None:
        if name != "thread.message.delta" or not isinstance(data, dict):
            return
        for part in (data.get("delta") or {}).get("content") or ():
            text = part.get("text") if isinstance(part, dict) else None
            if isinstance(text, dict):
                self.pieces[str(data.get("id"))].append((str(text.get("value") or ""), list(text.get("annotations") or ())))

    def _learn_cited(self, message: Json) -> None:
        for part in message.get("content") or ():
            text = part.get("text") if isinstance(part, dict) else None
            for mark in (text.get("annotations") or ()) if isinstance(text, dict) else ():
                named = _MARK.fullmatch(str(mark.get("text")))
                if named and mark.get("file_citation"):
                    self.filenames.setdefault(str(mark["file_citation"].get("file_id")), named[1])

    def _learn_searched(self, step: Json) -> None:
        for call in (step.get("step_details") or {}).get("tool_calls") or ():
            for result in (call.get("file_search") or {}).get("results") or ():
                if isinstance(result, dict) and result.get("file_id"):
                    self.filenames.setdefault(result["file_id"], str(result.get("file_name") or ""))

    def _learn_file(self, exchange: Any) -> None:
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
        listed = value.get("data") if isinstance(value, dict) and value.get("object") == "list" else [value]
        for file in listed or ():
            if isinstance(file, dict) and file.get("object") == "file" and isinstance(file.get("id"), str):
                self.filenames[file["id"]] = str(file.get("filename") or "")


def _shown(turn: Turn) -> Iterator[tuple[Json, bool]]:
    """Every object in a reply, and whether it is older than what was shown before it."""
    if turn.events is not None:
        yield from ((event.data, False) for event in turn.events if isinstance(event.data, dict))
        return
    if not isinstance(turn.reply, dict):
        return
    listed = turn.reply.get("data")
    if turn.reply.get("object") == "list" and isinstance(listed, list):
        yield from ((each, "order=asc" not in turn.query) for each in listed if isinstance(each, dict))
    else:
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
