"""Streams whose run is at work in another process now: what it has come to is told once that process is done with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from assistants_compat import wire
from assistants_compat.runs import citations
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.lifecycle import WORKING
from assistants_compat.runs.objects import run_event, step_json
from assistants_compat.runs.tool_calls import without_result_content
from assistants_compat.store import items, runs, steps

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]


class Follower:
    """Args:
    earlier: ids of the run's steps that were done before its stream began.
    told: ids of steps that the stream was told of since.
    drafts: messages that it has heard a part of.
    """

    def __init__(self, run_id: str, channel: Channel, earlier: Collection[str], told: Collection[str], drafts: Collection[Json]) -> None:
        self.run_id = run_id
        self._channel = channel
        self._earlier = frozenset(earlier)
        self._told = frozenset(told)
        self._drafts = {draft["id"]: draft for draft in drafts}

    def look(self, runtime: Runtime) -> bool:
        """Tell the stream of the run's end, if it has come to it. Whether there is nothing to follow any more.

        Raises:
            StoreError, sqlalchemy.exc.SQLAlchemyError: the store cannot be asked.
        """
        if self._channel.deserted:
            return True
        with runtime.database.read() as connection:
            run = runs.get(connection, self.run_id)
            if run is not None and run.status in {*WORKING, "cancelling"}:
                return False
            new = [] if run is None else [step for step in steps.of_run(connection, run.id) if step["id"] not in self._earlier]
            said: dict[str, Json] = {}
            for id in (step["step_details"]["message_creation"]["message_id"] for step in new if step["type"] == "message_creation"):
                message = items.get_message(connection, new[0]["thread_id"], id)
                if message is not None:
                    said[id] = message
        events = [] if run is None else list(retold(run, new, said, self._told, self._drafts))
        self._channel.end(events)
        return True

    def let_go(self) -> None:
        """The process ends, or its store is closed: the stream ends where it is."""
        self._channel.end([])


def retold(run: runs.Run, new: list[Json], said: Mapping[str, Json], told: Collection[str], drafts: Mapping[str, Json]) -> Iterator[bytes]:
    """The events of what has become of a run: of each step in the order of a stream, in one piece. Pure.

    Args:
        new: the steps, oldest first.
        said: their messages, those that are still there.
        told: ids of steps of which the stream has heard.
        drafts: messages of which it has heard a part, as far as that.
    """
    for step in new:
        if step["id"] not in told:
            begun = {**step, "status": "in_progress", "completed_at": None, "usage": None, "expires_at": run.body["expires_at"]}
            if step["type"] == "tool_calls":
                begun["step_details"] = {"type": "tool_calls", "tool_calls": []}
            yield wire.event("thread.run.step.created", begun)
            yield wire.event("thread.run.step.in_progress", begun)
        if step["type"] == "message_creation":
            message = said.get(step["step_details"]["message_creation"]["message_id"])
            if message is not None:
                yield from _message(message, drafts.get(message["id"]), is_new=step["id"] not in told)
        elif step["id"] not in told:
            calls = without_result_content(step)["step_details"]["tool_calls"]
            delta = {"step_details": {"type": "tool_calls", "tool_calls": [{"index": i, **call} for i, call in enumerate(calls)]}}
            yield wire.event("thread.run.step.delta", {"id": step["id"], "object": "thread.run.step.delta", "delta": delta})
        if step["status"] != "in_progress":
            yield wire.event(f"thread.run.step.{step['status']}", step_json(step, run.body, shows_results=run.progress["shows_results"]))
    yield wire.event(f"thread.run.{run.status}", run_event(run.body))


def _message(message: Json, heard: Json | None, *, is_new: bool) -> Iterator[bytes]:
    if is_new:
        empty: Json = {"status": "in_progress", "content": [], "attachments": [], "completed_at": None}
        begun = {**message, **empty, "incomplete_at": None, "incomplete_details": None}
        yield wire.event("thread.message.created", begun)
        yield wire.event("thread.message.in_progress", begun)
    parts = [] if heard is None else heard["content"]
    for index, part in enumerate(message["content"]):
        rest = _rest(part, parts[index] if index < len(parts) else None)
        if rest is not None:
            data = {"id": message["id"], "object": "thread.message.delta", "delta": {"content": [{"index": index, **rest}]}}
            yield wire.event("thread.message.delta", data)
    yield wire.event(f"thread.message.{message['status']}", message)


def _rest(part: Json, heard: Json | None) -> Json | None:
    """What is missing of a part of a message; nothing where the text has become another than was heard: its completion tells it."""
    if part["type"] != "text":
        return part if heard is None else None
    text, so_far = part["text"], {"value": "", "annotations": []} if heard is None else heard.get("text", {})
    if not text["value"].startswith(so_far.get("value", "\0")) or text == so_far:
        return None
    known = len(so_far["annotations"])
    more = [citations.delta(annotation, index) for index, annotation in enumerate(text["annotations"]) if index >= known]
    return {"type": "text", "text": {"value": text["value"][len(so_far["value"]) :], "annotations": more}}
