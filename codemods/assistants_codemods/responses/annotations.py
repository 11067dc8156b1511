"""Annotations of texts: citations of files, and links to files that the code interpreter made.

    for annotation in part.text.annotations:            →  for annotation in annotations_in(part):
    annotation.file_citation.file_id                    →  annotation.file_id
    annotation.type == "file_path"                      →  annotation.type == "container_file_citation"
    client.files.content(annotation.file_path.file_id)  →  client.containers.files.content.retrieve(
                                                               annotation.file_id, container_id=annotation.container_id)

A native citation has only an index, and no mark in the text. Where a program reads `annotation.text` or its place, `marked` of the
generated module puts marks into the text and their places onto the annotations, so that replacing them works as before.
Guide: https://developers.openai.com/api/docs/assistants/migration
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import expression
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import Api, ApiMethod, Value, kinds
from assistants_codemods.plan import Build, Plan
from assistants_codemods.registry import fixer
from assistants_codemods.responses import _asking
from assistants_codemods.responses._parts import TYPES, is_of_messages, tests
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_stored, names_in

_KNOWN = frozenset({"file_citation", "file_path"})
_GENERATED = frozenset({"image_file.file_id", "file_path.file_id"})


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Rewrite what is read of annotations, and how generated files are got."""
    for test in tests(plan, "annotation"):
        _asking.rewrite(plan, test, _KNOWN)
    for read in plan.reads("text", "annotations"):
        if is_of_messages(plan, read.node.value, "text"):
            plan.claim(read.node)
            plan.want_part(read.module, "annotations_in", read.group)
            plan.edit(read.module, read.node, _annotations_in, read.group)
    for read in plan.reads("annotation", "file_citation", "file_path"):
        if is_of_messages(plan, read.node.value, "annotation"):
            plan.claim(read.node)
            is_question = _is_question(read.module, read.node)
            plan.edit(read.module, read.node, _asked_for(read.name) if is_question else _itself, read.group)
    for read in plan.reads("annotation", "type", "text", "start_index", "end_index"):
        if is_of_messages(plan, read.node.value, "annotation"):
            plan.claim(read.node)
    for kind in ("file_citation", "file_path"):
        for read in plan.reads(kind, "file_id"):
            if is_of_messages(plan, read.node.value, kind):
                plan.claim(read.node)
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Call):
            if node not in plan.claimed:
                _file_call(plan, module, node)


def _annotations_in(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return expression("annotations_in({part})", part=updated.value)


def _itself(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return updated.value


def _asked_for(name: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return _asking.is_one_of(cst.Attribute(updated.value, cst.Name("type")), TYPES[name])

    return build


def _is_question(module: Module, node: cst.Attribute) -> bool:
    """Whether only that the object is there is asked: `if annotation.file_citation:`."""
    parent = module.parents.get(node)
    return (isinstance(parent, cst.If | cst.While | cst.IfExp) and parent.test is node) or isinstance(
        parent, cst.UnaryOperation | cst.BooleanOperation
    )


# Files


def _file_call(plan: Plan, module: Module, node: cst.Call) -> None:
    """A call that is given the id of a file which the code interpreter may have made."""
    given = [argument for argument in node.args if kinds(plan.value(argument.value)) & _GENERATED]
    if not given or not _is_of_files(plan, node):
        return
    group = plan.group(_generated(plan.value(given[0].value)))
    method = next((atom.path for atom in plan.value(node.func) if isinstance(atom, ApiMethod)), "")
    owner = _owner(module, plan, given[0].value)
    client = node.func.value.value if isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Attribute) else None
    if method != "files.content" or owner is None or client is None or len(node.args) != 1:
        reason = "A file that the code interpreter made is in its container, and this call does not say in which"
        plan.refuse(module, node, "AC055", reason, group)
        return
    plan.claim(node)
    found = kinds(plan.value(given[0].value)) & _GENERATED
    if found == {"file_path.file_id"}:
        form = "{client}.containers.files.content.retrieve({file}.file_id, container_id={file}.container_id)"
    else:
        plan.want_part(module, "file_content", group)
        form = "file_content({client}, {file})"

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        made = expression(form, client=rewriter.new(client), file=rewriter.new(owner))
        assert isinstance(updated, cst.Call)
        return made.with_changes(lpar=updated.lpar, rpar=updated.rpar)

    plan.edit(module, node, build, group)


def _generated(value: Value) -> Value:
    return frozenset(atom for atom in value if isinstance(atom, Api) and atom.kind in _GENERATED)


def _is_of_files(plan: Plan, node: cst.Call) -> bool:
    """Whether the call is one of the files' resource, in whatever spelling."""
    func: cst.BaseExpression = node.func
    while isinstance(func, cst.Attribute):
        if "files" in kinds(plan.value(func.value)) or any(
            isinstance(atom, ApiMethod) and atom.path.startswith("files.") for atom in plan.value(func)
        ):
            return True
        func = func.value
    return False


def _owner(module: Module, plan: Plan, node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The part or annotation whose file's id `node` is; None where it is not in view."""
    if isinstance(node, cst.Attribute) and kinds(plan.value(node.value)) & {"image_file", "file_path"}:
        return node.value if all(kind in ("image_file", "file_path") for kind in kinds(plan.value(node.value))) else None
    if not isinstance(node, cst.Name):
        return None
    scope = module.function_of(node)
    around = scope.node if scope is not None else module.tree
    stores = [name for name in names_in(around, node.value) if is_stored(module, name)]
    if len(stores) != 1:
        return None
    target = module.parents.get(stores[0])
    assigned = module.parents.get(target) if isinstance(target, cst.AssignTarget) else None
    if not isinstance(assigned, cst.Assign) or len(assigned.targets) != 1:
        return None
    owner = _owner(module, plan, assigned.value) if isinstance(assigned.value, cst.Attribute) else None
    root = owner
    while isinstance(root, cst.Attribute | cst.Subscript):
        root = root.value
    if owner is None or not isinstance(root, cst.Name):
        return None
    return owner if sum(is_stored(module, name) for name in names_in(around, root.value)) <= 1 else None
