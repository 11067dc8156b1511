"""What is read of messages: parts of content have their text themselves, and images that code made are citations.

    messages.data[0].content[0].text.value              →  messages[0].content[0].text
    if part.type == "text": …                           →  if part.type in ("input_text", "output_text"): …
    isinstance(part, ImageFileContentBlock)             →  part.type in ("input_image", "container_file_citation")
    for part in message.content: … part.image_file …    →  for part in parts_in(message): …
    client.files.content(part.image_file.file_id)       →  file_content(client, part)

A part stands for its own `text` and `image_file` object. Where the program looks for images, `parts_in` of the generated module gives
those that the code interpreter made, which are annotations now, and `file_content` gets them out of the container they are in.
Guide: https://developers.openai.com/api/docs/assistants/migration
"""

from __future__ import annotations

import libcst as cst

from assistants_codemods.building import expression, text_of
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import External
from assistants_codemods.plan import Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses import _asking
from assistants_codemods.responses._items import renamed
from assistants_codemods.responses._parts import Test, is_marked, is_of_messages, origins, origins_with_marks, tests
from assistants_codemods.rewriting import Rewriter

_KNOWN = frozenset({"text", "image_file", "refusal"})


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Rewrite what is read of parts of messages."""
    asked = list(tests(plan, "content"))
    with_images = _origins_with_images(plan, asked)
    with_marks = origins_with_marks(plan)
    for test in asked:
        is_text_with_marks = test.how == "getattr" and "text" in test.names and is_marked(plan, test.subject, "content", with_marks)
        _asking.rewrite(plan, test, _KNOWN - {"text"} if is_text_with_marks else _KNOWN)
    for read in plan.reads("message", "content"):
        if is_of_messages(plan, read.node.value, "message"):
            _content(plan, read, with_images)
    for read in plan.reads("content", "text"):
        if is_of_messages(plan, read.node.value, "content"):
            plan.claim(read.node)
            _stands_for(plan, read.module, read.node, read.group, marked=is_marked(plan, read.node.value, "content", with_marks))
    for read in plan.reads("content", "image_file"):
        if is_of_messages(plan, read.node.value, "content"):
            plan.claim(read.node)
            _stands_for(plan, read.module, read.node, read.group)
    for read in plan.reads("content", "type", "refusal"):
        if is_of_messages(plan, read.node.value, "content"):
            plan.claim(read.node)
    for read in plan.reads("image_file", "file_id"):
        if is_of_messages(plan, read.node.value, "image_file"):
            plan.claim(read.node)
    for read in plan.reads("text", "value"):
        if is_of_messages(plan, read.node.value, "text"):
            plan.claim(read.node)
            plan.edit(read.module, read.node, _renamed_to_text, read.group)
    _asked_of_others(plan)


def _content(plan: Plan, read: Read, with_images: frozenset[int]) -> None:
    plan.claim(read.node)
    if not origins(plan, read.node.value, "message") & with_images:
        return
    plan.want_part(read.module, "parts_in", read.group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return expression("parts_in({message})", message=updated.value)

    plan.edit(read.module, read.node, build, read.group)


def _stands_for(plan: Plan, module: Module, node: cst.Attribute, group: int, *, marked: bool = False) -> None:
    """`part.text`, an object, becomes the part, with marks in its text where programs look for them."""
    if marked:
        plan.want_part(module, "marked", group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return expression("marked({part})", part=updated.value) if marked else updated.value

    plan.edit(module, node, build, group)


def _renamed_to_text(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    return updated.with_changes(attr=cst.Name("text"))


def _origins_with_images(plan: Plan, asked: list[Test]) -> frozenset[int]:
    """Where the messages come from of which a program looks for images."""
    found: set[int] = set()
    for test in asked:
        if "image_file" in test.names:
            found |= origins(plan, test.subject, "content") | origins(plan, test.subject, "content.type")
    for read in plan.reads("content", "image_file"):
        found |= origins(plan, read.node.value, "content")
    return frozenset(found)


_OBJECTS = {
    "message": {"id": "id", "role": "role", "content": "content", "status": "status"},
    "text": {"value": "text"},
    "image_file": {"file_id": "file_id"},
    "file_citation": {"file_id": "file_id"},
    "file_path": {"file_id": "file_id"},
}
"""The fields of objects that `hasattr` and `getattr` may ask for, and what they are called now."""


def _asked_of_others(plan: Plan) -> None:
    """`hasattr(message.content[0].text, "value")` and its like."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Call):
            if node in plan.claimed or len(node.args) < 2:
                continue
            subject, name = node.args[0].value, node.args[1].value
            for kind, fields in _OBJECTS.items():
                if is_of_messages(plan, subject, kind) and _asks(plan, node):
                    _rename_asked(plan, module, node, kind, fields.get(text_of(name) or ""))


def _asks(plan: Plan, node: cst.Call) -> bool:
    return any(isinstance(atom, External) and atom.name in ("builtins.hasattr", "builtins.getattr") for atom in plan.value(node.func))


def _rename_asked(plan: Plan, module: Module, node: cst.Call, kind: str, native: str | None) -> None:
    name, group = node.args[1].value, plan.group(plan.value(node.args[0].value))
    if native is None:
        plan.refuse(module, node, "AC025", f"{module.code(name)} of a {kind} has no counterpart", group)
        return
    plan.claim(node)
    if text_of(name) != native:
        plan.edit(module, name, lambda updated, rewriter: renamed(updated, native), group)  # type: ignore[arg-type]
