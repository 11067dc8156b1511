"""From a thread's items to the input of a model call. Pure, and stable: what was sent once is sent again byte for byte.

The Responses API refuses a history with loose ends (docs/compatibility.md, "Replay"), so a function call goes only with
its output, a reasoning item only with the item that followed it, and nothing carries an old id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from assistants_compat.runs.citations import without_markers
from assistants_compat.store.items import Item

Json = dict[str, Any]


def model_input(history: Sequence[Item], model: str, *, runs_code: bool = False) -> list[Json]:
    """The input items for a call to `model`: reasoning that another model did is left out, nobody else can read it.

    Args:
        runs_code: whether the model has a code interpreter; without, what code did before is told in words.
    """
    complete = answered(history)
    sent: list[Json] = []
    reasoning: list[Item] = []
    for place, item in enumerate(history):
        if item.type == "reasoning":
            reasoning.append(item)
            continue
        if item.type in ("function_call", "function_call_output"):
            body = {**item.body, "call_id": complete[place]} if place in complete else None
        else:
            body = as_input(item, runs_code=runs_code)
        if body is not None:
            follower = _FOLLOWERS.get(body["type"], lambda _: None)(item)
            sent += [r.body for r in reasoning if r.run_id == item.run_id and r.extra == {"model": model, "before": follower}]
            sent.append(body)
        reasoning = []  # whatever was not sent with its follower goes with it
    return sent


# What reasoning names as the item that it led to.
_FOLLOWERS: dict[str, Callable[[Item], str]] = {
    "message": lambda item: item.id,
    "function_call": lambda item: str(item.body["call_id"]),
    "code_interpreter_call": lambda item: str(item.body["id"]),
}


def answered(history: Sequence[Item]) -> dict[int, str]:
    """The places of the function calls that have an output, and of those outputs, each with the id to send it with.

    Not every server makes an id but once, and none takes one twice: from its second call on an id is sent with a number.
    """
    complete: dict[int, str] = {}
    asked: dict[tuple[str | None, str], int] = {}
    used: Counter[str] = Counter()
    for place, item in enumerate(history):
        if item.type == "function_call":
            asked[item.run_id, item.body["call_id"]] = place
        elif item.type == "function_call_output":
            call_id = item.body["call_id"]
            call = asked.pop((item.run_id, call_id), None)
            if call is not None:
                used[call_id] += 1
                complete[call] = complete[place] = call_id if used[call_id] == 1 else f"{call_id[:56]}-{used[call_id]}"
    return complete


def as_input(item: Item, *, runs_code: bool = True) -> Json | None:
    """An item as it is sent; None for a message that has nothing in it, as of a run that ended before the first word."""
    if item.type == "code_interpreter_call":
        return item.body if runs_code and not item.extra.get("expired") else _in_words(item.body, item.extra.get("files", ()))
    if item.type != "message":
        return item.body
    parts = item.body["content"]
    if item.run_id is not None and item.role == "assistant":
        # What code drew, the model never said; told of it in words, it would begin to say such words itself.
        parts = [part for part in parts if part["type"] != "image_file"]
    if not parts:
        return None
    message: Json = {"type": "message", "role": item.role, "content": [_PARTS[item.role or ""][p["type"]](p) for p in parts]}
    if "phase" in item.extra:
        message["phase"] = item.extra["phase"]
    return message


def _in_words(call: Json, files: Sequence[str]) -> Json:
    """Code that ran in a container which is gone. Not in the assistant's mouth: it would go on to write code instead of running it.

    Args:
        files: what was left in the container, and is in the next one.
    """
    printed = "\n".join(output["logs"] for output in call["outputs"])
    text = f"The code interpreter ran this earlier, in a session that has ended:\n{call['code']}"
    if printed:
        text += f"\n\nIt printed:\n{printed}"
    if files:
        text += f"\n\nFiles left by that session are in /mnt/data again, with an id before their names: {', '.join(files)}"
    return {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": text}]}


def _image_url(part: Json) -> Json:
    return {"type": "input_image", "image_url": part["image_url"]["url"], "detail": part["image_url"]["detail"]}


def _image_file(part: Json) -> Json:
    return {"type": "input_image", "file_id": part["image_file"]["file_id"], "detail": part["image_file"]["detail"]}


def _named(url: str) -> str:
    """A link, or of an image that is written out in its URL only the kind."""
    return url.partition(",")[0] if url.startswith("data:") else url


_PARTS: dict[str, dict[str, Callable[[Json], Json]]] = {
    "user": {
        "text": lambda part: {"type": "input_text", "text": part["text"]["value"]},
        "image_url": _image_url,
        "image_file": _image_file,
    },
    "assistant": {
        "text": lambda part: {"type": "output_text", "text": without_markers(part["text"])},
        "refusal": lambda part: {"type": "refusal", "refusal": part["refusal"]},
        # The API has no image in an assistant's mouth; its place is kept by words.
        "image_url": lambda part: {"type": "output_text", "text": f"[image: {_named(part['image_url']['url'])}]"},
        "image_file": lambda part: {"type": "output_text", "text": f"[image file: {part['image_file']['file_id']}]"},
    },
}
