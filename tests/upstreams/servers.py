"""Other servers of the Responses API, as stand-ins: the offline upstream behind the manners of each.

What a server refuses, in which words, and how its events differ from OpenAI's is imitated from its sources, or, for LM Studio and
OpenRouter, whose sources are not public, from reports of its users; docs/upstreams.md says which. Nothing of their code is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.replies import Send, UpstreamReply

Json = dict[str, Any]
Refuse = Callable[[Json], "tuple[int, Any] | None"]
Speak = Callable[[list[Json]], list[Json]]


@dataclass(frozen=True)
class Manners:
    """How a server differs from OpenAI.

    Args:
        refuse: status and body for a request it does not take; a body that is text is sent as text.
        speak: its events for an answer, in place of OpenAI's.
        names_events: whether its events have an `event:` line.
        before, after: bytes around the events: comments, `[DONE]`.
        in_one_piece: whether it answers with JSON, stream or not.
    """

    refuse: Refuse = lambda body: None
    speak: Speak = lambda events: events
    names_events: bool = True
    line_end: str = "\n"
    before: bytes = b""
    after: bytes = b""
    in_one_piece: bool = False


class Server:
    """Takes the place of an OfflineUpstream under its transports. `bodies` is what came in, refused or not."""

    def __init__(self, manners: Manners, upstream: OfflineUpstream) -> None:
        self.manners, self.upstream = manners, upstream
        self.bodies: list[Json] = []

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> UpstreamReply:
        if not (method == "POST" and path.endswith("/responses")):
            return self.upstream.handle(method, path, headers, body)
        request = json.loads(body)
        self.bodies.append(request)
        refused = self.manners.refuse(request)
        if refused is not None:
            status, said = refused
            text = isinstance(said, str)
            content = said.encode() if text else json.dumps(said).encode()
            return UpstreamReply(status, {"content-type": "text/plain" if text else "application/json"}, (Send(content),))
        heard = [item for item in request["input"] if item["type"] != "reasoning"]  # theirs is not sealed as OpenAI's
        reply = self.upstream.handle(method, path, headers, json.dumps({**request, "input": heard, "stream": True}).encode())
        if reply.events is None:
            return reply
        events = self.manners.speak(json.loads(json.dumps(reply.events)))
        if self.manners.in_one_piece or not request.get("stream"):
            content = json.dumps(events[-1]["response"]).encode()
            return UpstreamReply(200, {"content-type": "application/json; charset=utf-8"}, (Send(content),))
        sent = (self.manners.before, *map(self._encoded, events), self.manners.after)
        return replace(reply, body=tuple(Send(data) for data in sent if data))

    def _encoded(self, event: Json) -> bytes:
        name = [f"event: {event['type']}"] if self.manners.names_events and "type" in event else []
        return self.manners.line_end.join([*name, f"data: {json.dumps(event)}", "", ""]).encode()


# -- refusals


def tool_types(body: Json) -> list[str]:
    return [tool["type"] for tool in body.get("tools", ())]


def first_other_tool(body: Json) -> int | None:
    """The first tool that is no function."""
    return next((index for index, kind in enumerate(tool_types(body)) if kind != "function"), None)


def vllm(body: Json) -> tuple[int, Any] | None:
    """0.33 takes all that is sent. This is how it would refuse a value of `include` that a version does not list."""
    for index, value in enumerate(body.get("include", ())):
        if value == "reasoning.encrypted_content":
            detail = (
                f"  {{'type': 'literal_error', 'loc': 'body.include.{index}', 'msg': \"Input should be 'message.output_text.logprobs'\"}}"
            )
            error = {"message": f"1 validation error:\n{detail}", "type": "Bad Request", "param": f"body.include.{index}", "code": 400}
            return 400, {"error": error}
    return None


def lm_studio(body: Json) -> tuple[int, Any] | None:
    """As reported for versions 0.3.29 to 0.4.20; what makes an input an invalid union differs between them."""
    other = first_other_tool(body)
    if other is not None:
        sentence = "Invalid discriminator value. Expected 'function' | 'mcp'"
        return 400, _error(sentence, f"tools.{other}.type", "invalid_union_discriminator")
    if isinstance(body.get("tool_choice"), dict):
        return 400, {"error": "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"}
    if body.get("text", {}).get("format", {}).get("type") == "json_object":
        return 400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}
    if any(item.get("role") == "assistant" and isinstance(item["content"], list) for item in body["input"]):
        return 400, _error("Invalid type for 'input'.", "input", "invalid_union")
    return None


def old_transformers(body: Json) -> tuple[int, Any] | None:
    """What it knows are the parameters of the openai package it is installed with, here one from before `prompt_cache_key`."""
    unexpected = {name for name in ("prompt_cache_key",) if name in body}
    return (422, {"detail": f"Unexpected fields in the request: {unexpected}"}) if unexpected else None


def ollama(body: Json) -> tuple[int, Any] | None:
    for index, item in enumerate(body["input"]):
        if item["type"] not in ("message", "function_call", "function_call_output", "reasoning", "web_search_call"):
            sentence = f'input[{index}]: unknown input item type: "{item["type"]}"'
            return 400, {"error": {"message": sentence, "type": "invalid_request_error", "param": None, "code": None}}
    return None


def litellm_bridge(body: Json) -> tuple[int, Any] | None:
    """Its way to servers of Chat Completions: what the provider's table does not list is refused."""
    theirs_for = {"prompt_cache_key": "prompt_cache_key", "parallel_tool_calls": "parallel_tool_calls", "reasoning": "reasoning_effort"}
    for name, theirs in theirs_for.items():
        if name in body:
            sentence = (
                f"litellm.UnsupportedParamsError: deepinfra does not support parameters: ['{theirs}'], for model=tiny. "
                "To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: true`\n. \n "
                f"If you want to use these params dynamically send allowed_openai_params=['{theirs}'] in your request."
            )
            return 500, {"error": {"message": sentence, "type": "None", "param": "None", "code": "500"}}
    return None


def litellm_passing_on(body: Json) -> tuple[int, Any] | None:
    """An error of OpenAI's, inside a sentence."""
    if "reasoning.encrypted_content" in body.get("include", ()):
        return _passed_on("Encrypted content is not supported with this model.", "include", None)
    if "temperature" in body:
        sentence = "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported."
        return _passed_on(sentence, "temperature", "unsupported_value")
    return None


def openrouter(body: Json) -> tuple[int, Any] | None:
    """Its schema knows earlier answers as text, or as items that have an id and a status."""
    for index, item in enumerate(body["input"]):
        if item.get("role") == "assistant" and isinstance(item["content"], list) and "id" not in item:
            issues = [{"code": "invalid_union", "errors": [], "path": ["input", index], "message": "Invalid input"}]
            error = {"code": "invalid_prompt", "message": "Invalid Responses API request"}
            return 400, {"error": error, "metadata": {"raw": json.dumps(issues)}}
    return None


def strict_fastapi(body: Json) -> tuple[int, Any] | None:
    """A server with pydantic models that forbid what they do not list."""
    for name in ("store", "include", "prompt_cache_key", "parallel_tool_calls"):
        if name in body:
            detail = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted", "input": body[name]}
            return 422, {"detail": [detail]}
    other = first_other_tool(body)
    if other is not None:
        return 422, {"detail": [{"type": "missing", "loc": ["body", "tools", other, "function"], "msg": "Field required"}]}
    return None


def plain_words(body: Json) -> tuple[int, Any] | None:
    """Servers that say it in a sentence, each in another one."""
    sentences: tuple[tuple[str, int, Any], ...] = (
        ("store", 400, {"object": "error", "message": "Unrecognized request argument supplied: store", "code": 400}),
        ("include", 400, 'json: unknown field "include"'),
        ("prompt_cache_key", 400, {"detail": "Unsupported parameter: prompt_cache_key"}),
        ("top_p", 501, {"message": "`top_p` is not implemented"}),
        ("max_output_tokens", 400, _error("Unknown parameter: 'max_output_tokens'.", "max_output_tokens", "unknown_parameter")),
    )
    for name, status, said in sentences:
        if name in body:
            return status, said
    if first_other_tool(body) is not None:
        return 400, {"error": {"message": "Only function tools are supported.", "type": "invalid_request_error"}}
    return None


def _error(message: str, param: str, code: str | None) -> Json:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _passed_on(message: str, param: str, code: str | None) -> tuple[int, Any]:
    inner = json.dumps(_error(message, param, code), indent=2)
    outer = f"litellm.BadRequestError: OpenAIException - {inner}\n\nLiteLLM: model group 'local' failed with the error above."
    return 400, {"error": {"message": outer, "type": "invalid_request_error", "param": None, "code": "400"}}


# -- dialects


def transformers_events(events: list[Json]) -> list[Json]:
    """Calls come whole, with their own id as `call_id`; after them the message of the answer comes (again), at the call's place."""
    told: list[Json] = []
    final = _without_nulls(events[-1]["response"])
    number = UUID(int=7)
    calls = [item for item in final["output"] if item["type"] == "function_call"]
    names = {call["id"]: f"{number}_tool_call_{index}" for index, call in enumerate(calls)}
    for event in map(_without_nulls, events[:-1]):
        kind = event["type"]
        event.pop("obfuscation", None)
        if kind.startswith("response.function_call_arguments.delta"):
            continue
        item = event.get("item")
        if item is not None and item["type"] == "function_call":
            call = next(call for call in calls if call["id"] == item["id"])
            event["item"] = {**call, "id": names[call["id"]], "call_id": names[call["id"]]}
        elif item is not None and item["type"] == "message":
            item["id"] = f"msg_{number}"
        told.append(event)
    for call in calls:
        call["call_id"] = call["id"] = names[call["id"]]
    if calls:
        messages = [item for item in final["output"] if item["type"] == "message"]
        text = messages[-1]["content"][0]["text"] if messages else ""
        message = {"id": f"msg_{number}", "type": "message", "status": "completed", "role": "assistant"}
        last = len(final["output"]) - 1
        part = {"type": "output_text", "text": text, "annotations": []}
        place = {"item_id": f"msg_{number}", "output_index": last, "content_index": 0}
        told += [
            {"type": "response.output_item.added", "output_index": last, "item": {**message, "status": "in_progress", "content": []}},
            {"type": "response.content_part.added", **place, "part": {**part, "text": ""}},
            {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
            {"type": "response.content_part.done", **place, "part": part},
            {"type": "response.output_item.done", "output_index": last, "item": {**message, "content": [part]}},
        ]
        final["output"] = [*[i for i in final["output"] if i["type"] == "reasoning"], {**message, "content": [part]}, *calls]
    return [*told, {"type": "response.completed", "response": final}]


def vllm_events(events: list[Json]) -> list[Json]:
    """Reasoning as text; every piece of a text with a number of its own, as older releases had it (vllm-project/vllm#35184)."""
    number = 0
    for event in open_reasoning(events):
        if event["type"] in ("response.output_text.delta", "response.output_text.done"):
            event["content_index"] = number
            number += 1
    return events


def open_reasoning(events: list[Json]) -> list[Json]:
    """Servers of open models show the reasoning as text."""
    for item in _items(events):
        if item["type"] == "reasoning":
            item["encrypted_content"] = None
            item["content"] = [{"type": "reasoning_text", "text": "Let me think."}]
    return events


def ollama_events(events: list[Json]) -> list[Json]:
    """Short numbers as ids; arguments in one delta; reasoning in `encrypted_content`, as it is."""
    for item in _items(events):
        item["id"] = {"message": "msg_734981", "function_call": "fc_1_0", "reasoning": "rs_5"}.get(item["type"], item["id"])
        if item["type"] == "reasoning":
            item["encrypted_content"] = "Let me think."
    told: list[Json] = []
    for event in events:
        if event["type"] == "response.function_call_arguments.delta" and told[-1]["type"] == event["type"]:
            told[-1]["delta"] += event["delta"]
        else:
            told.append({key: value for key, value in event.items() if key not in ("obfuscation", "item_id")})
    return told


def deltas_only(events: list[Json]) -> list[Json]:
    """Text and nothing around it; calls as a finished item."""
    kept = []
    for event in events:
        kind, item = event["type"], event.get("item")
        if kind == "response.output_text.delta":
            kept.append({"type": kind, "delta": event["delta"]})
        elif kind == "response.output_item.done" and item and item["type"] == "function_call":
            kept.append({"type": kind, "item": {"type": "function_call", "name": item["name"], "arguments": json.loads(item["arguments"])}})
    return kept


def no_end(events: list[Json]) -> list[Json]:
    return [event for event in events if event["type"] not in ("response.completed", "response.incomplete")]


def items_only(events: list[Json]) -> list[Json]:
    """No deltas, no announcements: items when they are done, without ids and places, and a meagre end."""
    kept: list[Json] = []
    for event in events:
        if event["type"] == "response.output_item.done":
            item = {key: value for key, value in event["item"].items() if key not in ("id", "status")}
            kept.append({"type": event["type"], "item": item})
    usage = events[-1]["response"]["usage"]
    counted = {"input_tokens": usage["input_tokens"], "output_tokens": usage["output_tokens"], "input_tokens_details": None}
    return [*kept, {"type": "response.completed", "response": {"usage": counted}}]


def end_only(events: list[Json]) -> list[Json]:
    """Nothing is streamed: the items are in the finished response."""
    return [events[0], events[-1]]


def done_parts_only(events: list[Json]) -> list[Json]:
    """Every part and every call's arguments in one piece."""
    return [event for event in events if not event["type"].endswith(".delta")]


def _items(events: list[Json]) -> Iterator[Json]:
    for event in events:
        if "item" in event:
            yield event["item"]
        yield from event.get("response", {}).get("output", ())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


SERVERS: dict[str, Manners] = {
    "openai": Manners(),
    "vllm": Manners(vllm, vllm_events),
    "ollama": Manners(ollama, ollama_events),
    "lmstudio": Manners(lm_studio, open_reasoning),
    "transformers": Manners(old_transformers, lambda events: transformers_events(open_reasoning(events)), names_events=False),
    "litellm": Manners(litellm_passing_on),
    "litellm-bridge": Manners(litellm_bridge),
    "openrouter": Manners(openrouter, before=b": OPENROUTER PROCESSING\n\n", after=b"data: [DONE]\n\n"),
    "strict-fastapi": Manners(strict_fastapi),
    "plain-words": Manners(plain_words, line_end="\r\n"),
    "in-one-piece": Manners(in_one_piece=True),
    "deltas-only": Manners(speak=deltas_only, names_events=False),
    "deltas-and-done": Manners(speak=no_end, after=b"data: [DONE]"),
    "no-end": Manners(speak=no_end),
    "items-only": Manners(speak=items_only),
    "end-only": Manners(speak=end_only),
    "done-parts-only": Manners(speak=done_parts_only),
}
