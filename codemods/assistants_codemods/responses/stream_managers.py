"""A run that is streamed becomes a response that is.

    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=ID) as stream:
        ...

becomes

    with client.responses.create(conversation=thread.id, stream=True, **ASSISTANTS[ID]) as stream:
        ...

Where the whole is asked for in the end (`get_final_run`), or the text so far, it is the SDK's helper `client.responses.stream`.
Guide: https://developers.openai.com/api/docs/guides/streaming-responses
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given, expression
from assistants_codemods.flow.module import Module
from assistants_codemods.plan import Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses._handling import guarded, handle, handled, handler_name, has, indented
from assistants_codemods.responses._stream_arguments import stream_arguments
from assistants_codemods.responses._streams import OPENING, WHOLE, Stream, fresh_name, streams
from assistants_codemods.responses.event_handlers import needs_outputs, needs_snapshots
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_thrown_away, line_of

_STARTING = ("beta.threads.runs.create", "beta.threads.runs.submit_tool_outputs", "beta.threads.create_and_run")


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls that open streams, and the methods of streams."""
    known = streams(plan)
    for site in plan.sites(*OPENING, *_STARTING):
        given = site.argument("stream")
        if site.index in known:
            _open(plan, known[site.index])
        elif given is not None and not _is_off(given.node.value):
            reason = "Whether this streams is decided when the program runs"
            plan.refuse(site.module, given.node, "AC081", reason, plan.group(site), site=site)


def _is_off(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in ("False", "None", "NOT_GIVEN")


def _open(plan: Plan, stream: Stream) -> None:
    site = stream.site
    group = plan.group(site)
    if stream.is_chosen:
        assert stream.handler is not None
        reason = "Which handler gets these events is decided when the program runs"
        plan.refuse(site.module, stream.handler.node, "AC080", reason, group, site=site)
        return
    if stream.opens_manager and stream.is_async is None:
        plan.refuse(site.module, site.node, "AC085", "No `with` in sight enters this stream", group, site=site)
        return
    awaits = stream.opens_manager and bool(stream.is_async) and not _by_helper(plan, stream)
    if awaits and (site.function is None or not site.function.is_async) and not _is_at_top(stream):
        plan.refuse(site.module, site.node, "AC085", "The call would have to be awaited, and this function is not async", group, site=site)
        return
    build_arguments = stream_arguments(plan, site, group)
    if site.node in plan.claimed:
        return  # refused, with its reason
    plan.claim(site.node)
    helper = _by_helper(plan, stream)
    outputs = any(needs_outputs(plan, info) for info in stream.classes)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        given = Given(site, updated)
        arguments = build_arguments(given, rewriter)
        place = next((number for number, (name, _) in enumerate(arguments) if name == "**"), len(arguments))
        names = {name for name, _ in arguments}
        if helper and "input" not in names:
            arguments.insert(place, ("input", cst.List([])))
        elif not helper:
            arguments.insert(place, ("stream", cst.Name("True")))
        if outputs:
            arguments.insert(place + 1, ("include", expression('["code_interpreter_call.outputs"]')))
        call = given.with_arguments(arguments, "stream" if helper else "create")
        return cst.Await(call) if awaits else call

    plan.edit(site.module, site.node, build, group)
    if stream.handler is not None:
        _name_handler(plan, stream, group)
    _methods(plan, stream)


def _is_at_top(stream: Stream) -> bool:
    """Whether the call stands outside functions, as in a notebook: with `async with` there, `await` goes as well."""
    return stream.site.function is None


def _by_helper(plan: Plan, stream: Stream) -> bool:
    """Whether the stream has to gather what it gives: the SDK's helper does."""
    gathers = stream.uses & WHOLE if stream.handler is None else stream.uses & (WHOLE - {"until_done"})
    return bool(gathers) or any(needs_snapshots(plan, info) for info in stream.classes)


def _name_handler(plan: Plan, stream: Stream, group: int) -> None:
    """Have the handler made before the stream is opened, where it is made in place."""
    site, handler = stream.site, stream.handler
    assert handler is not None
    value = handler.node.value
    if isinstance(value, cst.Name):
        return
    statement = site.module.statement_of(site.node)
    assert statement is not None
    name = handler_name(stream)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        return rewriter.before(updated, rewriter.statements(f"{name} = {rewriter.code(rewriter.new(value))}\n"))

    plan.edit(site.module, statement, build, group)


def _methods(plan: Plan, stream: Stream) -> None:
    for name, rewrite in _METHODS.items():
        if name in stream.uses:
            for module in plan.program.modules.values():
                for node in list(module.parents):
                    if isinstance(node, cst.Call) and _is_method_of(plan, stream, node.func, name):
                        plan.claim(node.func)
                        rewrite(plan, stream, module, node)


def _is_method_of(plan: Plan, stream: Stream, func: cst.BaseExpression, name: str) -> bool:
    if not isinstance(func, cst.Attribute) or func.attr.value != name:
        return False
    return any(getattr(atom, "origin", None) == stream.site.index for atom in plan.value(func.value))


def _until_done(plan: Plan, stream: Stream, module: Module, node: cst.Call) -> None:
    group = plan.group(stream.site)
    if stream.handler is None or node in plan.claimed:
        return  # the helper has the same method
    assert isinstance(node.func, cst.Attribute)
    subject = node.func.value
    if handled(plan, module, subject, group) is None:
        return
    line = line_of(module, node)
    if line is None or not is_thrown_away(module, node):
        plan.refuse(module, node, "AC085", "until_done() is part of something else here", group)
        return
    plan.claim(node)
    event = fresh_name(module, module.function_of(node), "event", "response_event")
    each = "async for" if stream.is_async else "for"
    if has(plan, stream, "on_timeout"):
        plan.want_import(module, "openai", "APITimeoutError", group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        name = rewriter.code(rewriter.new(subject))
        lines = guarded(plan, stream, [f"{each} {event} in {name}:", f"    {handle(plan, stream, event)}"])
        made = indented(rewriter, lines)[0]
        return made.with_changes(leading_lines=getattr(updated, "leading_lines", ()))

    plan.edit(module, line, build, group)


def _final(plan: Plan, stream: Stream, module: Module, node: cst.Call) -> None:
    group = plan.group(stream.site)
    if node in plan.claimed:
        return
    if stream.handler is not None and not stream.uses & {"until_done", "for"}:
        plan.refuse(module, node, "AC085", "The handler gets no events where the stream is only asked for its end", group)
        return
    plan.claim(node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        return updated.with_changes(func=updated.func.with_changes(attr=cst.Name("get_final_response")))

    plan.edit(module, node, build, group)


def _final_messages(plan: Plan, stream: Stream, module: Module, node: cst.Call) -> None:
    group = plan.group(stream.site)
    _final(plan, stream, module, node)
    around = module.parents.get(node)
    whole = around if isinstance(around, cst.Await) else node
    if stream.is_async and whole is node:
        plan.refuse(module, node, "AC085", "The messages are awaited elsewhere", group)
        return
    plan.edit(
        module,
        whole,
        lambda updated, rewriter: expression('[item for item in {whole}.output if item.type == "message"]', whole=_in_brackets(updated)),
        group,
    )


def _in_brackets(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.BaseExpression)
    if isinstance(node, cst.Await) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def _same(plan: Plan, stream: Stream, module: Module, node: cst.Call) -> None:
    """The native stream has the method too."""


_METHODS = {"close": _same, "until_done": _until_done, "get_final_run": _final, "get_final_messages": _final_messages}

__all__ = ["Read", "fix"]
