"""The model's part of a run, taken from what a recording shows of it: for every model call an answer of the offline upstream. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, Found, FunctionCall, Refusal, Text, Turn, png
from assistants_compat.testing.answers import Answer, Failed, Item
from assistants_compat.verifying.fields import inside, number, objects, text
from assistants_compat.verifying.knowledge import Knowledge

Json = dict[str, Any]

NOT_RECORDED = "(These words were not recorded.)"


@dataclass
class Leg:
    """One model call of a run: what the model said, and which functions the run waits for then."""

    items: list[Item] = field(default_factory=list)
    usage: Json | None = None
    calls: list[Json] = field(default_factory=list)
    error: Json | None = None
    """Of a run that failed in this call."""
    steps: dict[str, Json | None] = field(default_factory=dict)
    """Tokens of its steps, by their ids, as far as they are known."""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By step and message: which of the items it is made of, the first and the one after the last."""

    @property
    def answer(self) -> Answer:
        """What the offline upstream is to say."""
        if self.error is not None:
            return Failed(text(self.error, "code") or "server_error", text(self.error, "message"), tuple(self.items))
        return Turn(*(self.items or [Text(NOT_RECORDED)]), usage=_usage(self.usage))

    def add(self, items: Iterable[Item], *ids: str) -> None:
        """Items that a step or a message, of these ids, is made of."""
        first = len(self.items)
        self.items += items
        self.places.update({id: (first, len(self.items)) for id in ids})


def legs_of(run_id: str, knowledge: Knowledge) -> list[Leg]:
    """The model calls of a run, as far as the recordings tell of them; at least one."""
    legs = [Leg()]
    told: set[str] = set()  # messages
    waited = list(knowledge.asked.get(run_id, ()))
    for step in knowledge.of_run("step", run_id):
        if step.get("type") == "message_creation":
            message_id = text(step, "step_details", "message_creation", "message_id")
            told.add(message_id)
            legs[-1].add(_said(message_id, knowledge, legs[-1]), step["id"], message_id)
        else:
            calls = objects(step, "step_details", "tool_calls")
            legs[-1].add([_called(call, knowledge) for call in calls if call.get("type") in _CALLS], step["id"])
            legs[-1].calls = [call for call in calls if call.get("type") == "function"]
        legs[-1].steps[step["id"]] = step["usage"] if isinstance(step.get("usage"), dict) else None
        legs[-1].usage = _sum(legs[-1].usage, legs[-1].steps[step["id"]])
        if legs[-1].calls:
            ids = {text(call, "id") for call in legs[-1].calls}
            waited = [calls for calls in waited if not ids & {text(call, "id") for call in calls}]
            legs.append(Leg())
    for calls in waited:
        legs[-1].add([_called(call, knowledge) for call in calls])
        legs[-1].calls = calls
        legs.append(Leg())
    for message in knowledge.of_run("message", run_id):
        if message["id"] not in told:  # no step tells of it: it was said at the end
            legs[-1].add(_said(message["id"], knowledge, legs[-1]), message["id"])
    if run_id not in knowledge.whole and legs[-1].items and isinstance(legs[-1].items[-1], FileSearch | CodeInterpreter):
        legs[-1].add([Text(NOT_RECORDED)])  # what the upstream's own tools find, the model speaks of
        legs[-1].steps[NOT_RECORDED] = None
    _end(run_id, legs, knowledge)
    return legs


def _end(run_id: str, legs: list[Leg], knowledge: Knowledge) -> None:
    """How the last of the calls ends, and what of the run's tokens the steps do not tell."""
    run = knowledge.objects["run"].get(run_id, {})
    status = knowledge.status_of(run_id)
    if status in ("requires_action", "expired", "cancelled") and len(legs) > 1 and not legs[-1].items:
        legs.pop()  # it never came to that
    last = legs[-1]
    if status == "failed":
        last.error = run["last_error"] if isinstance(run.get("last_error"), dict) else {}
    if status == "incomplete" and not any(isinstance(item, Text) and item.incomplete for item in last.items):
        cut = last.items.pop() if last.items and isinstance(last.items[-1], Text) else Text("")
        assert isinstance(cut, Text)
        last.items.append(replace(cut, incomplete=True))
    if isinstance(run.get("usage"), dict) and run["usage"]:
        known: Json | None = None
        for leg in legs[:-1]:
            known = _sum(known, leg.usage)
        last.usage = _minus(run["usage"], known)


@dataclass(frozen=True)
class Usage:
    """The tokens of a step that shares its model call with others: as recorded, and as they are to be told here."""

    recorded: Json | None
    told: Json


def usages_of(run_id: str, legs: Sequence[Leg], knowledge: Knowledge) -> dict[str, Usage]:
    """By the ids of steps. All tokens of a model call are told with its last step, and with others none.

    Steps that have a call for themselves are not in it, nor are those of a call whose tokens are not the sum of theirs, though all
    are known.
    """
    usages: dict[str, Usage] = {}
    for leg in legs:
        known: Json | None = None
        for usage in leg.steps.values():
            known = _sum(known, usage)
        adds_up = known == leg.usage or run_id not in knowledge.whole
        if len(leg.steps) < 2 or leg.usage is None or known is None or not adds_up:
            continue
        last = list(leg.steps)[-1]
        nothing = _minus(leg.usage, leg.usage)
        usages.update({id: Usage(usage, leg.usage if id == last else nothing) for id, usage in leg.steps.items()})
    return usages


# -- items


def _said(message_id: str, knowledge: Knowledge, leg: Leg) -> list[Item]:
    """A message, with the code before it that makes what it shows, where the leg has none that does."""
    message = knowledge.objects["message"].get(message_id)
    if message is None:
        return [Text(NOT_RECORDED)]
    items: list[Item] = []
    images: list[bytes] = []
    files: dict[str, bytes] = {}
    for part in objects(message, "content"):
        kind = part.get("type")
        if kind == "text":
            items.append(_text(part.get("text"), knowledge.pieces.get(message_id, []), _incomplete(message)))
            for mark in objects(part, "text", "annotations"):
                if mark.get("type") == "file_path":
                    name = PurePosixPath(text(mark, "text")).name
                    files[name] = knowledge.contents.get(text(mark, "file_path", "file_id"), b"(not recorded)")
        elif kind == "refusal":
            items.append(Refusal(text(part, "refusal")))
        elif kind == "image_file":
            images.append(knowledge.contents.get(text(part, "image_file", "file_id"), png()))
    return [*_made_by_code(leg, images, files), *(items or [Text("", incomplete=_incomplete(message))])]


def _made_by_code(leg: Leg, images: Sequence[bytes], files: dict[str, bytes]) -> list[Item]:
    """Code for what no call of the leg has made; files, of which a step does not tell, are left by the last call there is."""
    calls = [(place, item) for place, item in enumerate(leg.items) if isinstance(item, CodeInterpreter)]
    since = max((place for place, item in enumerate(leg.items) if isinstance(item, Text)), default=-1)
    drawn = sum(isinstance(output, bytes) for place, call in calls if place > since for output in call.outputs)
    missing = list(images[drawn:])
    if not missing and not files:
        return []
    if calls and not missing:
        place, call = calls[-1]
        leg.items[place] = CodeInterpreter(call.code, call.outputs, files={**call.files, **files})
        return []
    return [CodeInterpreter("# (not recorded)", images=missing, files=files)]


def _incomplete(message: Json) -> Any:
    """As a Text has it."""
    return {"content_filter": "content_filter", "max_tokens": True}.get(text(message, "incomplete_details", "reason"), False)


def _text(shown: Any, pieces: Sequence[tuple[str, list[Json]]], incomplete: Any) -> Text:
    """What the model said, without the markers of its citations."""
    said = text(shown, "value")
    cites: list[Cite] = []
    for mark in sorted(objects(shown, "annotations"), key=lambda each: -number(each, "start_index")):
        file_id = text(mark, "file_citation", "file_id")
        if file_id:
            start, end = int(number(mark, "start_index")), int(number(mark, "end_index"))
            said = said[:start] + said[end:]
            cites = [Cite(file_id, at=start), *(Cite(cite.file, at=int(cite.at or 0) - (end - start)) for cite in cites)]
    chunks = tuple(piece for piece, marks in pieces if piece and not any("file_citation" in mark for mark in marks))
    whole = said and "".join(chunks) == said
    return Text(said, chunks=chunks if whole else None, annotations=tuple(cites), incomplete=incomplete)


_CALLS = frozenset({"function", "file_search", "code_interpreter"})


def _called(call: Json, knowledge: Knowledge) -> Item:
    kind = call.get("type")
    if kind == "file_search":
        return FileSearch("(not recorded)", results=[_found(each) for each in objects(call, "file_search", "results")])
    if kind == "code_interpreter":
        return _code(call.get("code_interpreter"), knowledge)
    return FunctionCall(text(call, "function", "name"), text(call, "function", "arguments"), text(call, "id") or None)


def _found(result: Json) -> Found:
    said = "\n".join(text(part, "text") for part in objects(result, "content"))
    file_id, name = text(result, "file_id") or None, text(result, "file_name")
    return Found(said, name or ("" if file_id else "(not recorded)"), file_id=file_id, score=float(number(result, "score")))


def _code(code: Any, knowledge: Knowledge) -> CodeInterpreter:
    outputs: list[str | bytes] = []
    for output in objects(code, "outputs"):
        if output.get("type") == "image":
            outputs.append(knowledge.contents.get(text(output, "image", "file_id"), png()))
        else:
            outputs.append(text(output, "logs"))
    return CodeInterpreter(text(code, "input"), outputs)


# -- tokens


def _usage(usage: Json | None) -> dict[str, int]:
    """In the names of the Responses API."""
    return {
        "input_tokens": int(number(usage, "prompt_tokens")),
        "output_tokens": int(number(usage, "completion_tokens")),
        "cached_tokens": int(number(usage, "prompt_token_details", "cached_tokens")),
        "reasoning_tokens": int(number(usage, "completion_tokens_details", "reasoning_tokens")),
    }


def _sum(one: Any, other: Any) -> Any:
    """Of numbers, and of objects with numbers in them. None stands for nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _sum(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one + other
    return other if one is None else one


def _minus(whole: Any, part: Any) -> Any:
    if isinstance(whole, dict):
        return {key: _minus(value, inside(part, key)) for key, value in whole.items()}
    if isinstance(whole, (int, float)):
        return max(0, whole - (part if isinstance(part, (int, float)) else 0))
    return whole
