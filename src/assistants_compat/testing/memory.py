"""What the upstream remembers between requests: stored responses, their items, and which reasoning belongs to which item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.sealing import Seal


@dataclass
class Memory:
    """Filled only by responses with `store` true; the rest is as unknown to the next request as it is to the real API."""

    seal: Seal = field(default_factory=Seal)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    contexts: dict[str, list[Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    reasoning_before: dict[str, str] = field(default_factory=dict)

    def keep(self, response: dict[str, Any], input_items: list[Any]) -> None:
        self.responses[response["id"]] = response
        self.contexts[response["id"]] = [*input_items, *response["output"]]
        reasoning: str | None = None
        for item in response["output"]:
            self.items[item["id"]] = item
            if reasoning is not None:
                self.reasoning_before[item["id"]] = reasoning
            reasoning = item["id"] if item["type"] == "reasoning" else None

    def forget(self, response_id: str) -> bool:
        response = self.responses.pop(response_id, None)
        if response is None:
            return False
        del self.contexts[response_id]
        for item in response["output"]:
            self.items.pop(item["id"], None)
            self.reasoning_before.pop(item["id"], None)
        return True

    def knows(self, item_id: str) -> bool:
        return item_id in self.items

    def input_items(self, body: Mapping[str, Any]) -> list[Any]:
        """The whole input of a request: what its previous response had and made, then its own, references resolved."""
        before = self.contexts.get(body.get("previous_response_id") or "", [])
        given = body.get("input")
        own = [{"role": "user", "content": given}] if isinstance(given, str) else list(given or ())
        return [*before, *(self._resolve(item) for item in own)]

    def _resolve(self, item: Any) -> Any:
        if isinstance(item, dict) and item.get("type", "item_reference") == "item_reference" and "role" not in item:
            return self.items.get(str(item.get("id")), item)
        return item
