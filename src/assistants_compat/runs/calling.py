"""The half of a translation that is about tools: calls come in pieces and become the tool calls of one step. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assistants_compat.runs.generated import Generated
from assistants_compat.runs.tool_calls import code_outputs, opened, search_results
from assistants_compat.runs.transcript import Transcript

Json = dict[str, Any]


class Calling:
    """The tool calls of one model call."""

    def __init__(self, transcript: Transcript, generated: Generated) -> None:
        self.transcript = transcript
        self.generated = generated
        self.searches: list[list[Json]] = []
        """What each file search has found."""
        self._step: Json | None = None
        self._places: dict[int, int] = {}  # output_index of a call → index in the step's tool calls
        self._rows: list[Json] = []  # of function calls, written at the end
        self._whole: set[str] = set()  # ids of the function calls that have come to their end

    @property
    def functions(self) -> list[Json]:
        """Function calls that the run has to wait for."""
        return [] if self._step is None else [call for call in self._step["step_details"]["tool_calls"] if call["type"] == "function"]

    def open(self, item: Json, output_index: int) -> None:
        if self._step is None:
            self._step = self.transcript.begin_step("tool_calls", {})
        calls = self._step["step_details"]["tool_calls"]
        self._places[output_index] = len(calls)
        call = opened(item, self.transcript.run, self.transcript.ids)
        calls.append(call)
        self._tell(output_index, call)

    def _call(self, output_index: int) -> Json | None:
        if self._step is None or output_index not in self._places:
            return None
        call: Json = self._step["step_details"]["tool_calls"][self._places[output_index]]
        return call

    def _tell(self, output_index: int, part: Json) -> None:
        if not self.transcript.streaming:
            return
        assert self._step is not None
        delta = {"step_details": {"type": "tool_calls", "tool_calls": [{"index": self._places[output_index], **part}]}}
        self.transcript.tell("thread.run.step.delta", {"id": self._step["id"], "object": "thread.run.step.delta", "delta": delta})

    def arguments_delta(self, output_index: int, piece: str) -> None:
        call = self._call(output_index)
        if call is not None:
            call["function"]["arguments"] += piece
            self._tell(output_index, {"type": "function", "function": {"arguments": piece}})

    def code_delta(self, output_index: int, piece: str) -> None:
        call = self._call(output_index)
        if call is not None:
            call["code_interpreter"]["input"] += piece
            self._tell(output_index, {"type": "code_interpreter", "code_interpreter": {"input": piece}})

    def function_done(self, item: Json, output_index: int, reasoning: list[Json]) -> None:
        call = self._call(output_index)
        if call is None or item.get("status") == "incomplete":
            return
        so_far = call["function"]["arguments"]
        if len(item["arguments"]) > len(so_far) and item["arguments"].startswith(so_far):
            self.arguments_delta(output_index, item["arguments"][len(so_far) :])  # pieces that did not come by themselves
        call["function"]["arguments"] = item["arguments"]
        body = {"type": "function_call", "call_id": item["call_id"], "name": item["name"], "arguments": item["arguments"]}
        self._whole.add(item["call_id"])
        self._rows += [*self.transcript.reasoning_rows(reasoning, item["call_id"]), self.transcript.hidden(body, {})]

    def code_done(self, item: Json, output_index: int, reasoning: list[Json]) -> None:
        call = self._call(output_index)
        if call is None:
            return
        change = self.transcript.change
        so_far, code = call["code_interpreter"]["input"], item.get("code") or ""
        if len(code) > len(so_far) and code.startswith(so_far):
            self.code_delta(output_index, code[len(so_far) :])
        call["code_interpreter"]["input"] = code
        outputs, images = code_outputs(item, self.generated)
        change.generated += images
        call["code_interpreter"]["outputs"] = outputs
        for index, output in enumerate(outputs):
            self._tell(output_index, {"type": "code_interpreter", "code_interpreter": {"outputs": [{"index": index, **output}]}})
        if item.get("id") and item.get("container_id"):
            body = {
                "type": "code_interpreter_call",
                "id": item["id"],
                "code": item.get("code") or "",
                "container_id": item["container_id"],
                "outputs": [output for output in outputs if output["type"] == "logs"],
                "status": item.get("status") or "completed",
            }
            self.transcript.remember_reasoning(reasoning, item["id"])
            change.new_items.append(self.transcript.hidden(body, {}))

    def search_done(self, item: Json, output_index: int) -> None:
        call = self._call(output_index)
        if call is not None:
            call["file_search"]["results"] = search_results(item)
            self.searches.append(call["file_search"]["results"])

    def close_builtins(self) -> None:
        """What the upstream's own tools did is done when it goes on to speak; function calls still wait for outputs."""
        if self._step is not None and not self.functions:
            self.close(None)
            self._places.clear()

    def wait_for_outputs(self) -> tuple[Json, ...]:
        """The call is over, and its function calls are asked of the program: their rows are written, their step stays open."""
        assert self._step is not None
        self.transcript.change.new_items += self._rows
        self.transcript.change.steps.append(self._step)
        return tuple(
            {"id": c["id"], "type": "function", "function": {"name": c["function"]["name"], "arguments": c["function"]["arguments"]}}
            for c in self.functions
        )

    def forget_unfinished(self) -> None:
        """A function call that never came to its end is no call: nobody is asked for its output."""
        self._forget(lambda call: call["id"] not in self._whole)

    def forget_functions(self) -> None:
        """A call that was cut off is no call."""
        self._forget(lambda _call: True)

    def _forget(self, functions: Callable[[Json], bool]) -> None:
        if self._step is not None:
            details = self._step["step_details"]
            details["tool_calls"] = [call for call in details["tool_calls"] if call["type"] != "function" or not functions(call)]

    def close(self, usage: Json | None) -> None:
        step, self._step = self._step, None
        if step is not None:
            self.transcript.complete_step(step, usage)

    @property
    def is_open(self) -> bool:
        return self._step is not None
