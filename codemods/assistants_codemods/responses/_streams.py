"""The streams of a program: which calls open them, who handles their events, and how they are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import libcst as cst

from assistants_codemods.flow.kinds import HANDLERS
from assistants_codemods.flow.module import ClassInfo, FunctionInfo, Module
from assistants_codemods.flow.narrowing import texts_in
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import Api, Instance
from assistants_codemods.plan import Plan
from assistants_codemods.shape import nodes_below

OPENING = (
    "beta.threads.runs.stream",
    "beta.threads.runs.create_and_stream",
    "beta.threads.runs.submit_tool_outputs_stream",
    "beta.threads.create_and_run_stream",
)
"""Calls that give a manager, to be entered by `with`."""

ANSWERING = ("beta.threads.runs.submit_tool_outputs", "beta.threads.runs.submit_tool_outputs_stream")
"""Calls that go on with a run that waits."""

_WITH_STREAM = ("beta.threads.runs.create", "beta.threads.create_and_run", "beta.threads.runs.submit_tool_outputs")

WHOLE = frozenset({"until_done", "get_final_run", "get_final_messages"})
"""Methods that read a stream to its end and need what has been gathered of it."""


@dataclass(eq=False)
class Stream:
    """A call that opens a stream, and what the program does with it."""

    site: CallSite
    classes: list[ClassInfo] = field(default_factory=list)
    """The handlers that may be given."""
    is_chosen: bool = False
    """Whether what is given as a handler cannot be told."""
    is_async: bool | None = None
    uses: set[str] = field(default_factory=set)
    """The methods and fields of the stream that are used, and `for` where a loop reads it."""
    calls: list[tuple[str, Module, cst.Call]] = field(default_factory=list)
    """The calls of its methods."""

    @property
    def handler(self) -> Argument | None:
        """The argument with the handler; None where there is none."""
        given = self.site.argument("event_handler")
        is_none = given is not None and isinstance(given.node.value, cst.Name) and given.node.value.value == "None"
        return None if is_none else given

    @property
    def opens_manager(self) -> bool:
        return self.site.path in OPENING


@lru_cache(maxsize=4)
def streams(plan: Plan) -> dict[int, Stream]:
    """The streams of the program, by the number of the call that opens each."""
    found: dict[int, Stream] = {}
    for site in plan.program.sites.values():
        if not site.raw and (site.path in OPENING or (site.path in _WITH_STREAM and _is_true(site.argument("stream")))):
            stream = found[site.index] = Stream(site)
            if site.is_awaited:
                stream.is_async = True
            if stream.handler is not None:
                for atom in stream.handler.value:
                    if isinstance(atom, Instance) and is_handler(plan, atom.info):
                        stream.classes.append(atom.info)
                    else:
                        stream.is_chosen = True
                stream.is_chosen = stream.is_chosen or not stream.classes
    for module in plan.program.modules.values():
        for node in module.nodes(cst.With, cst.For, cst.CompFor, cst.Attribute):
            for used, how, is_async in _uses(node):
                for atom in plan.value(used):
                    if isinstance(atom, Api) and atom.origin in found and atom.kind in ("run_stream", "run_stream_manager", "text_deltas"):
                        stream = found[atom.origin]
                        stream.is_async = is_async if is_async is not None else stream.is_async
                        if how:
                            stream.uses.add(how)
                        if isinstance(call := module.parents.get(node), cst.Call) and call.func is node and isinstance(node, cst.Attribute):
                            stream.calls.append((how, module, call))
    return found


def _uses(node: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, str, bool | None]]:
    if isinstance(node, cst.With):
        for item in node.items:
            yield item.item, "", node.asynchronous is not None
    elif isinstance(node, cst.For | cst.CompFor):
        yield node.iter, "for", node.asynchronous is not None
    elif isinstance(node, cst.Attribute):
        yield node.value, node.attr.value, None


def streams_of(plan: Plan, node: cst.CSTNode) -> list[Stream]:
    """The streams that an expression may be (or be the deltas of)."""
    known = streams(plan)
    return [known[atom.origin] for atom in sorted(_atoms(plan, node), key=lambda atom: atom.origin) if atom.origin in known]


def _atoms(plan: Plan, node: cst.CSTNode) -> set[Api]:
    return {atom for atom in plan.value(node) if isinstance(atom, Api) and atom.kind in ("run_stream", "run_stream_manager", "text_deltas")}


def is_handler(plan: Plan, info: ClassInfo) -> bool:
    """Whether a class is an event handler of the SDK's."""
    return bool(plan.program.outer_bases(info) & HANDLERS)


def is_async_handler(plan: Plan, info: ClassInfo) -> bool:
    """Whether its methods are awaited."""
    return any(name.rpartition(".")[2].startswith("Async") for name in plan.program.outer_bases(info) & HANDLERS)


def acts(plan: Plan, group: int) -> bool:
    """Whether the program answers function calls in this group, or looks for runs that wait for it."""
    return plan.has(group, *ANSWERING, "beta.threads.runs.submit_tool_outputs_and_poll") or group_looks_for_calls(plan, group)


def group_looks_for_calls(plan: Plan, group: int) -> bool:
    """Whether a test of the group asks for requires_action."""
    find = plan.program.groups.find
    return any(find(origin) == find(group) for origin in _looking(plan))


@lru_cache(maxsize=4)
def _looking(plan: Plan) -> frozenset[int]:
    origins = set()
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Comparison):
            sides = [node.left, *(target.comparator for target in node.comparisons)]
            if any("thread.run.requires_action" in texts_in(side) for side in sides):
                origins |= {atom.origin for side in sides for atom in plan.value(side) if isinstance(atom, Api)}
    return frozenset(origins)


def _is_true(argument: Argument | None) -> bool:
    return argument is not None and isinstance(argument.node.value, cst.Name) and argument.node.value.value == "True"


def fresh_name(module: Module, function: FunctionInfo | None, *wishes: str) -> str:
    """The first of `wishes` (or of them with a number) that the function, or the module's top level, does not use."""
    scope = function.node if function is not None else module.tree
    used = {node.value for node in nodes_below(scope) if isinstance(node, cst.Name)}
    for number in range(1, 100):
        for wish in wishes:
            name = wish if number == 1 else f"{wish}_{number}"
            if name not in used:
                return name
    raise AssertionError(wishes)
