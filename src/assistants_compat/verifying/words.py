"""The model's part of a run, taken from what a recording shows of it: for every model call an answer of the offline upstream. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from assistants_compat.testing import Cite, CodeInterpreter, FileSearch, Found, FunctionCall, Refusal, Text, Turn, png
from assistants_compat.testing.answers import Answer, Failed, Item
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
            return Failed(str(self.error.get("code") or "server_error"), str(self.error.get("message") or ""), tuple(self.items))
        return Turn(*(self.items or [Text(NOT_RECORDED)]), usage=_usage(self.usage))

    def add(self, items: Iterable[Item], *ids: str) -> None:
        """Items that a step or a message, of these ids, is made of."""
        first = len(self.items)
        self.items += items
        self.places.update({id: (first, len(self.items)) for id in ids})


def legs_of(run_id: str, knowledge: Knowledge) -> list[Leg]:
    """The model calls of a run, as far as the recordings tell of them; at least one."""
    run = knowledge.objects["run"].get(run_id, {})
    legs = [Leg()]
    told: set[str] = set()  # messages
    waited = list(knowledge.asked.get(run_id, ()))
    for step in knowledge.of_run("step", run_id):
        details = step.get("step_details") or {}
        if step.get("type") == "message_creation":
            message_id = str((details.get("message_creation") or {}).get("message_id"))
            told.add(message_id)
            legs[-1].add(_said(message_id, knowledge, legs[-1]), step["id"], message_id)
        else:
            calls = details.get("tool_calls") or []
            legs[-1].add([_called(call, knowledge) for call in calls if call.get("type") in _CALLS], step["id"])
            legs[-1].calls = [call for call in calls if call.get("type") == "function"]
        legs[-1].steps[step["id"]] = step.get("usage")
        legs[-1].usage = _sum(legs[-1].usage, step.get("usage"))
        if legs[-1].calls:
            ids = {call.get("id") for call in legs[-1].calls}
            waited = [calls for calls in waited if not ids & {call.get("id") for call in calls}]
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
    _end(run_id, legs, run, knowledge)
    return legs


def _end(run_id: str, legs: list[Leg], run: Json, knowledge: Knowledge) -> None:
    """How the last of the calls ends, and what of the run's tokens the steps do not tell."""
    status = knowledge.status_of(run_id)
    if status in ("requires_action", "expired", "cancelled") and len(legs) > 1 and not legs[-1].items:
        legs.pop()  # it never came to that
    last = legs[-1]
    if status == "failed":
        last.error = run.get("last_error") or {}
    if status == "incomplete" and not any(isinstance(item, Text) and item.incomplete for item in last.items):
        cut = last.items.pop() if last.items and isinstance(last.items[-1], Text) else Text("")
        assert isinstance(cut, Text)
        last.items.append(replace(cut, incomplete=True))
    if run.get("usage"):
        known: Json | None = None
        for leg in legs[:-1]:
            known = _sum(known, leg.usage)
        last.usage = _minus(run["usage"], known)


def usages_of(run_id: str, legs: Sequence[Leg], knowledge: Knowledge) -> dict[str, Json]:
    """What is to be told of the tokens of steps, by their ids: all of a model call with its last step, and of others none.

    Steps that have a call for themselves are not in it, nor are those of a call whose tokens are not the sum of theirs, though all
    are known.
    """
    usages: dict[str, Json] = {}
    for leg in legs:
        known: Json | None = None
        for usage in leg.steps.values():
            known = _sum(known, usage)
        adds_up = known == leg.usage or run_id not in knowledge.whole
        if len(leg.steps) < 2 or leg.usage is None or known is None or not adds_up:
            continue
        nothing = _minus(leg.usage, leg.usage)
        usages.update(dict.fromkeys(leg.steps, nothing))
        usages[list(leg.steps)[-1]] = leg.usage
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
    for part in message.get("content") or ():
        if part.get("type") == "text":
            items.append(_text(part["text"], knowledge.pieces.get(message_id, []), _incomplete(message)))
            for mark in part["text"].get("annotations") or ():
                if mark.get("type") == "file_path":
                    name = PurePosixPath(str(mark.get("text") or "")).name
                    files[name] = knowledge.contents.get(str((mark.get("file_path") or {}).get("file_id")), b"(not recorded)")
        elif part.get("type") == "refusal":
            items.append(Refusal(str(part.get("refusal"))))
        elif part.get("type") == "image_file":
            images.append(knowledge.contents.get(str((part.get("image_file") or {}).get("file_id")), png()))
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
    reason = (message.get("incomplete_details") or {}).get("reason")
    return {"content_filter": "content_filter", "max_tokens": True}.get(str(reason), False) if reason else False


def _text(text: Json, pieces: Sequence[tuple[str, list[Json]]], incomplete: Any) -> Text:
    """What the model said, without the markers of its citations."""
    said = str(text.get("value") or "")
    cites: list[Cite] = []
    for mark in sorted(text.get("annotations") or (), key=lambda each: -int(each.get("start_index") or 0)):
        file_id = (mark.get("file_citation") or {}).get("file_id")
        if file_id:
            start, end = int(mark["start_index"]), int(mark["end_index"])
            said = said[:start] + said[end:]
            cites = [Cite(file_id, at=start), *(Cite(cite.file, at=int(cite.at or 0) - (end - start)) for cite in cites)]
    chunks = tuple(piece for piece, marks in pieces if piece and not any("file_citation" in mark for mark in marks))
    whole = said and "".join(chunks) == said
    return Text(said, chunks=chunks if whole else None, annotations=tuple(cites), incomplete=incomplete)


_CALLS = frozenset({"function", "file_search", "code_interpreter"})


def _called(call: Json, knowledge: Knowledge) -> Item:
    kind = call.get("type")
    if kind == "file_search":
        return FileSearch("(not recorded)", results=[_found(each) for each in (call.get("file_search") or {}).get("results") or ()])
    if kind == "code_interpreter":
        return _code(call.get("code_interpreter") or {}, knowledge)
    function = call.get("function") or {}
    return FunctionCall(str(function.get("name")), str(function.get("arguments") or ""), str(call.get("id")))


def _found(result: Json) -> Found:
    text = "\n".join(str(part.get("text") or "") for part in result.get("content") or ())
    return Found(text, str(result.get("file_name") or ""), file_id=result.get("file_id"), score=float(result.get("score") or 0.0))


def _code(code: Json, knowledge: Knowledge) -> CodeInterpreter:
    outputs: list[str | bytes] = []
    for output in code.get("outputs") or ():
        if output.get("type") == "image":
            outputs.append(knowledge.contents.get(str((output.get("image") or {}).get("file_id")), png()))
        else:
            outputs.append(str(output.get("logs") or ""))
    return CodeInterpreter(str(code.get("input") or ""), outputs)


# -- tokens

_NAMES = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens"}


def _usage(usage: Json | None) -> dict[str, int] | None:
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    counts = {ours: int(usage.get(theirs) or 0) for theirs, ours in _NAMES.items()}
    counts["cached_tokens"] = int((usage.get("prompt_token_details") or {}).get("cached_tokens") or 0)
    counts["reasoning_tokens"] = int((usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0)
    return counts


def _sum(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return one or other
    if isinstance(one, dict):
        return {key: _sum(one.get(key), other.get(key)) for key in {**one, **other}}
    return one + other


def _minus(all: Any, part: Any) -> Any:
    if isinstance(all, dict):
        return {key: _minus(value, (part or {}).get(key)) for key, value in all.items()}
    return max(0, (all or 0) - (part or 0))
