"""Whatever is sent, it is answered: with an error of the sender's at worst, in the API's form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_compat.settings import Settings
from assistants_compat.testing import OfflineUpstream
from budget import examples
from clients import Clients

from .support import parsed, words

NAMES = st.sampled_from(
    words(
        "model name tools type function parameters strict messages role content text image_url url detail metadata thread assistant_id "
        "instructions additional_messages truncation_strategy last_messages tool_choice response_format json_schema schema temperature "
        "top_p stream tool_resources file_search vector_store_ids code_interpreter file_ids tool_outputs tool_call_id output "
        "max_completion_tokens reasoning_effort attachments"
    )
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["gpt-4o", "user", "assistant", "auto", "function", "text", "json_object", "last_messages", "{assistant}", "{thread}"]),
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12)
BODIES = st.dictionaries(NAMES, JSON, max_size=5)
PLAUSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "model": st.just("gpt-4o"),
        "assistant_id": st.just("{assistant}"),
        "role": st.sampled_from(["user", "assistant"]),
        "content": st.text(max_size=5) | JSON,
        "messages": JSON,
        "thread": JSON,
        "stream": st.booleans(),
    },
)
PARTS = st.sampled_from(
    words(
        "assistants threads messages runs steps cancel submit_tool_outputs {assistant} {thread} {message} {run} asst_x thread_x msg_x "
        "run_x step_x undefined ..  %00 %2F ☃"
    )
)
PATHS = st.builds(
    lambda first, rest: "/" + "/".join([first, *rest]), st.sampled_from(["assistants", "threads"]), st.lists(PARTS, max_size=6)
)
REAL_PATHS = st.sampled_from(
    [
        "/assistants",
        "/assistants/{assistant}",
        "/threads",
        "/threads/runs",
        "/threads/{thread}",
        "/threads/{thread}/messages",
        "/threads/{thread}/messages/{message}",
        "/threads/{thread}/runs",
        "/threads/{thread}/runs/{run}",
        "/threads/{thread}/runs/{run}/submit_tool_outputs",
    ]
)
QUERIES = st.dictionaries(st.sampled_from(words("limit order after before run_id include[] include x")), st.text(max_size=8), max_size=3)


class World:
    """One store for all examples, and the ids of what was there before them."""

    def __init__(self, client: openai.OpenAI) -> None:
        self.client = client
        assistant = client.beta.assistants.create(model="gpt-4o")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        message = client.beta.threads.messages.list(thread.id).data[0]
        self.ids = {"assistant": assistant.id, "thread": thread.id, "run": run.id, "message": message.id}

    def fill(self, text: str) -> str:
        for name, id in self.ids.items():
            text = text.replace(f"{{{name}}}", id)
        return text

    def check(self, method: str, path: str, content: bytes | None, query: dict[str, str] | None = None) -> None:
        response = self.client._client.request(
            method,
            str(self.client.base_url).rstrip("/") + self.fill(path),
            content=content,
            params=query,
            headers={"OpenAI-Beta": "assistants=v2", "Authorization": "Bearer sk-test"},
        )
        assert response.status_code < 500, response.text
        if response.headers["content-type"].startswith("text/event-stream"):
            assert response.content.endswith(b"event: done\ndata: [DONE]\n\n")
        elif response.status_code != 200:
            error = parsed(response.content)["error"]
            assert list(error) == ["message", "type", "param", "code"]
            assert error["message"]
        else:
            assert parsed(response.content)["object"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, stores: Any, clients: Clients) -> Iterator[World]:
    with (
        stores.new(tmp_path_factory.mktemp("store")) as store,
        clients.new(OfflineUpstream(), Settings(store=store, max_retries=0)) as client,
    ):
        yield World(client)


def asking(count: int) -> Callable[..., Any]:
    return settings(max_examples=examples(count), deadline=None, suppress_health_check=list(HealthCheck))


@asking(250)
@given(path=REAL_PATHS, body=BODIES | PLAUSIBLE)
def test_any_body_is_answered(world: World, path: str, body: Any) -> None:
    world.check("POST", path, world.fill(json.dumps(body)).encode())


@asking(150)
@given(method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH"]), path=PATHS, query=QUERIES)
def test_any_path_is_answered(world: World, method: str, path: str, query: dict[str, str]) -> None:
    if method == "DELETE" and "{" in path:  # what the other examples need
        method = "GET"
    # The http library takes `..` out of a path, and what is left may be another API's.
    if ".." in path:
        path = path.replace("..", "x")
    world.check(method, path, None, query)


@asking(100)
@given(path=REAL_PATHS, raw=st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_answered(world: World, path: str, raw: bytes) -> None:
    world.check("POST", path, raw)


@pytest.mark.parametrize(
    "raw", [b"[" * 5000, b'{"metadata":' * 5000, b'{"model":"' + b"\\u0000" * 3 + b'"}', b'{"name":"\\ud800","model":"m"}']
)
def test_deep_and_unstorable_bodies_are_refused(world: World, raw: bytes) -> None:
    world.check("POST", "/assistants", raw)
