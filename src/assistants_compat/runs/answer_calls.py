"""The calls of one answer: each has a name, an id of its own and arguments, however the server tells of it. See `dialects`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from assistants_compat.runs.answer_items import AnswerItem, AnswerItems

Json = dict[str, Any]
Events = Sequence[Json]


class Calls:
    """Calls of functions, whose arguments come in pieces, and of the code interpreter, whose code does."""

    def __init__(self, items: AnswerItems) -> None:
        self._items = items

    def arguments(self, event: Json) -> Events:
        item, delta = self._items.find(event, "function_call"), event.get("delta")
        if item is None or not delta:
            return ()
        delta = delta if isinstance(delta, str) else json.dumps(delta)
        item.arguments.append(delta)
        if not item.told:
            return ()
        same = event.get("output_index") == item.index and delta is event["delta"]
        return (event if same else {**event, "output_index": item.index, "delta": delta},)

    def arguments_ended(self, event: Json) -> Events:
        item = self._items.find(event, "function_call")
        if item is None:
            return ()
        if event.get("name") and not item.body.get("name"):
            item.body = {**item.body, "name": event["name"]}
        return self._told(item, event.get("arguments"))

    def _told(self, item: AnswerItem, arguments: Any) -> Events:
        """The call's beginning and its arguments, as far as they have not been told."""
        events: list[Json] = []
        so_far = "".join(item.arguments)
        if not item.told and item.body.get("name"):
            item.told = True
            events.append(item.added())
            if so_far:
                events.append(item.arguments_delta(so_far))
        if not so_far and arguments:
            whole = arguments if isinstance(arguments, str) else json.dumps(arguments)
            item.arguments.append(whole)
            if item.told:
                events.append(item.arguments_delta(whole))
        return events

    def code(self, event: Json) -> Events:
        item = self._items.find(event, "code_interpreter_call")
        if item is None or not isinstance(event.get("delta"), str):
            return ()
        return (event if item.index == event.get("output_index") else {**event, "output_index": item.index},)

    def ended(self, event: Json, item: AnswerItem, body: Json) -> Events:
        name = body.get("name") or item.body.get("name")
        if not name:
            return ()
        item.body = {**item.body, "name": name}
        events = self._told(item, body.get("arguments"))
        arguments = body.get("arguments") or "".join(item.arguments)
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments)
        elif not arguments and body.get("arguments") is None:
            arguments = "{}"
        right = {"name": name, "call_id": item.body["call_id"], "arguments": arguments}
        changed = body if all(body.get(key) == value for key, value in right.items()) else {**body, **right}
        return (*events, item.ended(event, changed))
