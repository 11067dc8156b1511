"""What a script for the offline upstream consists of: what the model says, and how the API fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistants_compat.testing.gate import Gate
from assistants_compat.testing.tool_answers import Cite, CodeInterpreter, FileSearch

Phase = Literal["commentary", "final_answer"]


@dataclass(frozen=True)
class Text:
    """An assistant message.

    `incomplete=True` (or "content_filter") ends the response there, as an exhausted token budget does. `chunks` fixes
    how the text is split into deltas. `phase` is chosen for models that write one, as they do, when it is left out.
    `annotations` are citations of searched files, or annotations as the API shows them. What code made is cited unasked.
    """

    text: str
    phase: Phase | None = field(default=None, kw_only=True)
    incomplete: bool | Literal["max_output_tokens", "content_filter"] = field(default=False, kw_only=True)
    chunks: tuple[str, ...] | None = field(default=None, kw_only=True)
    annotations: tuple[Cite | Mapping[str, Any], ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        if self.chunks is not None and "".join(self.chunks) != self.text:
            raise ValueError("the chunks of a Text have to add up to its text")


@dataclass(frozen=True)
class Refusal:
    """An assistant message whose only part is a refusal."""

    text: str


@dataclass(frozen=True)
class FunctionCall:
    """A call of one of the request's functions; `call_id` is made up when left out."""

    name: str
    arguments: Mapping[str, Any] | str = "{}"
    call_id: str | None = None

    @property
    def arguments_json(self) -> str:
        """The arguments as the model writes them: JSON without spaces, or the script's own string, however broken."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(dict(self.arguments), separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Reasoning:
    """A reasoning item. Its summary shows only when the request asks for one; `tokens` count as reasoning tokens."""

    summary: str = ""
    tokens: int = field(default=8, kw_only=True)


Item = Text | Refusal | FunctionCall | Reasoning | FileSearch | CodeInterpreter


@dataclass(frozen=True, init=False)
class Turn:
    """One response, made of output items in order.

    `usage` replaces single counts: input_tokens, output_tokens, cached_tokens, reasoning_tokens.
    """

    items: tuple[Item, ...]
    usage: Mapping[str, int] | None
    hold: Gate | None

    def __init__(self, *items: Item | str, usage: Mapping[str, int] | None = None, hold: Gate | None = None) -> None:
        object.__setattr__(self, "items", tuple(Text(item) if isinstance(item, str) else item for item in items))
        object.__setattr__(self, "usage", usage)
        object.__setattr__(self, "hold", hold)


@dataclass(frozen=True)
class HttpError:
    """A reply of 4xx or 5xx instead of a response."""

    status: int
    message: str
    code: str | None = None
    type: str = "invalid_request_error"
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: Gate | None = None


@dataclass(frozen=True)
class Failed:
    """A response that fails while it is made, after `items`: in a stream an `error` event, then `response.failed`."""

    code: str
    message: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, init=False)
class BrokenStream:
    """The connection drops after `after_events` events. A reply that does not stream drops after its headers."""

    turn: Turn
    after_events: int

    def __init__(self, *items: Item | str, after_events: int = 3) -> None:
        object.__setattr__(self, "turn", Turn(*(items or ("This sentence does not arrive in full.",))))
        object.__setattr__(self, "after_events", after_events)


@dataclass(frozen=True)
class Unreachable:
    """No connection is made at all."""


@dataclass(frozen=True)
class Slow:
    """`turn` at a pace: `model_time` seconds before the first byte, `delay` seconds before every event."""

    turn: Turn | Item
    delay: float = 0.0
    model_time: float = 0.0


Answer = Turn | Item | HttpError | Failed | BrokenStream | Unreachable | Slow
AnswerFor = Callable[[dict[str, Any]], Answer | str]
Script = Iterable[Answer | str | AnswerFor]


def gates_of(answer: Answer) -> list[Gate]:
    """The gate that holds an answer, if one does."""
    held = answer.turn if isinstance(answer, (BrokenStream, Slow)) else answer
    gate = held.hold if isinstance(held, (Turn, HttpError)) else None
    return [] if gate is None else [gate]
