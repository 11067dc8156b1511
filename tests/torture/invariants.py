"""What must be true of a store whatever has happened to it. Pure: a picture in, violations out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from assistants_compat.runs.lifecycle import TERMINAL
from torture.picture import Said, Thread
from torture.result import Violation, violations

LOST = "messages lost"
DOUBLED = "messages doubled"
ORDER = "out of order"
LOCKED = "threads locked"
STUCK = "runs not ended"
HALF = "half-written"
UNUSABLE = "threads that do not go on"

KINDS = (LOST, DOUBLED, ORDER, LOCKED, STUCK, UNUSABLE, HALF)


def of_thread(thread: Thread, accepted: Sequence[tuple[str, str]] = ()) -> list[Violation]:
    """Everything that can be told of one thread that is at rest.

    Args:
        accepted: ids and texts of the messages that programs were told are there, in the order in which one of them was told.
    """
    return [
        *_lock(thread),
        *_runs(thread),
        *_leftovers(thread),
        *_counts(thread),
        *_calls(thread),
        *blocks(thread),
        *present_once(thread, accepted),
        *in_order(thread, accepted),
    ]


def _lock(thread: Thread) -> list[Violation]:
    return violations(LOCKED, [f"thread {thread.id} by {thread.active_run}"] if thread.active_run else [])


def _runs(thread: Thread) -> list[Violation]:
    return violations(STUCK, (f"run {run['id']} is {run['status']}" for run in thread.runs if run["status"] not in TERMINAL))


def _leftovers(thread: Thread) -> list[Violation]:
    """What an interrupted call had begun is gone, and what is there says the same in all places."""
    found = []
    for name in ("items", "steps", "files"):
        found += [
            f"{name}: {row['id']} of {thread.id} is not settled" for row in getattr(thread, name) if not row["settled"] and not _empty(row)
        ]
    found += [f"step {step['id']} is {step['status']}" for step in thread.steps if step["status"] == "in_progress"]
    for row in (*thread.runs, *thread.steps):
        if row["status"] != row["body"]["status"]:
            found.append(f"{row['id']} is {row['status']}, and {row['body']['status']} in its body")
    return violations(HALF, found)


def _empty(row: Mapping[str, object]) -> bool:
    """A message without a word, of a run that was cancelled or failed before the first: kept where its step names it, never listed."""
    body = row["body"]
    return isinstance(body, dict) and body.get("object") == "thread.message" and not body["content"]


def _counts(thread: Thread) -> list[Violation]:
    settled = [row["id"] for row in thread.messages if row["settled"]]
    found = []
    if thread.message_count != len(settled):
        found.append(f"thread {thread.id} counts {thread.message_count} messages and has {len(settled)}")
    if [said.id for said in thread.listed] != settled:
        found.append(f"thread {thread.id} lists other messages than it has")
    return violations(HALF, found)


def _calls(thread: Thread) -> list[Violation]:
    """A call without its output, or with two, is a history that every later model call would be refused for. Only a run that was cancelled
    or has expired may have asked for outputs in vain; such a call is never sent.
    """
    in_vain = {run["id"] for run in thread.runs if run["status"] in ("cancelled", "expired")}
    called = Counter(item["body"]["call_id"] for item in thread.items if item["type"] == "function_call")
    answered = Counter(item["body"]["call_id"] for item in thread.items if item["type"] == "function_call_output")
    unanswered = {item["body"]["call_id"] for item in thread.items if item["type"] == "function_call" and item["run_id"] in in_vain}
    return violations(
        HALF,
        (
            f"thread {thread.id}: call {id} has {answered[id]} outputs, {called[id]} calls"
            for id in called | answered
            if called[id] != 1 or answered[id] not in ((0, 1) if id in unanswered else (1,))
        ),
    )


def blocks(thread: Thread) -> list[Violation]:
    """What a run has written stands together: nobody else writes to the thread while it is at work."""
    order = [item["run_id"] for item in thread.messages if item["settled"]]
    begun: set[str] = set()
    found = []
    for before, now in zip([None, *order], order, strict=False):
        if now is not None and now != before:
            if now in begun:
                found.append(f"thread {thread.id}: something was written between two messages of {now}")
            begun.add(now)
    return violations(ORDER, found)


def present_once(thread: Thread, accepted: Sequence[tuple[str, str]]) -> list[Violation]:
    """Each accepted message is there under its id with its text, and no text of a user's twice."""
    there = Counter(said.id for said in thread.listed)
    texts = {said.id: said.text for said in thread.listed}
    lost = [f"{id} ({text!r}) is not in {thread.id}" for id, text in accepted if texts.get(id) != text]
    twice = [f"{id} is in {thread.id} {count} times" for id, count in there.items() if count > 1]
    said = Counter(said.text for said in thread.listed if said.role == "user")
    twice += [f"{text!r} is in {thread.id} {count} times" for text, count in said.items() if count > 1]
    return [*violations(LOST, lost), *violations(DOUBLED, twice)]


def in_order(thread: Thread, accepted: Sequence[tuple[str, str]]) -> list[Violation]:
    """As one writer wrote them."""
    ids = {id for id, _ in accepted}
    there = [said.id for said in thread.listed if said.id in ids]
    wanted = [id for id, _ in accepted if id in there]
    return violations(ORDER, [f"thread {thread.id} has {there}, written as {wanted}"] if there != wanted else [])


def prefix(final: Sequence[Said], seen: Iterable[Sequence[str]], thread_id: str) -> list[Violation]:
    """What any reader has ever seen of a thread to which messages are only added is the beginning of what there is in the end."""
    ids = [said.id for said in final]
    return violations(
        ORDER,
        (f"thread {thread_id} was read as {list(each)}, which is not how it begins" for each in seen if ids[: len(each)] != list(each)),
    )


def heard_everything(thread: Thread, heard: Callable[[list[str]], str]) -> list[Violation]:
    """The model has had the whole history each time: its answers repeat it.

    Args:
        heard: the answer to what the users have said so far. Of one that was broken off there is the beginning.
    """
    complete = {row["id"]: row["body"]["status"] == "completed" for row in thread.messages}
    begin = heard([]).strip()
    so_far: list[str] = []
    found = []
    for said in thread.listed:
        if said.role == "user":
            so_far.append(said.text)
        elif said.text.startswith(begin):
            right = heard(so_far)
            if not (said.text.startswith(right) if complete[said.id] else right.startswith(said.text)):
                found.append(f"{said.id} in {thread.id} says {said.text!r}, and should say {right!r}")
    return violations(LOST, found)


def copied(thread: Thread, blobs: Mapping[str, int]) -> list[Violation]:
    """A file that is said to be here is, whole."""
    found = [
        f"file {row['id']}: {row['body']['bytes']} bytes are said to be here, {blobs.get(row['id'])} are"
        for row in thread.files
        if row["copied"] and blobs.get(row["id"]) != row["body"]["bytes"]
    ]
    return violations(HALF, found)
