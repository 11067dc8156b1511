"""The texts and refusals of one answer: each is told once, in pieces, however the server tells it. See `dialects`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistants_compat.runs.answer_items import AnswerItem, AnswerItems
from assistants_compat.runs.output_items import annotation_of, part_of, parts_of, said

Json = dict[str, Any]
Events = Sequence[Json]

_SPEECH = {"output_text": "response.output_text.delta", "refusal": "response.refusal.delta"}


class Texts:
    """What is said in an answer's messages."""

    def __init__(self, items: AnswerItems) -> None:
        self._items = items

    def piece(self, event: Json) -> Events:
        """A piece of text or of a refusal."""
        if not isinstance(event.get("delta"), str):
            return ()
        item = self._items.find(event, "message")
        before: list[Json] = []
        if item is None:
            body: Json = {"id": event.get("item_id"), "type": "message", "role": "assistant", "content": []}
            item = self._items.begin(event.get("output_index"), body, announced=False)
        if not item.told:
            item.told = True
            before.append(item.added())
        place = event.get("content_index")
        part = item.part(place, event["type"].split(".")[1])
        item.spoken.add(part)
        if part != place or item.index != event.get("output_index"):
            event = {**event, "output_index": item.index, "content_index": part}
        return (*before, event) if before else (event,)

    def part_began(self, event: Json) -> Events:
        item, part = self._items.find(event, "message"), event.get("part")
        if item is not None and isinstance(part, dict) and part.get("type") in _SPEECH:
            item.part(event.get("content_index"), part["type"], begins=True)
        return (event,)

    def ended(self, event: Json) -> Events:
        """The whole of a part: what nobody has heard of it is told now."""
        is_part = event["type"].startswith("response.content_part")
        part = part_of(event.get("part") if is_part else {**event, "type": event["type"].split(".")[1]})
        item = self._items.find(event, "message")
        if part is None or not said(part):
            return ()
        if item is None and (self._items.at(event.get("output_index")) is not None or self._items.ended_before(event.get("item_id"))):
            return ()
        if item is not None and (item.part(event.get("content_index"), part["type"]) in item.spoken or self._items.is_echo(item)):
            return ()
        return self.piece({**event, "type": _SPEECH[part["type"]], "delta": said(part)})

    def annotation(self, event: Json) -> Events:
        item, annotation = self._items.find(event, "message"), annotation_of(event.get("annotation"), 0)
        if item is None or not item.told or annotation is None:
            return ()
        part = item.part(event.get("content_index"), "output_text")
        right = {"output_index": item.index, "content_index": part, "annotation": annotation}
        return (event if all(event.get(key) == value for key, value in right.items()) else {**event, **right},)

    def message_ended(self, event: Json, item: AnswerItem, body: Json) -> Events:
        parts = parts_of(body.get("content"))
        if not item.told and (self._items.is_echo(item) or not any(map(said, parts))):
            return ()
        events: list[Json] = []
        if not item.told:
            item.told = True
            events.append(item.added())
        for number, part in enumerate(parts):
            if said(part) and number not in item.spoken:
                item.spoken.add(number)
                place = {"output_index": item.index, "content_index": number, "item_id": body.get("id")}
                events.append({"type": _SPEECH[part["type"]], **place, "delta": said(part)})
        if item.spoken and (self._items.is_echo(item) or not any(map(said, parts))):
            parts = []  # what was streamed counts
        changed = body if body.get("content") == parts else {**body, "content": parts}
        return (*events, item.ended(event, changed))
