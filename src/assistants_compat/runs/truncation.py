"""Which of a thread's items a model call gets when not all of them fit: messages are dropped from the middle. Pure.

The first user message stays, for it usually says what the thread is about; so does the newest turn, from the last user message
on; and of the rest the newest that fits. A function call, its output and the reasoning before it go or stay together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

Json = dict[str, Any]


def newest_first_rounds(newest_first: Iterable[Json]) -> Iterator[list[Json]]:
    """Input items, newest first, in groups that belong together; each group oldest first.

    A message is a group, with the reasoning that led to it; so are function calls with their outputs and reasoning.
    """
    group: list[Json] = []
    open_calls: set[str] = set()
    for item in newest_first:
        kind = item["type"]
        starts_new = not open_calls and kind != "reasoning"
        if group and starts_new:
            yield group[::-1]
            group = []
        group.append(item)
        if kind == "function_call_output":
            open_calls.add(item["call_id"])
        elif kind == "function_call":
            open_calls.discard(item["call_id"])
    if group:
        yield group[::-1]


def fit(
    newest_first: Iterable[Json], budget: int, weigh: Callable[[Sequence[Json]], int], first_user_message: Json | None
) -> tuple[list[Json], bool]:
    """The items to send, oldest first, and whether any were left out.

    Reads no more of `newest_first` than it needs. The newest turn is kept even where it alone is over the budget: whether to send
    that is the caller's decision.
    """
    kept: list[list[Json]] = []
    spent = 0 if first_user_message is None else weigh([first_user_message])
    in_newest_turn = True
    for group in newest_first_rounds(newest_first):
        if group == [first_user_message]:
            spent -= weigh(group)
        weight = weigh(group)
        if not in_newest_turn and spent + weight > budget:
            head = [] if first_user_message is None or _holds(kept, first_user_message) else [first_user_message]
            return head + [item for kept_group in reversed(kept) for item in kept_group], True
        kept.append(group)
        spent += weight
        if group[-1]["type"] == "message" and group[-1]["role"] == "user":
            in_newest_turn = False
    return [item for kept_group in reversed(kept) for item in kept_group], False


def _holds(groups: list[list[Json]], message: Json) -> bool:
    return any(message is item for group in groups for item in group)
