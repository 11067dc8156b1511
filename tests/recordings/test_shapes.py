"""The objects of this version beside the newest recorded ones: the same keys in the same order, in JSON replies and in streams.

A dictionary whose keys the program chooses (metadata, a function's parameters) counts as a value.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from assistants_compat.testing import FunctionCall, OfflineUpstream, Text

from .traffic import Json, events_of, needs_recordings, second_version, sse

pytestmark = needs_recordings

Shape = tuple[str, ...]

KINDS = {
    "assistant", "assistant.deleted", "list", "thread", "thread.deleted", "thread.message", "thread.message.deleted",
    "thread.message.delta", "thread.run", "thread.run.step", "thread.run.step.delta",
}  # fmt: skip
SEPTEMBER_2025 = 1_756_684_800
OPEN = {"metadata", "parameters", "tool_resources", "delta"}


def objects(value: Any) -> Iterator[Json]:
    """Every object of a kind of its own in a reply, and those inside of it."""
    if isinstance(value, dict):
        if value.get("object") in KINDS:
            yield value
        for item in value.values():
            yield from objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects(item)


def shapes(value: Any, path: str) -> Iterator[tuple[str, Shape]]:
    """The keys of every object inside, by where it is; a place has as many shapes as its objects have types."""
    if isinstance(value, dict):
        where = f"{path}<{value['type']}>" if isinstance(value.get("type"), str) else path
        yield where, tuple(value)
        for key, item in value.items():
            if key not in OPEN:
                yield from shapes(item, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from shapes(item, f"{path}[]")


def shapes_of(replies: Iterator[tuple[str, Any]]) -> dict[str, Counter[Shape]]:
    found: dict[str, Counter[Shape]] = defaultdict(Counter)
    for form, reply in replies:
        for thing in objects(reply):
            found[f"{form} {thing['object']}"][tuple(thing)] += 1
            if thing["object"] != "list":
                for where, shape in shapes(thing, f"{form} {thing['object']}"):
                    found[where][shape] += 1
    return found


def recorded_replies() -> Iterator[tuple[str, Any]]:
    """The replies of 2025 and later; earlier ones lack what was added in the meantime."""
    for exchange in second_version():
        events = events_of(exchange)
        replies = [("SSE", data) for _, data in events] or [("JSON", exchange["response"])]
        if exchange["status"] == 200 and newest(data for _, data in replies):
            yield from replies


def newest(replies: Iterator[Any]) -> bool:
    return max((made for reply in replies for made in times(reply)), default=SEPTEMBER_2025) >= SEPTEMBER_2025


def times(value: Any) -> Iterator[int]:
    for thing in objects(value):
        if "created_at" in thing:
            yield thing["created_at"]


@cache
def recorded_shapes() -> dict[str, Counter[Shape]]:
    return shapes_of(recorded_replies())


@pytest.fixture
def our_replies(http: Callable[..., Any], upstream: OfflineUpstream, clock: Any) -> list[tuple[str, Any]]:
    """Replies of this version, one of every endpoint at least, the runs streamed and not, with text and with functions."""
    replies: list[tuple[str, Any]] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        response = http(method, path, body)
        assert response.status_code == 200, response.text
        if response.headers["content-type"].startswith("text/event-stream"):
            events = [data for _, data in sse(response.content)]
            replies.extend(("SSE", data) for data in events)
            return next(data for data in events if data != "[DONE]" and data["object"] == "thread.run")
        replies.append(("JSON", response.json()))
        return response.json()

    function = {"type": "function", "function": {"name": "look_up", "description": "Looks it up"}}
    assistant = call("POST", "/assistants", {"model": "gpt-4o", "tools": [function, {"type": "code_interpreter"}]})
    call("GET", f"/assistants/{assistant['id']}")
    call("POST", f"/assistants/{assistant['id']}", {"name": "Ada"})
    call("GET", "/assistants")
    image = {"type": "image_url", "image_url": {"url": "https://example.test/a.png"}}
    for stream in (False, True):
        thread = call("POST", "/threads", {"messages": [{"role": "user", "content": "Hi"}]})
        at = f"/threads/{thread['id']}"
        call("GET", at)
        call("POST", at, {"metadata": {"a": "b"}})
        message = call("POST", f"{at}/messages", {"role": "user", "content": [{"type": "text", "text": "Look"}, image]})
        call("GET", f"{at}/messages/{message['id']}")
        upstream.script(FunctionCall("look_up", {"what": "it"}, call_id="call_aaaaaaaaaaaaaaaaaaaaaaaa"), Text("Found it."))
        run = call("POST", f"{at}/runs", {"assistant_id": assistant["id"], "stream": stream})
        wait(http, f"{at}/runs/{run['id']}")
        call("GET", f"{at}/runs/{run['id']}")
        call("GET", f"{at}/runs/{run['id']}/steps")
        outputs = [{"tool_call_id": "call_aaaaaaaaaaaaaaaaaaaaaaaa", "output": "42"}]
        call("POST", f"{at}/runs/{run['id']}/submit_tool_outputs", {"tool_outputs": outputs, "stream": stream})
        wait(http, f"{at}/runs/{run['id']}")
        call("GET", f"{at}/runs")
        call("POST", f"{at}/runs/{run['id']}", {"metadata": {"a": "b"}})
        for step in call("GET", f"{at}/runs/{run['id']}/steps")["data"]:
            call("GET", f"{at}/runs/{run['id']}/steps/{step['id']}")
        call("GET", f"{at}/messages")
        call("POST", f"{at}/messages/{message['id']}", {"metadata": {"a": "b"}})
        call("DELETE", f"{at}/messages/{message['id']}")
        call("DELETE", at)
        upstream.script(Text("Hello."))
        new = {"messages": [{"role": "user", "content": "Hi"}]}
        run = call("POST", "/threads/runs", {"assistant_id": assistant["id"], "thread": new, "stream": stream})
        wait(http, f"/threads/{run['thread_id']}/runs/{run['id']}")
    call("DELETE", f"/assistants/{assistant['id']}")
    return replies


def wait(http: Callable[..., Any], path: str) -> None:
    """Until the run has left its working states: a poll helper's GET is held that long."""
    assert http("GET", path, poll=True).json()["status"] not in ("queued", "in_progress")


def test_every_kind_of_object_is_compared(our_replies: list[tuple[str, Any]]) -> None:
    in_json = {f"JSON {kind}" for kind in KINDS if not kind.endswith("delta")}
    in_streams = {f"SSE {kind}" for kind in ("thread", "thread.message", "thread.message.delta", "thread.run", "thread.run.step")}
    ours = set(shapes_of(iter(our_replies)))
    assert in_json | in_streams | {"SSE thread.run.step.delta"} <= ours
    assert in_json | in_streams | {"SSE thread.run.step.delta"} <= set(recorded_shapes())


def test_our_objects_have_the_recorded_keys_in_the_recorded_order(our_replies: list[tuple[str, Any]]) -> None:
    theirs = recorded_shapes()
    unlike = {
        where: json.dumps({"ours": sorted(shapes), "theirs": sorted(theirs[where])}, indent=1)
        for where, shapes in shapes_of(iter(our_replies)).items()
        if where in theirs and not set(shapes) <= set(theirs[where])
    }
    assert unlike == {}


def test_the_places_compared_are_most_of_those_recorded(our_replies: list[tuple[str, Any]]) -> None:
    """What is recorded and not made here has to do with tools and files that this version does not run."""
    missing = {where for where in recorded_shapes() if where not in shapes_of(iter(our_replies))}
    unsupported = ("file_search", "code_interpreter", "attachments", "response_format", "annotations", "image_file")
    assert {where for where in missing if not any(word in where for word in unsupported)} == set()
