"""What programs do with the pages of `messages.list`, and so what to make of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import libcst as cst

from assistants_codemods.flow.groups import Groups
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import Api, kinds
from assistants_codemods.plan import Plan

PAGE = "page[message]"
CURSOR = frozenset({"has_more", "last_id", "has_next_page", "next_page_info"})
"""What a page of items has as a page of messages had it."""


@dataclass
class Uses:
    """The uses of pages that meet in some name."""

    data: list[tuple[Module, cst.Attribute]] = field(default_factory=list)
    """`page.data`."""
    async_loops: list[tuple[Module, cst.For | cst.CompFor]] = field(default_factory=list)
    cursor: bool = False
    """Whether it is read as a page: `page.has_more`."""
    iterated: bool = False
    first_only: bool = True
    """Whether every use is `page.data[0]`."""
    lost: list[tuple[Module, cst.Attribute]] = field(default_factory=list)
    """Fields that a page of items does not have."""

    @property
    def stays_page(self) -> bool:
        """Whether a page remains a page; it becomes a list of messages otherwise."""
        return self.cursor


def uses_of_pages(plan: Plan) -> dict[int, Uses]:
    """The uses of the pages from each origin; origins that meet share them."""
    together = Groups()
    found: list[tuple[int, Module, cst.BaseExpression]] = []
    for module in plan.program.modules.values():
        for node in module.nodes(cst.BaseExpression):  # type: ignore[type-abstract]
            origins = [atom.origin for atom in plan.value(node) if isinstance(atom, Api) and atom.kind == PAGE]
            for other in origins[1:]:
                together.join(origins[0], other)
            if origins:
                found.append((origins[0], module, node))
    uses: dict[int, Uses] = defaultdict(Uses)
    for origin, module, node in found:
        _add(plan, uses[together.find(origin)], module, node)
    origins_seen = {origin for origin, _, _ in found} | {site.index for site in plan.program.sites.values()}
    return {origin: uses[together.find(origin)] for origin in origins_seen}


def _add(plan: Plan, uses: Uses, module: Module, node: cst.BaseExpression) -> None:
    parent = module.parents.get(node)
    if isinstance(parent, cst.Await):
        return  # the await is a node of its own
    if isinstance(parent, cst.Attribute) and parent.value is node:
        name = parent.attr.value
        if name == "data":
            uses.data.append((module, parent))
            uses.first_only = uses.first_only and _is_first(module, parent)
        elif name in CURSOR:
            uses.cursor = True
        else:
            uses.lost.append((module, parent))
    elif isinstance(parent, cst.For | cst.CompFor) and parent.iter is node:
        uses.iterated = True
        uses.first_only = False
        if parent.asynchronous is not None:
            uses.async_loops.append((module, parent))
    elif isinstance(parent, cst.Arg):
        call = module.parents.get(parent)
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _ITERATING:
            uses.iterated = True
            uses.first_only = False
    elif isinstance(parent, cst.StarredElement):
        uses.iterated = True
        uses.first_only = False


_ITERATING = frozenset(
    {"list", "tuple", "sorted", "iter", "enumerate", "zip", "filter", "map", "reversed", "aiter", "sum", "any", "all", "max", "min"}
)


def _is_first(module: Module, data: cst.Attribute) -> bool:
    parent = module.parents.get(data)
    if not isinstance(parent, cst.Subscript) or len(parent.slice) != 1:
        return False
    index = parent.slice[0].slice
    return isinstance(index, cst.Index) and isinstance(index.value, cst.Integer) and index.value.value == "0"


def is_page(plan: Plan, node: cst.CSTNode) -> bool:
    """Whether `node` may be a page of messages."""
    return PAGE in kinds(plan.value(node))


__all__ = ["CURSOR", "PAGE", "Uses", "is_page", "uses_of_pages"]
