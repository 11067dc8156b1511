"""Parts of messages and their annotations: which of them programs look at, and how they tell one kind from another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from assistants_codemods.building import text_of
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import Api, External
from assistants_codemods.plan import Plan

TYPES = {
    "text": ("input_text", "output_text"),
    "image_file": ("input_image", "container_file_citation"),
    "refusal": ("refusal",),
    "file_citation": ("file_citation",),
    "file_path": ("container_file_citation",),
}
"""What `type` says now of what it said before."""

CLASSES = {
    "TextContentBlock": "text",
    "MessageContentText": "text",
    "ImageFileContentBlock": "image_file",
    "MessageContentImageFile": "image_file",
    "RefusalContentBlock": "refusal",
    "FileCitationAnnotation": "file_citation",
    "FilePathAnnotation": "file_path",
    "MessageContentTextAnnotationsFileCitation": "file_citation",
    "MessageContentTextAnnotationsFilePath": "file_path",
}
"""What `type` says of instances of the SDK's classes."""


@dataclass(frozen=True)
class Test:
    """A place where a program asks what a part or an annotation is."""

    module: Module
    node: cst.CSTNode
    """The whole of the question."""
    kind: str
    """`content` or `annotation`."""
    subject: cst.BaseExpression
    """The part or annotation, or its type."""
    names: tuple[str, ...]
    """What it may be."""
    how: str
    """`compare`, `isinstance`, `hasattr`, `getattr` or `case`."""


def is_of_messages(plan: Plan, node: cst.BaseExpression, kind: str) -> bool:
    """Whether `node` may be a `kind` of a message that a call, an annotation or an event gives."""
    return bool(origins(plan, node, kind))


def origins(plan: Plan, node: cst.BaseExpression, kind: str) -> frozenset[int]:
    """The origins of the `kind` that `node` may be."""
    return frozenset(atom.origin for atom in plan.value(node) if isinstance(atom, Api) and atom.kind == kind)


def origins_with_marks(plan: Plan) -> frozenset[int]:
    """Where the annotations come from of which a program reads the text or the place."""
    found: set[int] = set()
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Attribute):
            if node.attr.value in ("text", "start_index", "end_index"):
                found |= origins(plan, node.value, "annotation")
    return frozenset(found)


def is_marked(plan: Plan, node: cst.BaseExpression, kind: str, with_marks: frozenset[int]) -> bool:
    """Whether the annotations of `node` are read with their place; those that only a type says to be annotations may be any."""
    if any(plan.program.origins[origin].what == "annotation" for origin in with_marks):
        return True
    return bool(origins(plan, node, kind) & with_marks)


def tests(plan: Plan, kind: str) -> Iterator[Test]:
    """The questions what a `kind` is, in all modules."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Comparison, cst.Call, cst.Match):
            if isinstance(node, cst.Comparison):
                yield from _comparison(plan, module, node, kind)
            elif isinstance(node, cst.Call):
                yield from _call(plan, module, node, kind)
            elif is_of_messages(plan, node.subject, f"{kind}.type"):
                for case in node.cases:
                    yield Test(module, case, kind, node.subject, tuple(_case_names(case.pattern)), "case")


def _comparison(plan: Plan, module: Module, node: cst.Comparison, kind: str) -> Iterator[Test]:
    if len(node.comparisons) != 1:
        return
    other = node.comparisons[0].comparator
    if is_of_messages(plan, node.left, f"{kind}.type"):
        elements = [element.value for element in other.elements] if isinstance(other, cst.List | cst.Tuple | cst.Set) else [other]
        yield Test(module, node, kind, node.left, tuple(text_of(element) or "?" for element in elements), "compare")
    elif is_of_messages(plan, other, f"{kind}.type"):
        yield Test(module, node, kind, other, (text_of(node.left) or "?",), "compare")


def _call(plan: Plan, module: Module, node: cst.Call, kind: str) -> Iterator[Test]:
    if len(node.args) < 2 or not is_of_messages(plan, node.args[0].value, kind):
        return
    called = {atom.name.removeprefix("builtins.") for atom in plan.value(node.func) if isinstance(atom, External)}
    subject, second = node.args[0].value, node.args[1].value
    if called == {"isinstance"}:
        classes = [element.value for element in second.elements] if isinstance(second, cst.Tuple) else [second]
        named = [_class_of(plan, one) for one in classes]
        yield Test(module, node, kind, subject, tuple(CLASSES.get(name, "?") for name in named), "isinstance")
    elif called in ({"hasattr"}, {"getattr"}):
        yield Test(module, node, kind, subject, (text_of(second) or "?",), called.pop())


def _class_of(plan: Plan, node: cst.BaseExpression) -> str:
    names = {atom.name.rpartition(".")[2] for atom in plan.value(node) if isinstance(atom, External)}
    return names.pop() if len(names) == 1 else "?"


def _case_names(pattern: cst.MatchPattern) -> Iterator[str]:
    if isinstance(pattern, cst.MatchValue):
        yield text_of(pattern.value) or "?"
    elif isinstance(pattern, cst.MatchOr):
        for element in pattern.patterns:
            yield from _case_names(element.pattern)
    elif not (isinstance(pattern, cst.MatchAs) and pattern.pattern is None):
        yield "?"
