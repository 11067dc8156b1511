"""Tool calls in the forms that run steps show them, from the output items that stand for them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistants_compat.ids import new_id
from assistants_compat.runs.generated import Generated, GeneratedFile

Json = dict[str, Any]


def opened(item: Json, run: Json) -> Json:
    """A call that begins, as the first delta shows it."""
    return _OPENED[item["type"]](item, run)


def is_tool_call(item: Json) -> bool:
    return item["type"] in _OPENED


def _function(item: Json, _run: Json) -> Json:
    return {"id": item["call_id"], "type": "function", "function": {"name": item["name"], "arguments": "", "output": None}}


def _code_interpreter(_item: Json, _run: Json) -> Json:
    return {"id": new_id("call"), "type": "code_interpreter", "code_interpreter": {"input": "", "outputs": []}}


def _file_search(_item: Json, run: Json) -> Json:
    asked: Json = next((tool["file_search"] for tool in run["tools"] if tool["type"] == "file_search"), {})
    options = {key: value for key, value in (asked.get("ranking_options") or {}).items() if key != "hybrid_search"}
    return {"id": new_id("call"), "type": "file_search", "file_search": {"ranking_options": options, "results": []}}


_OPENED: dict[str, Callable[[Json, Json], Json]] = {
    "function_call": _function,
    "code_interpreter_call": _code_interpreter,
    "file_search_call": _file_search,
}


def search_results(item: Json) -> list[Json]:
    """What a file search found, in the order and with the keys recorded."""
    return [
        {
            "file_id": result["file_id"],
            "file_name": result["filename"],
            "score": result["score"],
            "attributes": result.get("attributes") or {},
            "content": [{"type": "text", "text": result["text"]}],
        }
        for result in item.get("results") or ()
    ]


def code_outputs(item: Json, generated: Generated) -> tuple[list[Json], list[GeneratedFile]]:
    """What code printed and drew, and the images' bytes. An image without bytes is left to its citation."""
    outputs: list[Json] = []
    images: list[GeneratedFile] = []
    for output in item.get("outputs") or ():
        if output["type"] == "logs":
            outputs.append({"type": "logs", "logs": output["logs"]})
        elif output["type"] == "image":
            image = generated.image(output["url"], item.get("container_id") or "")
            if image is not None:
                images.append(image)
                outputs.append({"type": "image", "image": {"file_id": image.id}})
    return outputs, images


def without_result_content(step: Json) -> Json:
    """A step as it is shown to who has not asked, with `include[]`, for what a file search read."""
    calls = step["step_details"].get("tool_calls")
    if not any(call["type"] == "file_search" for call in calls or ()):
        return step

    def shown(call: Json) -> Json:
        if call["type"] != "file_search":
            return call
        results = [{key: value for key, value in result.items() if key != "content"} for result in call["file_search"]["results"]]
        return {**call, "file_search": {**call["file_search"], "results": results}}

    return {**step, "step_details": {**step["step_details"], "tool_calls": [shown(call) for call in calls]}}
