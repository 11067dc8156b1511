"""Which of a thread's items a model call gets when not all of them fit: messages are dropped from the middle. Pure.

The first user message stays, for it usually says what the thread is about; so does the newest, and what came last; and of the
rest the newest that fits. A function call, its output and the reasoning before it go or stay together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistants_compat.store.items import Item


@dataclass(frozen=True)
class Selection:
    """Items oldest first. `weight` is in tokens; what always stays may alone be over the budget. With a gap, not all would fit."""

    items: list[Item]
    weight: int
    has_gap: bool


def select(newest_first: Iterable[Item], budget: int, weigh: Callable[[Item], int], always: Sequence[Item]) -> Selection:
    """What to send of a thread, reading no more of `newest_first` than is sent.

    Args:
        budget: tokens for all items together.
        always: items of the thread that are sent whatever lies between, oldest first. So is what came last: a message, or
            calls with their outputs.
    """
    kept: list[list[Item]] = []
    spent = 0
    reserved = {item.id: weigh(item) for item in always}
    for group in _groups(newest_first):
        weight = sum(map(weigh, group))
        ids = {item.id for item in group}
        rest = {id: tokens for id, tokens in reserved.items() if id not in ids}
        if kept and spent + weight + sum(rest.values()) > budget:
            missing = [item for item in always if item.id in reserved]
            return Selection(missing + _flat(kept), spent + sum(reserved.values()), has_gap=True)
        kept.append(group)
        spent += weight
        reserved = rest
    return Selection(_flat(kept), spent, has_gap=False)


def _groups(newest_first: Iterable[Item]) -> Iterator[list[Item]]:
    """Items that go or stay together, the newest group first, each oldest first.

    A message is a group, with the reasoning that led to it; so are function calls with their reasoning and outputs.
    """
    group: list[Item] = []
    unasked: set[str] = set()  # ids of outputs whose calls are still to come
    for item in newest_first:
        if group and not unasked and item.type != "reasoning":
            yield group[::-1]
            group = []
        group.append(item)
        if item.type == "function_call_output":
            unasked.add(item.body["call_id"])
        elif item.type == "function_call":
            unasked.discard(item.body["call_id"])
        elif item.role == "user":
            unasked.clear()  # an output without its call, which is not sent anyway
    if group:
        yield group[::-1]


def _flat(newest_group_first: list[list[Item]]) -> list[Item]:
    return [item for group in reversed(newest_group_first) for item in group]
