"""The pieces of text in a stream are picked out of its events.

    for text in stream.text_deltas:
        print(text, end="", flush=True)

becomes

    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)

Where the pieces are handed on, they are a generator expression over the events.
Guide: https://developers.openai.com/api/docs/guides/streaming-responses
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import expression
from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses._handling import handle, handled, has, indented
from assistants_codemods.responses._streams import Stream, fresh_name, streams_of
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_stored, names_in

_TYPE = "response.output_text.delta"


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Rewrite every use of a stream's `text_deltas`."""
    for read in plan.reads("run_stream", "text_deltas"):
        stream = handled(plan, read.module, read.node.value, read.group)
        if read.node in plan.claimed:
            continue
        plan.claim(read.node)
        parent = read.module.parents.get(read.node)
        if isinstance(parent, cst.For) and parent.iter is read.node and isinstance(parent.target, cst.Name):
            _loop(plan, read, parent, parent.target.value, stream)
        elif stream is not None:
            plan.refuse(read.module, read.node, "AC085", "A handler gets the events only where a loop reads them", read.group)
        else:
            _expression(plan, read)


def _loop(plan: Plan, read: Read, loop: cst.For, name: str, stream: Stream | None) -> None:
    module = read.module
    if stream is not None and has(plan, stream, "on_exception", "on_timeout", "on_end"):
        plan.refuse(module, read.node, "AC085", "The handler is told of the stream's end, and the loop has a body of its own", read.group)
        return
    function = module.function_of(loop)
    event = fresh_name(module, function, "event", "response_event")
    names = list(names_in(loop.body, name))
    outside = sum(1 for _ in names_in(function.node if function is not None else module.tree, name)) - len(names) - 1
    inline = len(names) == 1 and not is_stored(module, names[0]) and not _is_later(module, names[0], loop) and not outside
    if inline:
        plan.edit(module, names[0], lambda updated, rewriter: expression(f"{event}.delta"), read.group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.For)
        inner = _suite(updated.body)
        if not inline:
            inner = inner.with_changes(body=[*rewriter.statements(f"{name} = {event}.delta\n"), *inner.body])
        test = cst.If(expression(f'{event}.type == "{_TYPE}"'), inner)
        first = indented(rewriter, [handle(plan, stream, event)]) if stream is not None else []
        return updated.with_changes(target=cst.Name(event), iter=rewriter.new(read.node.value), body=cst.IndentedBlock([*first, test]))

    plan.edit(module, loop, build, read.group)


def _suite(body: cst.BaseSuite) -> cst.IndentedBlock:
    if isinstance(body, cst.IndentedBlock):
        return body
    return cst.IndentedBlock([cst.SimpleStatementLine([small]) for small in body.body if isinstance(small, cst.BaseSmallStatement)])


def _is_later(module: Module, name: cst.Name, loop: cst.For) -> bool:
    """Whether `name` stands in a function within the loop, which may run after the next event came."""
    for around in module.ancestors(name):
        if around is loop:
            return False
        if isinstance(around, cst.FunctionDef | cst.Lambda):
            return True
    return False


def _expression(plan: Plan, read: Read) -> None:
    found = streams_of(plan, read.node.value)
    is_async = any(stream.is_async for stream in found)
    parent = read.module.parents.get(read.node)
    if isinstance(parent, cst.CompFor) and parent.asynchronous is not None:
        is_async = True
    call = read.module.parents.get(parent) if isinstance(parent, cst.Arg) else None
    is_only_argument = isinstance(call, cst.Call) and len(call.args) == 1 and call.args[0].keyword is None and not call.args[0].star

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        each = "async for" if is_async else "for"
        made = expression(f'(event.delta {each} event in {{stream}} if event.type == "{_TYPE}")', stream=updated.value)
        return made.with_changes(lpar=(), rpar=()) if is_only_argument else made

    plan.edit(read.module, read.node, build, read.group)
