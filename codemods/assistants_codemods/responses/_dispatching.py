"""The method that hands the events of a response to a handler's methods: only to those that it has."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import text_of
from assistants_codemods.flow.kinds import HANDLER_PARAMETERS
from assistants_codemods.flow.module import ClassInfo
from assistants_codemods.responses._handling import METHOD

_CALLS = '("function_call", "code_interpreter_call", "file_search_call")'


def parts_of(info: ClassInfo, reads: frozenset[str]) -> list[str]:
    """The parts of the generated module that the method needs."""
    parts = ["images_in"] if "on_image_file_done" in info.methods else []
    return parts + (["marked"] if "marks" in reads and "on_text_done" in info.methods else [])


def dispatch(info: ClassInfo, *, is_async: bool, keeps_run: bool, reads: frozenset[str]) -> list[str]:
    """The lines of the method, for the methods that `info` has.

    `keeps_run` says whether the response is kept as `current_run`; `reads` is what the methods read
    of calls, with `marks` where they look for the places of
    annotations in the text.
    """
    writer = _Writer(info, is_async, reads)
    begin = [
        f"{'async ' if is_async else ''}def {METHOD}(self, event):",
        '    """Call the method that is there for an event of the response."""',
    ]
    lines = []
    if keeps_run:
        lines += ['if event.type in ("response.created", "response.completed", "response.failed", "response.incomplete"):']
        lines += ["    self.current_run = event.response"]
    if "on_event" in info.methods:
        lines.append(writer.call("on_event", "event"))
    word = "if"
    for native, body in writer.branches():
        if body:
            lines += _branch(word, native, body)
            word = "elif"
    return [*begin, *(f"    {line}" for line in lines or ["pass"])]


def _branch(word: str, native: str, body: list[str]) -> list[str]:
    """The lines for one type of event: one test where all that follows is under a test anyway."""
    begin = f'{word} event.type == "{native}"'
    if body[0].startswith("if ") and all(line.startswith("    ") for line in body[1:]):
        return [f"{begin} and {body[0][3:]}", *body[1:]]
    return [f"{begin}:", *(f"    {line}" for line in body)]


class _Writer:
    """Writes the branches: what each type of event is for."""

    def __init__(self, info: ClassInfo, is_async: bool, reads: frozenset[str]) -> None:
        self._methods = info.methods
        self._await = "await " if is_async else ""
        self._reads = reads

    def call(self, name: str, *arguments: str) -> str:
        """The call of one method, without the snapshot where that was dropped."""
        room = len(self._methods[name].positional()) - 1
        given = arguments[: min(room, len(arguments))]
        if len(HANDLER_PARAMETERS[name]) > 1 and f"snapshot {name}" not in self._reads:
            given = arguments[:1]
        return f"{self._await}self.{name}({', '.join(given)})"

    def branches(self) -> list[tuple[str, list[str]]]:
        """For each type of event, in the order they come in, what is to be done."""
        return [
            ("response.output_item.added", self._added()),
            ("response.content_part.added", self._part("on_text_created", "event.part.text")),
            ("response.output_text.delta", self._text()),
            ("response.content_part.done", self._part_done()),
            ("response.code_interpreter_call_code.delta", self._piece("code")),
            ("response.function_call_arguments.delta", self._piece("arguments")),
            ("response.output_item.done", self._done()),
        ]

    def _has(self, name: str) -> bool:
        return name in self._methods

    def _added(self) -> list[str]:
        lines = []
        if self._has("on_run_step_created"):
            lines += ['if event.item.type != "reasoning":', f"    {self.call('on_run_step_created', 'event.item')}"]
        if self._has("on_message_created"):
            lines += ['if event.item.type == "message":', f"    {self.call('on_message_created', 'event.item')}"]
        calls = ["self._tool_call = event.item"] if self._has("on_tool_call_delta") else []
        calls += [self.call("on_tool_call_created", "event.item")] if self._has("on_tool_call_created") else []
        if calls:
            lines += [f"if event.item.type in {_CALLS}:", *(f"    {line}" for line in calls)]
        return lines

    def _part(self, method: str, given: str) -> list[str]:
        if not self._has(method):
            return []
        return ['if event.part.type == "output_text":', f"    {self.call(method, given)}"]

    def _part_done(self) -> list[str]:
        lines = self._part("on_text_done", "marked(event.part)" if "marks" in self._reads else "event.part")
        if self._has("on_image_file_done"):
            images = ["for image in images_in(event.part):", f"    {self.call('on_image_file_done', 'image')}"]
            lines = [*(lines or ['if event.part.type == "output_text":']), *(f"    {line}" for line in images)]
        return lines

    def _text(self) -> list[str]:
        lines = [self.call("on_text_delta", "event.delta", "event.snapshot")] if self._has("on_text_delta") else []
        return lines + ([self.call("on_message_delta", "event")] if self._has("on_message_delta") else [])

    def _piece(self, field: str) -> list[str]:
        """A piece of a call's code or arguments: what the call has grown by, and the call so far."""
        if not self._has("on_tool_call_delta") or field not in self._wanted_pieces():
            return []
        grown = f'self._tool_call.model_copy(update={{"{field}": event.delta}})'
        lines = []
        if "snapshot on_tool_call_delta" in self._reads and field in self._reads:
            lines.append(f'self._tool_call.{field} = (self._tool_call.{field} or "") + event.delta')
        return [*lines, self.call("on_tool_call_delta", grown, "self._tool_call")]

    def _wanted_pieces(self) -> frozenset[str]:
        """What on_tool_call_delta does anything with: the pieces of all calls, unless it asks first of what type a call is."""
        fields = {"code_interpreter": "code", "function": "arguments"}
        types = [_type_asked(statement) for statement in self._methods["on_tool_call_delta"].node.body.children]
        asked = [name for name in types if name != ""]
        if asked and all(asked):
            return frozenset(fields[name] for name in asked if name in fields)
        return frozenset(fields.values())

    def _done(self) -> list[str]:
        lines = []
        if self._has("on_message_done"):
            lines += ['if event.item.type == "message":', f"    {self.call('on_message_done', 'event.item')}"]
        if self._has("on_tool_call_delta") and "outputs" in self._reads:
            put_out = self.call("on_tool_call_delta", 'event.item.model_copy(update={"code": None})', "event.item")
            lines += ['if event.item.type == "code_interpreter_call" and event.item.outputs:', f"    {put_out}"]
        if self._has("on_tool_call_done"):
            lines += [f"if event.item.type in {_CALLS}:", f"    {self.call('on_tool_call_done', 'event.item')}"]
        if self._has("on_run_step_done"):
            lines += ['if event.item.type != "reasoning":', f"    {self.call('on_run_step_done', 'event.item')}"]
        return lines


def _type_asked(statement: cst.CSTNode) -> str | None:
    """The type of call that `statement` is for, where it begins with `if delta.type == "…"`; None where it does more, "" for no code."""
    if not isinstance(statement, cst.BaseStatement):
        return ""
    if not isinstance(statement, cst.If) or statement.orelse is not None:
        return None
    test = statement.test
    while isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        test = test.left
    if isinstance(test, cst.Comparison) and isinstance(test.left, cst.Attribute) and test.left.attr.value == "type":
        return text_of(test.comparisons[0].comparator) if isinstance(test.comparisons[0].operator, cst.Equal) else None
    return None
