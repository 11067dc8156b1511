"""Lists of a store of their own: what a page holds where nothing is asked for, and where there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai


def test_twenty_are_listed_where_no_limit_is_given(client: openai.OpenAI, call: Callable[..., Any]) -> None:
    made = [client.beta.assistants.create(model="gpt-4o").id for _ in range(21)]
    page = call("GET", "/assistants")
    assert ([thing["id"] for thing in page["data"]], page["has_more"]) == (made[:0:-1], True)


def test_an_empty_list_has_null_ids(call: Callable[..., Any]) -> None:
    thread = call("POST", "/threads", {})
    for path in ("/assistants", f"/threads/{thread['id']}/messages", f"/threads/{thread['id']}/runs"):
        page = call("GET", path)
        assert list(page.items()) == [("object", "list"), ("data", []), ("first_id", None), ("last_id", None), ("has_more", False)]
