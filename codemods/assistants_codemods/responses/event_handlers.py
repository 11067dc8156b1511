"""An event handler becomes a class of its own, with one method that hands it the events of a response.

    class EventHandler(AssistantEventHandler):
        @override
        def on_text_delta(self, delta, snapshot):
            print(delta.value, end="", flush=True)

becomes

    class EventHandler:
        def on_text_delta(self, delta):
            print(delta, end="", flush=True)

        def handle(self, event):
            if event.type == "response.output_text.delta":
                self.on_text_delta(event.delta)

and `stream.until_done()` a loop over the events. `snapshot` goes where nobody reads it. `on_tool_call_done` is called once for each
call; the SDK's handler called it again at the end of every later step.
Guide: https://developers.openai.com/api/docs/guides/streaming-responses
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from assistants_codemods.building import expression, quoted, text_of
from assistants_codemods.flow.kinds import HANDLER_PARAMETERS, HANDLERS
from assistants_codemods.flow.module import ClassInfo, FunctionInfo, Module
from assistants_codemods.flow.values import Api, External, Instance, kinds
from assistants_codemods.plan import Build, Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses._dispatching import dispatch, parts_of
from assistants_codemods.responses._handling import handle, handled, handler_name, has, indented
from assistants_codemods.responses._parts import origins_with_marks
from assistants_codemods.responses._streams import Stream, is_async_handler, is_handler, streams
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import line_of, names_in, nodes_below

SNAPSHOTS = ("on_text_delta", "on_message_delta", "on_tool_call_delta")
"""Methods whose second parameter is what has come so far."""

_NO_COUNTERPART = {
    "on_run_step_delta": "A response has no steps, whose parts would come one by one",
}

_TYPES = {
    "text_created": "str",
    "text_delta": "str",
    "text_snapshot": "str",
    "text_done": "ResponseOutputText",
    "message": "ResponseOutputMessage",
    "message_delta": "ResponseTextDeltaEvent",
    "streamed_call": "ResponseOutputItem",
    "tool_call_delta": "ResponseOutputItem",
    "step": "ResponseOutputItem",
    "event": "ResponseStreamEvent",
}
"""What annotations of a handler's parameters become."""

_TOOL_TYPES = {"function": "function_call", "code_interpreter": "code_interpreter_call", "file_search": "file_search_call"}

_CALL_FIELDS = {
    "id": "id",
    "function": "",
    "code_interpreter": "",
    ".function.name": "name",
    ".function.arguments": "arguments",
    ".code_interpreter.input": "code",
    ".code_interpreter.outputs": "outputs",
}


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the handlers' classes, what they are given, and the loops that give it to them."""
    for module in plan.program.modules.values():
        for info in list(module.classes.values()):
            used = [stream for stream in streams(plan).values() if info in stream.classes]
            if is_handler(plan, info) and used:
                _class(plan, info, used)
    for read in plan.all_reads():
        _read(plan, read)
    for read in plan.reads("run_stream", "current_run"):
        _run_of_stream(plan, read)
    for module in plan.program.modules.values():
        for node in module.nodes(cst.For):
            if "run_stream" in kinds(plan.value(node.iter)):
                _loop(plan, module, node)


# The class


def _class(plan: Plan, info: ClassInfo, used: list[Stream]) -> None:
    module, program = info.module, plan.program
    origin = program.origin(info.node, "handler", module, f"class {info.name}")
    group = plan.group(origin, *(stream.site for stream in used))
    if program.tree_bases.get(info) or len(program.subclasses(info)) > 1:
        plan.refuse(module, info.node, "AC086", f"{info.name} is one of several handlers that derive from each other", group)
        return
    for name, method in info.methods.items():
        if name in _NO_COUNTERPART:
            plan.refuse(module, method.node, "AC086", _NO_COUNTERPART[name], group)
        elif name in HANDLER_PARAMETERS and program.callers.get(method):
            plan.refuse(module, method.node, "AC086", f"{name} is called by the program itself too", group)
        elif name in HANDLER_PARAMETERS:
            _method(plan, info, method, group)
    _inherited(plan, info, group)
    if plan.refused(group):
        return
    _supers(plan, info, group)
    bases = [base for base in info.node.bases if not _is_base(plan, base.value)]
    reads = _fields_read(plan, info) | ({"marks"} if origin in origins_with_marks(plan) else frozenset())
    lines = dispatch(info, is_async=is_async_handler(plan, info), keeps_run=_reads_run(plan, info), reads=reads)
    for part in parts_of(info, reads):
        plan.want_part(module, part, group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.ClassDef)
        assert isinstance(updated.body, cst.IndentedBlock)
        kept = [new for old, new in zip(info.node.bases, updated.bases, strict=True) if old in bases]
        method = indented(rewriter, lines)[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        body = updated.body.with_changes(body=[*updated.body.body, method])
        if kept or updated.keywords:
            kept = [*kept[:-1], kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)] if kept else []
            return updated.with_changes(bases=kept, body=body)
        return updated.with_changes(bases=(), lpar=cst.MaybeSentinel.DEFAULT, rpar=cst.MaybeSentinel.DEFAULT, body=body)

    plan.edit(module, info.node, build, group)


def _is_base(plan: Plan, node: cst.BaseExpression) -> bool:
    return any(isinstance(atom, External) and atom.name in HANDLERS for atom in plan.value(node))


def _supers(plan: Plan, info: ClassInfo, group: int) -> None:
    """Take out calls of the base class, whose methods did nothing."""
    others = [base for base in info.node.bases if not _is_base(plan, base.value)]
    for node in nodes_below(info.node.body):
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and isinstance(node.func.value, cst.Call)
            and isinstance(node.func.value.func, cst.Name)
            and node.func.value.func.value == "super"
        ):
            name = node.func.attr.value
            line = line_of(info.module, node)
            if name == "__init__" and others:
                continue
            if line is not None and (name == "__init__" or name in HANDLER_PARAMETERS):
                plan.remove(info.module, line, group)
            else:
                plan.refuse(info.module, node, "AC086", f"super().{name} is the SDK's handler, which there is none of natively", group)


def _method(plan: Plan, info: ClassInfo, method: FunctionInfo, group: int) -> None:
    module, node = info.module, method.node
    assert isinstance(node, cst.FunctionDef)
    drops = _drops_snapshot(method)
    if not drops and method.name == "on_message_delta":
        plan.refuse(module, node, "AC086", "The message so far is not at hand in a response's events", group)
    params = method.positional()[1:]
    for param, kind in zip(params, HANDLER_PARAMETERS[method.name], strict=False):
        if param.annotation is not None and kind in _TYPES and _names_sdk(plan, param.annotation.annotation):
            plan.claim(param.annotation.annotation)
            wanted = _TYPES[kind]
            if wanted != "str":
                plan.want_import(module, "openai.types.responses", wanted, group)
            plan.edit(module, param.annotation.annotation, _always(cst.Name(wanted)), group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.FunctionDef)
        old = node.decorators
        kept = [
            new for was, new in zip(old, updated.decorators, strict=True) if module.code(was.decorator).rpartition(".")[2] != "override"
        ]
        lines = [*updated.leading_lines, *updated.lines_after_decorators] if not kept else updated.leading_lines
        updated = updated.with_changes(
            decorators=kept, leading_lines=lines, lines_after_decorators=() if not kept else updated.lines_after_decorators
        )
        if drops and len(updated.params.params) > 2:
            remaining = list(updated.params.params[:2])
            remaining[-1] = remaining[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            updated = updated.with_changes(params=updated.params.with_changes(params=remaining))
        return updated

    plan.edit(module, node, build, group)


def _always(node: cst.BaseExpression) -> Build:
    """What puts `node` in the place of whatever stands there."""
    return lambda updated, rewriter: node


def _names_sdk(plan: Plan, node: cst.BaseExpression) -> bool:
    return any(isinstance(atom, External) and atom.name.startswith("openai.") for atom in plan.value(node))


def _drops_snapshot(method: FunctionInfo) -> bool:
    """Whether the parameter for what has come so far is read nowhere."""
    if method.name not in SNAPSHOTS or len(method.positional()) < 3:
        return method.name in SNAPSHOTS
    return not any(names_in(method.node.body, method.positional()[2].name.value))


def needs_snapshots(plan: Plan, info: ClassInfo) -> bool:
    """Whether the handler reads the text so far."""
    method = info.methods.get("on_text_delta")
    return method is not None and not _drops_snapshot(method)


def needs_outputs(plan: Plan, info: ClassInfo) -> bool:
    """Whether the handler reads what code has put out."""
    return "outputs" in _fields_read(plan, info)


def _fields_read(plan: Plan, info: ClassInfo) -> frozenset[str]:
    """What the handler's methods read of calls, by the words of the new API, and `snapshot …` for what has come so far."""
    found = set()
    for node in nodes_below(info.node.body):
        if isinstance(node, cst.Attribute):
            for kind in kinds(plan.value(node.value)):
                base, dot, rest = kind.partition(".")
                if base in ("tool_call_delta", "streamed_call"):
                    name = _CALL_FIELDS.get(f"{dot}{rest}.{node.attr.value}" if dot else node.attr.value)
                    found |= {name} if name else set()
    for name, method in info.methods.items():
        if name in SNAPSHOTS and not _drops_snapshot(method):
            found.add(f"snapshot {name}")
    return frozenset(found)


def _reads_run(plan: Plan, info: ClassInfo) -> bool:
    """Whether anybody reads the handler's `current_run`."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute):
            if node.attr.value == "current_run":
                if any(isinstance(atom, Instance) and atom.info is info for atom in plan.value(node.value)):
                    return True
                if any(isinstance(atom, Api) and atom.kind == "run_stream" for atom in plan.value(node.value)):
                    return True
    return False


def _run_of_stream(plan: Plan, read: Read) -> None:
    """`stream.current_run`: the stream was the handler."""
    stream = handled(plan, read.module, read.node.value, read.group)
    if stream is None:
        return  # refused, here or by name
    plan.claim(read.node)
    name = handler_name(stream)
    plan.edit(read.module, read.node, _always(cst.Attribute(cst.Name(name), cst.Name("current_run"))), read.group)


_OF_THE_SDK = frozenset(
    {
        "text_deltas",
        "until_done",
        "get_final_run",
        "get_final_messages",
        "get_final_run_steps",
        "current_event",
        "current_message_snapshot",
        "current_run_step_snapshot",
    }
)
"""What every handler had from the SDK's class; `current_run` is kept where it is read."""


def _inherited(plan: Plan, info: ClassInfo, group: int) -> None:
    """Refuse the group where something is used that the class had from the SDK."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute):
            if (
                node.attr.value in _OF_THE_SDK
                and node.attr.value not in info.methods
                and any(isinstance(atom, Instance) and atom.info is info for atom in plan.value(node.value))
            ):
                plan.refuse(module, node, "AC086", f"`{node.attr.value}` of a handler was the SDK's, and nothing keeps it natively", group)


# What the methods read


def _read(plan: Plan, read: Read) -> None:
    base, dot, rest = read.kind.partition(".")
    if base not in ("tool_call_delta", "streamed_call", "code_output") or read.node in plan.claimed:
        return
    if base == "code_output":
        if read.name == "image":
            plan.refuse(read.module, read.node, "AC084", "An image that code has made has an address natively, not a file id", read.group)
        elif read.name in ("logs", "type"):
            plan.claim(read.node)
        return
    if read.name == "type":
        _type(plan, read)
        return
    name = _CALL_FIELDS.get(f"{dot}{rest}.{read.name}" if dot else read.name)
    if name is None:
        return  # refused by name
    plan.claim(read.node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return updated.with_changes(attr=cst.Name(name)) if name else updated.value

    plan.edit(read.module, read.node, build, read.group)


def _type(plan: Plan, read: Read) -> None:
    """`tool_call.type`: compared with a literal, or shown."""
    plan.claim(read.node)
    sides = list(_sides(read.module, read.node))
    if sides and all(text_of(side) in _TOOL_TYPES for side in sides):
        for side in sides:
            native = _TOOL_TYPES[text_of(side) or ""]
            plan.edit(read.module, side, _always(quoted(native)), read.group)
        return
    quote = "'" if _stands_in_double_quotes(read.module, read.node) else '"'
    template = f"{{type}}.removesuffix({quote}_call{quote})"
    plan.edit(read.module, read.node, lambda updated, rewriter: expression(template, type=_expression(updated)), read.group)


def _stands_in_double_quotes(module: Module, node: cst.CSTNode) -> bool:
    """Whether `node` is part of an f-string in double quotes, where Python before 3.12 takes no others of the kind."""
    return any(isinstance(around, cst.FormattedString) and around.end == '"' for around in module.ancestors(node))


def _expression(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.BaseExpression)
    return node


def _sides(module: Module, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """What `node` is compared with: the elements of a list, where it is one."""
    parent = module.parents.get(node)
    if isinstance(parent, cst.ComparisonTarget):
        parent = module.parents.get(parent)
    if isinstance(parent, cst.Comparison) and len(parent.comparisons) == 1:
        other = parent.comparisons[0].comparator if parent.left is node else parent.left
        if isinstance(other, cst.Tuple | cst.List | cst.Set):
            yield from (element.value for element in other.elements)
        else:
            yield other


# Loops


def _loop(plan: Plan, module: Module, loop: cst.For) -> None:
    """A loop over events that go to a handler first."""
    group = plan.group(plan.value(loop.iter))
    stream = handled(plan, module, loop.iter, group)
    if stream is None:
        return
    if not isinstance(loop.target, cst.Name) or has(plan, stream, "on_exception", "on_timeout", "on_end"):
        plan.refuse(module, loop.iter, "AC085", "The handler is told of the stream's end, and the loop has a body of its own", group)
        return
    statement = handle(plan, stream, loop.target.value)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.For)
        rest = updated.body.body if isinstance(updated.body, cst.IndentedBlock) else [cst.SimpleStatementLine(list(updated.body.body))]  # type: ignore[arg-type]
        if module.code(loop.body).strip() == "pass":
            rest = ()
        return updated.with_changes(body=cst.IndentedBlock([*indented(rewriter, [statement]), *rest]))

    plan.edit(module, loop, build, group)
