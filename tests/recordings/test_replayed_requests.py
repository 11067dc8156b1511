"""Recorded requests for assistants, threads and messages sent again, and their recorded replies beside ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .traffic import Json, Normal, conversations, needs_recordings, ordered, path_of

pytestmark = needs_recordings

_ID = re.compile(r"\b(?:asst|thread|msg)_[A-Za-z0-9]{20,}\b")
_PATH = re.compile(r"/(assistants|threads)(/[^/?]+)?(/messages(/[^/?]+)?)?(\?.*)?")

# Keys that the newest recordings have and older ones lack.
LATER_KEYS = {"reasoning_effort", "strict", "file_search", "hybrid_search"}
# What this version refuses in words (api/limits.py): it would have to make something upstream first.
REFUSED = ("vector_stores", '"attachments": [{')


def is_ours_to_answer(exchange: Json) -> bool:
    if not _PATH.fullmatch(path_of(exchange)) or exchange["url"].endswith("/threads/runs") or exchange["status"] == 401:
        return False
    return not any(word in json.dumps(exchange["request"]) for word in REFUSED)


def replayable() -> Iterator[Any]:
    """Recorded files with what in them asks only for things made in the same file."""
    for source, exchanges in conversations().items():
        known: set[str] = set()
        chosen = []
        has_more = False  # from then on the thread has messages in it that were not made here
        for exchange in exchanges:
            has_more = has_more or "/runs" in exchange["url"]
            if "/messages" in exchange["url"] and not is_ours_to_answer(exchange):
                has_more = True
            if not is_ours_to_answer(exchange) or (exchange["method"], path_of(exchange)[:11]) == ("GET", "/assistants"):
                continue
            if has_more and "/messages" in exchange["url"]:
                continue
            asked = f"{path_of(exchange)} {json.dumps(exchange['request'])}"
            if set(_ID.findall(asked)) <= known:
                known |= set(_ID.findall(json.dumps(exchange["response"])))
                chosen.append(exchange)
        if chosen:
            yield pytest.param(chosen, id=f"{Path(source).name}")


def as_old_as(ours: Any, theirs: Any) -> Any:
    """`ours` without the keys that came later than the recording."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        kept = {key: item for key, item in ours.items() if key in theirs or key not in LATER_KEYS}
        return {key: as_old_as(item, theirs.get(key)) for key, item in kept.items()}
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [as_old_as(one, other) for one, other in zip(ours, theirs, strict=True)]
    return ours


def ids_in(value: Any) -> list[str]:
    return _ID.findall(json.dumps(value))


@pytest.mark.parametrize("exchanges", list(replayable()))
def test_recorded_requests_get_the_recorded_replies(exchanges: list[Json], shared_http: Callable[..., Any]) -> None:
    ours: dict[str, str] = {}

    def translated(text: str) -> str:
        return _ID.sub(lambda match: ours.get(match[0], match[0]), text)

    theirs, own = Normal(), Normal()
    for exchange in exchanges:
        body = exchange["request"]
        reply = shared_http(exchange["method"], translated(path_of(exchange)), body and json.loads(translated(json.dumps(body))))
        assert reply.status_code == exchange["status"], reply.text
        answer = as_old_as(reply.json(), exchange["response"])
        assert ordered(own(answer)) == ordered(theirs(exchange["response"])), (exchange["method"], exchange["url"], body)
        ours |= dict(zip(ids_in(exchange["response"]), ids_in(answer), strict=True))


def failures() -> list[Any]:
    """Refused requests for messages and threads, whose own thread was made elsewhere."""
    found = []
    for exchanges in conversations().values():
        for exchange in exchanges:
            if exchange["status"] in (400, 404) and ("metadata" in (exchange["request"] or {}) or "/steps/" in exchange["url"]):
                found.append(pytest.param(exchange, id=f"{Path(exchange['source']).name}-{exchange['index']}"))
    return found


@pytest.mark.parametrize("exchange", failures())
def test_recorded_refusals_are_given_again(exchange: Json, shared_http: Callable[..., Any]) -> None:
    assistant = shared_http("POST", "/assistants", {"model": "gpt-4o"}).json()
    new = {"messages": [{"role": "user", "content": "Hi"}]}
    run = shared_http("POST", "/threads/runs", {"assistant_id": assistant["id"], "thread": new}).json()
    thread = f"/threads/{run['thread_id']}"
    while shared_http("GET", f"{thread}/runs/{run['id']}", poll=True).json()["status"] in ("queued", "in_progress"):
        pass
    message = shared_http("GET", f"{thread}/messages").json()["data"][0]
    path = re.sub("thread_[^/]+", run["thread_id"], path_of(exchange))
    path = re.sub("run_[^/]+", run["id"], re.sub("msg_[^/]+", message["id"], path))
    reply = shared_http(exchange["method"], path, exchange["request"])
    theirs = exchange["response"]["error"]
    assert (reply.status_code, reply.json()["error"]) == (exchange["status"], theirs)
