"""Dicts written out, one of which takes up what another had inside; layout and comments stay.

{"type": "function", "function": {"name": "f", "parameters": p}}   →   {"type": "function", "name": "f", "parameters": p}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from assistants_codemods.building import text_of


def flattened(outer: cst.Dict, key: str) -> cst.Dict:
    """`outer` with what is under `key` in its place: the entries of a dict that is written out, `**` of everything else."""
    place = next((place for place, element in enumerate(outer.elements) if _key(element) == key), None)
    if place is None:
        return outer
    inner = outer.elements[place].value
    if not isinstance(inner, cst.Dict):
        return _with(outer, [*outer.elements[:place], cst.StarredDictElement(inner), *outer.elements[place + 1 :]])
    layout = inner if _is_open(inner) and not _is_open(outer) else outer
    if layout is outer and _is_open(inner):
        inner = outdented(inner, len(_indent(inner)) - len(_indent(outer)))
    before, after = list(outer.elements[:place]), list(outer.elements[place + 1 :])
    if layout is inner:
        before, after = _bare(before), _bare(after)
    taken = list(inner.elements) if _is_open(inner) else _bare(inner.elements)
    if _is_open(inner) and taken and layout is outer:
        if after:
            taken[-1] = taken[-1].with_changes(comma=_commented(inner.rbrace.whitespace_before, _between(outer)))
        else:
            last = _commented(inner.rbrace.whitespace_before, cst.Comma(whitespace_after=outer.rbrace.whitespace_before))
            layout = outer.with_changes(rbrace=outer.rbrace.with_changes(whitespace_before=last.whitespace_after))
    return _with(layout, [*before, *taken, *after])


def with_entries(node: cst.Dict, entries: Iterable[tuple[str, cst.BaseExpression]], *, first: bool = False) -> cst.Dict:
    """`node` with more entries, at the end or at the beginning."""
    made = [cst.DictElement(cst.SimpleString(f'"{name}"'), value) for name, value in entries]
    return _with(node, [*made, *node.elements] if first else [*node.elements, *made])


def with_value(node: cst.Dict, key: str, value: cst.BaseExpression) -> cst.Dict:
    """`node` with another value under `key`."""
    return node.with_changes(elements=[e.with_changes(value=value) if _key(e) == key else e for e in node.elements])


def dict_of(call: cst.Call, names: Sequence[str | None]) -> cst.Dict:
    """The arguments of a call as a dict with `names` as keys, laid out alike. An argument without a name is a mapping after `**`."""
    elements: list[cst.BaseDictElement] = []
    closing: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace("")
    for place, (argument, name) in enumerate(zip(call.args, names, strict=True)):
        comma = argument.comma
        if place == len(call.args) - 1:
            closing = argument.whitespace_after_arg
            if isinstance(comma, cst.Comma):
                closing, comma = comma.whitespace_after, cst.Comma()
        key = cst.SimpleString(f'"{name}"')
        value = argument.value
        elements.append(cst.DictElement(key, value, comma=comma) if name else cst.StarredDictElement(value, comma=comma))
    lbrace = cst.LeftCurlyBrace(call.whitespace_before_args)
    return cst.Dict(elements, lbrace=lbrace, rbrace=cst.RightCurlyBrace(closing))


def laid_out(layout: cst.Dict, elements: Sequence[cst.BaseDictElement]) -> cst.Dict:
    """A dict of `elements`, laid out as `layout` is. Elements that are `layout`'s own keep the comments after them."""
    return _with(layout, elements)


def call_of(function: cst.BaseExpression, node: cst.Dict) -> cst.Call:
    """A call with the entries of a dict as its arguments, laid out alike."""
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    args = []
    for place, element in enumerate(node.elements):
        comma: cst.Comma | cst.MaybeSentinel = element.comma
        after: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace("")
        if place == len(node.elements) - 1:
            if isinstance(comma, cst.Comma):
                comma = cst.Comma(whitespace_after=node.rbrace.whitespace_before)
            else:
                after = node.rbrace.whitespace_before
        name = _key(element)
        keyword = cst.Name(name) if name is not None else None
        equals = equal if name is not None else cst.MaybeSentinel.DEFAULT
        args.append(cst.Arg(element.value, keyword, equals, comma, "" if name else "**", whitespace_after_arg=after))
    return cst.Call(function, args, whitespace_before_args=node.lbrace.whitespace_after)


def outdented(node: cst.Dict, by: int) -> cst.Dict:
    """`node` with its lines `by` columns further left."""
    moved = node.visit(_Outdent(by)) if by > 0 else node
    assert isinstance(moved, cst.Dict)
    return moved


class _Outdent(cst.CSTTransformer):
    def __init__(self, by: int) -> None:
        super().__init__()
        self._by = by

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        return updated_node.with_changes(last_line=self._cut(updated_node.last_line))

    def leave_EmptyLine(self, original_node: cst.EmptyLine, updated_node: cst.EmptyLine) -> cst.EmptyLine:
        return updated_node.with_changes(whitespace=self._cut(updated_node.whitespace))

    def _cut(self, space: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(space.value[: max(0, len(space.value) - self._by)])


def _with(layout: cst.Dict, elements: Sequence[cst.BaseDictElement]) -> cst.Dict:
    """The elements between `layout`'s braces, separated as it separates its own, with a comma after the last where it has one."""
    kept = next((element.comma for element in layout.elements[:-1] if isinstance(element.comma, cst.Comma)), None)
    between = _between(layout) if _is_open(layout) or kept is None else kept
    trailing = layout.elements[-1].comma if layout.elements else cst.Comma() if _is_open(layout) else cst.MaybeSentinel.DEFAULT
    made = []
    for place, element in enumerate(elements):
        is_last = place == len(elements) - 1
        comma = element.comma
        if not isinstance(comma, cst.Comma) or comma.whitespace_after.empty:
            was_last = bool(layout.elements) and _is_same(element, layout.elements[-1])
            comma = _commented(layout.rbrace.whitespace_before, between) if was_last else between
        made.append(element.with_changes(comma=trailing if is_last else comma))
    rbrace = layout.rbrace
    if layout.elements and elements and any(_is_same(element, layout.elements[-1]) for element in elements[:-1]):
        rbrace = rbrace.with_changes(whitespace_before=_plain(rbrace.whitespace_before))
    return layout.with_changes(elements=made, rbrace=rbrace)


def _between(layout: cst.Dict) -> cst.Comma:
    space = _plain(layout.lbrace.whitespace_after) if _is_open(layout) else cst.SimpleWhitespace(" ")
    return cst.Comma(whitespace_after=space)


def _commented(space: cst.BaseParenthesizableWhitespace, between: cst.Comma) -> cst.Comma:
    """The comma, followed by the comments that stood in `space`, before a brace."""
    after = between.whitespace_after
    if not isinstance(space, cst.ParenthesizedWhitespace) or not isinstance(after, cst.ParenthesizedWhitespace):
        return between
    lines = [line for line in space.empty_lines if line.comment is not None]
    return between.with_changes(whitespace_after=after.with_changes(first_line=space.first_line, empty_lines=lines))


def _plain(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """The whitespace without its comments."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return space.with_changes(first_line=cst.TrailingWhitespace(newline=space.first_line.newline), empty_lines=[])


def _bare(elements: Iterable[cst.BaseDictElement]) -> list[cst.BaseDictElement]:
    return [element.with_changes(comma=cst.MaybeSentinel.DEFAULT) for element in elements]


def _is_open(node: cst.Dict) -> bool:
    """Whether each entry is on a line of its own."""
    return isinstance(node.lbrace.whitespace_after, cst.ParenthesizedWhitespace)


def _indent(node: cst.Dict) -> str:
    space = node.lbrace.whitespace_after
    return space.last_line.value if isinstance(space, cst.ParenthesizedWhitespace) else ""


def _is_same(one: cst.BaseDictElement, other: cst.BaseDictElement) -> bool:
    return one is other or (_key(one) is not None and _key(one) == _key(other))


def _key(element: cst.BaseDictElement) -> str | None:
    return text_of(element.key) if isinstance(element, cst.DictElement) else None
