"""The events of a run become the events of a response: their names, and what they bring.

    for event in stream:
        if event.event == "thread.message.delta":
            print(event.data.delta.content[0].text.value, end="")
        elif event.event == "thread.run.failed":
            print(event.data.last_error)

becomes

    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="")
        elif event.type == "response.failed":
            print(event.response.error)

What a name says of `data` decides what becomes of it; an event without a counterpart holds the whole thread back (AC082).
Guide: https://developers.openai.com/api/docs/guides/streaming-responses
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from assistants_codemods.building import expression, quoted, text_of
from assistants_codemods.flow.kinds import EVENT_TYPES, PAYLOAD_TYPES, payload_of
from assistants_codemods.flow.module import Module
from assistants_codemods.flow.narrowing import names_of_pattern, texts_in, types_in
from assistants_codemods.flow.values import Api, External, kinds
from assistants_codemods.plan import Build, Plan, Read
from assistants_codemods.registry import fixer
from assistants_codemods.responses._events import natives, needs_status, tell_of, test_of, type_test
from assistants_codemods.responses._streams import acts
from assistants_codemods.responses._truths import is_tested, settle, top_of_test, unwrap, unwraps
from assistants_codemods.rewriting import Rewriter
from assistants_codemods.shape import is_stored, names_in

SAME_OBJECT = frozenset(
    {
        ("event[thread.message.delta]", "data"),
        ("event[error]", "data"),
        ("message_delta_event", "delta"),
        ("message_delta", "content"),
        ("text_delta", "value"),
        ("text_snapshot", "value"),
    }
)
"""Fields that are gone: the native object is what they were of."""

OTHER_NAME = {
    ("message_delta_event", "id"): "item_id",
    ("content_delta", "text"): "delta",
    ("text_done", "value"): "text",
    ("stream_error", "message"): "message",
    ("stream_error", "code"): "code",
}
"""Fields that are called otherwise, or the same."""

_DATA = {"run": "response", "message": "item", "step": "item"}
"""Where an event of a response has what it is about, by what the event of the run had as its data."""

_ALWAYS = frozenset({"message_delta_event", "message_delta", "list[content_delta]", "content_delta"})
"""What is there whenever the event is."""

_TEXT_PARTS = frozenset({"TextDeltaBlock", "TextContentBlock", "MessageDeltaTextContent"})


@fixer("responses", "reads")
def fix(plan: Plan) -> None:
    """Rewrite tests of events, then what they bring, then the loops and tests that this makes superfluous."""
    for module in plan.program.modules.values():
        for node in module.nodes(cst.Comparison, cst.Call, cst.Match):
            _test(plan, module, node)
    for read in plan.all_reads():
        _read(plan, read)
    for module in plan.program.modules.values():
        _deltas(plan, module)


# Names


def _test(plan: Plan, module: Module, node: cst.Comparison | cst.Call | cst.Match) -> None:
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
        target = node.comparisons[0]
        for one, other in ((node.left, target.comparator), (target.comparator, node.left)):
            if _has(plan, one, "event.event"):
                names = texts_in(other)
                holds = isinstance(target.operator, cst.Equal | cst.In)
                if names and (holds or isinstance(target.operator, cst.NotEqual | cst.NotIn)):
                    _compared(plan, module, node, one, names, holds=holds)
                    return
    elif isinstance(node, cst.Call) and len(node.args) == 2 and External("builtins.isinstance") in plan.value(node.func):
        subject = node.args[0].value
        if _has(plan, subject, "event") or any(kind.startswith("event[") for kind in kinds(plan.value(subject))):
            _is_of_type(plan, module, node, subject, types_in(plan.program.values, node.args[1].value, EVENT_TYPES))
        elif isinstance(subject, cst.Attribute) and subject.attr.value == "data" and _is_event(plan, subject.value):
            _is_of_type(plan, module, node, subject.value, types_in(plan.program.values, node.args[1].value, PAYLOAD_TYPES))
    elif isinstance(node, cst.Match) and _has(plan, node.subject, "event.event"):
        _matched(plan, module, node)


def _compared(plan: Plan, module: Module, node: cst.Comparison, tested: cst.BaseExpression, names: frozenset[str], *, holds: bool) -> None:
    group = plan.group(plan.value(tested))
    found = _natives(plan, module, node, names, group)
    if found is None:
        plan.claim(tested)
        return
    event = tested.value if isinstance(tested, cst.Attribute) and tested.attr.value == "event" else None
    if any(isinstance(around, cst.FormattedString) for around in module.ancestors(node)):
        plan.refuse(module, node, "AC083", "This test stands in an f-string, where its new form has no room for quotes", group)
        return
    if event is None and any(tell for _, tell in found):
        plan.refuse(module, node, "AC083", "The name of the event is told apart where the event itself is not at hand", group)
        return
    plan.claim(node)
    if event is not None:
        plan.claim(tested)
    alone = not isinstance(module.parents.get(node), cst.BaseExpression)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        if event is None:
            return type_test(rewriter.new(tested), [native for native, _ in found], holds=holds)
        return _bracketed(test_of(rewriter.new(event), found, holds=holds, alone=alone), updated)

    _want_status(plan, module, found, group)
    plan.edit(module, node, build, group)


def _is_of_type(plan: Plan, module: Module, node: cst.Call, event: cst.BaseExpression, names: frozenset[str]) -> None:
    group = plan.group(plan.value(event))
    if not names:
        plan.refuse(module, node, "AC082", "No event of a response stands for this class", group)
        return
    found = _natives(plan, module, node, names, group)
    if found is None:
        return
    plan.claim(node)
    if isinstance(node.args[0].value, cst.Attribute) and node.args[0].value is not event:
        plan.claim(node.args[0].value)
    alone = not isinstance(module.parents.get(node), cst.BaseExpression)
    _want_status(plan, module, found, group)
    plan.edit(
        module, node, lambda updated, rewriter: _bracketed(test_of(rewriter.new(event), found, holds=True, alone=alone), updated), group
    )


def _bracketed(test: cst.BaseExpression, updated: cst.CSTNode) -> cst.BaseExpression:
    """`test` in the brackets that stood around what it takes the place of."""
    lpar = getattr(updated, "lpar", ())
    return test.with_changes(lpar=lpar, rpar=getattr(updated, "rpar", ())) if lpar and not test.lpar else test


def _matched(plan: Plan, module: Module, node: cst.Match) -> None:
    group = plan.group(plan.value(node.subject))
    event = node.subject.value if isinstance(node.subject, cst.Attribute) else None
    for case in node.cases:
        if isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None:
            continue  # `case _` and `case other`
        names = names_of_pattern(case.pattern)
        found = _natives(plan, module, case, names, group) if names else None
        if found is None:
            if not names:
                plan.refuse(module, case, "AC083", "This pattern is not a name of an event", group)
            return
        tells = {tell for _, tell in found}
        if tells != {""} and (len(found) > 1 or case.guard is not None or event is None):
            plan.refuse(module, case, "AC083", "This case has to tell events of one type apart", group)
            return
        _want_status(plan, module, found, group)
        plan.edit(module, case, _case(found, event), group)


def _case(found: list[tuple[str, str]], event: cst.BaseExpression | None) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.MatchCase)
        values = [cst.MatchValue(quoted(native)) for native, _ in found]
        options = [
            cst.MatchOrElement(value, separator=cst.BitOr() if place < len(values) - 1 else cst.MaybeSentinel.DEFAULT)
            for place, value in enumerate(values)
        ]
        pattern = values[0] if len(values) == 1 else cst.MatchOr(options)
        tell = found[0][1]
        if tell and event is not None:
            guard = expression(tell_of(tell), event=rewriter.new(event))
            return updated.with_changes(
                pattern=pattern, guard=guard, whitespace_before_if=cst.SimpleWhitespace(" "), whitespace_after_if=cst.SimpleWhitespace(" ")
            )
        return updated.with_changes(pattern=pattern)

    return build


def _natives(plan: Plan, module: Module, node: cst.CSTNode, names: Iterable[str], group: int) -> list[tuple[str, str]] | None:
    found = natives(names, acts=acts(plan, group))
    if found is None:
        plan.refuse(module, node, "AC082", f"No event of a response stands for {' or '.join(sorted(names))}", group)
    return found


def _want_status(plan: Plan, module: Module, found: list[tuple[str, str]], group: int) -> None:
    if needs_status(found):
        plan.want_part(module, "run_status", group)


def _has(plan: Plan, node: cst.CSTNode, kind: str) -> bool:
    return kind in kinds(plan.value(node))


def _is_event(plan: Plan, node: cst.CSTNode) -> bool:
    return any(kind == "event" or kind.startswith("event[") for kind in kinds(plan.value(node)))


# What events bring


def _read(plan: Plan, read: Read) -> None:
    key = (read.kind, read.name)
    if key == ("text_done", "annotations"):
        plan.claim(read.node)
        plan.want_part(read.module, "annotations_in", read.group)
        plan.edit(read.module, read.node, _annotations_in, read.group)
        return
    if read.node in plan.claimed or not (_is_ours(read.kind)):
        return
    found = {_said(kind, read.name) for kind in kinds(plan.value(read.node.value))}
    if len(found) > 1:
        plan.refuse(
            read.module, read.node, "AC022", f"`{read.name}` of a {' or a '.join(sorted(kinds(plan.value(read.node.value))))}", read.group
        )
    elif read.kind.startswith("event") and read.name == "event":
        _named(plan, read)
    elif key == ("event", "data"):
        plan.refuse(read.module, read.node, "AC084", "What an event brings is told by its name, which is not tested here", read.group)
    elif (said := found.pop()) is not None:
        plan.claim(read.node)
        plan.edit(read.module, read.node, _becomes(said), read.group)


def _becomes(said: str) -> Build:
    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.Attribute)
        return updated.with_changes(attr=cst.Name(said)) if said else _bracketed(updated.value, updated)

    return build


def _annotations_in(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
    assert isinstance(updated, cst.Attribute)
    return expression("annotations_in({part})", part=updated.value)


def _is_ours(kind: str) -> bool:
    return kind == "event" or kind.startswith("event[") or any(kind == known for known, _ in (*SAME_OBJECT, *OTHER_NAME))


def _said(kind: str, name: str) -> str | None:
    """What the field is called natively: nothing where it is the object itself, None where there is no such thing."""
    if (kind, name) in SAME_OBJECT:
        return ""
    if kind.startswith("event[") and name == "data":
        return _DATA.get(payload_of(kind[6:-1]) or "")
    return OTHER_NAME.get((kind, name))


def _named(plan: Plan, read: Read) -> None:
    """The name of an event, other than in a test."""
    module, node = read.module, read.node
    parent = module.parents.get(node)
    if isinstance(parent, cst.Assign | cst.Match) or is_in_text(module, node):
        if not isinstance(parent, cst.Assign | cst.Match):
            plan.note(module, node, "AC087", "Prints the types of a response's events, which are called otherwise than a run's")
        plan.claim(node)
        plan.edit(module, node, _becomes("type"), read.group)
    else:
        plan.refuse(module, node, "AC083", "The name of an event is used as a value here: a response's events have others", read.group)


def is_in_text(module: Module, node: cst.CSTNode) -> bool:
    """Whether `node` is only shown: part of an f-string or an argument of a call that prints or logs."""
    for around in module.ancestors(node):
        if isinstance(around, cst.Call):
            name = module.code(around.func).rpartition(".")[2]
            return name in ("print", "debug", "info", "warning", "error", "log")
        if isinstance(around, cst.BaseStatement | cst.BaseSmallStatement):
            return False
    return False


# Deltas: one part each, so loops over their parts and tests for them go


def _deltas(plan: Plan, module: Module) -> None:
    true: dict[int, set[cst.CSTNode]] = {}
    for node in module.nodes(cst.BaseExpression):  # type: ignore[type-abstract]
        if isinstance(node, cst.BooleanOperation):
            continue
        found = [atom for atom in plan.value(node) if isinstance(atom, Api) and atom.kind in _ALWAYS]
        if not found or (isinstance(node, cst.Name) and is_stored(module, node)):
            continue
        group = plan.group(frozenset(found))
        kind = found[0].kind
        test = _always_true(plan, module, node, kind)
        if test is not None:
            if not _can_go(module, test):
                plan.refuse(module, test, "AC084", "This test is always true natively, and stands where it cannot go", group)
            else:
                plan.claim(test)
                true.setdefault(group, set()).add(test)
        elif kind == "list[content_delta]":
            _parts(plan, module, node, group)
    for group, tests in true.items():
        settle(plan, module, tests, group)


def _always_true(plan: Plan, module: Module, node: cst.BaseExpression, kind: str) -> cst.BaseExpression | None:
    """The test around `node` that says no more than that the event is there, if there is one."""
    if is_tested(module, node):
        return node
    parent = module.parents.get(node)
    if isinstance(parent, cst.Comparison) and parent.left is node and len(parent.comparisons) == 1:
        target = parent.comparisons[0]
        if isinstance(target.operator, cst.IsNot) and isinstance(target.comparator, cst.Name) and target.comparator.value == "None":
            return parent if is_tested(module, parent) else None
    if kind == "content_delta" and isinstance(parent, cst.Attribute) and parent.attr.value == "type":
        around = module.parents.get(parent)
        if isinstance(around, cst.Comparison) and _asks_for_text(around) and is_tested(module, around):
            plan.claim(parent)
            return around
    if isinstance(parent, cst.Arg) and isinstance(call := module.parents.get(parent), cst.Call) and call.args[0] is parent:
        called = module.code(call.func)
        other = module.code(call.args[1].value).rpartition(".")[2] if len(call.args) == 2 else ""
        if kind == "content_delta" and called == "isinstance" and other in _TEXT_PARTS and is_tested(module, call):
            return call
        if kind == "content_delta" and called == "hasattr" and other.strip("'\"") == "text" and is_tested(module, call):
            return call
        if kind == "list[content_delta]" and called == "len":
            around = module.parents.get(call)
            if isinstance(around, cst.Comparison) and module.code(around.comparisons[0]).replace(" ", "") in (">0", "!=0", ">=1"):
                return around if is_tested(module, around) else None
            return call if is_tested(module, call) else None
    return None


def _asks_for_text(node: cst.Comparison) -> bool:
    """Whether `node` is `… == "text"`."""
    target = node.comparisons[0]
    return len(node.comparisons) == 1 and isinstance(target.operator, cst.Equal) and text_of(target.comparator) == "text"


def _can_go(module: Module, test: cst.CSTNode) -> bool:
    top = top_of_test(module, test)
    parent = module.parents.get(top)
    return not (isinstance(parent, cst.If) and top is test and not unwraps(module, parent))


def _parts(plan: Plan, module: Module, node: cst.BaseExpression, group: int) -> None:
    """The parts of a delta, used otherwise than in a test: the first one is the event itself, a loop over them one round."""
    parent = module.parents.get(node)
    if isinstance(parent, cst.Subscript) and parent.value is node and module.code(parent)[len(module.code(node)) :] in ("[0]", "[-1]"):
        plan.edit(module, parent, lambda updated, rewriter: getattr(updated, "value"), group)  # noqa: B009
    elif isinstance(parent, cst.For) and parent.iter is node and _is_one_round(parent):
        _unroll(plan, module, parent, group)
    elif isinstance(parent, cst.BooleanOperation) and isinstance(parent.operator, cst.Or) and isinstance(parent.right, cst.List):
        loop = module.parents.get(parent)
        if isinstance(loop, cst.For) and loop.iter is parent and _is_one_round(loop):
            _unroll(plan, module, loop, group, of=node)
        else:
            plan.refuse(module, node, "AC084", "The parts of a delta are used otherwise than one by one", group)
    elif not isinstance(parent, cst.Assign):
        plan.refuse(module, node, "AC084", "The parts of a delta are used otherwise than one by one", group)


def _is_one_round(loop: cst.For) -> bool:
    """Whether the loop's body can stand alone: nothing leaves the loop in the middle."""
    return isinstance(loop.target, cst.Name) and loop.orelse is None and not any(_leaves(loop.body))


def _leaves(node: cst.CSTNode) -> Iterator[bool]:
    for child in node.children:
        if isinstance(child, cst.Break | cst.Continue):
            yield True
        elif not isinstance(child, cst.For | cst.While | cst.FunctionDef | cst.Lambda | cst.ClassDef):
            yield from _leaves(child)


def _unroll(plan: Plan, module: Module, loop: cst.For, group: int, of: cst.BaseExpression | None = None) -> None:
    assert isinstance(loop.target, cst.Name)
    source = of if of is not None else loop.iter
    for name in names_in(loop.body, loop.target.value):
        plan.edit(module, name, lambda updated, rewriter: rewriter.new(source), group)

    def build(updated: cst.CSTNode, rewriter: Rewriter) -> cst.CSTNode:
        assert isinstance(updated, cst.For)
        return unwrap(updated, rewriter)

    plan.edit(module, loop, build, group)
