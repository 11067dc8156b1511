"""From the events of one Responses call to the steps, messages and events of a run.

`Translation` is a state machine without I/O: it is fed the upstream's events and says what to write to the store and what to
send to a stream, in that order. Event orders and delta forms are those of recorded traffic (docs/compatibility.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from assistants_compat import wire
from assistants_compat.ids import new_id
from assistants_compat.runs import citations, recovery
from assistants_compat.runs.lifecycle import break_off_message, complete_message, complete_step
from assistants_compat.runs.objects import new_message, new_step
from assistants_compat.runs.tool_calls import code_outputs, is_tool_call, opened, search_results, without_result_content
from assistants_compat.store.items import item_row, message_row

Json = dict[str, Any]


@dataclass
class Change:
    """Rows to write in one transaction, then events to send."""

    new_items: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    new_steps: list[Json] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    events: list[bytes] = field(default_factory=list)
    left_behind: set[str] = field(default_factory=set)
    """What the model made that is not brought over yet, for a warning."""

    @property
    def writes(self) -> bool:
        return bool(self.new_items or self.messages or self.new_steps or self.steps)


@dataclass(frozen=True)
class Finished:
    """The call is over. `status` is that of the run: completed, requires_action, incomplete or failed."""

    status: str
    usage: Json | None = None
    calls: tuple[Json, ...] = ()
    incomplete_reason: str | None = None
    error: recovery.GiveUp | None = None


class Translation:
    """One model call of a run.

    Args:
        run: the run's public object.
        model: the model the call goes to, kept with reasoning items that only it can read.
        now: the second it is.
        streaming: whether anybody wants events; without, only what the store needs is made.
        shows_results: whether the events of steps show what a file search read.
    """

    def __init__(self, run: Json, model: str, now: Callable[[], int], *, streaming: bool, shows_results: bool = False) -> None:
        self.run = run
        self.model = model
        self.now = now
        self.streaming = streaming
        self.shows_results = shows_results
        self.change = Change()
        self.finished: Finished | None = None
        self.has_spoken = False
        """Whether a stream was told of a step: from then on the call cannot be tried again unnoticed."""
        self.message: Json | None = None
        """The message being written, with the text so far."""
        self._text_frames: dict[int, tuple[bytes, bytes]] = {}  # of that message's parts
        self._searches: list[list[Json]] = []  # what each file search of this call has found
        self._ended_message: Json | None = None  # written, its completion not yet told
        self._message_step: Json | None = None
        self._tool_step: Json | None = None
        self._places: dict[int, int] = {}  # output_index of a call → index in the tool_calls step
        self._reasoning: list[Json] = []  # bodies, until the item is there that they led to
        self._calls: list[Json] = []  # rows of function calls, written at the end
        self._phase: Json | None = None

    def take(self) -> Change:
        """What is to be written and sent since the last time."""
        change, self.change = self.change, Change()
        return change

    def feed(self, event: Json) -> None:
        handler = _HANDLERS.get(event.get("type", ""))
        if handler is not None and self.finished is None:
            handler(self, event)

    @property
    def open_tool_calls(self) -> list[Json]:
        """Function calls of the tool_calls step that the run has to wait for."""
        if self._tool_step is None:
            return []
        return [call for call in self._tool_step["step_details"]["tool_calls"] if call["type"] == "function"]

    # -- messages

    def _item_added(self, event: Json) -> None:
        self._settle_message()
        item = event["item"]
        if item["type"] == "message":
            self._open_message(item)
        elif is_tool_call(item):
            self._open_tool_call(item, event["output_index"])

    def _open_message(self, item: Json) -> None:
        now = self.now()
        self._close_message_step(None)
        run = self.run
        message = new_message(
            run["thread_id"], "assistant", [], now, assistant_id=run["assistant_id"], run_id=run["id"], status="in_progress"
        )
        step = new_step(run, "message_creation", {"message_id": message["id"]}, now)
        self.message, self._message_step = message, step
        self._text_frames = {}
        self._phase = {"phase": item["phase"]} if item.get("phase") else None
        self._close_tool_step_of_builtins()
        self.change.new_steps.append(step)
        self.change.new_items += self._reasoning_before(message["id"])
        self.change.new_items.append(message_row(message, settled=False, extra=self._phase))
        if self.streaming:
            self.has_spoken = True
            self.change.events += [
                wire.event("thread.run.step.created", step),
                wire.event("thread.run.step.in_progress", step),
                wire.event("thread.message.created", message),
                wire.event("thread.message.in_progress", message),
            ]

    def _part(self, index: int, kind: str) -> Json:
        """The content part `index` of the open message, begun where it is new."""
        assert self.message is not None
        content = self.message["content"]
        while len(content) <= index:
            content.append(
                {"type": "refusal", "refusal": ""} if kind == "refusal" else {"type": "text", "text": {"value": "", "annotations": []}}
            )
        part: Json = content[index]
        return part

    def _text_delta(self, event: Json) -> None:
        if self.message is None:
            return
        index, piece = event["content_index"], event["delta"]
        text = self._part(index, "text")["text"]
        if self.streaming and index in self._text_frames:
            before, after = self._text_frames[index]
            self.change.events.append(before + wire.dumps(piece) + after)
        elif self.streaming:
            self._text_frames[index] = self._text_frame(index)
            self.change.events.append(self._message_delta({"index": index, "type": "text", "text": {"value": piece, "annotations": []}}))
        text["value"] += piece

    def _text_frame(self, index: int) -> tuple[bytes, bytes]:
        """A text delta's event without its text: most events of a run are this one, and encoding all of it takes three times as long."""
        before, _, after = self._message_delta({"index": index, "type": "text", "text": {"value": None}}).rpartition(b"null")
        return before, after

    def _refusal_delta(self, event: Json) -> None:
        if self.message is None:
            return
        index, piece = event["content_index"], event["delta"]
        part = self._part(index, "refusal")
        part["refusal"] += piece
        if self.streaming:
            self.change.events.append(self._message_delta({"index": index, "type": "refusal", "refusal": piece}))

    def _annotation_added(self, event: Json) -> None:
        """A citation comes when the text has reached the place it belongs to."""
        if event["annotation"]["type"] == "container_file_citation":
            self.change.left_behind.add("files made by the code interpreter")
        if self.message is None or event["annotation"]["type"] != "file_citation":
            return
        index = event["content_index"]
        text = self._part(index, "text")["text"]
        mark = citations.marker(event["annotation"], self._searches)
        annotation = citations.annotation(mark, len(text["value"]), event["annotation"])
        text["value"] += mark
        text["annotations"].append(annotation)
        if self.streaming:
            shown = {"value": mark, "annotations": [citations.delta(annotation, len(text["annotations"]) - 1)]}
            self.change.events.append(self._message_delta({"index": index, "type": "text", "text": shown}))

    def _message_delta(self, part: Json) -> bytes:
        assert self.message is not None
        data = {"id": self.message["id"], "object": "thread.message.delta", "delta": {"content": [part]}}
        return wire.event("thread.message.delta", data)

    def _end_message(self, item: Json) -> None:
        """The text is complete. Its event waits for the next one, so that an answer that is all of a run is committed with it."""
        if self.message is None:
            return
        so_far = dict(enumerate(self.message["content"]))
        final = [part for part in item["content"] if part["type"] in ("output_text", "refusal")]
        parts = [self._final_part(part, so_far.get(index)) for index, part in enumerate(final)]
        self._ended_message = {**self.message, "content": parts or self.message["content"]}
        self.message = None

    def _final_part(self, part: Json, so_far: Json | None) -> Json:
        if part["type"] == "refusal":
            return {"type": "refusal", "refusal": part["refusal"]}
        cited = [a for a in part.get("annotations") or () if a["type"] == "file_citation"]
        if so_far is not None and so_far["type"] == "text":
            told = so_far["text"]
            if len(told["annotations"]) == len(cited) and citations.without_markers(told) == part["text"]:
                return so_far  # as the stream had it
        return {"type": "text", "text": citations.with_markers(part["text"], cited, lambda c: citations.marker(c, self._searches))}

    def _settle_message(self, incomplete_reason: str | None = None) -> None:
        """Write the message that has ended and say so."""
        message = self._ended_message
        if message is None:
            return
        self._ended_message = None
        if incomplete_reason is None:
            message = complete_message(message, self.now())
        else:
            message = break_off_message(message, "incomplete", self.now(), incomplete_reason)
        self.change.messages.append(message)
        if self.streaming:
            self.change.events.append(wire.event(f"thread.message.{message['status']}", message))

    def _close_message_step(self, usage: Json | None) -> None:
        step = self._message_step
        if step is None:
            return
        self._message_step = None
        self._complete(step, usage)

    def _complete(self, step: Json, usage: Json | None) -> None:
        step = complete_step(step, self.now(), usage)
        self.change.steps.append(step)
        if self.streaming:
            shown = step if self.shows_results else without_result_content(step)
            self.change.events.append(wire.event("thread.run.step.completed", shown))

    # -- tool calls

    def _open_tool_call(self, item: Json, output_index: int) -> None:
        self._close_message_step(None)
        step = self._tool_step
        if step is None:
            step = self._tool_step = new_step(self.run, "tool_calls", {}, self.now())
            # The store's row and the first two events show the step without calls.
            self.change.new_steps.append({**step, "step_details": {"type": "tool_calls", "tool_calls": []}})
            if self.streaming:
                self.has_spoken = True
                self.change.events += [
                    wire.event("thread.run.step.created", step),
                    wire.event("thread.run.step.in_progress", step),
                ]
        calls = step["step_details"]["tool_calls"]
        self._places[output_index] = len(calls)
        call = opened(item, self.run)
        calls.append(call)
        self._tool_delta(output_index, call, opening=True)

    def _call(self, output_index: int) -> Json | None:
        if self._tool_step is None or output_index not in self._places:
            return None
        call: Json = self._tool_step["step_details"]["tool_calls"][self._places[output_index]]
        return call

    def _tool_delta(self, output_index: int, part: Json, *, opening: bool = False) -> None:
        if not self.streaming:
            return
        assert self._tool_step is not None
        shown = {"index": self._places[output_index], **part}
        if not opening:
            shown.pop("id", None)
        delta = {"step_details": {"type": "tool_calls", "tool_calls": [shown]}}
        data = {"id": self._tool_step["id"], "object": "thread.run.step.delta", "delta": delta}
        self.change.events.append(wire.event("thread.run.step.delta", data))

    def _arguments_delta(self, event: Json) -> None:
        call = self._call(event["output_index"])
        if call is not None:
            call["function"]["arguments"] += event["delta"]
            self._tool_delta(event["output_index"], {"type": "function", "function": {"arguments": event["delta"]}})

    def _code_delta(self, event: Json) -> None:
        call = self._call(event["output_index"])
        if call is not None:
            call["code_interpreter"]["input"] += event["delta"]
            self._tool_delta(event["output_index"], {"type": "code_interpreter", "code_interpreter": {"input": event["delta"]}})

    def _close_tool_step_of_builtins(self) -> None:
        """What the upstream's own tools did is done when it goes on to speak; function calls still wait for outputs."""
        step = self._tool_step
        if step is not None and all(call["type"] != "function" for call in step["step_details"]["tool_calls"]):
            self._tool_step = None
            self._places.clear()
            self._complete(step, None)

    # -- items as a whole

    def _item_done(self, event: Json) -> None:
        item = event["item"]
        if item["type"] == "message":
            self._end_message(item)
        elif item["type"] == "function_call":
            self._function_call_done(item, event["output_index"])
        elif item["type"] == "code_interpreter_call":
            self._code_interpreter_done(item, event["output_index"])
        elif item["type"] == "file_search_call":
            self._file_search_done(item, event["output_index"])
        elif item["type"] == "reasoning":
            body: Json = {"type": "reasoning", "summary": item.get("summary") or []}
            # Servers of open models show their reasoning instead of sealing it.
            legible = next((key for key in ("encrypted_content", "content") if item.get(key)), None)
            if legible is not None:
                body[legible] = item[legible]
                self._reasoning.append(body)

    def _function_call_done(self, item: Json, output_index: int) -> None:
        call = self._call(output_index)
        if call is None or item.get("status") == "incomplete":
            return
        call["function"]["arguments"] = item["arguments"]
        body = {"type": "function_call", "call_id": item["call_id"], "name": item["name"], "arguments": item["arguments"]}
        self._calls += [*self._reasoning_before(item["call_id"]), self._hidden(body, {})]

    def _code_interpreter_done(self, item: Json, output_index: int) -> None:
        call = self._call(output_index)
        if call is None:
            return
        call["code_interpreter"]["input"] = item.get("code") or ""
        outputs = code_outputs(item)
        if len(outputs) < len(item.get("outputs") or ()):
            self.change.left_behind.add("images drawn by the code interpreter")
        call["code_interpreter"]["outputs"] = outputs
        for index, output in enumerate(outputs):
            self._tool_delta(output_index, {"type": "code_interpreter", "code_interpreter": {"outputs": [{"index": index, **output}]}})
        self._reasoning = []  # its follower stays in its container

    def _file_search_done(self, item: Json, output_index: int) -> None:
        call = self._call(output_index)
        if call is None:
            return
        call["file_search"]["results"] = search_results(item)
        self._searches.append(call["file_search"]["results"])
        self._reasoning = []  # its follower is not sent again

    def _hidden(self, body: Json, extra: Json) -> Json:
        return item_row(new_id("item"), self.run["thread_id"], self.run["id"], body, settled=False, extra=extra)

    def _reasoning_before(self, follower: str) -> list[Json]:
        """Rows of the reasoning that led to an item: it is sent again only with that one, and to the model that did it."""
        bodies, self._reasoning = self._reasoning, []
        return [self._hidden(body, {"model": self.model, "before": follower}) for body in bodies]

    # -- the end

    def _completed(self, event: Json) -> None:
        usage = run_usage(event["response"].get("usage"))
        self._settle_message()
        functions = self.open_tool_calls
        step = self._tool_step
        if functions and step is not None:
            self._close_message_step(None)
            self.change.new_items += self._calls
            self.change.steps.append(step)  # with its calls; it completes when their outputs are there
            asked = tuple(
                {"id": c["id"], "type": "function", "function": {"name": c["function"]["name"], "arguments": c["function"]["arguments"]}}
                for c in functions
            )
            self.finished = Finished("requires_action", usage, asked)
            return
        self._close_last_steps(usage)
        self.finished = Finished("completed", usage)

    def _close_last_steps(self, usage: Json | None) -> None:
        """The tokens of the whole call go to the step that came last."""
        step, self._tool_step = self._tool_step, None
        if step is not None:
            self._complete(step, None if self._message_step is not None else usage)
        self._close_message_step(usage)

    def _incomplete(self, event: Json) -> None:
        response = event["response"]
        reason = (response.get("incomplete_details") or {}).get("reason") or "max_output_tokens"
        usage = run_usage(response.get("usage"))
        self._ended_message = self._ended_message or self.message
        self.message = None
        self._settle_message("content_filter" if reason == "content_filter" else "max_tokens")
        if self._tool_step is not None:  # a call that was cut off is no call
            self._tool_step["step_details"]["tool_calls"] = [
                c for c in self._tool_step["step_details"]["tool_calls"] if c["type"] != "function"
            ]
        self._close_last_steps(usage)
        shown = "max_completion_tokens" if reason == "max_output_tokens" else reason
        self.finished = Finished("incomplete", usage, incomplete_reason=shown)

    def _failed(self, event: Json) -> None:
        response = event["response"]
        error = response.get("error") or {}
        give_up = recovery.last_error(error.get("code"), str(error.get("message") or ""))
        self.finished = Finished("failed", run_usage(response.get("usage")), error=give_up)

    def _error(self, event: Json) -> None:
        # Nested in recent traffic, flat in the documentation.
        error = event.get("error") or event
        self.finished = Finished("failed", error=recovery.last_error(error.get("code"), str(error.get("message") or "")))


def run_usage(usage: Json | None) -> Json | None:
    """A response's usage in the names the Assistants API had for it; `prompt_token_details` is spelled as recorded."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
        "prompt_token_details": {"cached_tokens": (usage.get("input_tokens_details") or {}).get("cached_tokens", 0)},
        "completion_tokens_details": {"reasoning_tokens": (usage.get("output_tokens_details") or {}).get("reasoning_tokens", 0)},
    }


_HANDLERS: dict[str, Callable[[Translation, Json], None]] = {
    "response.output_item.added": Translation._item_added,
    "response.output_text.delta": Translation._text_delta,
    "response.output_text.annotation.added": Translation._annotation_added,
    "response.refusal.delta": Translation._refusal_delta,
    "response.function_call_arguments.delta": Translation._arguments_delta,
    "response.code_interpreter_call_code.delta": Translation._code_delta,
    "response.output_item.done": Translation._item_done,
    "response.completed": Translation._completed,
    "response.incomplete": Translation._incomplete,
    "response.failed": Translation._failed,
    "error": Translation._error,
}
