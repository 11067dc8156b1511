"""Between a server's stream and the translation: whatever came, as the events of a well-formed Responses stream.

OpenAI's own events go through as they are. Other servers leave events out (an item that is never announced, deltas without an end or
an end without deltas), leave fields out, number items twice, or end without saying so; see docs/upstreams.md for who does what.
Pure: a state machine without I/O, one for each answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistants_compat.ids import new_id
from assistants_compat.runs.answer_calls import Calls
from assistants_compat.runs.answer_items import AnswerItems
from assistants_compat.runs.answer_texts import Texts
from assistants_compat.runs.error_bodies import error_of
from assistants_compat.runs.output_items import ended_call, is_json, output_item, usage_of
from assistants_compat.runs.shapes import EVENT, RESPONSE

Json = dict[str, Any]
Events = Sequence[Json]
_ANSWERS = ("message", "function_call", "file_search_call", "code_interpreter_call")
_DONE_AT_ONCE = ("reasoning", "file_search_call", "code_interpreter_call")
_ENDS = {"incomplete": "response.incomplete", "failed": "response.failed", "cancelled": "response.failed"}
_SAYS_LITTLE = ("response.completed", "response.done")
"""Ends that say how the answer ended only in the response's status."""


class Dialect:
    """One answer, event by event."""

    def __init__(self) -> None:
        self._items = AnswerItems()
        self._texts = Texts(self._items)
        self._calls = Calls(self._items)
        self._over = False
        self._handlers: dict[str, Callable[[Json], Events]] = {
            "response.output_item.added": self._announced,
            "response.content_part.added": self._texts.part_began,
            "response.output_text.delta": self._texts.piece,
            "response.refusal.delta": self._texts.piece,
            "response.output_text.done": self._texts.ended,
            "response.refusal.done": self._texts.ended,
            "response.content_part.done": self._texts.ended,
            "response.output_text.annotation.added": self._texts.annotation,
            "response.function_call_arguments.delta": self._calls.arguments,
            "response.function_call_arguments.done": self._calls.arguments_ended,
            "response.code_interpreter_call_code.delta": self._calls.code,
            "response.output_item.done": self._item_ended,
            "response.completed": self._ended,
            "response.done": self._ended,
            "response.incomplete": self._ended,
            "response.failed": self._ended,
            "error": self._error,
        }

    def feed(self, event: Json) -> Events:
        """What the translation is to be fed for an event of the server's. Raises ValueError where it makes no sense."""
        event = EVENT(event)
        if not isinstance(event.get("type"), str):
            event = _typed(event)
        handler = self._handlers.get(event["type"])
        return (event,) if handler is None else handler(event)

    def end(self, *, said_done: bool) -> Events:
        """What is to be fed where the answer has ended without `response.completed`: nothing, if it broke off.

        It is whole if every item has ended that was announced, or if the server says that it is done (`data: [DONE]`).
        """
        if self._over or not any(item.type in _ANSWERS for item in self._items.all):
            return ()
        unfinished = [item for item in self._items.all if not item.done]
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
        known = self._items.at(event.get("output_index"))
        if known is not None and not known.done and known.type == body["type"]:
            known.announced = True
            known.body = {**body, **{key: value for key, value in known.body.items() if value}}
            return ()
        if self._items.has_come(body):
            return ()
        item = self._items.begin(event.get("output_index"), body, announced=True)
        after_a_call = item.type == "message" and any(other.type == "function_call" for other in self._items.all)
        if after_a_call or (item.type == "function_call" and not body.get("name")):
            return ()  # it may turn out to be empty, or is nothing yet
        item.told = True
        return (event if item.body is event["item"] and event.get("output_index") == item.index else item.added(),)

    def _item_ended(self, event: Json) -> Events:
        body = output_item(event.get("item"))
        if body is None:
            return ()
        item = self._items.find({**event, "item": body}, body["type"])
        if item is None:
            if self._items.ended_before(body.get("id")):
                return ()
            item = self._items.begin(event.get("output_index"), body, announced=False)
        item.done = True
        if item.type == "message":
            return self._texts.message_ended(event, item, body)
        if item.type == "function_call":
            return self._calls.ended(event, item, body)
        events: list[Json] = []
        if not item.told:
            item.told = True
            events.append(item.added())
        return (*events, item.ended(event, ended_call(body)))

    # -- the end of the answer

    def _ended(self, event: Json) -> Events:
        given = event.get("response")
        response: Json = given if isinstance(given, dict) else {}
        if given is None and not any(item.told for item in self._items.all):
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
        streamed = list(self._items.all)
        for body in filter(None, map(output_item, response.get("output") or ())):
            number = seen[body["type"]] = seen.get(body["type"], -1) + 1
            known = [item for item in streamed if item.type == body["type"]]
            if number >= len(known):
                events += self._item_ended({"type": "response.output_item.done", "item": {**body, "id": body.get("id") or new_id("item")}})
            elif not known[number].done and body.get("status") != "incomplete":
                item = known[number]
                item.done = True
                ended = {"type": "response.output_item.done", "output_index": item.index}
                events += self._texts.message_ended(ended, item, body) if item.type == "message" else ()
                events += self._calls.ended(ended, item, body) if item.type == "function_call" else ()
                events += (item.ended(ended, ended_call(body)),) if item.type in _DONE_AT_ONCE else ()
        return events

    def _unfinished(self) -> list[Json]:
        events: list[Json] = []
        for item in self._items.all:
            if item.done or item.type not in ("message", "function_call"):
                continue
            item.done = True
            ended = {"type": "response.output_item.done", "output_index": item.index}
            if item.type == "message":
                events += self._texts.message_ended(ended, item, {**item.body, "content": []})
            elif is_json("".join(item.arguments)):
                events += self._calls.ended(ended, item, {**item.body, "arguments": None})
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
