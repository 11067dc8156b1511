"""The request of a run's next model call: as much of the thread as fits the model's context and the run's budgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from assistants_compat.runs import context, models, progress, tokens
from assistants_compat.runs.request import responses_request
from assistants_compat.runs.truncation import Selection, select
from assistants_compat.store import items, runs

Json = dict[str, Any]


@dataclass(frozen=True)
class BudgetSpent:
    """There is no call: a budget of the run, named as in `incomplete_details.reason`, has nothing left for it."""

    reason: str


def next_request(
    connection: sa.Connection,
    run: runs.Run,
    *,
    model: str,
    tightness: float = 1.0,
) -> Json | BudgetSpent:
    """The body of the call.

    Args:
        model: the name to send.
        tightness: below 1 after the upstream found a request too long: the part of that request to send now.
    """
    left = progress.completion_tokens_left(run.body, run.progress)
    if left == 0:
        return BudgetSpent("max_completion_tokens")

    def request(input_items: list[Json]) -> Json:
        return responses_request(
            run.body,
            input_items,
            model=model,
            first_call=run.progress["rounds"] == 0,
            tokens_left=left,
            reasons=models.reasons(model),
            resources=run.progress["resources"],
        )

    room = models.room_for_input(model, left)
    prompt_left = progress.prompt_tokens_left(run.body, run.progress)
    budget = room if prompt_left is None else min(room, prompt_left)

    def chosen(count: tokens.Count) -> tuple[Selection, bool]:
        """What of the thread to send, and whether the run's own budget has room for even that."""
        frame = tokens.of_frame(request([]), count)
        selection = _selection(connection, run, budget - frame, count)
        if tightness < 1:
            selection = _selection(connection, run, int((frame + selection.weight) * tightness) - frame, count)
        return selection, prompt_left is None or frame + selection.weight <= prompt_left

    selected, affordable = chosen(tokens.estimate)
    if selected.has_gap or not affordable:  # the estimate is on the high side
        count = tokens.tiktoken_counts.count()
        if count is not None:
            selected, affordable = chosen(count)
    if not affordable:
        return BudgetSpent("max_prompt_tokens")
    return request(context.model_input(selected.items, model, runs_code=_runs_code(run)))


def _runs_code(run: runs.Run) -> bool:
    return any(tool["type"] == "code_interpreter" for tool in run.body["tools"])


def _selection(connection: sa.Connection, run: runs.Run, budget: int, count: tokens.Count) -> Selection:
    runs_code = _runs_code(run)

    def weigh(item: items.Item) -> int:
        sent = context.as_input(item, runs_code=runs_code)
        return 0 if sent is None else tokens.of_item(sent, count)

    strategy = run.body["truncation_strategy"]
    begins, first = 0, None
    if strategy["type"] == "last_messages":
        begins = items.begin_of_last_messages(connection, run.thread_id, run.id, strategy["last_messages"])
    else:
        first = items.first_user_message(connection, run.thread_id)
    newest = items.newest_user_message(connection, run.thread_id, from_seq=begins)
    always = {item.id: item for item in (first, newest) if item is not None}
    return select(items.newest_first(connection, run.thread_id, from_seq=begins), budget, weigh, list(always.values()))
