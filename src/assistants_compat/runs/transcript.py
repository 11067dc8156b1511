"""What a model call has come to since somebody last asked: rows for the store and events for a stream. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from assistants_compat import wire
from assistants_compat.ids import Ids
from assistants_compat.runs.generated import GeneratedFile
from assistants_compat.runs.lifecycle import complete_step
from assistants_compat.runs.objects import new_step
from assistants_compat.runs.tool_calls import without_result_content
from assistants_compat.store.items import item_row

Json = dict[str, Any]


@dataclass
class Change:
    """Files to bring over, then rows to write in one transaction, then events to send."""

    generated: list[GeneratedFile] = field(default_factory=list)
    new_items: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    new_steps: list[Json] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        return bool(self.new_items or self.messages or self.new_steps or self.steps)


class Transcript:
    """One model call of a run, as it is written down.

    Args:
        run: the run's public object.
        model: the model the call goes to, kept with reasoning items that only it can read.
        now: the second it is.
        streaming: whether anybody wants events; without, only what the store needs is made.
        shows_results: whether the events of steps show what a file search read.
        ids: of what the call makes.
    """

    def __init__(self, run: Json, model: str, now: Callable[[], int], *, streaming: bool, shows_results: bool, ids: Ids) -> None:
        self.run = run
        self.ids = ids
        self.model = model
        self.now = now
        self.streaming = streaming
        self.shows_results = shows_results
        self.change = Change()
        self.has_spoken = False
        """Whether a stream was told of a step: from then on the call cannot be tried again unnoticed."""

    def take(self) -> Change:
        """What is to be written and sent since the last time."""
        change, self.change = self.change, Change()
        return change

    def tell(self, event: str, data: Json) -> None:
        if self.streaming:
            self.change.events.append(wire.event(event, data))

    def begin_step(self, kind: str, details: Json) -> Json:
        """A step in progress, in the store and in the stream, both of which show it without tool calls."""
        step = new_step(self.run, self.ids.new("step"), kind, details, self.now())
        self.change.new_steps.append(deepcopy(step))
        if self.streaming:
            self.has_spoken = True
            self.tell("thread.run.step.created", step)
            self.tell("thread.run.step.in_progress", step)
        return step

    def complete_step(self, step: Json, usage: Json | None) -> None:
        step = complete_step(step, self.now(), usage)
        self.change.steps.append(step)
        self.tell("thread.run.step.completed", step if self.shows_results else without_result_content(step))

    def hidden(self, body: Json, extra: Json) -> Json:
        """The row of an item that only the model sees."""
        return item_row(self.ids.new("item"), self.run["thread_id"], self.run["id"], body, settled=False, extra=extra)

    def reasoning_rows(self, reasoning: Sequence[Json], follower: str) -> list[Json]:
        """Rows of the reasoning that led to an item: it is sent again only with that one, and to the model that did it."""
        return [self.hidden(body, {"model": self.model, "before": follower}) for body in reasoning]

    def remember_reasoning(self, reasoning: Sequence[Json], follower: str) -> None:
        self.change.new_items += self.reasoning_rows(reasoning, follower)
