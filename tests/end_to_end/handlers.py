"""Event handlers that note every callback, sync and async, and do what programs did in theirs."""

from __future__ import annotations

from typing import Any

import openai

from .support import words

CALLBACKS = words(
    "on_event on_run_step_created on_run_step_delta on_run_step_done on_tool_call_created on_tool_call_delta "
    "on_tool_call_done on_exception on_timeout on_end on_message_created on_message_delta on_message_done on_text_created "
    "on_text_delta on_text_done on_image_file_done"
)


def note(name: str, given: tuple[Any, ...]) -> tuple[str, Any]:
    """What a callback was called with, short enough to compare."""
    first = given[0] if given else None
    if name == "on_event":
        return name, first.event
    if name.startswith("on_text"):
        return name, first.value
    if name.startswith("on_tool_call"):
        return name, first.function.arguments
    if name.startswith(("on_message", "on_run_step")):
        return name, getattr(given[-1], "status", None) if name.endswith(("created", "done")) else None
    return name, None


class Notes(openai.AssistantEventHandler):
    """Notes its callbacks in `calls`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Any]] = []


class AsyncNotes(openai.AsyncAssistantEventHandler):
    """The same for async streams."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Any]] = []


def _noting(name: str) -> Any:
    def callback(self: Notes, *given: Any) -> None:
        self.calls.append(note(name, given))

    return callback


def _noting_async(name: str) -> Any:
    async def callback(self: AsyncNotes, *given: Any) -> None:
        self.calls.append(note(name, given))

    return callback


for _name in CALLBACKS:
    setattr(Notes, _name, _noting(_name))
    setattr(AsyncNotes, _name, _noting_async(_name))

# The callbacks of a text in two pieces, in the SDK's order around the recorded events.
TEXT: list[tuple[str, Any]] = [
    ("on_event", "thread.run.created"),
    ("on_event", "thread.run.queued"),
    ("on_event", "thread.run.in_progress"),
    ("on_event", "thread.run.step.created"),
    ("on_run_step_created", "in_progress"),
    ("on_event", "thread.run.step.in_progress"),
    ("on_event", "thread.message.created"),
    ("on_message_created", "in_progress"),
    ("on_event", "thread.message.in_progress"),
    ("on_event", "thread.message.delta"),
    ("on_text_created", "Hello, "),
    ("on_text_delta", "Hello, "),
    ("on_message_delta", None),
    ("on_event", "thread.message.delta"),
    ("on_text_delta", "world!"),
    ("on_message_delta", None),
    ("on_event", "thread.message.completed"),
    ("on_text_done", "Hello, world!"),
    ("on_message_done", "completed"),
    ("on_event", "thread.run.step.completed"),
    ("on_run_step_done", "completed"),
    ("on_event", "thread.run.completed"),
    ("on_end", None),
]

# Those of two calls, up to where the run waits; the arguments come in one piece each.
CALLS: list[tuple[str, Any]] = [
    *TEXT[:6],
    ("on_event", "thread.run.step.delta"),
    ("on_tool_call_created", ""),
    ("on_run_step_delta", None),
    ("on_event", "thread.run.step.delta"),
    ("on_tool_call_delta", "1"),
    ("on_run_step_delta", None),
    ("on_event", "thread.run.step.delta"),
    ("on_tool_call_done", "1"),
    ("on_tool_call_created", ""),
    ("on_run_step_delta", None),
    ("on_event", "thread.run.step.delta"),
    ("on_tool_call_delta", "2"),
    ("on_run_step_delta", None),
    ("on_event", "thread.run.requires_action"),
    ("on_tool_call_done", "2"),
    ("on_end", None),
]
