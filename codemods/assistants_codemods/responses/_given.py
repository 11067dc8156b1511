"""Whether an argument is certainly given: the Assistants API took None, and the SDK NOT_GIVEN, for an argument that is not there."""

from __future__ import annotations

import libcst as cst

from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import External
from assistants_codemods.plan import Plan
from assistants_codemods.shape import is_stored, names_in

_NEVER_NONE = frozenset({"builtins.str", "builtins.input", "builtins.repr", "builtins.format", "json.dumps", "textwrap.dedent"})
_LITERALS = (cst.BaseString, cst.BaseNumber, cst.List, cst.Dict, cst.Tuple, cst.BinaryOperation, cst.ListComp, cst.Comparison)
_ABSENT = frozenset({"openai.NOT_GIVEN", "openai.omit", "openai._types.NOT_GIVEN", "openai.NotGiven", "openai.Omit"})


def is_absent(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether `node` stands for no argument: None, NOT_GIVEN, omit."""
    if isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Name) and node.value == "None":
        return True
    found = plan.value(node)
    return bool(found) and all(isinstance(atom, External) and atom.name in _ABSENT for atom in found)


def mentions_absent(plan: Plan, node: cst.CSTNode) -> bool:
    """Whether NOT_GIVEN or omit is part of `node`, where None has to stand then."""
    if isinstance(node, cst.Name | cst.Attribute) and not (isinstance(node, cst.Name) and node.value == "None") and is_absent(plan, node):
        return True
    return any(mentions_absent(plan, child) for child in node.children)


def is_given(plan: Plan, module: Module, node: cst.BaseExpression, seen: frozenset[str] = frozenset()) -> bool:
    """Whether `node` certainly is something: neither None nor NOT_GIVEN."""
    if isinstance(node, _LITERALS):
        return True
    if isinstance(node, cst.IfExp):
        return is_given(plan, module, node.body, seen) and is_given(plan, module, node.orelse, seen)
    if isinstance(node, cst.BooleanOperation):
        right = is_given(plan, module, node.right, seen)
        return right if isinstance(node.operator, cst.Or) else right and is_given(plan, module, node.left, seen)
    if isinstance(node, cst.Call):
        names = [atom.name for atom in plan.value(node.func) if isinstance(atom, External)]
        return any(name in _NEVER_NONE or name.startswith("str.") for name in names)
    if isinstance(node, cst.Name):
        return node.value in ("True", "False") or (node.value not in seen and _is_bound_to_something(plan, module, node, seen))
    return False


def _is_bound_to_something(plan: Plan, module: Module, name: cst.Name, seen: frozenset[str]) -> bool:
    """Whether everything that the name is bound to in its scope is given."""
    function = module.function_of(name)
    while function is not None and name.value not in function.local_names:
        function = function.parent
    if function is not None:
        for param in function.parameters():
            if param.name.value == name.value:
                annotation = param.annotation.annotation if param.annotation is not None else None
                return isinstance(annotation, cst.Name) and annotation.value == "str" and param.default is None
    scope: cst.CSTNode = function.node if function is not None else module.tree
    stored = [found for found in names_in(scope, name.value) if is_stored(module, found)]
    bound = [_bound(module, found) for found in stored]
    return bool(bound) and all(value is not None and is_given(plan, module, value, seen | {name.value}) for value in bound)


def _bound(module: Module, name: cst.Name) -> cst.BaseExpression | None:
    """What an assignment gives the name; None for every other way to bind it."""
    parent = module.parents.get(name)
    if isinstance(parent, cst.AnnAssign):
        return parent.value
    if isinstance(parent, cst.AssignTarget):
        statement = module.parents.get(parent)
        return statement.value if isinstance(statement, cst.Assign) else None
    return None
