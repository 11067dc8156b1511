"""Between a server's stream and the translation: whatever came, as the events of a well-formed Responses stream.

OpenAI's own events go through as they are. Other servers leave events out (an item that is never announced, deltas without an end or
an end without deltas), leave fields out, number items twice, or end without saying so; see docs/upstreams.md for who does what.
Pure: a state machine without I/O, one for each answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.ids import new_id
from assistants_compat.runs.output_items import annotation_of, is_json, output_item, part_of, parts_of, said, search_results, usage_of
from assistants_compat.runs.refusals import error_of
from assistants_compat.runs.shapes import EVENT, RESPONSE

Json = dict[str, Any]
Events = Sequence[Json]

_SPEECH = {"output_text": "response.output_text.delta", "refusal": "response.refusal.delta"}
_ANSWERS = ("message", "function_call", "file_search_call", "code_interpreter_call")


@dataclass
class _Item:
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


class Dialect:
    """One answer, event by event."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._at: dict[int, _Item] = {}  # the server's output_index → the item it is, or was last
        self._over = False

    def feed(self, event: Json) -> Events:
        """What the translation is to be fed for an event of the server's. Raises ValueError where it makes no sense."""
        event = EVENT(event)
        if not isinstance(event.get("type"), str):
            event = _typed(event)
        handler = _HANDLERS.get(event["type"])
        return (event,) if handler is None else handler(self, event)

    def end(self, *, said_done: bool) -> Events:
        """What is to be fed where the answer has ended without `response.completed`: nothing, if it broke off.

        It is whole if every item has ended that was announced, or if the server says that it is done (`data: [DONE]`).
        """
        if self._over or not any(item.type in _ANSWERS for item in self._items):
            return ()
        unfinished = [item for item in self._items if not item.done]
        if not said_done and any(item.announced for item in unfinished):
            return ()
        if any(item.type == "function_call" and not is_json("".join(item.arguments)) for item in unfinished):
            return ()
        return self._ended({"type": "response.completed", "response": {}})

    def whole(self, response: Any) -> Events:
        """What is to be fed for an answer that came in one piece, as JSON, though a stream was asked for.

        Raises:
            ValueError: it is no response.
        """
        if isinstance(response, dict) and (response.get("error") or "choices" in response):
            return self._error(response)
        if not isinstance(response, dict) or not isinstance(response.get("output"), list):
            raise ValueError("JSON that is no response")
        return self._ended({"type": "response.completed", "response": RESPONSE(response)})

    # -- items

    def _announced(self, event: Json) -> Events:
        body = output_item(event.get("item"))
        if body is None:
            return ()
        known = self._at.get(event.get("output_index", -1))
        if known is not None and not known.done and known.type == body["type"]:
            known.announced = True
            known.body = {**body, **{key: value for key, value in known.body.items() if value}}
            return ()
        if any(old.done and all(body.get(name) and old.body.get(name) == body[name] for name in ("id", "call_id")) for old in self._items):
            return ()  # a call that is announced when it has come already
        item = self._begin(event.get("output_index"), body, announced=True)
        after_a_call = item.type == "message" and any(other.type == "function_call" for other in self._items)
        if after_a_call or (item.type == "function_call" and not body.get("name")):
            return ()  # it may turn out to be empty, or is nothing yet
        item.told = True
        return (event if item.body is event["item"] and event.get("output_index") == item.index else _added(item),)

    def _begin(self, place: Any, body: Json, *, announced: bool) -> _Item:
        taken = {item.index for item in self._items}
        index = place if isinstance(place, int) and place not in taken else max(taken, default=-1) + 1
        if body["type"] == "function_call":
            body = self._with_call_id(body)
        item = _Item(index, body, announced)
        self._items.append(item)
        if isinstance(place, int):
            self._at[place] = item
        return item

    def _with_call_id(self, body: Json) -> Json:
        """Outputs are submitted by it, so it has to be there, and only once in an answer."""
        used = {item.body["call_id"] for item in self._items if item.type == "function_call"}
        call_id = wanted = body.get("call_id") or body.get("id") or new_id("call")
        number = 1
        while wanted in used:
            number += 1
            wanted = f"{call_id}-{number}"
        return body if body.get("call_id") == wanted else {**body, "call_id": wanted}

    def _find(self, event: Json, kind: str) -> _Item | None:
        """The unfinished item an event is about: by its place, by its id, or else the last of its kind."""
        place = event.get("output_index")
        item = self._at.get(place) if isinstance(place, int) else None
        if item is not None and item.type == kind and not item.done:
            return item
        name = event.get("item_id") or (event.get("item") or {}).get("id")
        open_ones = [item for item in reversed(self._items) if item.type == kind and not item.done]
        same = next((item for item in open_ones if name and item.body.get("id") == name), None)
        if same is not None or place is not None:
            return same
        return next((item for item in open_ones if not name or not item.body.get("id")), None)

    # -- text

    def _text(self, event: Json) -> Events:
        """A piece of text or of a refusal."""
        if not isinstance(event.get("delta"), str):
            return ()
        item = self._find(event, "message")
        before: list[Json] = []
        if item is None:
            body: Json = {"id": event.get("item_id"), "type": "message", "role": "assistant", "content": []}
            item = self._begin(event.get("output_index"), body, announced=False)
        if not item.told:
            item.told = True
            before.append(_added(item))
        place = event.get("content_index")
        part = item.part(place, event["type"].split(".")[1])
        item.spoken.add(part)
        if part != place or item.index != event.get("output_index"):
            event = {**event, "output_index": item.index, "content_index": part}
        return (*before, event) if before else (event,)

    def _part_began(self, event: Json) -> Events:
        item, part = self._find(event, "message"), event.get("part")
        if item is not None and isinstance(part, dict) and part.get("type") in _SPEECH:
            item.part(event.get("content_index"), part["type"], begins=True)
        return (event,)

    def _text_ended(self, event: Json) -> Events:
        """The whole of a part: what nobody has heard of it is told now."""
        is_part = event["type"].startswith("response.content_part")
        part = part_of(event.get("part") if is_part else {**event, "type": event["type"].split(".")[1]})
        item = self._find(event, "message")
        if part is None or not said(part):
            return ()
        if item is None and (event.get("output_index") in self._at or self._ended_before(event.get("item_id"))):
            return ()
        if item is not None and (item.part(event.get("content_index"), part["type"]) in item.spoken or self._is_echo(item)):
            return ()
        return self._text({**event, "type": _SPEECH[part["type"]], "delta": said(part)})

    def _ended_before(self, name: Any) -> bool:
        return any(item.done and name and item.body.get("id") == name for item in self._items)

    def _is_echo(self, item: _Item) -> bool:
        """Whether it is a message that was said before, announced once more after a call (transformers does that)."""
        return item.type == "message" and any(
            old is not item and old.done and item.body.get("id") and old.body.get("id") == item.body["id"] for old in self._items
        )

    def _annotation(self, event: Json) -> Events:
        item, annotation = self._find(event, "message"), annotation_of(event.get("annotation"), 0)
        if item is None or not item.told or annotation is None:
            return ()
        part = item.part(event.get("content_index"), "output_text")
        right = {"output_index": item.index, "content_index": part, "annotation": annotation}
        return (event if all(event.get(key) == value for key, value in right.items()) else {**event, **right},)

    # -- calls

    def _arguments(self, event: Json) -> Events:
        item, delta = self._find(event, "function_call"), event.get("delta")
        if item is None or not delta:
            return ()
        delta = delta if isinstance(delta, str) else json.dumps(delta)
        item.arguments.append(delta)
        if not item.told:
            return ()
        same = event.get("output_index") == item.index and delta is event["delta"]
        return (event if same else {**event, "output_index": item.index, "delta": delta},)

    def _arguments_ended(self, event: Json) -> Events:
        item = self._find(event, "function_call")
        if item is None:
            return ()
        if event.get("name") and not item.body.get("name"):
            item.body = {**item.body, "name": event["name"]}
        return self._told_of_call(item, event.get("arguments"))

    def _told_of_call(self, item: _Item, arguments: Any) -> Events:
        """The call's beginning and its arguments, as far as they have not been told."""
        events: list[Json] = []
        so_far = "".join(item.arguments)
        if not item.told and item.body.get("name"):
            item.told = True
            events.append(_added(item))
            if so_far:
                events.append(_delta(item, so_far))
        if not so_far and arguments:
            whole = arguments if isinstance(arguments, str) else json.dumps(arguments)
            item.arguments.append(whole)
            if item.told:
                events.append(_delta(item, whole))
        return events

    def _code(self, event: Json) -> Events:
        item = self._find(event, "code_interpreter_call")
        if item is None or not isinstance(event.get("delta"), str):
            return ()
        return (event if item.index == event.get("output_index") else {**event, "output_index": item.index},)

    # -- the end of an item

    def _item_ended(self, event: Json) -> Events:
        body = output_item(event.get("item"))
        if body is None:
            return ()
        item = self._find({**event, "item": body}, body["type"])
        if item is None:
            if self._ended_before(body.get("id")):
                return ()
            item = self._begin(event.get("output_index"), body, announced=False)
        item.done = True
        if item.type == "message":
            return self._message_ended(event, item, body)
        if item.type == "function_call":
            return self._call_ended(event, item, body)
        events: list[Json] = []
        if not item.told:
            item.told = True
            events.append(_added(item))
        changed = (
            {**body, "results": search_results(body.get("results"))} if item.type == "file_search_call" and body.get("results") else body
        )
        return (*events, _ended_event(event, item, changed))

    def _message_ended(self, event: Json, item: _Item, body: Json) -> Events:
        parts = parts_of(body.get("content"))
        if not item.told and (self._is_echo(item) or not any(map(said, parts))):
            return ()
        events: list[Json] = []
        if not item.told:
            item.told = True
            events.append(_added(item))
        for number, part in enumerate(parts):
            if said(part) and number not in item.spoken:
                item.spoken.add(number)
                place = {"output_index": item.index, "content_index": number, "item_id": body.get("id")}
                events.append({"type": _SPEECH[part["type"]], **place, "delta": said(part)})
        if item.spoken and (self._is_echo(item) or not any(map(said, parts))):
            parts = []  # what was streamed counts
        changed = body if body.get("content") == parts else {**body, "content": parts}
        return (*events, _ended_event(event, item, changed))

    def _call_ended(self, event: Json, item: _Item, body: Json) -> Events:
        name = body.get("name") or item.body.get("name")
        if not name:
            return ()
        item.body = {**item.body, "name": name}
        events = self._told_of_call(item, body.get("arguments"))
        arguments = body.get("arguments") or "".join(item.arguments)
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        elif not arguments and body.get("arguments") is None:
            arguments = "{}"
        right = {"name": name, "call_id": item.body["call_id"], "arguments": arguments}
        changed = body if all(body.get(key) == value for key, value in right.items()) else {**body, **right}
        return (*events, _ended_event(event, item, changed))

    # -- the end of the answer

    def _ended(self, event: Json) -> Events:
        given = event.get("response")
        response: Json = given if isinstance(given, dict) else {}
        if given is None and not any(item.told for item in self._items):
            raise ValueError("an end of nothing")
        kind = _ENDS.get(response.get("status") or "", "response.completed") if event["type"] in _SAYS_LITTLE else event["type"]
        self._over = True
        events: list[Json] = []
        if kind != "response.failed":
            events += self._not_told(response)
        if kind == "response.completed":
            events += self._unfinished()
        usage = usage_of(response.get("usage"))
        if kind == event["type"] and response is given and usage == response.get("usage"):
            return (*events, event)
        error = {"error": error_of({"error": response.get("error")})} if kind == "response.failed" else {}
        return (*events, {**event, "type": kind, "response": {**response, "usage": usage, **error}})

    def _not_told(self, response: Json) -> list[Json]:
        """The items of the finished response that were not streamed: the n-th of its kind there is the n-th here, whatever its id."""
        events: list[Json] = []
        seen: dict[str, int] = {}
        streamed = list(self._items)
        for body in filter(None, map(output_item, response.get("output") or ())):
            number = seen[body["type"]] = seen.get(body["type"], -1) + 1
            known = [item for item in streamed if item.type == body["type"]]
            if number >= len(known):
                events += self._item_ended({"type": "response.output_item.done", "item": {**body, "id": body.get("id") or new_id("item")}})
            elif not known[number].done and body.get("status") != "incomplete":
                item = known[number]
                item.done = True
                ended = {"type": "response.output_item.done", "output_index": item.index}
                events += self._message_ended(ended, item, body) if item.type == "message" else ()
                events += self._call_ended(ended, item, body) if item.type == "function_call" else ()
        return events

    def _unfinished(self) -> list[Json]:
        events: list[Json] = []
        for item in self._items:
            if item.done or item.type not in ("message", "function_call"):
                continue
            item.done = True
            ended = {"type": "response.output_item.done", "output_index": item.index}
            if item.type == "message":
                events += self._message_ended(ended, item, {**item.body, "content": []})
            elif is_json("".join(item.arguments)):
                events += self._call_ended(ended, item, {**item.body, "arguments": None})
        return events

    def _error(self, event: Json) -> Events:
        self._over = True
        if isinstance(event.get("error"), dict) or (event.get("type") == "error" and isinstance(event.get("message"), str)):
            error = error_of(event) if isinstance(event.get("error"), dict) else error_of({"error": event})
        else:
            error = error_of(event)
        sentence = "The model's server answered in a form that is not the Responses API's."
        if "choices" in event:
            sentence = "The model's server answers with Chat Completions, not with the Responses API."
        return ({**event, "type": "error", "error": error or {"message": sentence}},)


def _typed(event: Json) -> Json:
    """An event that does not say what it is."""
    if "error" in event or "choices" in event:
        return {**event, "type": "error"}
    if event.get("object") == "response" and "output" in event:
        return {"type": "response.done", "response": event}
    return {**event, "type": ""}


def _added(item: _Item) -> Json:
    return {"type": "response.output_item.added", "output_index": item.index, "item": item.body}


def _delta(item: _Item, arguments: str) -> Json:
    return {"type": "response.function_call_arguments.delta", "output_index": item.index, "delta": arguments}


def _ended_event(event: Json, item: _Item, body: Json) -> Json:
    if body is event.get("item") and event.get("output_index") == item.index:
        return event
    return {**event, "type": "response.output_item.done", "output_index": item.index, "item": body}


_ENDS = {"incomplete": "response.incomplete", "failed": "response.failed", "cancelled": "response.failed"}
_SAYS_LITTLE = ("response.completed", "response.done")
"""Ends that say how the answer ended only in the response's status."""

_HANDLERS: dict[str, Callable[[Dialect, Json], Events]] = {
    "response.output_item.added": Dialect._announced,
    "response.content_part.added": Dialect._part_began,
    "response.output_text.delta": Dialect._text,
    "response.refusal.delta": Dialect._text,
    "response.output_text.done": Dialect._text_ended,
    "response.refusal.done": Dialect._text_ended,
    "response.content_part.done": Dialect._text_ended,
    "response.output_text.annotation.added": Dialect._annotation,
    "response.function_call_arguments.delta": Dialect._arguments,
    "response.function_call_arguments.done": Dialect._arguments_ended,
    "response.code_interpreter_call_code.delta": Dialect._code,
    "response.output_item.done": Dialect._item_ended,
    "response.completed": Dialect._ended,
    "response.done": Dialect._ended,
    "response.incomplete": Dialect._ended,
    "response.failed": Dialect._ended,
    "error": Dialect._error,
}
