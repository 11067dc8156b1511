"""What the upstream remembers between requests: stored responses, conversations, their items, and which reasoning belongs to which item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.conversation import Conversation
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.sealing import Seal

Json = dict[str, Any]


@dataclass
class Memory:
    """Filled only by conversations and by responses with `store` true; the rest is as unknown to the next request as it is to the
    real API."""

    seal: Seal = field(default_factory=Seal)
    responses: dict[str, Json] = field(default_factory=dict)
    inputs: dict[str, list[Json]] = field(default_factory=dict)
    contexts: dict[str, list[Json]] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    items: dict[str, Json] = field(default_factory=dict)
    reasoning_before: dict[str, str] = field(default_factory=dict)

    def accept(self, response_id: str, input_items: list[Json]) -> None:
        """A response is about to be made of this input."""
        self.inputs[response_id] = input_items
        self.know(input_items)

    def keep(self, response: Json, output: list[Json]) -> None:
        """The response as it ended; `output` are its items with all there is to know about them."""
        self.contexts[response["id"]] = [*self.inputs[response["id"]], *output]
        self.responses[response["id"]] = response
        self.know(output)
        reasoning: str | None = None
        for item in output:
            if reasoning is not None:
                self.reasoning_before[item["id"]] = reasoning
            reasoning = item["id"] if item["type"] == "reasoning" else None

    def know(self, items: Iterable[Json]) -> None:
        """These items can be named by their ids."""
        for item in items:
            self.items.setdefault(item["id"], item)

    def forget(self, response_id: str) -> bool:
        if self.inputs.pop(response_id, None) is None:
            return False
        self.contexts.pop(response_id, None)
        response = self.responses.pop(response_id, None)
        for item in response["output"] if response else ():
            self.items.pop(item["id"], None)
            self.reasoning_before.pop(item["id"], None)
        return True

    def knows(self, item_id: str) -> bool:
        return item_id in self.items

    def conversation(self, id: str, param: str) -> Conversation:
        """Rejected when there is none of that id; `param` is where it stood."""
        if not id.startswith("conv"):
            raise Rejected(f"Invalid '{param}': '{id}'. Expected an ID that begins with 'conv'.", code="invalid_value", param=param)
        found = self.conversations.get(id)
        if found is None:
            raise Rejected(f"Conversation with id '{id}' not found.", code=None, param=None, status=404)
        return found

    def conversation_of(self, body: Mapping[str, Any]) -> Conversation | None:
        """The conversation a request names, if there is one."""
        named = body.get("conversation")
        return self.conversations.get(str(named.get("id") if isinstance(named, Mapping) else named))

    def before(self, body: Mapping[str, Any]) -> list[Any]:
        """What the input of a request goes on from: the conversation's items, or what the previous response had and made."""
        conversation = self.conversation_of(body)
        if conversation is not None:
            return list(conversation.items)
        return list(self.contexts.get(body.get("previous_response_id") or "", ()))

    def own(self, body: Mapping[str, Any]) -> list[Any]:
        """A request's own input as items, references resolved."""
        given = body.get("input")
        own = [{"role": "user", "content": given}] if isinstance(given, str) else list(given or ())
        return [self._resolve(item) for item in own]

    def input_items(self, body: Mapping[str, Any]) -> list[Any]:
        """The whole input of a request."""
        return [*self.before(body), *self.own(body)]

    def _resolve(self, item: Any) -> Any:
        if isinstance(item, dict) and item.get("type", "item_reference") == "item_reference" and "role" not in item:
            return self.items.get(str(item.get("id")), item)
        return item
