"""The arguments of responses.create for a run that is streamed: one that starts, or one that goes on with the outputs of its calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from assistants_codemods.building import Given, expression
from assistants_codemods.flow.program import CallSite
from assistants_codemods.flow.values import Api
from assistants_codemods.plan import Plan
from assistants_codemods.responses._settings import HANDLED, Arguments, settings
from assistants_codemods.responses._streams import ANSWERING
from assistants_codemods.rewriting import Rewriter

Build = Callable[[Given, Rewriter], Arguments]
_KNOWN = HANDLED | {"thread_id", "event_handler", "stream", "run_id", "tool_outputs", "poll_interval_ms"}


def stream_arguments(plan: Plan, site: CallSite, group: int) -> Build:
    """What makes the arguments for the call at `site`. The group is refused where one has no counterpart."""
    for argument in site.arguments:
        if argument.name is None:
            plan.refuse(site.module, argument.node, "AC026", "These arguments are not written out", group, site=site)
            return _nothing
        if argument.name not in _KNOWN:
            plan.refuse(site.module, argument.node, "AC085", f"responses.create has no `{argument.name}`", group, site=site)
            return _nothing
    if site.path in ANSWERING:
        return _continued(plan, site, group)
    if site.argument("thread_id") is None:
        plan.refuse(site.module, site.node, "AC085", "The thread of this run is not given by name", group, site=site)
        return _nothing
    settled = settings(plan, replace(site, arguments=[given for given in site.arguments if given.name in HANDLED]), group)

    def build(given: Given, rewriter: Rewriter) -> Arguments:
        conversation = given.value("thread_id")
        assert conversation is not None
        added = plan.inputs.get(site.node)
        return [("conversation", conversation), *([("input", rewriter.new(added))] if added is not None else []), *settled(given)]

    return build


def _nothing(given: Given, rewriter: Rewriter) -> Arguments:
    return []


def _continued(plan: Plan, site: CallSite, group: int) -> Build:
    run = _run_at(plan, site)
    if run is None or site.argument("tool_outputs") is None:
        plan.refuse(site.module, site.node, "AC085", "The run that goes on is not at hand here, with its settings", group, site=site)
        return _nothing
    plan.want_part(site.module, "settings_of", group)

    def build(given: Given, rewriter: Rewriter) -> Arguments:
        conversation, outputs = given.value("thread_id"), given.value("tool_outputs")
        assert conversation is not None
        assert outputs is not None
        again = expression("settings_of({run})", run=rewriter.new(run))
        return [("conversation", conversation), ("input", outputs), ("**", again)]

    return build


def _run_at(plan: Plan, site: CallSite) -> cst.BaseExpression | None:
    """The run whose thread or id is given."""
    for name in ("run_id", "thread_id"):
        argument = site.argument(name)
        node = argument.node.value if argument is not None else None
        if isinstance(node, cst.Attribute) and any(isinstance(atom, Api) and atom.kind == "run" for atom in plan.value(node.value)):
            return node.value
    return None
