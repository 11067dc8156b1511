"""Messages as items, and their content: `[{"role": "user", "content": "Hi"}]`, written out or computed.

What is written out is rewritten where it stands, if only calls that become native ones get it. What is computed goes through
`as_items` or `as_content` of the generated module, unless it is a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import libcst as cst

from assistants_codemods.building import entries, expression, text_of
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.program import Argument, CallSite
from assistants_codemods.flow.values import Display, Text, Value
from assistants_codemods.plan import Plan
from assistants_codemods.rewriting import Rewriter

Convert: TypeAlias = "Callable[[cst.BaseExpression], cst.BaseExpression]"

TAKERS = frozenset(
    {("beta.threads.messages.create", "content"), ("beta.threads.create", "messages"), ("beta.threads.runs.create", "additional_messages")}
)
"""What takes messages or content, and becomes native."""


def items_of(plan: Plan, site: CallSite, messages: Argument, group: int) -> Convert:
    """What makes items of the `messages` given to `site`. The group is refused where that is impossible."""
    module, node = site.module, messages.node.value
    for entry in _messages_within(plan, node):
        for name in ("attachments", "metadata", "file_ids"):
            if name in entry and not is_empty(plan, entry[name]):
                lost(plan, site, plan_module(plan, entry[name], module), entry[name], name, group)
                return _same
    if isinstance(node, cst.List) and len(node.elements) > 20:
        plan.refuse(module, messages.node, "AC050", "A conversation takes 20 items at most in one call", group, site=site)
        return _same
    elements = _elements(node)
    if elements is not None and all(_is_message(plan, element) for element in elements):
        for element in elements:
            _rewrite_message(plan, module, element, group)
        return _same
    plan.want_part(module, "as_items", group)
    return lambda new: expression("as_items({messages})", messages=new)


def content_of(plan: Plan, module: Module, node: cst.BaseExpression, role: cst.BaseExpression | None, group: int) -> Convert:
    """What makes the content of an item of `node`, the content of a message of `role`."""
    if is_text(plan, node):
        return _same
    who = text_of(role) if role is not None else "user"
    elements = _elements(node)
    if who in ("user", "assistant") and elements is not None and all(_is_part(element) for element in elements):
        for element in elements:
            _rewrite_part(plan, module, element, who, group)
        return _same
    value = plan.value(node)
    displays = [atom.node for atom in value if isinstance(atom, Display)]
    if not displays and not writes_parts(plan):
        return _same
    if who in ("user", "assistant") and value and all(isinstance(atom, Display | Text) for atom in value):
        parts = list(_parts_within(plan, displays))
        if parts and all(_is_part(part) and _is_ours(plan, part) for part in parts):
            for part in parts:
                _rewrite_part(plan, plan.program.displays[part], part, who, group)
            return _same
    plan.want_part(module, "as_content", group)
    if who == "user":
        return lambda new: expression("as_content({content})", content=new)
    assert role is not None
    return lambda new: expression("as_content({content}, {role})", content=new, role=role)


def is_text(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether `node` is certainly a text."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString):
        return True
    value = plan.value(node)
    return bool(value) and all(isinstance(atom, Text) for atom in value)


def is_empty(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether `node` is certainly None, or a list or dict with nothing in it."""
    if isinstance(node, cst.Name) and node.value in ("None", "NOT_GIVEN"):
        return True
    if isinstance(node, cst.List | cst.Dict):
        return not node.elements
    value = plan.value(node)
    return bool(value) and all(
        isinstance(atom, Display)
        and isinstance(atom.node, cst.List | cst.Dict)
        and not atom.node.elements
        and not any(plan.program.held(atom.node).values())
        for atom in value
    )


def lost(plan: Plan, site: CallSite, module: Module, node: cst.CSTNode, name: str, group: int) -> None:
    """Refuse what a message had and an item has no place for."""
    code = {"attachments": "AC051", "file_ids": "AC059"}.get(name, "AC050")
    plan.refuse(module, node, code, f"A message of a conversation has no `{name}`", group, site=site)


def plan_module(plan: Plan, node: cst.CSTNode, default: Module) -> Module:
    """The module that `node` is in."""
    return next((module for module in plan.program.modules.values() if node in module.parents), default)


def _same(new: cst.BaseExpression) -> cst.BaseExpression:
    return new


def _elements(node: cst.BaseExpression) -> list[cst.BaseExpression] | None:
    """What a list written out holds; None for everything else."""
    if isinstance(node, cst.List) and all(isinstance(element, cst.Element) for element in node.elements):
        return [element.value for element in node.elements]
    if isinstance(node, cst.ListComp):
        return [node.elt]
    return None


# Parts of content

_PARTS = {"text": "text", "image_file": "image_file", "image_url": "image_url"}


def _is_part(node: cst.BaseExpression) -> bool:
    """Whether `node` is a part, written out as far as it has to be to be rewritten."""
    found = entries(node)
    kind = text_of(found.get("type")) if found else None
    if found is None or kind not in _PARTS or set(found) != {"type", kind}:
        return False
    return kind == "text" or "file_id" in (inner := entries(found[kind]) or {}) or "url" in inner


def _rewrite_part(plan: Plan, module: Module, node: cst.BaseExpression, role: str, group: int) -> None:
    if node in plan.claimed:
        return
    plan.claim(node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Dict)
        made: list[cst.BaseDictElement] = []
        for element in updated.elements:
            assert isinstance(element, cst.DictElement)
            name = text_of(element.key)
            if name == "type":
                old = text_of(element.value)
                new = "input_image" if old != "text" else "output_text" if role == "assistant" else "input_text"
                made.append(element.with_changes(value=renamed(element.value, new)))
            elif name == "text":
                made.append(element)
            else:
                assert isinstance(element.value, cst.Dict)
                made += [_lifted(inner, element) for inner in element.value.elements if isinstance(inner, cst.DictElement)]
        return updated.with_changes(elements=_separated(made, updated))

    plan.edit(module, node, build, group)


def _lifted(inner: cst.DictElement, outer: cst.DictElement) -> cst.DictElement:
    """An entry of the inner dict as one of the outer."""
    key = renamed(inner.key, "image_url") if text_of(inner.key) == "url" else inner.key
    return inner.with_changes(key=key, comma=outer.comma)


def _separated(elements: list[cst.BaseDictElement], before: cst.Dict) -> list[cst.BaseDictElement]:
    """The elements with commas between them as those of `before` have."""
    between = before.elements[0].comma if len(before.elements) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [*(element.with_changes(comma=between) for element in elements[:-1]), elements[-1].with_changes(comma=before.elements[-1].comma)]


def renamed(literal: cst.BaseExpression, text: str) -> cst.BaseExpression:
    """The literal of another text, in the quotes of the first."""
    quote = literal.quote if isinstance(literal, cst.SimpleString) else '"'
    return cst.SimpleString(f"{quote}{text}{quote}")


def _parts_within(plan: Plan, displays: list[cst.BaseExpression]) -> Iterator[cst.BaseExpression]:
    """What the lists `displays` hold."""
    for display in displays:
        for value in plan.program.held(display).values():
            for atom in value:
                yield atom.node if isinstance(atom, Display) else cst.Name("unknown")


def writes_parts(plan: Plan) -> bool:
    """Whether the application writes parts of content at all."""
    return any(_is_part(display) or _names_image(display) for display in plan.program.displays)


def _names_image(node: cst.BaseExpression) -> bool:
    found = entries(node) or {}
    return text_of(found.get("type")) in ("image_file", "image_url")


def _is_ours(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether nobody but calls that become native ones gets the display `node`, and nobody reads it."""
    if node not in plan.program.displays or node in plan.program.display_escapes:
        return False
    for module in plan.program.modules.values():
        for reader in module.nodes(cst.Subscript, cst.Attribute):
            if Display(node) in plan.value(reader.value):
                return False
    holders = {display for display in plan.program.displays if _holds(plan.program.held(display), node)}
    takers = {taker for display in (node, *holders) for taker in plan.program.consumers.get(display, ())}
    sites = {site.index: site for site in plan.program.sites.values()}
    return all(index in sites and (sites[index].path, name) in TAKERS for index, name in takers) and not any(
        display in plan.program.display_escapes for display in holders
    )


def _holds(held: dict[str, Value], node: cst.BaseExpression) -> bool:
    return any(Display(node) in value for value in held.values())


# Messages


def _messages_within(plan: Plan, node: cst.BaseExpression) -> Iterator[dict[str, cst.BaseExpression]]:
    """The entries of each message that `node`, a list, is known to hold."""
    found = _elements(node) or []
    displays = [atom.node for atom in plan.value(node) if isinstance(atom, Display)]
    for element in dict.fromkeys([*found, *_parts_within(plan, displays)]):
        entry = entries(element)
        if entry is not None:
            yield entry


def _is_message(plan: Plan, node: cst.BaseExpression) -> bool:
    found = entries(node)
    return found is not None and {"role", "content"} <= set(found)


def _rewrite_message(plan: Plan, module: Module, node: cst.BaseExpression, group: int) -> None:
    found = entries(node) or {}
    convert = content_of(plan, module, found["content"], found["role"], group)
    plan.claim(node)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Dict)
        first = updated.elements[0]
        assert isinstance(first, cst.DictElement)
        made: list[cst.BaseDictElement] = [first.with_changes(key=renamed(first.key, "type"), value=renamed(first.key, "message"))]
        for element in updated.elements:
            assert isinstance(element, cst.DictElement)
            name = text_of(element.key)
            if name in ("role", "content"):
                made.append(element.with_changes(value=convert(element.value)) if name == "content" else element)
        return updated.with_changes(elements=_separated(made, updated))

    plan.edit(module, node, build, group)
