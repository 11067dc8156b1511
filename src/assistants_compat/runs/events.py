"""From the events of one Responses call to the steps, messages and events of a run.

`Translation` is a state machine without I/O: it is fed the upstream's events and says what to write to the store and what to
send to a stream, in that order. Event orders and delta forms are those of recorded traffic (docs/compatibility.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistants_compat.ids import Ids
from assistants_compat.runs import recovery
from assistants_compat.runs.calling import Calling
from assistants_compat.runs.generated import Generated, GeneratedFile
from assistants_compat.runs.tool_calls import is_tool_call
from assistants_compat.runs.transcript import Change, Transcript
from assistants_compat.runs.writing import Writing

Json = dict[str, Any]


@dataclass(frozen=True)
class Finished:
    """The call is over. `status` is that of the run: completed, requires_action, incomplete or failed."""

    status: str
    usage: Json | None = None
    calls: tuple[Json, ...] = ()
    incomplete_reason: str | None = None
    error: recovery.GiveUp | None = None
    said: Json = field(default_factory=dict)
    """The upstream's error, where it failed."""
    drawn: tuple[str, ...] = ()
    """Images that the run's next message is to show."""
    uncited: tuple[str | None, ...] = ()
    """Images whose citation is still to come; None stands for one that only its citation will tell of."""


class Translation:
    """One model call of a run.

    Args:
        run: the run's public object.
        model: the model the call goes to, kept with reasoning items that only it can read.
        now: the second it is.
        streaming: whether anybody wants events; without, only what the store needs is made.
        shows_results: whether the events of steps show what a file search read.
        drawn, uncited: images of the run's earlier calls that no message has shown yet, or cited.
        ids: of what the call makes.
    """

    def __init__(
        self,
        run: Json,
        model: str,
        now: Callable[[], int],
        *,
        streaming: bool,
        shows_results: bool = False,
        drawn: Sequence[str] = (),
        uncited: Sequence[str | None] = (),
        ids: Ids | None = None,
    ) -> None:
        ids = ids or Ids()
        self._transcript = Transcript(run, model, now, streaming=streaming, shows_results=shows_results, ids=ids)
        self._generated = Generated(drawn, uncited, ids)
        self._calling = Calling(self._transcript, self._generated)
        self._writing = Writing(self._transcript, self._calling.searches, self._generated)
        self._reasoning: list[Json] = []  # bodies, until the item is there that they led to
        self.finished: Finished | None = None

    @property
    def drafts(self) -> list[Json]:
        """The messages that are being written, with their text so far."""
        return self._writing.drafts

    @property
    def has_spoken(self) -> bool:
        """Whether a stream was told of a step: from then on the call cannot be tried again unnoticed."""
        return self._transcript.has_spoken

    def take_generated(self) -> list[GeneratedFile]:
        """The files that are to be brought over before anybody is told of them."""
        generated = self._transcript.change.generated
        if generated:
            self._transcript.change.generated = []
        return generated

    def take(self) -> Change:
        """What is to be written and sent since the last time."""
        return self._transcript.take()

    def feed(self, event: Json) -> None:
        handler = _HANDLERS.get(event.get("type", ""))
        if handler is not None and self.finished is None:
            handler(self, event)

    # -- items

    def _item_added(self, event: Json) -> None:
        self._writing.settle()
        item = event["item"]
        if item["type"] == "message":
            self._open_message(item)
        elif is_tool_call(item):
            self._writing.close_step(None)
            self._calling.open(item, event["output_index"])

    def _open_message(self, item: Json) -> None:
        self._writing.close_step(None)
        self._calling.close_builtins()
        self._writing.open(item, self._take_reasoning())

    def _text_delta(self, event: Json) -> None:
        self._writing.text_delta(event["content_index"], event["delta"])

    def _refusal_delta(self, event: Json) -> None:
        self._writing.refusal_delta(event["content_index"], event["delta"])

    def _annotation_added(self, event: Json) -> None:
        self._writing.annotate(event["content_index"], event["annotation"])

    def _arguments_delta(self, event: Json) -> None:
        self._calling.arguments_delta(event["output_index"], event["delta"])

    def _code_delta(self, event: Json) -> None:
        self._calling.code_delta(event["output_index"], event["delta"])

    def _item_done(self, event: Json) -> None:
        item, index = event["item"], event.get("output_index", 0)
        if item["type"] == "message":
            self._writing.end(item)
        elif item["type"] == "function_call":
            self._calling.function_done(item, index, self._take_reasoning())
        elif item["type"] == "code_interpreter_call":
            self._calling.code_done(item, index, self._take_reasoning())
        elif item["type"] == "file_search_call":
            self._calling.search_done(item, index)
            self._reasoning = []  # its follower is not sent again
        elif item["type"] == "reasoning":
            # Servers of open models show their reasoning instead of sealing it.
            legible = next((key for key in ("encrypted_content", "content") if item.get(key)), None)
            if legible is not None:
                self._reasoning.append({"type": "reasoning", "summary": item.get("summary") or [], legible: item[legible]})

    def _take_reasoning(self) -> list[Json]:
        reasoning, self._reasoning = self._reasoning, []
        return reasoning

    # -- the end

    def _completed(self, event: Json) -> None:
        usage = run_usage(event["response"].get("usage"))
        self._writing.settle()
        self._calling.forget_unfinished()
        if self._calling.functions:
            self._writing.close_step(None)
            calls = self._calling.wait_for_outputs()  # their step completes when the outputs are there
            self.finished = Finished(
                "requires_action", usage, calls, drawn=tuple(self._generated.drawn), uncited=tuple(self._generated.uncited)
            )
            return
        self._show_what_is_left()
        self._close_last_steps(usage)
        self.finished = Finished("completed", usage, uncited=tuple(self._generated.uncited))

    def _incomplete(self, event: Json) -> None:
        response = event["response"]
        details = response.get("incomplete_details")
        reason = (details.get("reason") if isinstance(details, dict) else None) or "max_output_tokens"
        usage = run_usage(response.get("usage"))
        self._writing.break_off("content_filter" if reason == "content_filter" else "max_tokens")
        self._calling.forget_functions()
        self._show_what_is_left()
        self._close_last_steps(usage)
        shown = "max_completion_tokens" if reason == "max_output_tokens" else reason
        self.finished = Finished("incomplete", usage, incomplete_reason=shown, uncited=tuple(self._generated.uncited))

    def _show_what_is_left(self) -> None:
        """Images that nothing was said about get a message of their own: a program looks for them there."""
        if self._generated.drawn:
            self._open_message({})
            self._writing.end({"content": []})
            self._writing.settle()

    def _close_last_steps(self, usage: Json | None) -> None:
        """The tokens of the whole call go to the step that came last."""
        self._calling.close(None if self._writing.is_open else usage)
        self._writing.close_step(usage)

    def _failed(self, event: Json) -> None:
        response = event["response"]
        error = response.get("error") or {}
        give_up = recovery.last_error(error.get("code"), str(error.get("message") or ""))
        self.finished = Finished("failed", run_usage(response.get("usage")), error=give_up, said=error)

    def _error(self, event: Json) -> None:
        # Nested in recent traffic, flat in the documentation.
        error = event.get("error") or event
        self.finished = Finished("failed", error=recovery.last_error(error.get("code"), str(error.get("message") or "")), said=error)


def run_usage(usage: Json | None) -> Json | None:
    """A response's usage in the names the Assistants API had for it; `prompt_token_details` is spelled as recorded."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
        "prompt_token_details": {"cached_tokens": (usage.get("input_tokens_details") or {}).get("cached_tokens") or 0},
        "completion_tokens_details": {"reasoning_tokens": (usage.get("output_tokens_details") or {}).get("reasoning_tokens") or 0},
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
