"""Where a value of the program turns up: the expressions that may be it, found once for each program."""

from __future__ import annotations

from collections import defaultdict
from weakref import WeakKeyDictionary

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import Program
from assistants_codemods.flow.values import Api, Atom, Display
from assistants_codemods.plan import Plan

Use = tuple[Module, cst.CSTNode]

_FOUND: WeakKeyDictionary[Program, dict[Atom, list[Use]]] = WeakKeyDictionary()


def uses(plan: Plan, atom: Atom) -> list[Use]:
    """The expressions and names that may be `atom`, in the order of their modules."""
    program = plan.program
    found = _FOUND.get(program)
    if found is None:
        found = defaultdict(list)
        for module in program.modules.values():
            for node in module.parents:
                for held in program.values.get(node, ()):
                    if isinstance(held, Api | Display):
                        found[held].append((module, node))
        _FOUND[program] = found
    return found.get(atom, [])
