"""Ways in which an upstream's answer can be wrong: each takes the right one and makes what is sent instead. Pure but for chance."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.replies import Drop, Pause, Send, Step, UpstreamReply, error_reply
from assistants_compat.testing.sequence import encode

Json = dict[str, Any]
Damage = Callable[[UpstreamReply, random.Random], UpstreamReply]

HANG = 30.0
"""Seconds for which nothing comes: longer than a run is given."""

MEBIBYTE = 1 << 20

JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1e308, "", "x", "\0", "\ud800", "☃" * 300, [], [None], {}, {"type": "message"}, [[[[{}]]]], [{"type": 3}],
)  # fmt: skip


# -- instead of an answer


def refused(status: int, message: str, **more: Any) -> Damage:
    return lambda _reply, _chance: error_reply(HttpError(status, message, **more), "req_1")


def page(code: int, body: bytes, kind: str = "text/html") -> Damage:
    return lambda _reply, _chance: UpstreamReply(code, {"content-type": kind, "content-length": str(len(body))}, (Send(body),))


def no_connection(_reply: UpstreamReply, _chance: random.Random) -> UpstreamReply:
    return UpstreamReply(0, {}, before=(Drop(),))


def hangs(reply: UpstreamReply, _chance: random.Random) -> UpstreamReply:
    return replace(reply, before=(Pause(HANG), Drop()))


def whole_json(reply: UpstreamReply, _chance: random.Random) -> UpstreamReply:
    """Not a stream, though one was asked for."""
    final = _events(reply)[-1]["response"]
    body = json.dumps(final).encode()
    return UpstreamReply(200, {"content-type": "application/json", "content-length": str(len(body))}, (Send(body),))


def half_of_the_json(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    whole = whole_json(reply, chance)
    body = _bytes(whole)[: chance.randrange(2000)]
    return replace(whole, headers={**whole.headers, "content-length": str(len(body))}, body=(Send(body),))


# -- in the bytes of a stream


def hangs_in_the_middle(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    return replace(reply, body=(*_cut(reply, chance), Pause(HANG), Drop()))


def breaks_off(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    return replace(reply, body=(*_cut(reply, chance), Drop()))


def ends_early(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    """In good order, as far as HTTP goes."""
    return replace(reply, body=_cut(reply, chance))


def crumbs(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    """The right bytes, in pieces that end anywhere: nothing is wrong with it."""
    left, pieces = _bytes(reply), []
    while left:
        size = chance.choice((1, 2, 3, 7, 100, 5000))
        pieces.append(Send(left[:size]))
        left = left[size:]
    return replace(reply, body=tuple(pieces))


def wrong_bytes(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    raw = bytearray(_bytes(reply))
    for _ in range(chance.choice((1, 1, 3, 30))):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return replace(reply, body=(Send(bytes(raw)),))


def other_lines(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
    """Comments, fields that nobody knows, other line ends: all of it allowed."""
    end = chance.choice((b"\n", b"\r\n", b"\r"))
    blocks = [block for block in _bytes(reply).split(b"\n\n") if block]
    extra = [b": a comment", b"id: 7", b"retry: 100", b"x: y"]
    lines = [b"\n".join(chance.sample([*block.split(b"\n"), chance.choice(extra)], k=3)) for block in blocks]
    return replace(reply, body=tuple(Send((line + b"\n\n").replace(b"\n", end)) for line in lines))


# -- in the events of a stream


def of_events(change: Callable[[list[Any], random.Random], list[Any]]) -> Damage:
    def damaged(reply: UpstreamReply, chance: random.Random) -> UpstreamReply:
        events = json.loads(json.dumps(_events(reply)))
        return replace(reply, body=tuple(Send(_encoded(event)) for event in change(events, chance)))

    return damaged


def unknown_events(events: list[Any], chance: random.Random) -> list[Any]:
    for _ in range(4):
        strange = chance.choice(
            ({"type": "response.something.new", "output_index": 0}, {"type": "keepalive"}, {"sequence_number": 3}, {}, [], None, 7, "words")
        )
        events.insert(chance.randrange(len(events)), strange)
    return events


def malformed(events: list[Any], chance: random.Random) -> list[Any]:
    """Somewhere in an event is something else than there should be."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        holder, key = _anywhere(events, chance)
        holder[key] = chance.choice(JUNK)
    return events


def fields_missing(events: list[Any], chance: random.Random) -> list[Any]:
    for _ in range(chance.choice((1, 1, 2, 5))):
        holder, key = _anywhere(events, chance)
        del holder[key]
    return events


def without_an_event(events: list[Any], chance: random.Random) -> list[Any]:
    for _ in range(chance.choice((1, 1, 2, 4))):
        del events[chance.randrange(len(events))]
    return events


def events_twice(events: list[Any], chance: random.Random) -> list[Any]:
    for _ in range(3):
        place = chance.randrange(len(events))
        events.insert(chance.choice((place, chance.randrange(len(events)))), events[place])
    return events


def out_of_order(events: list[Any], chance: random.Random) -> list[Any]:
    """Two events in each other's place, or everything anywhere."""
    if chance.random() < 0.2:
        chance.shuffle(events)
        return events
    first, second = chance.randrange(len(events)), chance.randrange(len(events))
    events[first], events[second] = events[second], events[first]
    return events


def other_places(events: list[Any], chance: random.Random) -> list[Any]:
    """Items that say they are elsewhere than they are, or all the same one."""
    number = chance.choice((0, 5, -1))
    for event in events:
        if "output_index" in event and chance.random() < 0.7:
            event["output_index"] = number
        if "item_id" in event and chance.random() < 0.3:
            event["item_id"] = "item_1"
    return events


def more_after_the_end(events: list[Any], chance: random.Random) -> list[Any]:
    return [*events, *chance.sample(events, k=min(5, len(events))), events[-1]]


def nothing_but_the_end(events: list[Any], _chance: random.Random) -> list[Any]:
    return events[-1:]


def a_mebibyte(events: list[Any], chance: random.Random) -> list[Any]:
    """In one event, or in thousands."""
    deltas = [event for event in events if event["type"].endswith(".delta")]
    if deltas and chance.random() < 0.5:
        chance.choice(deltas)["delta"] += "x" * MEBIBYTE
        return events
    place = next((index for index, event in enumerate(events) if event["type"].endswith(".delta")), 1)
    return events[:place] + [{**events[place]} for _ in range(MEBIBYTE // 256)] + events[place:]


def fails(code: str) -> Callable[[list[Any], random.Random], list[Any]]:
    def change(events: list[Any], chance: random.Random) -> list[Any]:
        place = chance.randrange(len(events))
        error = {"code": code, "message": "Something went wrong."}
        end = {"type": "response.failed", "response": {**events[-1]["response"], "status": "failed", "error": error}}
        return [*events[:place], chance.choice((end, {"type": "error", "error": error}, {"type": "error", **error}))]

    return change


DAMAGES: dict[str, Damage] = {
    "429": refused(429, "Rate limit reached", code="rate_limit_exceeded", headers={"retry-after-ms": "5"}),
    "429 without a word": page(429, b""),
    "429, no money left": refused(429, "You exceeded your current quota", code="insufficient_quota"),
    "500": refused(500, "The server had an error", type="server_error"),
    "502, a page": page(502, b"<html>Bad gateway</html>"),
    "503, not JSON": page(503, b'{"error": ', "application/json"),
    "400 of a new kind": refused(400, "Unsupported something", param="something.new"),
    "401": refused(401, "Incorrect API key provided"),
    "404": page(404, b"Not found", "text/plain"),
    "200, a page": page(200, b"<html>Please log in</html>"),
    "200, nothing": page(200, b"", "text/event-stream"),
    "204": lambda _reply, _chance: UpstreamReply(204, {"content-length": "0"}),
    "301": lambda _reply, _chance: UpstreamReply(301, {"location": "http://127.0.0.1:9/", "content-length": "0"}),
    "no connection": no_connection,
    "hangs": hangs,
    "hangs in the middle": hangs_in_the_middle,
    "breaks off": breaks_off,
    "ends early": ends_early,
    "not a stream": whole_json,
    "half of a JSON": half_of_the_json,
    "pieces that end anywhere": crumbs,
    "other lines": other_lines,
    "wrong bytes": wrong_bytes,
    "unknown events": of_events(unknown_events),
    "malformed events": of_events(malformed),
    "fields missing": of_events(fields_missing),
    "events missing": of_events(without_an_event),
    "events twice": of_events(events_twice),
    "events out of order": of_events(out_of_order),
    "items in other places": of_events(other_places),
    "more after the end": of_events(more_after_the_end),
    "nothing but the end": of_events(nothing_but_the_end),
    "1 MiB": of_events(a_mebibyte),
    "fails: server_error": of_events(fails("server_error")),
    "fails: rate_limit_exceeded": of_events(fails("rate_limit_exceeded")),
}

HANGING = frozenset({"hangs", "hangs in the middle"})
UNHARMED = frozenset({"pieces that end anywhere", "other lines", "not a stream"})
"""Unusual, and right: the run completes."""


def _events(reply: UpstreamReply) -> Sequence[Any]:
    assert reply.events is not None
    return reply.events


def _bytes(reply: UpstreamReply) -> bytes:
    return b"".join(step.data for step in reply.body if isinstance(step, Send))


def _cut(reply: UpstreamReply, chance: random.Random) -> tuple[Step, ...]:
    raw = _bytes(reply)
    return (Send(raw[: chance.randrange(1, len(raw))]),)


def _encoded(event: Any) -> bytes:
    if isinstance(event, dict) and isinstance(event.get("type"), str):
        return encode(event)
    return f"data: {json.dumps(event)}\n\n".encode()


def _anywhere(events: list[Any], chance: random.Random) -> tuple[Any, Any]:
    """A place in an event, each as likely as any other of that event."""
    event = chance.choice([event for event in events if event])
    places: list[tuple[Any, Any]] = []
    pending: list[Any] = [event]
    while pending:
        holder = pending.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            places.append((holder, key))
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])
    return chance.choice(places)
