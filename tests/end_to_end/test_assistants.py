"""/assistants: every parameter, every default, and the object as it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from assistants_compat.settings import Settings

from .support import ASSISTANT, function, is_id

pytestmark = pytest.mark.usefixtures("clock")

# What a program sends and what the object shows for it.
ECHOES: list[tuple[str, Any, Any]] = [
    ("model", "gpt-4.1", "gpt-4.1"),
    ("name", "Ada", "Ada"),
    ("name", "", ""),
    ("name", "n" * 256, "n" * 256),
    ("name", None, None),
    ("description", "d" * 512, "d" * 512),
    ("description", None, None),
    ("instructions", "Be brief.\nBe kind. ☃", "Be brief.\nBe kind. ☃"),
    ("instructions", "i" * 256_000, "i" * 256_000),
    ("instructions", None, None),
    ("tools", None, []),
    ("tools", [], []),
    ("tools", [{"type": "code_interpreter"}], [{"type": "code_interpreter"}]),
    (
        "tools",
        [function("f")],
        [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}}],
    ),
    (
        "tools",
        [
            {
                "type": "function",
                "function": {"strict": True, "parameters": {"type": "object", "z": 1, "a": 2}, "description": "d", "name": "f"},
            }
        ],
        [
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "parameters": {"type": "object", "z": 1, "a": 2}, "strict": True},
            }
        ],
    ),
    (
        "tools",
        [{"type": "file_search"}],
        [
            {
                "type": "file_search",
                "file_search": {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}},
            }
        ],
    ),
    (
        "tools",
        [{"type": "file_search", "file_search": {"ranking_options": {"score_threshold": 0.5, "ranker": "auto"}, "max_num_results": 50}}],
        [
            {
                "type": "file_search",
                "file_search": {
                    "max_num_results": 50,
                    "ranking_options": {"ranker": "auto", "score_threshold": 0.5, "hybrid_search": None},
                },
            }
        ],
    ),
    ("tool_resources", {"code_interpreter": {"file_ids": ["file-1", "file-2"]}}, {"code_interpreter": {"file_ids": ["file-1", "file-2"]}}),
    ("tool_resources", {"file_search": {"vector_store_ids": ["vs_1"]}}, {"file_search": {"vector_store_ids": ["vs_1"]}}),
    ("tool_resources", None, {}),
    ("metadata", {f"k{n}": "v" * 512 for n in range(16)}, {f"k{n}": "v" * 512 for n in range(16)}),
    ("metadata", None, {}),
    ("temperature", 0, 0.0),
    ("temperature", 2, 2.0),
    ("temperature", None, 1.0),
    ("top_p", 0.25, 0.25),
    ("top_p", None, 1.0),
    ("response_format", "auto", "auto"),
    ("response_format", {"type": "text"}, {"type": "text"}),
    ("response_format", {"type": "json_object"}, {"type": "json_object"}),
    (
        "response_format",
        {"type": "json_schema", "json_schema": {"strict": True, "schema": {"type": "object"}, "name": "s"}},
        {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True}},
    ),
    ("response_format", None, "auto"),
    *(("reasoning_effort", effort, effort) for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max", None)),
]


@pytest.fixture(scope="module")
def settings(one_store: Settings) -> Settings:
    return one_store


def test_an_assistant_that_names_only_a_model_has_every_recorded_default_in_the_recorded_order(call: Callable[..., Any]) -> None:
    made = call("POST", "/assistants", {"model": "gpt-4o"})
    assert list(made) == ASSISTANT
    assert is_id("asst", made["id"])
    assert {key: made[key] for key in ASSISTANT[1:]} == {
        "object": "assistant",
        "created_at": 1_790_000_000,
        "name": None,
        "description": None,
        "model": "gpt-4o",
        "instructions": None,
        "tools": [],
        "top_p": 1.0,
        "temperature": 1.0,
        "reasoning_effort": None,
        "tool_resources": {},
        "metadata": {},
        "response_format": "auto",
    }


def test_decimals_are_written_as_decimals(http: Callable[..., Any]) -> None:
    """Strict clients read `1.0`, as recorded, where another language would print 1."""
    assert b'"top_p":1.0,"temperature":1.0,' in http("POST", "/assistants", {"model": "gpt-4o"}).content


@pytest.mark.parametrize(("name", "given", "shown"), ECHOES, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(ECHOES)])
def test_a_parameter_of_a_new_assistant_is_shown_and_kept(call: Callable[..., Any], name: str, given: Any, shown: Any) -> None:
    made = call("POST", "/assistants", {"model": "gpt-4o", name: given})
    assert repr(made[name]) == repr(shown)  # repr: the order of keys counts
    assert call("GET", f"/assistants/{made['id']}") == made


@pytest.mark.parametrize(("name", "given", "shown"), ECHOES, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(ECHOES)])
def test_a_parameter_of_an_assistant_is_modified_and_nothing_else(call: Callable[..., Any], name: str, given: Any, shown: Any) -> None:
    tools = [function("before")]
    made = call("POST", "/assistants", {"model": "gpt-4o-mini", "name": "B", "temperature": 0.5, "tools": tools, "metadata": {"a": "b"}})
    changed = call("POST", f"/assistants/{made['id']}", {name: given})
    assert list(changed) == ASSISTANT
    resources = {"code_interpreter": {"file_ids": []}} if given == [{"type": "code_interpreter"}] else made["tool_resources"]
    assert changed == {**made, "tool_resources": resources, name: shown}
    assert call("GET", f"/assistants/{made['id']}") == changed


def test_an_empty_modification_changes_nothing(call: Callable[..., Any]) -> None:
    made = call("POST", "/assistants", {"model": "gpt-4o", "name": "Ada"})
    assert call("POST", f"/assistants/{made['id']}", {}) == made


def test_a_code_interpreter_shows_its_files_even_none(call: Callable[..., Any]) -> None:
    made = call("POST", "/assistants", {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}]})
    assert made["tool_resources"] == {"code_interpreter": {"file_ids": []}}


def test_the_files_of_a_code_interpreter_come_after_what_was_given_as_recorded(call: Callable[..., Any]) -> None:
    tools = [{"type": "file_search"}, {"type": "code_interpreter"}]
    resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
    made = call("POST", "/assistants", {"model": "gpt-4o", "tools": tools, "tool_resources": resources})
    assert list(made["tool_resources"].items()) == [*resources.items(), ("code_interpreter", {"file_ids": []})]


def test_tool_resources_are_replaced_as_a_whole(call: Callable[..., Any]) -> None:
    first = {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": ["vs_1"]}}
    made = call("POST", "/assistants", {"model": "gpt-4o", "tool_resources": first})
    changed = call("POST", f"/assistants/{made['id']}", {"tool_resources": {"file_search": {"vector_store_ids": ["vs_2"]}}})
    assert changed["tool_resources"] == {"file_search": {"vector_store_ids": ["vs_2"]}}


def test_an_assistant_taken_as_it_was_shown_makes_another_one_like_it(call: Callable[..., Any]) -> None:
    tools = [function("f"), {"type": "code_interpreter"}, {"type": "file_search"}]
    made = call(
        "POST", "/assistants", {"model": "gpt-4o", "tools": tools, "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}}}
    )
    parameters = {key: value for key, value in made.items() if key not in ("id", "object", "created_at")}
    again = call("POST", "/assistants", parameters)
    assert {key: again[key] for key in parameters} == parameters


def test_a_deleted_assistant_leaves_a_stub_and_is_gone(client: openai.OpenAI, call: Callable[..., Any]) -> None:
    made = call("POST", "/assistants", {"model": "gpt-4o"})
    stub = call("DELETE", f"/assistants/{made['id']}")
    assert list(stub.items()) == [("id", made["id"]), ("object", "assistant.deleted"), ("deleted", True)]
    with pytest.raises(openai.NotFoundError, match=f"No assistant found with id '{made['id']}'"):
        client.beta.assistants.retrieve(made["id"])
    assert made["id"] not in [assistant["id"] for assistant in call("GET", "/assistants")["data"]]


def test_the_sdk_makes_changes_lists_and_deletes_assistants(client: openai.OpenAI) -> None:
    made = client.beta.assistants.create(
        model="gpt-4o",
        name="Ada",
        description="Counts",
        instructions="Count.",
        tools=[{"type": "code_interpreter"}],
        tool_resources={"code_interpreter": {"file_ids": ["file-1"]}},
        metadata={"team": "a"},
        temperature=0.1,
        top_p=0.9,
        reasoning_effort="low",
        response_format={"type": "text"},
    )
    changed = client.beta.assistants.update(made.id, name="Grace", model="gpt-4.1")
    assert (changed.name, changed.model, changed.description) == ("Grace", "gpt-4.1", "Counts")
    assert client.beta.assistants.retrieve(made.id) == changed
    assert client.beta.assistants.list(limit=1).data == [changed]
    assert client.beta.assistants.delete(made.id).deleted is True


def test_who_has_the_store_sees_its_objects_whatever_the_key(client: openai.OpenAI) -> None:
    """The original's belonged to the project of the key."""
    made = client.beta.assistants.create(model="gpt-4o", name="Ada")
    assert client.with_options(api_key="sk-of-another-project").beta.assistants.retrieve(made.id) == made
