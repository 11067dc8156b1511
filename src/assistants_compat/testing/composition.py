"""From a turn of the script to output items: ids, phases, sealed reasoning, tools, and the token budget that may cut it short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.testing.answers import FunctionCall, Reasoning, Refusal, Text, Turn
from assistants_compat.testing.identifiers import Family
from assistants_compat.testing.models import Model
from assistants_compat.testing.sealing import Seal
from assistants_compat.testing.tokens import pieces
from assistants_compat.testing.tool_answers import CodeInterpreter, FileSearch
from assistants_compat.testing.workbench import Workbench

Json = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """An output item as it opens and as it ends, and what its deltas carry in between. `unasked` is what the response
    does not show, since the request did not include it."""

    opening: Json
    item: Json
    deltas: tuple[str, ...]
    unasked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> Json:
        """The item with all there is to know about it."""
        return {**self.item, **self.unasked}


@dataclass(frozen=True)
class Composition:
    """All items of a response. `cut` is the reason when the response ends before the script does."""

    made: tuple[Made, ...]
    cut: str | None
    output_tokens: int
    reasoning_tokens: int


def compose(turn: Turn, body: Mapping[str, Any], model: Model, ids: Family, seal: Seal, workbench: Workbench) -> Composition:
    """A reasoning item of the script is left out for a model that does not reason, so that one script serves both."""
    limit = body.get("max_output_tokens")
    made: list[Made] = []
    spent = reasoned = 0
    cut: str | None = None
    for position, item in enumerate(turn.items):
        left = None if limit is None else limit - spent
        if isinstance(item, Reasoning):
            if not model.reasons:
                continue
            tokens = item.tokens if left is None else min(item.tokens, left)
            made.append(_reasoning(item, body, model, ids, seal))
            reasoned += tokens
            spent += tokens
            cut = "max_output_tokens" if left is not None and item.tokens >= left else None
        elif isinstance(item, FunctionCall):
            deltas = _within(pieces(item.arguments_json), left)
            cut = "max_output_tokens" if "".join(deltas) != item.arguments_json else None
            made.append(_call(item, deltas, ids, cut))
            spent += len(deltas)
        elif isinstance(item, Refusal):
            deltas = _within(pieces(item.text), left)
            cut = "max_output_tokens" if "".join(deltas) != item.text else None
            made.append(_refusal(deltas, ids, cut))
            spent += len(deltas)
        elif isinstance(item, FileSearch):
            made.append(_file_search(item, workbench, ids))
            spent += sum(len(pieces(query)) for query in item.queries)
        elif isinstance(item, CodeInterpreter):
            deltas = _within(pieces(item.code), left)
            cut = "max_output_tokens" if "".join(deltas) != item.code else None
            made.append(_code(item, deltas, workbench, ids, cut))
            spent += len(deltas)
        else:
            whole = pieces(item.text)
            fits = left is None or len(whole) <= left
            deltas = item.chunks or tuple(whole) if fits else _within(whole, left)
            cut = _reason(item) if fits else "max_output_tokens"
            made.append(_message(item, deltas, _phase(item, turn, position, model), workbench, ids, cut))
            spent += min(len(whole), left) if left is not None else len(whole)
        if cut:
            break
    return Composition(tuple(made), cut, spent, reasoned)


def _within(parts: list[str], left: int | None) -> tuple[str, ...]:
    return tuple(parts if left is None else parts[:left])


def _reason(item: Text) -> str | None:
    return "max_output_tokens" if item.incomplete is True else item.incomplete or None


def _phase(item: Text, turn: Turn, position: int, model: Model) -> str | None:
    """Newer models mark what they say before a call as commentary, and the rest as their final answer."""
    if item.phase is not None or not model.phases:
        return item.phase
    calls_later = any(isinstance(later, FunctionCall | FileSearch | CodeInterpreter) for later in turn.items[position + 1 :])
    return "commentary" if calls_later else "final_answer"


def _message(item: Text, deltas: tuple[str, ...], phase: str | None, workbench: Workbench, ids: Family, cut: str | None) -> Made:
    text = "".join(deltas)
    annotations = [each for each in workbench.annotations(item) if max(each.get("index") or 0, each.get("end_index") or 0) <= len(text)]
    part = {"type": "output_text", "annotations": annotations, "logprobs": [], "text": text}
    return _said(part, phase, deltas, ids, cut)


def _refusal(deltas: tuple[str, ...], ids: Family, cut: str | None) -> Made:
    return _said({"type": "refusal", "refusal": "".join(deltas)}, None, deltas, ids, cut)


def _said(part: Json, phase: str | None, deltas: tuple[str, ...], ids: Family, cut: str | None) -> Made:
    head = {"id": ids.new("msg"), "type": "message"}
    tail = {**({"phase": phase} if phase else {}), "role": "assistant"}
    opening = {**head, "status": "in_progress", "content": [], **tail}
    return Made(opening, {**head, "status": "incomplete" if cut else "completed", "content": [part], **tail}, deltas)


def _call(item: FunctionCall, deltas: tuple[str, ...], ids: Family, cut: str | None) -> Made:
    head = {"id": ids.new("fc"), "type": "function_call"}
    tail = {"call_id": item.call_id or ids.call(), "name": item.name}
    opening = {**head, "status": "in_progress", "arguments": "", **tail}
    return Made(opening, {**head, "status": "incomplete" if cut else "completed", "arguments": "".join(deltas), **tail}, deltas)


def _file_search(item: FileSearch, workbench: Workbench, ids: Family) -> Made:
    head = {"id": ids.new("fs"), "type": "file_search_call"}
    opening: Json = {**head, "status": "in_progress", "queries": [], "results": None}
    results = workbench.results(item)
    ended: Json = {**head, "status": "completed", "queries": list(item.queries), "results": results}
    return Made(opening, ended, ()) if workbench.shows_results else Made(opening, {**ended, "results": None}, (), {"results": results})


def _code(item: CodeInterpreter, deltas: tuple[str, ...], workbench: Workbench, ids: Family, cut: str | None) -> Made:
    """Code that is cut short does not run."""
    head = {"id": ids.new("ci"), "type": "code_interpreter_call"}
    container_id = workbench.container().id
    nothing: list[Json] | None = [] if workbench.shows_outputs else None
    opening = {**head, "status": "in_progress", "code": "", "container_id": container_id, "outputs": nothing}
    outputs = [] if cut else workbench.run(item)
    ended = {**opening, "code": "".join(deltas), "status": "incomplete" if cut else "completed"}
    if workbench.shows_outputs:
        return Made(opening, {**ended, "outputs": outputs}, deltas)
    return Made(opening, ended, deltas, {"outputs": outputs})


def _reasoning(item: Reasoning, body: Mapping[str, Any], model: Model, ids: Family, seal: Seal) -> Made:
    """The item opens with a value that does not verify: only that of `output_item.done` counts."""
    asked = body.get("reasoning") or {}
    summary = item.summary if asked.get("summary") or asked.get("generate_summary") else ""
    id = ids.new("rs")
    sealed = seal.close(id, model.snapshot)
    opening = {"id": id, "type": "reasoning", "content": [], "encrypted_content": sealed[: len(sealed) // 2], "summary": []}
    parts = [{"type": "summary_text", "text": summary}] if summary else []
    return Made(opening, {**opening, "encrypted_content": sealed, "summary": parts}, tuple(pieces(summary)))
