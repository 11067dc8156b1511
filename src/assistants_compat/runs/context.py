"""From a thread's items to the input of a model call. Pure, and stable: what was sent once is sent again byte for byte.

The Responses API refuses a history with loose ends (docs/compatibility.md, "Replay"), so a function call goes only with
its output, a reasoning item only with the item that followed it, and nothing carries an old id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistants_compat.store.items import Item

Json = dict[str, Any]


def model_input(history: Sequence[Item], model: str) -> list[Json]:
    """The input items for a call to `model`: reasoning that another model did is left out, nobody else can read it."""
    answered = {item.body["call_id"] for item in history if item.type == "function_call_output"}
    asked = {item.body["call_id"] for item in history if item.type == "function_call"}
    complete = answered & asked
    sent: list[Json] = []
    reasoning: list[Item] = []
    for item in history:
        if item.type == "reasoning":
            reasoning.append(item)
            continue
        kept = item.type == "message" or (item.type.startswith("function_call") and item.body["call_id"] in complete)
        if kept:
            if item.type != "function_call_output" and item.role != "user":
                sent += [r.body for r in reasoning if r.run_id == item.run_id and r.extra.get("model") == model]
            sent.append(_as_input(item))
        reasoning = []  # whatever was not sent with its follower goes with it
    return sent


def _as_input(item: Item) -> Json:
    if item.type != "message":
        return item.body
    message: Json = {"type": "message", "role": item.role, "content": [_PARTS[item.role or ""][p["type"]](p) for p in item.body["content"]]}
    if "phase" in item.extra:
        message["phase"] = item.extra["phase"]
    return message


def _image_url(part: Json) -> Json:
    return {"type": "input_image", "image_url": part["image_url"]["url"], "detail": part["image_url"]["detail"]}


def _image_file(part: Json) -> Json:
    return {"type": "input_image", "file_id": part["image_file"]["file_id"], "detail": part["image_file"]["detail"]}


_PARTS: dict[str, dict[str, Callable[[Json], Json]]] = {
    "user": {
        "text": lambda part: {"type": "input_text", "text": part["text"]["value"]},
        "image_url": _image_url,
        "image_file": _image_file,
    },
    "assistant": {
        "text": lambda part: {"type": "output_text", "text": part["text"]["value"]},
        "refusal": lambda part: {"type": "refusal", "refusal": part["refusal"]},
        # The API has no image in an assistant's mouth; its place is kept by words.
        "image_url": lambda part: {"type": "output_text", "text": f"[image: {part['image_url']['url']}]"},
        "image_file": lambda part: {"type": "output_text", "text": f"[image file: {part['image_file']['file_id']}]"},
    },
}
