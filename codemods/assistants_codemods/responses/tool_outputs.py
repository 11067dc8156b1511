"""The outputs of function calls are the input of the next response, whose id is another one.

    run = client.beta.threads.runs.submit_tool_outputs(thread_id=thread.id, run_id=run.id, tool_outputs=outputs)

becomes

    run = client.responses.create(conversation=thread.id, input=outputs, background=True, **settings_of(run))

Outputs that are written out get their new keys where they stand; others go through `as_outputs`. The name that held the run, or its id,
is given the new one. Where somebody else keeps the old id and goes on with it, the group is refused.
Guide: https://developers.openai.com/api/docs/guides/function-calling
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import Given, entries, expression, quoted
from assistants_codemods.flow.expressions import held_in
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import Display, only_kind
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses._clients import is_async
from assistants_codemods.responses._following import follow
from assistants_codemods.responses._runs import SAME, is_streamed, options
from assistants_codemods.responses._settings import Arguments
from assistants_codemods.rewriting import Rewriter

_SUBMIT, _AND_POLL = "beta.threads.runs.submit_tool_outputs", "beta.threads.runs.submit_tool_outputs_and_poll"
_POLLED = ("beta.threads.runs.retrieve", "beta.threads.runs.cancel")
_KNOWN = ("thread_id", "run_id", "tool_outputs", "poll_interval_ms", "stream", *SAME)


@fixer("responses", "calls")
def fix(plan: Plan) -> None:
    """Rewrite the calls, and the outputs wherever they are put together."""
    for site in plan.sites(_SUBMIT, _AND_POLL):
        if not is_streamed(site):
            _submit(plan, site)


def _submit(plan: Plan, site: CallSite) -> None:
    group = plan.group(site)
    strange = next((argument for argument in site.arguments if argument.name not in _KNOWN), None)
    outputs, run_id, thread = (site.argument(name) for name in ("tool_outputs", "run_id", "thread_id"))
    if strange is not None or outputs is None or run_id is None or thread is None:
        plan.refuse(site.module, site.node, "AC026", "The outputs, run and thread of this call are not all written out", group, site=site)
        return
    if not follow(plan, site, run_id.node.value, group):
        return
    plan.claim(site.node)
    run = run_id.node.value.value if isinstance(run_id.node.value, cst.Attribute) and _is_run(plan, run_id.node.value) else None
    if run is not None:
        plan.claim(run_id.node.value)
    plan.want_part(site.module, "settings_of", group)
    converted = rewrite_outputs(plan, site, outputs.node.value, group)
    if not converted:
        plan.want_part(site.module, "as_outputs", group)
    background = site.path == _SUBMIT and plan.has(group, *_POLLED)
    awaits = is_async(plan, site)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        given = Given(site, updated)
        conversation, value, identifier = given.value("thread_id"), given.value("tool_outputs"), given.value("run_id")
        assert conversation is not None
        assert value is not None
        assert identifier is not None
        before = _run(run, identifier, updated.func.value, rewriter, awaits=awaits)
        arguments: Arguments = [("conversation", conversation)]
        arguments.append(("input", value if converted else expression("as_outputs({outputs})", outputs=value)))
        if background:
            arguments.append(("background", cst.Name("True")))
        arguments.append(("**", expression("settings_of({run})", run=before)))
        return given.with_arguments([*arguments, *options(given)], "create")

    plan.edit(site.module, site.node, build, group)


def _is_run(plan: Plan, node: cst.Attribute) -> bool:
    return node.attr.value == "id" and only_kind(plan.value(node.value)) == "run"


def _run(
    run: cst.BaseExpression | None, identifier: cst.BaseExpression, responses: cst.BaseExpression, rewriter: Rewriter, *, awaits: bool
) -> cst.BaseExpression:
    """The response that goes on: at hand, or looked up by its id."""
    if run is not None:
        return rewriter.new(run)
    looked_up = expression("{responses}.retrieve({id})", responses=responses, id=identifier)
    return expression("await {call}", call=looked_up) if awaits else looked_up


def rewrite_outputs(plan: Plan, site: CallSite, node: cst.BaseExpression, group: int) -> bool:
    """Give the outputs that reach `node` their new keys where they are written out; whether all of them are."""
    dicts: list[cst.Dict] = []
    for atom in plan.value(node):
        if not isinstance(atom, Display) or atom.node in plan.program.display_escapes:
            return False
        held = held_in(plan.program, atom.node)
        if not held:
            continue
        for inner in held:
            fields = entries(inner.node) if isinstance(inner, Display) else None
            if not isinstance(inner, Display) or not isinstance(inner.node, cst.Dict) or fields is None:
                return False
            if set(fields) != {"tool_call_id", "output"} or inner.node in plan.program.display_escapes:
                return False
            dicts.append(inner.node)
    if not dicts:
        return False
    for written in dicts:
        if written not in plan.claimed:
            plan.claim(written)
            plan.edit(plan.program.displays[written], written, _as_output, group)
    return True


def _as_output(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Dict)
    elements = []
    for element in updated.elements:
        assert isinstance(element, cst.DictElement)
        is_id = isinstance(element.key, cst.SimpleString) and element.key.evaluated_value == "tool_call_id"
        elements.append(element.with_changes(key=quoted("call_id")) if is_id else element)
    first = cst.DictElement(quoted("type"), quoted("function_call_output"), comma=_comma(updated))
    return updated.with_changes(elements=[first, *elements])


def _comma(node: cst.Dict) -> cst.Comma:
    """As it stands between the first two entries."""
    comma = node.elements[0].comma
    return comma if isinstance(comma, cst.Comma) else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
