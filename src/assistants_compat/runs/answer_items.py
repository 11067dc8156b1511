"""The output items of one answer as they come, and which of them an event is about, where the server does not say it well.

Items may share a place or an id, or have none. A state machine without I/O; see `dialects`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistants_compat.ids import new_id

Json = dict[str, Any]


@dataclass
class AnswerItem:
    """An output item so far."""

    index: int
    body: Json
    announced: bool
    """Whether the server has said that it begins, and so can be expected to say that it ends."""
    told: bool = False
    done: bool = False
    parts: dict[Any, int] = field(default_factory=dict)
    """The server's number of a part → its number."""
    kinds: list[str] = field(default_factory=list)
    """What each part is: output_text or refusal."""
    spoken: set[int] = field(default_factory=set)
    arguments: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        return str(self.body["type"])

    def part(self, place: Any, kind: str, *, begins: bool = False) -> int:
        """The number of a part. One that nobody announced is the last one going on: vLLM has counted each piece of a text as a part."""
        if place not in self.parts:
            if begins or self.kinds[-1:] != [kind]:
                self.kinds.append(kind)
            self.parts[place] = len(self.kinds) - 1
        return self.parts[place]

    def added(self) -> Json:
        return {"type": "response.output_item.added", "output_index": self.index, "item": self.body}

    def arguments_delta(self, arguments: str) -> Json:
        return {"type": "response.function_call_arguments.delta", "output_index": self.index, "delta": arguments}

    def ended(self, event: Json, body: Json) -> Json:
        """That it has ended, as `body`; the event itself where it says so already."""
        if body is event.get("item") and event.get("output_index") == self.index:
            return event
        return {**event, "type": "response.output_item.done", "output_index": self.index, "item": body}


class AnswerItems:
    """Those of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self.all: list[AnswerItem] = []
        self._at: dict[int, AnswerItem] = {}  # the server's output_index → the item it is, or was last

    def at(self, place: Any) -> AnswerItem | None:
        return self._at.get(place) if isinstance(place, int) else None

    def begin(self, place: Any, body: Json, *, announced: bool) -> AnswerItem:
        taken = {item.index for item in self.all}
        index = place if isinstance(place, int) and place not in taken else max(taken, default=-1) + 1
        if body["type"] == "function_call":
            body = self._with_call_id(body)
        item = AnswerItem(index, body, announced)
        self.all.append(item)
        if isinstance(place, int):
            self._at[place] = item
        return item

    def _with_call_id(self, body: Json) -> Json:
        """Outputs are submitted by it, so it has to be there, and only once in an answer."""
        used = {item.body["call_id"] for item in self.all if item.type == "function_call"}
        call_id = wanted = body.get("call_id") or body.get("id") or new_id("call")
        number = 1
        while wanted in used:
            number += 1
            wanted = f"{call_id}-{number}"
        return body if body.get("call_id") == wanted else {**body, "call_id": wanted}

    def find(self, event: Json, kind: str) -> AnswerItem | None:
        """The unfinished item an event is about: by its place, by its id, or else the last of its kind."""
        place = event.get("output_index")
        item = self.at(place)
        if item is not None and item.type == kind and not item.done:
            return item
        name = event.get("item_id") or (event.get("item") or {}).get("id")
        open_ones = [item for item in reversed(self.all) if item.type == kind and not item.done]
        same = next((item for item in open_ones if name and item.body.get("id") == name), None)
        if same is not None or place is not None:
            return same
        return next((item for item in open_ones if not name or not item.body.get("id")), None)

    def ended_before(self, name: Any) -> bool:
        """Whether an item of this id has ended."""
        return any(item.done and name and item.body.get("id") == name for item in self.all)

    def has_come(self, body: Json) -> bool:
        """Whether it is a call that has ended already, announced too late or once more. Some servers number calls of functions twice."""
        names = ("id", "call_id") if body["type"] == "function_call" else ("id",)
        return body["type"] != "message" and any(
            old.done and all(body.get(name) and old.body.get(name) == body[name] for name in names) for old in self.all
        )

    def is_echo(self, item: AnswerItem) -> bool:
        """Whether it is a message that was said before, announced once more after a call (transformers does that)."""
        return item.type == "message" and any(
            old is not item and old.done and item.body.get("id") and old.body.get("id") == item.body["id"] for old in self.all
        )
