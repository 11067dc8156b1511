"""Names of types follow: annotations and imports.

    from openai.types.beta import Thread                →  from openai.types.conversations import Conversation
    from openai.types.beta.threads import Message, Run  →  from openai.types.conversations import Message
                                                           from openai.types.responses import Response
    def ask(thread: Thread) -> Message: …               →  def ask(thread: Conversation) -> Message: …

A type without a counterpart holds its group back where it is used at run time; in an annotation it is only told of.
Guide: https://developers.openai.com/api/docs/assistants/migration
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from assistants_codemods.flow.kinds import HANDLERS
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.values import External
from assistants_codemods.plan import Build, Plan
from assistants_codemods.registry import fixer
from assistants_codemods.rewriting import Rewriter

_CONVERSATIONS, _RESPONSES, _VECTOR_STORES = "openai.types.conversations", "openai.types.responses", "openai.types.vector_stores"
NATIVE: dict[str, tuple[str, str]] = {
    "Thread": (_CONVERSATIONS, "Conversation"),
    "ThreadDeleted": (_CONVERSATIONS, "ConversationDeletedResource"),
    "Message": (_CONVERSATIONS, "Message"),
    "ThreadMessage": (_CONVERSATIONS, "Message"),
    "Run": (_RESPONSES, "Response"),
    "RunStatus": (_RESPONSES, "ResponseStatus"),
    "RequiredActionFunctionToolCall": (_RESPONSES, "ResponseFunctionToolCall"),
    "TextContentBlock": (_RESPONSES, "ResponseOutputText"),
    "Text": (_RESPONSES, "ResponseOutputText"),
    "VectorStore": ("openai.types", "VectorStore"),
    "VectorStoreDeleted": ("openai.types", "VectorStoreDeleted"),
    "VectorStoreFile": (_VECTOR_STORES, "VectorStoreFile"),
    "VectorStoreFileBatch": (_VECTOR_STORES, "VectorStoreFileBatch"),
    "VectorStoreFileDeleted": (_VECTOR_STORES, "VectorStoreFileDeleted"),
    "StaticFileChunkingStrategy": ("openai.types", "StaticFileChunkingStrategy"),
    "FileChunkingStrategy": ("openai.types", "FileChunkingStrategy"),
}
"""Where the native type is, by the name of the old one."""

_RUN_TIME = frozenset({"Thread", "Message", "ThreadMessage", "Run"}) | {name for name in NATIVE if name.startswith("VectorStore")}
"""Types whose native counterpart may stand for them in `isinstance` too."""


@dataclass(frozen=True)
class _Import:
    dotted: str
    alias: cst.ImportAlias
    statement: cst.ImportFrom

    @property
    def local(self) -> str:
        """The name that the module has it under."""
        name = self.alias.evaluated_alias or self.alias.evaluated_name
        return str(name)


@fixer("responses", "types")
def fix(plan: Plan) -> None:
    """Rewrite the names and their imports."""
    for module in plan.program.modules.values():
        imports = list(_imports(module))
        named: dict[str, list[cst.BaseExpression]] = {item.local: [] for item in imports}
        dotted: dict[str, list[cst.BaseExpression]] = defaultdict(list)
        for node in module.nodes(cst.Name, cst.Attribute, cst.SimpleString):
            if isinstance(node, cst.Name) and node.value in named and _type_of(plan, node) and _is_reference(module, node):
                named[node.value].append(node)
            elif isinstance(node, cst.Attribute) and (path := _type_of(plan, node)):
                dotted[path].append(node)
            elif isinstance(node, cst.SimpleString) and _is_annotation(module, node):
                for local in set(re.findall(r"\w+", node.raw_value)) & set(named):
                    named[local].append(node)
        for item in imports:
            _type(plan, module, item.dotted, named[item.local], item)
        for path, references in dotted.items():
            _type(plan, module, path, references, None)


def _type(plan: Plan, module: Module, dotted: str, references: list[cst.BaseExpression], item: _Import | None) -> None:
    name = dotted.rpartition(".")[2]
    left = [node for node in references if not _is_gone(plan, module, node)]
    used = [node for node in left if not _is_annotation(module, node)]
    group = plan.group(*[_group_of(plan, module, node) for node in references]) if references else 0
    native = NATIVE.get(name)
    if native is None or (used and name not in _RUN_TIME):
        for node in used:
            plan.refuse(module, node, "AC057", f"{name} has no counterpart that could be used here", group)
        if not used and left:
            plan.note(module, left[0], "AC057", f"{name} has no counterpart: the annotation says what is not so any more")
        return
    if not references and not name.startswith("VectorStore"):
        return  # nobody uses it, and it is still there
    for node in left:
        plan.claim(node)
        if isinstance(node, cst.Attribute):
            plan.want_import(module, native[0], None, group)
            plan.edit(module, node, _to(f"{native[0]}.{native[1]}"), group)
        elif item is not None and item.alias.asname is None and native[1] != name:
            plan.edit(module, node, _within_quotes(name, native[1]) if isinstance(node, cst.SimpleString) else _to(native[1]), group)
    if item is not None and (left or not references):
        _move(plan, module, item, native, group)


def _within_quotes(name: str, native: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleString)
        return updated.with_changes(value=re.sub(rf"\b{name}\b", native, updated.value))

    return build


def _move(plan: Plan, module: Module, item: _Import, native: tuple[str, str], group: int) -> None:
    """Take the name out of its import, and have the native one imported, under the same alias if there is one."""
    line = module.parents[item.statement]
    asname = item.alias.evaluated_alias
    if asname is None:
        plan.want_import(module, native[0], native[1], group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.SimpleStatementLine)
        if asname is not None:
            rewriter.after(updated, f"from {native[0]} import {native[1]} as {asname}")
        inner = updated.body[0]
        assert isinstance(inner, cst.ImportFrom)
        assert not isinstance(inner.names, cst.ImportStar)
        names = [other for other in inner.names if (other.evaluated_name, other.evaluated_alias) != (item.alias.evaluated_name, asname)]
        if not names:
            return rewriter.remove(updated)
        names[-1] = names[-1].with_changes(comma=inner.names[-1].comma)
        return updated.with_changes(body=[inner.with_changes(names=names)])

    plan.edit(module, line, build, group)


def _to(path: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        made: cst.BaseExpression = cst.Name(path.partition(".")[0])
        for part in path.split(".")[1:]:
            made = cst.Attribute(made, cst.Name(part))
        return made

    return build


def _type_of(plan: Plan, node: cst.CSTNode) -> str | None:
    """The dotted name of the type of the Assistants API that `node` names."""
    names = {atom.name for atom in plan.value(node) if isinstance(atom, External)}
    name = names.pop() if len(names) == 1 else ""
    if _is_of_assistants(name) and name.rpartition(".")[2][:1].isupper() and name not in HANDLERS:
        return name
    return None


def _imports(module: Module) -> Iterator[_Import]:
    for node in module.nodes(cst.ImportFrom):
        if not isinstance(node.names, cst.ImportStar) and node.module is not None and not node.relative:
            line = module.parents.get(node)
            if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
                for alias in node.names:
                    dotted = f"{module.code(node.module)}.{alias.evaluated_name}"
                    if _is_of_assistants(dotted) and alias.evaluated_name[:1].isupper():
                        yield _Import(dotted, alias, node)


def _is_reference(module: Module, node: cst.Name | cst.Attribute) -> bool:
    """Whether the type is used there: not imported, not a part of a longer name."""
    parent = module.parents.get(node)
    if isinstance(parent, cst.ImportAlias | cst.AsName | cst.ImportFrom):
        return False
    return not (isinstance(parent, cst.Attribute) and parent.attr is node)


def _is_annotation(module: Module, node: cst.CSTNode) -> bool:
    return any(isinstance(around, cst.Annotation) for around in module.ancestors(node))


def _is_gone(plan: Plan, module: Module, node: cst.CSTNode) -> bool:
    """Whether another fixer takes the expression that `node` is in, such as `isinstance(part, TextContentBlock)`."""
    for around in (node, *module.ancestors(node)):
        if around in plan.claimed:
            return True
        if isinstance(around, cst.BaseStatement | cst.BaseSmallStatement | cst.Annotation):
            return False
    return False


def _group_of(plan: Plan, module: Module, node: cst.CSTNode) -> int:
    """The group of what is annotated or asked for by the type at `node`."""
    for around in module.ancestors(node):
        if isinstance(around, cst.Param):
            return plan.group(plan.value(around.name))
        if isinstance(around, cst.AnnAssign):
            return plan.group(plan.value(around.target))
        if isinstance(around, cst.FunctionDef):
            returned = plan.program.get(module.functions[around], "return")
            return plan.group(returned)
        if isinstance(around, cst.Call) and around.args:
            return plan.group(plan.value(around.args[0].value))
        if isinstance(around, cst.BaseStatement):
            return 0
    return 0


def _is_of_assistants(dotted: str) -> bool:
    """Whether a type belongs to the Assistants API, not to something else that is or was in beta."""
    return dotted.startswith("openai.types.beta.") and not dotted.startswith(_OTHERS)


_OTHERS = tuple(f"openai.types.beta.{name}." for name in ("realtime", "chatkit", "responses", "chat", "agents"))
