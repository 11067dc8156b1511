"""Lists a page at a time, against the same thing done with a slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_compat.store import assistants, items, runs, steps
from assistants_compat.store.database import Database
from assistants_compat.store.pages import Cut, UnknownCursor
from budget import examples

Json = dict[str, Any]
List = Callable[[sa.Connection, Cut], tuple[list[Json], bool]]

AGES = [5, 3, 3, 9, 1, 3, 9, 7, 5, 5, 1]


def message(number: int, thread: str, run: str | None) -> Json:
    return {"id": f"msg_{thread}_{number}", "thread_id": f"thread_{thread}", "run_id": run, "role": "user"}


@pytest.fixture(scope="module")
def database() -> Database:
    """Two of everything, in turns, and some that no list may show."""
    database = Database(":memory:")
    with database.write() as connection:
        for number, age in enumerate(AGES):
            for tenant in ("a", "b"):
                assistants.insert(connection, tenant, {"id": f"asst_{tenant}_{number}", "created_at": age})
        for number in range(12):
            for thread in ("a", "b"):
                run = f"run_{number % 3}" if number % 2 else None
                items.insert(connection, [items.message_row(message(number, thread, run))])
                hidden = {"type": "reasoning", "summary": []}
                items.insert(connection, [items.item_row(f"item_{thread}_{number}", f"thread_{thread}", "run_1", hidden)])
                items.insert(connection, [items.message_row(message(100 + number, thread, "run_1"), settled=False)])
                body = {"id": f"run_{thread}_{number}", "thread_id": f"thread_{thread}", "status": "queued"}
                runs.insert(connection, runs.Run(body, {}, 0.0, None, 0.0, 1))
                step = {"id": f"step_{thread}_{number}", "thread_id": "thread_a", "run_id": f"run_{thread}", "status": "completed"}
                steps.insert(connection, step)
    return database


# Each list, its ids in ascending order, and an id that exists but is not in it.
LISTS: dict[str, tuple[List, list[str], str]] = {
    "assistants": (
        lambda connection, cut: assistants.list_page(connection, "a", cut),
        [f"asst_a_{number}" for number in sorted(range(len(AGES)), key=lambda number: (AGES[number], number))],
        "asst_b_0",
    ),
    "messages": (
        lambda connection, cut: items.list_messages(connection, "thread_a", cut),
        [f"msg_a_{number}" for number in range(12)],
        "msg_b_0",
    ),
    "messages of a run": (
        lambda connection, cut: items.list_messages(connection, "thread_a", cut, "run_1"),
        [f"msg_a_{number}" for number in range(12) if number % 2 and number % 3 == 1],
        "msg_a_0",
    ),
    "runs": (
        lambda connection, cut: runs.list_page(connection, "thread_a", cut),
        [f"run_a_{number}" for number in range(12)],
        "run_b_0",
    ),
    "steps": (
        lambda connection, cut: steps.list_page(connection, "run_a", cut),
        [f"step_a_{number}" for number in range(12)],
        "step_b_0",
    ),
    "nothing": (lambda connection, cut: runs.list_page(connection, "thread_nowhere", cut), [], "run_a_0"),
}


def expected(ids: list[str], cut: Cut) -> tuple[list[str], bool]:
    """Order, cut, take: from the front, or from the back where only `before` is given."""
    ordered = ids if cut.order == "asc" else ids[::-1]
    low = 0 if cut.after is None else ordered.index(cut.after) + 1
    high = len(ordered) if cut.before is None else ordered.index(cut.before)
    between = ordered[low:high]
    more = len(between) > cut.limit
    return (between[-cut.limit :] if cut.before is not None and cut.after is None else between[: cut.limit]), more


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_page_is_a_slice(database: Database, name: str, data: st.DataObject) -> None:
    listed, ids, _ = LISTS[name]
    cursor = st.none() | st.sampled_from(ids) if ids else st.none()
    cut = Cut(data.draw(st.integers(1, 15)), data.draw(st.sampled_from(["asc", "desc"])), data.draw(cursor), data.draw(cursor))
    with database.read() as connection:
        rows, more = listed(connection, cut)
    assert ([row["id"] for row in rows], more) == expected(ids, cut)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_page_after_page_shows_everything_once(database: Database, name: str, order: str, limit: int) -> None:
    listed, ids, _ = LISTS[name]
    seen: list[str] = []
    more, after = True, None
    with database.read() as connection:
        while more:
            rows, more = listed(connection, Cut(limit, order, after))
            seen += [row["id"] for row in rows]
            after = seen[-1] if seen else None
            assert len(seen) <= len(ids)
    assert seen == (ids if order == "asc" else ids[::-1])


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("cursor", ["after", "before"])
def test_a_cursor_from_elsewhere_is_not_known(database: Database, name: str, cursor: str) -> None:
    listed, _, foreign = LISTS[name]
    with database.read() as connection:
        for id in (foreign, "nothing_at_all", ""):
            with pytest.raises(UnknownCursor, match=f"^{id}$"):
                listed(connection, Cut(5, "desc", **{cursor: id}))
