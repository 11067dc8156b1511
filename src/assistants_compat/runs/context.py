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


def model_input(history: Sequence[Item], model: str) -> list[Json]:
    """The input items for a call to `model`: reasoning that another model did is left out, nobody else can read it."""
    complete = _answered(history)
    sent: list[Json] = []
    reasoning: list[Item] = []
    for place, item in enumerate(history):
        if item.type == "reasoning":
            reasoning.append(item)
            continue
        # A message has no content where its run ended before the first word.
        if item.body["content"] if item.type == "message" else place in complete:
            if item.type != "function_call_output" and item.role != "user":
                follower = item.id if item.type == "message" else item.body["call_id"]
                sent += [r.body for r in reasoning if r.run_id == item.run_id and r.extra == {"model": model, "before": follower}]
            sent.append(as_input(item) if item.type == "message" else {**item.body, "call_id": complete[place]})
        reasoning = []  # whatever was not sent with its follower goes with it
    return sent


def _answered(history: Sequence[Item]) -> dict[int, str]:
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


def as_input(item: Item) -> Json:
    """A message as it is sent."""
    message: Json = {"type": "message", "role": item.role, "content": [_PARTS[item.role or ""][p["type"]](p) for p in item.body["content"]]}
    if "phase" in item.extra:
        message["phase"] = item.extra["phase"]
    return message


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
