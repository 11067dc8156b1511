"""The events of a run by their names, and the tests that find the same moments among the events of a response."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from assistants_codemods.building import expression, quoted

EVENTS: dict[str, tuple[str, str]] = {
    "thread.run.created": ("response.created", ""),
    "thread.run.queued": ("response.queued", ""),
    "thread.run.in_progress": ("response.in_progress", ""),
    "thread.run.requires_action": ("response.completed", "requires_action"),
    "thread.run.completed": ("response.completed", "completed"),
    "thread.run.incomplete": ("response.incomplete", ""),
    "thread.run.failed": ("response.failed", ""),
    "thread.message.created": ("response.output_item.added", "message"),
    "thread.message.in_progress": ("response.output_item.added", "message"),
    "thread.message.delta": ("response.output_text.delta", ""),
    "thread.message.completed": ("response.output_item.done", "message"),
    "error": ("error", ""),
}
"""The type of event that says the same of a response, and what has to be told apart besides: calls from answers, messages from calls."""

NEVER = frozenset({"thread.run.cancelling", "thread.run.cancelled", "thread.run.expired", "done"})
"""Names that no event of a response stands for: among others in a list, they are left out."""

_TELLS = {
    "message": '{event}.item.type == "message"',
    "completed": 'run_status({event}.response) == "completed"',
    "requires_action": 'run_status({event}.response) == "requires_action"',
}


def natives(names: Iterable[str], *, acts: bool) -> list[tuple[str, str]] | None:
    """The native types, each with what tells it apart, for events called `names`; None where one of them has no counterpart.

    `acts` says whether the program answers function calls: only then is there a need to tell a finished run from one that waits.
    """
    wanted = list(names)
    possible = [name for name in wanted if name not in NEVER] or wanted
    if any(name not in EVENTS for name in possible):
        return None
    found = {EVENTS[name] for name in possible}
    if not acts:
        found = {(native, "" if tell == "completed" else tell) for native, tell in found}
    if {("response.completed", "completed"), ("response.completed", "requires_action")} <= found:
        found = {pair for pair in found if pair[0] != "response.completed"} | {("response.completed", "")}
    order = list(EVENTS.values())
    return sorted(found, key=lambda pair: min(place for place, known in enumerate(order) if known[0] == pair[0]))


def needs_status(found: Iterable[tuple[str, str]]) -> bool:
    """Whether the test for `found` asks `run_status`."""
    return any(tell in ("completed", "requires_action") for _, tell in found)


def type_test(left: cst.BaseExpression, types: list[str], *, holds: bool) -> cst.BaseExpression:
    """`left == "a"`, or `left in ("a", "b")`, or the contrary."""
    if len(types) == 1:
        return expression(f"{{left}} {'==' if holds else '!='} {{text}}", left=left, text=quoted(types[0]))
    listed = ", ".join(quoted(text).value for text in types)
    return expression(f"{{left}} {'in' if holds else 'not in'} ({listed})", left=left)


def test_of(event: cst.BaseExpression, found: list[tuple[str, str]], *, holds: bool, alone: bool) -> cst.BaseExpression:
    """Whether `event` is one of `found` (or, where not `holds`, none of them), in brackets unless it stands `alone`."""
    plain = [native for native, tell in found if not tell]
    left = expression("{event}.type", event=event)
    tests = [type_test(left, plain, holds=True)] if plain else []
    told = [pair for pair in found if pair[1]]
    tests += [expression(f"{{left}} == {{text}} and {tell_of(tell)}", left=left, text=quoted(native), event=event) for native, tell in told]
    if not told:
        return type_test(left, plain, holds=holds)
    whole = tests[0]
    for test in tests[1:]:
        whole = expression("{one} or {other}", one=whole, other=test)
    if not holds:
        return expression("not ({whole})", whole=whole)
    return whole if alone else whole.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def tell_of(tell: str) -> str:
    """The template of the test, with `{event}`, that tells events of one type apart."""
    return _TELLS[tell]
