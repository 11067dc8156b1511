"""The text of the newest message, read right after a run, is the response's own text.

    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    messages = client.beta.threads.messages.list(thread_id=thread.id)
    print(messages.data[0].content[0].text.value)

becomes

    run = client.responses.create(conversation=thread.id, **assistant)
    print(run.output_text)

Only where the run is in view, nothing is read of the list but that, and no message is added in between.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-runs-to-responses
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from assistants_codemods.building import is_text
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import assigned_name, is_stored, line_of, names_in, nodes_below, outermost

_RUNS = (
    "beta.threads.runs.create",
    "beta.threads.runs.create_and_poll",
    "beta.threads.runs.retrieve",
    "beta.threads.runs.poll",
    "beta.threads.create_and_run_poll",
    "beta.threads.runs.submit_tool_outputs_and_poll",
)


@fixer("responses", "flows")
def fix(plan: Plan) -> None:
    """Find lists of messages of which only the newest text is read, after a run whose response has a name."""
    for site in plan.sites("beta.threads.messages.list"):
        if any(argument.name not in ("thread_id", "order", "limit") for argument in site.arguments) or not _is_newest_first(site):
            continue
        reads = list(_texts_read(plan, site))
        run = _run_before(plan, site)
        if not reads or run is None:
            continue
        name, last = run
        group = plan.group(site, last)
        plan.claim(site.node)
        for text in reads:
            _replace(plan, site, text, name, group)
        line = line_of(site.module, site.node)
        if assigned_name(site.module, site.node) is not None and line is not None:
            plan.remove(site.module, line, group)


def _is_newest_first(site: CallSite) -> bool:
    order = site.argument("order")
    return order is None or is_text(order.node.value, "desc")


def _texts_read(plan: Plan, site: CallSite) -> Iterator[cst.Attribute]:
    """The reads `….data[0].content[0].text.value`, if the list is read in no other way; nothing otherwise."""
    module = site.module
    name, line = assigned_name(module, site.node), line_of(module, site.node)
    if name is None:
        text = _text_above(plan, site, outermost(module, site.node))
        if text is not None:
            yield text
        return
    if line is None:
        return
    function = module.function_of(site.node)
    scope: cst.CSTNode = function.node if function is not None else module.tree
    found = []
    for use in names_in(scope, name):
        if is_stored(module, use):
            if module.statement_of(use) is not line:
                return
            continue
        text = _text_above(plan, site, use)
        if text is None or _inner_function(site, use):
            return
        found.append(text)
    yield from found


def _inner_function(site: CallSite, use: cst.Name) -> bool:
    return site.module.function_of(use) is not site.module.function_of(site.node)


_PATH = ("data", "[0]", "content", "[0]", "text", "value")


def _text_above(plan: Plan, site: CallSite, node: cst.BaseExpression) -> cst.Attribute | None:
    """The expression `node.data[0].content[0].text.value` around `node`, if it stands in one."""
    module = site.module
    for step in _PATH:
        parent = module.parents.get(node)
        if step == "[0]":
            if not isinstance(parent, cst.Subscript) or parent.value is not node or module.code(parent)[len(module.code(node)) :] != "[0]":
                return None
        elif not isinstance(parent, cst.Attribute) or parent.value is not node or parent.attr.value != step:
            return None
        node = parent
    if not isinstance(node, cst.Attribute) or not _is_read(site, node):
        return None
    return node


def _is_read(site: CallSite, node: cst.Attribute) -> bool:
    parent = site.module.parents.get(node)
    return not isinstance(parent, cst.AssignTarget | cst.AugAssign | cst.Del)


def _run_before(plan: Plan, site: CallSite) -> tuple[str, CallSite] | None:
    """The name of the last run on the same thread before `site`, in a block that `site` is in, and its call."""
    module = site.module
    thread = site.argument("thread_id")
    statement = module.statement_of(site.node)
    if thread is None or statement is None:
        return None
    runs = {known.node: known for known in plan.program.sites.values() if known.path in _RUNS and known.module is module}
    others = {known.node for known in plan.program.sites.values() if known.path == "beta.threads.messages.create"}
    for earlier in _before(plan, site, statement):
        below = list(nodes_below(earlier))
        found = [runs[node] for node in below if isinstance(node, cst.Call) and node in runs]
        if found:
            last = found[-1]
            name = assigned_name(module, last.node)
            own = last.argument("thread_id")
            same = own is None or module.code(own.node.value) == module.code(thread.node.value)
            return (name, last) if name is not None and same and not _is_conditional(earlier) else None
        if any(node in others for node in below):
            return None
    return None


def _is_conditional(statement: cst.BaseStatement) -> bool:
    """Whether the name may not have been assigned in `statement`. A loop over a run's status has it before, from the run's creation."""
    return isinstance(statement, cst.If | cst.Try | cst.For | cst.With | cst.FunctionDef | cst.ClassDef)


def _before(plan: Plan, site: CallSite, statement: cst.BaseStatement) -> Iterator[cst.BaseStatement]:
    """The statements before `statement`: of its block, then of the blocks around, as far as its function (not past loops)."""
    module = site.module
    current: cst.CSTNode = statement
    for around in module.ancestors(statement):
        if isinstance(around, cst.IndentedBlock | cst.Module):
            body = [inner for inner in around.body if isinstance(inner, cst.BaseStatement)]
            place = next(number for number, inner in enumerate(body) if inner is current)
            yield from reversed(body[:place])
        if isinstance(around, cst.For | cst.While | cst.FunctionDef | cst.ClassDef):
            return
        current = around


def _replace(plan: Plan, site: CallSite, text: cst.Attribute, name: str, group: int) -> None:
    node: cst.BaseExpression = text
    while isinstance(node, cst.Attribute | cst.Subscript):
        plan.claim(node)
        node = node.value

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        return cst.Attribute(cst.Name(name), cst.Name("output_text"))

    plan.edit(site.module, text, build, group)
