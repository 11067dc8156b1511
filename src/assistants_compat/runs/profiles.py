"""What each upstream is known not to take, and a request without it. Pure, but for the memory, which lasts as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from assistants_compat.upstream_profiles import ENCRYPTED_REASONING, left_out_in_advance

Json = dict[str, Any]
Step = Callable[[Json], Json]


class Profiles:
    """What the servers of a runtime were found to refuse, and what the settings say of them all."""

    def __init__(self, setting: str) -> None:
        """Raises ValueError where the setting names something unknown."""
        self.fixed = left_out_in_advance(setting)
        self._learnt: dict[tuple[str, str | None], frozenset[str]] = {}

    def left_out(self, server: str, model: str) -> frozenset[str]:
        """What is left out of a request to `model` at `server`, a base URL."""
        none: frozenset[str] = frozenset()
        return self.fixed | self._learnt.get((server, None), none) | self._learnt.get((server, model), none)

    def learn(self, server: str, model: str | None, thing: str) -> None:
        """From now on leave `thing` out for this model, or, with None, for all of the server's."""
        self._learnt[server, model] = self._learnt.get((server, model), frozenset()) | {thing}

    def is_of_model(self, server: str, model: str, thing: str) -> bool:
        """Whether it is this model, rather than the server, that does not take it."""
        return thing in self._learnt.get((server, model), ()) and thing not in self._learnt.get((server, None), ())


def without(request: Json, things: Collection[str]) -> tuple[Json, list[str]]:
    """The request without these things, and which of them it had. What has none of them comes back as it is."""
    had: list[str] = []
    for thing, step in _STEPS.items() if things else ():
        if thing in things:
            changed = step(request)
            if changed is not request:
                had.append(thing)
                request = changed
    return request, had


def has(request: Json, thing: str) -> bool:
    return thing in _STEPS and _STEPS[thing](request) is not request


def _but(request: Mapping[str, Any], *names: str) -> Json:
    return {key: value for key, value in request.items() if key not in names}


def _parameter(name: str) -> Step:
    return lambda request: _but(request, name) if name in request else request


def _included(value: str) -> Step:
    def step(request: Json) -> Json:
        wanted = request.get("include") or []
        if value not in wanted:
            return request
        rest = [other for other in wanted if other != value]
        return {**request, "include": rest} if rest else _but(request, "include")

    return step


def _tools(request: Json, kept: list[Json], choice: Any) -> Json:
    """The request with these of its tools; without any, nothing is left that speaks of tools."""
    if not kept:
        return _but(request, "tools", "tool_choice", "parallel_tool_calls")
    return {**_but(request, "tool_choice"), "tools": kept, **({} if choice is None else {"tool_choice": choice})}


def _tool(kind: str, included: str) -> Step:
    def step(request: Json) -> Json:
        tools = request.get("tools") or []
        kept = [tool for tool in tools if tool["type"] != kind]
        if len(kept) == len(tools):
            return request
        choice = request.get("tool_choice")
        forced = isinstance(choice, dict) and choice["type"] == kind
        return _included(included)(_tools(request, kept, None if forced else choice))

    return step


def _tool_parameter(name: str) -> Step:
    def step(request: Json) -> Json:
        tools = request.get("tools") or []
        return {**request, "tools": [_but(tool, name) for tool in tools]} if any(name in tool for tool in tools) else request

    return step


def _tool_choice(request: Json) -> Json:
    choice = request.get("tool_choice")
    if choice is None:
        return request
    return _tools(request, [] if choice == "none" else request["tools"], None)


def _named_tool_choice(request: Json) -> Json:
    """`required` with one tool to choose from is the same choice."""
    choice = request.get("tool_choice")
    if not isinstance(choice, dict):
        return request
    chosen = [tool for tool in request["tools"] if all(tool.get(key) == value for key, value in choice.items())]
    return _tools(request, chosen, "required")


def _background(request: Json) -> Json:
    return {**_but(request, "background"), "store": False} if request.get("background") else request


def _items(change: Callable[[Json], Json | None]) -> Step:
    """Changes the items of the input; None takes one out."""

    def step(request: Json) -> Json:
        changed = [change(item) for item in request["input"]]
        if all(new is old for new, old in zip(changed, request["input"], strict=True)):
            return request
        return {**request, "input": [item for item in changed if item is not None]}

    return step


def _as_text(item: Json) -> Json:
    if item.get("role") != "assistant" or isinstance(item["content"], str):
        return item
    return {**item, "content": "\n".join(part.get("text") or part.get("refusal") or "" for part in item["content"])}


def _without_detail(item: Json) -> Json:
    if item["type"] != "message" or not any("detail" in part for part in item["content"]):
        return item
    return {**item, "content": [_but(part, "detail") for part in item["content"]]}


# In the order in which they are taken out; tools before what depends on them.
_STEPS: dict[str, Step] = {
    "file_search": _tool("file_search", "file_search_call.results"),
    "code_interpreter": _tool("code_interpreter", "code_interpreter_call.outputs"),
    "named_tool_choice": _named_tool_choice,
    "tool_choice": _tool_choice,
    **{name: _tool_parameter(name) for name in ("strict", "ranking_options", "max_num_results")},
    **{name: _included(name) for name in (ENCRYPTED_REASONING, "file_search_call.results", "code_interpreter_call.outputs")},
    "text.format": _parameter("text"),
    "background": _background,
    **{
        name: _parameter(name)
        for name in "temperature top_p reasoning max_output_tokens parallel_tool_calls include store prompt_cache_key stream".split()  # noqa: SIM905
    },
    "phase": _items(lambda item: _but(item, "phase") if "phase" in item else item),
    "reasoning_items": _items(lambda item: None if item["type"] == "reasoning" else item),
    "developer": _items(lambda item: {**item, "role": "system"} if item.get("role") == "developer" else item),
    "detail": _items(_without_detail),
    "output_parts": _items(_as_text),
}
