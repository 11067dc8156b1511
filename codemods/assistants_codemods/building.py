"""Building calls: arguments found by name, kept as they were written, and templates filled."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from libcst.helpers import parse_template_expression

from assistants_codemods.flow.program import CallSite


class Given:
    """The arguments of a call that is being rebuilt, by the parameter's name, with everything inside them new already."""

    def __init__(self, site: CallSite, updated: cst.Call) -> None:
        self.updated = updated
        self._by_name: dict[str, cst.Arg] = {}
        self.starred: list[cst.Arg] = []
        for argument, new in zip(site.arguments, updated.args, strict=True):
            if argument.name is None:
                self.starred.append(new)
            else:
                self._by_name[argument.name] = new

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def value(self, name: str) -> cst.BaseExpression | None:
        """What is given for `name`; None where nothing is."""
        argument = self._by_name.get(name)
        return None if argument is None else argument.value

    def arguments(self) -> list[cst.Arg]:
        """All arguments in order, as they are written."""
        return list(self.updated.args)

    def with_arguments(self, arguments: Sequence[tuple[str | None, cst.BaseExpression]], method: str | None = None) -> cst.Call:
        """The call with other arguments, laid out as the old ones are, and perhaps another method.

        An argument whose name is None goes by position; one whose name is `**` is a mapping.
        """
        return layed_out(self.updated, arguments, method)


def layed_out(updated: cst.Call, arguments: Sequence[tuple[str | None, cst.BaseExpression]], method: str | None = None) -> cst.Call:
    """`updated` with other arguments: each on a line of its own where that was so, all on one line where it was not."""
    is_open = isinstance(updated.whitespace_before_args, cst.ParenthesizedWhitespace)
    first = updated.args[0].comma if len(updated.args) > 1 else cst.MaybeSentinel.DEFAULT
    between = first if isinstance(first, cst.Comma) else cst.Comma(whitespace_after=_space(updated, is_open))
    last = updated.args[-1].comma if updated.args and is_open else cst.MaybeSentinel.DEFAULT
    args = [_argument(name, value, between if place < len(arguments) - 1 else last) for place, (name, value) in enumerate(arguments)]
    if args and updated.args and not isinstance(last, cst.Comma):
        args[-1] = args[-1].with_changes(whitespace_after_arg=updated.args[-1].whitespace_after_arg)
    func = updated.func
    if method is not None and isinstance(func, cst.Attribute):
        func = func.with_changes(attr=cst.Name(method))
    return updated.with_changes(func=func, args=args)


def _space(call: cst.Call, is_open: bool) -> cst.BaseParenthesizableWhitespace:
    return call.whitespace_before_args if is_open else cst.SimpleWhitespace(" ")


def _argument(name: str | None, value: cst.BaseExpression, comma: cst.Comma | cst.MaybeSentinel) -> cst.Arg:
    if name == "*" or name == "**":
        return cst.Arg(value=value, star="*" if name == "*" else "**", comma=comma)
    if name is None:
        return cst.Arg(value=value, comma=comma)
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value=value, keyword=cst.Name(name), equal=equal, comma=comma)


_PLAIN = cst.PartialParserConfig()


def expression(template: str, **parts: cst.BaseExpression) -> cst.BaseExpression:
    """The expression that `template` is with `{name}` for each of `parts`."""
    return parse_template_expression(template, config=_PLAIN, **parts)


def is_text(node: cst.BaseExpression, text: str) -> bool:
    """Whether `node` is the literal `text`."""
    return isinstance(node, cst.SimpleString) and node.evaluated_value == text


def text_of(node: cst.BaseExpression | None) -> str | None:
    """The text of a literal; None for everything else."""
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    if isinstance(node, cst.ConcatenatedString):
        whole = node.evaluated_value
        return whole if isinstance(whole, str) else None
    return None


def entries(node: cst.BaseExpression | None) -> dict[str, cst.BaseExpression] | None:
    """The entries of a dict written out with literal keys; None for everything else."""
    if not isinstance(node, cst.Dict):
        return None
    found = {}
    for element in node.elements:
        if not isinstance(element, cst.DictElement):
            return None
        key = text_of(element.key)
        if key is None:
            return None
        found[key] = element.value
    return found


def quoted(text: str) -> cst.SimpleString:
    """The literal of a text, in double quotes where that is possible."""
    literal = repr(text)
    if '"' not in text and "\\" not in literal and literal.startswith("'"):
        literal = f'"{literal[1:-1]}"'
    return cst.SimpleString(literal)
