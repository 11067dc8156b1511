"""Lists: limits, both orders, cursors in both directions, and the envelope they come in. One set of tests for all four."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings
from assistants_compat.testing import FunctionCall, OfflineUpstream

from .support import LIST, function, submit

COUNT = 5


@pytest.fixture(scope="module", params=["assistants", "messages", "runs", "steps"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def settings(kind: str, tmp_path_factory: pytest.TempPathFactory, stores: Any) -> Iterator[Settings]:
    """A store for each kind of list; it is only read once it is filled."""
    with stores.new(tmp_path_factory.mktemp(kind)) as store:
        yield Settings(store=store)


@pytest.fixture
def filled(kind: str, settings: Settings, client: openai.OpenAI, upstream: OfflineUpstream) -> tuple[str, list[str]]:
    """A list of five, as its path and the ids in the order they were made; and another list with as many."""
    if settings.store not in FILLED:
        FILLED[settings.store] = fill(kind, client, upstream)
    return FILLED[settings.store]


FILLED: dict[str, tuple[str, list[str]]] = {}


def fill(kind: str, client: openai.OpenAI, upstream: OfflineUpstream) -> tuple[str, list[str]]:
    assistants = [client.beta.assistants.create(model="gpt-4o").id for _ in range(COUNT)]
    if kind == "assistants":
        return "/assistants", assistants
    runs, tools = client.beta.threads.runs, [function("f")]
    for _ in range(2):
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}]).id
        if kind == "messages":
            made = [client.beta.threads.messages.list(thread).data[0].id]
            made += [client.beta.threads.messages.create(thread, role="user", content="Hi").id for _ in range(COUNT - 1)]
        elif kind == "runs":
            made = [runs.create_and_poll(thread_id=thread, assistant_id=assistants[0]).id for _ in range(COUNT)]
        else:
            upstream.script(*(FunctionCall("f", call_id=f"call_{n}") for n in range(COUNT - 1)), "Done")
            run: Any = runs.create_and_poll(thread_id=thread, assistant_id=assistants[0], tools=tools)  # type: ignore[arg-type]
            for n in range(COUNT - 1):
                run = submit(client, run, {f"call_{n}": "ok"})
            made = [step.id for step in runs.steps.list(run.id, thread_id=thread, order="asc")]
    path = f"/threads/{thread}/runs/{run.id}/steps" if kind == "steps" else f"/threads/{thread}/{kind}"
    return path, made


# Query, the places (oldest is 0) of what is on the page, whether there is more. `{n}` is the id of the n-th.
PAGES: list[tuple[str, list[int], bool]] = [
    ("", [4, 3, 2, 1, 0], False),
    ("order=desc", [4, 3, 2, 1, 0], False),
    ("order=asc", [0, 1, 2, 3, 4], False),
    ("limit=5", [4, 3, 2, 1, 0], False),
    ("limit=4", [4, 3, 2, 1], True),
    ("limit=1", [4], True),
    ("limit=100", [4, 3, 2, 1, 0], False),
    ("limit=2&order=asc", [0, 1], True),
    ("after={2}", [1, 0], False),
    ("after={2}&limit=1", [1], True),
    ("after={2}&order=asc", [3, 4], False),
    ("after={0}", [], False),
    ("after={4}&order=asc", [], False),
    ("before={2}", [4, 3], False),
    ("before={2}&order=asc", [0, 1], False),
    ("before={0}&limit=2", [2, 1], True),
    ("before={4}&order=asc&limit=2", [2, 3], True),
    ("before={4}", [], False),
    ("after={4}&before={1}", [3, 2], False),
    ("after={0}&before={4}&order=asc&limit=2", [1, 2], True),
    ("after=&before=&limit=&order=", [4, 3, 2, 1, 0], False),
    ("unknown=1", [4, 3, 2, 1, 0], False),
]


@pytest.mark.parametrize(("query", "places", "more"), PAGES, ids=[query or "plain" for query, *_ in PAGES])
def test_a_page_has_what_was_asked_for(
    call: Callable[..., Any], filled: tuple[str, list[str]], query: str, places: list[int], more: bool
) -> None:
    path, made = filled
    page = call("GET", f"{path}?{query.format(*made)}")
    assert list(page) == LIST
    assert page["object"] == "list"
    assert [made.index(thing["id"]) for thing in page["data"]] == places
    assert page["has_more"] is more
    assert page["first_id"] == (made[places[0]] if places else None)
    assert page["last_id"] == (made[places[-1]] if places else None)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_the_sdk_reads_all_pages(client: openai.OpenAI, filled: tuple[str, list[str]], order: Any, limit: int) -> None:
    path, made = filled
    parts = path.split("/")
    beta = client.beta
    pages: Any = {
        2: lambda **q: beta.assistants.list(**q),
        4: lambda **q: (beta.threads.messages if parts[-1] == "messages" else beta.threads.runs).list(parts[2], **q),
        6: lambda **q: beta.threads.runs.steps.list(parts[4], thread_id=parts[2], **q),
    }[len(parts)]
    assert [thing.id for thing in pages(order=order, limit=limit)] == (made if order == "asc" else made[::-1])


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ("limit=0", "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.", "integer_below_min_value"),
        (
            "limit=101",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
            "integer_above_max_value",
        ),
        ("limit=ten", "Invalid type for 'limit': expected an integer, but got a string instead.", "invalid_type"),
        ("order=up", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "invalid_value"),
    ],
)  # fmt: skip
def test_a_query_out_of_range_is_refused(
    refused: Callable[..., Any], filled: tuple[str, list[str]], query: str, message: str, code: str
) -> None:
    status, error = refused("GET", f"{filled[0]}?{query}")
    assert (status, error) == (
        400,
        {"message": message, "type": "invalid_request_error", "param": query.split("=")[0], "code": code},
    )


@pytest.mark.parametrize("cursor", ["after", "before"])
def test_a_cursor_that_names_nothing_in_the_list_is_refused(
    refused: Callable[..., Any], filled: tuple[str, list[str]], cursor: str
) -> None:
    path, _ = filled
    kind = {"assistants": "assistant", "messages": "message", "runs": "run", "steps": "run step"}[path.rpartition("/")[2]]
    status, error = refused("GET", f"{path}?{cursor}=msg_unknown")
    assert (status, error["message"]) == (404, f"No {kind} found with id 'msg_unknown'.")
