"""What starts a run, as arguments of responses.create: the conversation, the input it adds, and the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import libcst as cst

from assistants_codemods.building import Given
from assistants_codemods.flow.program import CallSite
from assistants_codemods.plan import Plan
from assistants_codemods.responses._items import items_of
from assistants_codemods.responses._settings import Arguments, settings
from assistants_codemods.rewriting import Rewriter

STREAMED = frozenset(
    {
        "beta.threads.runs.stream",
        "beta.threads.runs.create_and_stream",
        "beta.threads.runs.submit_tool_outputs_stream",
        "beta.threads.create_and_run_stream",
    }
)
"""Calls that stream whatever they are given."""

SAME = ("extra_headers", "extra_query", "extra_body", "timeout")
"""Options of every method of the SDK, before and after."""

OWN = frozenset(
    {"thread_id", "additional_messages", "stream", "event_handler", "poll_interval_ms", "thread", "tool_outputs", "run_id", *SAME}
)
"""Arguments of a run that are no settings of its assistant."""


def run_arguments(plan: Plan, site: CallSite, group: int, *, background: bool) -> Callable[[Given, Rewriter], Arguments]:
    """What makes the arguments of responses.create from those of `site`, which starts a run on the thread that it names.

    Streamed runs that the program cancels are in the background too, since no others can be cancelled. The group is refused
    where arguments hide behind a star, or where one has no counterpart.
    """
    hidden = next((argument for argument in site.arguments if argument.name is None), None)
    if hidden is not None:
        plan.refuse(site.module, hidden.node, "AC026", "These arguments are not written out", group, site=site)
        return lambda given, rewriter: []
    background = (background and site.node not in plan.blocking) or (is_streamed(site) and plan.has(group, "beta.threads.runs.cancel"))
    settled = settings(plan, replace(site, arguments=[given for given in site.arguments if given.name not in OWN]), group)
    additional = site.argument("additional_messages")
    convert = items_of(plan, site, additional, group) if additional is not None else None

    def build(given: Given, rewriter: Rewriter) -> Arguments:
        arguments: Arguments = []
        conversation, messages = given.value("thread_id"), given.value("additional_messages")
        if conversation is not None:
            arguments.append(("conversation", conversation))
        if convert is not None and messages is not None:
            arguments.append(("input", convert(messages)))
        elif site.node in plan.inputs:
            arguments.append(("input", rewriter.new(plan.inputs[site.node])))
        if background:
            arguments.append(("background", cst.Name("True")))
        return [*arguments, *settled(given), *options(given)]

    return build


def options(given: Given) -> Arguments:
    """The arguments that every method of the SDK takes, as they are."""
    return [(name, value) for name in SAME if (value := given.value(name)) is not None]


def is_streamed(site: CallSite) -> bool:
    """Whether a call streams: by its method, or by `stream=` with anything but a plain False."""
    stream = site.argument("stream")
    return site.path in STREAMED or (stream is not None and not _is_false(stream.node.value))


def _is_false(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value in ("False", "None")
