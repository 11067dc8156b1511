"""A loop that does nothing but wait goes: responses.create returns when the model is done.

    run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    while run.status in ("queued", "in_progress"):
        time.sleep(1)
        run = client.beta.threads.runs.retrieve(thread_id=thread.id, run_id=run.id)

becomes

    run = client.responses.create(conversation=thread.id, **assistant)

Loops that do something else as well (print, answer function calls, count) keep their shape and poll a response in the background.
Guide: https://developers.openai.com/api/docs/assistants/migration#from-runs-to-responses
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import External, only_kind
from assistants_codemods.plan import Plan
from assistants_codemods.registry import fixer
from assistants_codemods.shape import assigned_name, following, is_stored, line_of, names_in, nodes_below

_STARTS = ("beta.threads.runs.create", "beta.threads.create_and_run")
_SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep"})
_WAITING = frozenset({"queued", "in_progress", "cancelling"})
_OVER = frozenset({"completed", "failed", "cancelled", "expired", "incomplete", "requires_action"})


@fixer("responses", "flows")
def fix(plan: Plan) -> None:
    """Find runs whose loop stands in the same block, and let them wait by themselves."""
    for site in plan.sites(*_STARTS):
        name, line = assigned_name(site.module, site.node), line_of(site.module, site.node)
        if name is None or line is None or site.argument("stream") is not None:
            continue
        loop = _loop_after(plan, site, name, line)
        if loop is None:
            continue
        retrieve = _only_waits(plan, site.module, loop, name)
        if retrieve is None:
            continue
        group = plan.group(site, retrieve)
        plan.claim(retrieve.node)
        for node in nodes_below(loop):
            if isinstance(node, cst.Attribute):
                plan.claim(node)
        plan.blocking.add(site.node)
        plan.remove(site.module, loop, group)


def _loop_after(plan: Plan, site: CallSite, name: str, line: cst.SimpleStatementLine) -> cst.While | None:
    """The loop over the status of `name` that follows `line`, if nothing in between binds or waits for the name otherwise."""
    for statement in following(site.module, line):
        if isinstance(statement, cst.While):
            return statement
        if any(is_stored(site.module, use) for use in names_in(statement, name)) or not isinstance(statement, cst.SimpleStatementLine):
            return None
        if any(other.node in _calls(statement) for other in plan.sites("beta.threads.runs.cancel", "beta.threads.runs.poll")):
            return None
    return None


def _calls(statement: cst.CSTNode) -> set[cst.CSTNode]:
    return {node for node in nodes_below(statement) if isinstance(node, cst.Call)}


def _only_waits(plan: Plan, module: Module, loop: cst.While, name: str) -> CallSite | None:
    """The call that polls in `loop`, if the loop does nothing but that; None otherwise."""
    if loop.orelse is not None or not _ends_when_the_run_does(plan, loop, name):
        return None
    polls: list[CallSite] = []
    for statement in loop.body.body:
        if isinstance(statement, cst.If):
            if not _only_breaks(plan, statement, name):
                return None
            continue
        if not isinstance(statement, cst.SimpleStatementLine):
            return None
        for small in statement.body:
            poll = _poll(plan, module, small, name)
            if poll is not None:
                polls.append(poll)
            elif not isinstance(small, cst.Pass | cst.Continue) and not _sleeps(plan, small):
                return None
    return polls[0] if len(polls) == 1 else None


def _poll(plan: Plan, module: Module, small: cst.BaseSmallStatement, name: str) -> CallSite | None:
    """The retrieve that `small` assigns to `name`, of the run that `name` was."""
    if not isinstance(small, cst.Assign):
        return None
    value = small.value.expression if isinstance(small.value, cst.Await) else small.value
    site = plan.program.sites.get(value) if isinstance(value, cst.Call) else None
    if site is None or site.path != "beta.threads.runs.retrieve" or site.node in plan.claimed or assigned_name(module, site.node) != name:
        return None
    polled = site.argument("run_id")
    node = polled.node.value if polled is not None else None
    is_its = isinstance(node, cst.Attribute) and node.attr.value == "id" and isinstance(node.value, cst.Name) and node.value.value == name
    return site if is_its else None


def _sleeps(plan: Plan, small: cst.BaseSmallStatement) -> bool:
    if not isinstance(small, cst.Expr):
        return False
    value = small.value.expression if isinstance(small.value, cst.Await) else small.value
    if not isinstance(value, cst.Call):
        return False
    return any(isinstance(atom, External) and atom.name in _SLEEPS for atom in plan.value(value.func))


def _only_breaks(plan: Plan, statement: cst.If, name: str) -> bool:
    """Whether an `if` about the status does nothing but end the loop, or go on."""
    if not _is_about_status(plan, statement.test, name) or (
        statement.orelse is not None and not isinstance(statement.orelse, cst.Else | cst.If)
    ):
        return False
    branches: list[cst.BaseSuite] = [statement.body]
    orelse = statement.orelse
    if isinstance(orelse, cst.If):
        return _does_nothing(plan, statement.body) and _only_breaks(plan, orelse, name)
    if isinstance(orelse, cst.Else):
        branches.append(orelse.body)
    return all(_does_nothing(plan, branch) for branch in branches)


def _does_nothing(plan: Plan, suite: cst.BaseSuite) -> bool:
    smalls: list[cst.CSTNode] = []
    for statement in suite.body:
        smalls += statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
    return all(
        isinstance(small, cst.Break | cst.Continue | cst.Pass) or (isinstance(small, cst.BaseSmallStatement) and _sleeps(plan, small))
        for small in smalls
    )


def _ends_when_the_run_does(plan: Plan, loop: cst.While, name: str) -> bool:
    """Whether the loop's condition, or the `if … break` in it, is about the status of `name` alone."""
    if isinstance(loop.test, cst.Name) and loop.test.value == "True":
        return any(isinstance(statement, cst.If) for statement in loop.body.body)
    return _is_about_status(plan, loop.test, name)


def _is_about_status(plan: Plan, test: cst.BaseExpression, name: str) -> bool:
    """Whether `test` compares nothing but the status of `name`, and holds while it runs or once it is over, for no third reason."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _is_about_status(plan, test.expression, name)
    if isinstance(test, cst.BooleanOperation):
        return _is_about_status(plan, test.left, name) and _is_about_status(plan, test.right, name)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    subject, target = test.left, test.comparisons[0]
    is_status = (
        isinstance(subject, cst.Attribute)
        and subject.attr.value == "status"
        and isinstance(subject.value, cst.Name)
        and subject.value.value == name
        and only_kind(plan.value(subject)) == "run.status"
    )
    words = set(_words(target.comparator))
    return is_status and bool(words) and words <= _WAITING | _OVER


def _words(node: cst.BaseExpression) -> Iterator[str]:
    if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        yield node.evaluated_value
    elif isinstance(node, cst.List | cst.Tuple | cst.Set):
        for element in node.elements:
            yield from _words(element.value)
    else:
        yield "?"
