"""How a handler gets at the events: its name at the call that opens the stream, and what is called around the loop."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.module import FunctionInfo, Module
from assistants_codemods.plan import Plan
from assistants_codemods.responses._streams import Stream, fresh_name, is_async_handler, streams_of
from assistants_codemods.rewriting import Rewriter

METHOD = "handle"
"""The method that a handler gets: it hands one event of a response to the methods that are there for it."""


def handler_name(stream: Stream) -> str:
    """The name that holds the stream's handler: the one that is given, or a new one."""
    handler, site = stream.handler, stream.site
    assert handler is not None
    value = handler.node.value
    if isinstance(value, cst.Name):
        return value.value
    return fresh_name(site.module, site.function, "handler", "event_handler")


def handled(plan: Plan, module: Module, node: cst.BaseExpression, group: int) -> Stream | None:
    """The stream that `node` is, if its events go to a handler. The group is refused where that cannot be told from here."""
    found = streams_of(plan, node)
    if not any(stream.handler for stream in found):
        return None
    first = found[0]
    if len(found) > 1 or first.is_chosen:
        plan.refuse(module, node, "AC080", "Which handler gets these events is decided when the program runs", group)
        return None
    if first.site.module is not module or module.function_of(node) is not first.site.function:
        plan.refuse(module, node, "AC080", "The stream is read elsewhere than it is opened, and its handler is not at hand", group)
        return None
    return first


def handle(plan: Plan, stream: Stream, event: str) -> str:
    """The statement that gives an event to the stream's handler."""
    is_async = any(is_async_handler(plan, info) for info in stream.classes)
    return f"{'await ' if is_async else ''}{handler_name(stream)}.{METHOD}({event})"


def has(plan: Plan, stream: Stream, *methods: str) -> bool:
    """Whether a handler of the stream has one of `methods`."""
    return any(name in base.methods for info in stream.classes for base in plan.program.bases(info) for name in methods)


def guarded(plan: Plan, stream: Stream, loop: list[str]) -> list[str]:
    """The lines of a loop over the events, with what the handler is told when it ends or breaks."""
    is_async = any(is_async_handler(plan, info) for info in stream.classes)
    name = handler_name(stream)
    called = f"{'await ' if is_async else ''}{name}"
    after: list[str] = []
    if has(plan, stream, "on_timeout"):
        caught = " as error" if has(plan, stream, "on_exception") else ""
        after += [f"except APITimeoutError{caught}:", f"    {called}.on_timeout()"]
        after += [f"    {called}.on_exception(error)"] if caught else []
        after += ["    raise"]
    if has(plan, stream, "on_exception"):
        after += ["except Exception as error:", f"    {called}.on_exception(error)", "    raise"]
    if has(plan, stream, "on_end"):
        after += ["finally:", f"    {called}.on_end()"]
    return ["try:", *(f"    {line}" for line in loop), *after] if after else loop


def indented(rewriter: Rewriter, lines: list[str]) -> list[cst.BaseStatement]:
    """The statements in `lines`, which are indented by four, as the module has it."""
    return rewriter.statements("\n".join(lines) + "\n")


def scope_of(module: Module, node: cst.CSTNode) -> FunctionInfo | None:
    """The function that `node` is in."""
    return module.function_of(node)
