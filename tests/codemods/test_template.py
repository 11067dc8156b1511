"""The parts of the generated module, as users' programs call them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistants_codemods.template import ASSISTANTS, Assistant, as_tools, define_assistant, with_additional_instructions, with_overrides


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    yield
    ASSISTANTS.clear()


def test_an_assistant_is_its_settings_and_has_the_fields_it_had() -> None:
    tutor = Assistant("tutor", name="Tutor", model="gpt-4.1", instructions="Teach.", tools=[{"type": "x"}], truncation="auto")
    assert {**tutor} == {"model": "gpt-4.1", "instructions": "Teach.", "tools": [{"type": "x"}], "truncation": "auto"}
    assert (tutor.id, tutor.name, tutor.model, tutor.instructions, tutor.tools) == ("tutor", "Tutor", "gpt-4.1", "Teach.", [{"type": "x"}])
    assert (tutor.description, tutor.metadata) == (None, {})


def test_fields_that_are_not_set_read_as_before() -> None:
    assert (Assistant("a", model="m").instructions, Assistant("a", model="m").tools) == (None, [])


def test_a_change_is_seen_by_everybody_who_has_the_assistant() -> None:
    tutor = define_assistant(name="Tutor", model="gpt-4.1", instructions="Teach.")
    assert ASSISTANTS[tutor.id].change(name="Teacher", model="gpt-5", instructions=None) is tutor
    assert (tutor.name, tutor.model, tutor.instructions) == ("Teacher", "gpt-5", "Teach.")
    assert "name" not in tutor


def test_an_unknown_id_is_named_with_the_place_to_put_it() -> None:
    with pytest.raises(KeyError, match=r"asst_abc.*assistants_config\.py"):
        ASSISTANTS["asst_abc"]


def test_the_same_definition_has_the_same_id_in_each_process_and_another_one_has_another() -> None:
    ids = [define_assistant(name="Math Tutor", model=model, truncation="auto").id for model in ("gpt-4.1", "gpt-4.1", "gpt-5")]
    assert ids[0] == ids[1] == "math-tutor-efa82cd6"
    assert ids[2] != ids[0]
    assert list(ASSISTANTS) == [ids[0], ids[2]]


def test_an_assistant_without_a_name_has_an_id_too() -> None:
    assert define_assistant(model="m").id.startswith("assistant-")


def test_settings_that_are_none_are_not_settings() -> None:
    assert "instructions" not in define_assistant(model="m", instructions=None)


def test_overrides_that_are_none_change_nothing() -> None:
    assert with_overrides({"model": "a", "top_p": 0.5}, model=None, top_p=0.0) == {"model": "a", "top_p": 0.0}


@pytest.mark.parametrize(
    ("own", "more", "all_of_it"),
    [("Teach.", "Be kind.", "Teach.\nBe kind."), (None, "Be kind.", "Be kind."), ("Teach.", None, "Teach."), ("Teach.", "", "Teach.")],
)
def test_additional_instructions_come_after_the_assistants_own(own: str | None, more: str | None, all_of_it: str) -> None:
    settings = {"model": "m", "instructions": own}
    assert with_additional_instructions(settings, more) == {"model": "m", "instructions": all_of_it}
    assert settings["instructions"] == own


def test_function_tools_are_flat_and_say_whether_they_are_strict() -> None:
    function = {"name": "f", "parameters": {"type": "object", "properties": {"a": {}}}}
    flat = {"type": "function", **function}
    assert as_tools([{"type": "function", "function": function}]) == [{**flat, "strict": False}]
    assert as_tools([{"type": "function", "function": {**function, "strict": True}}]) == [{**flat, "strict": True}]
    assert as_tools([{"type": "function", "function": {"name": "f", "strict": None}}]) == [
        {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}
    ]


def test_tools_that_are_flat_already_stay() -> None:
    tools = as_tools(
        [{"type": "function", "function": {"name": "f"}}, {"type": "code_interpreter"}, {"type": "file_search"}],
        {"file_search": {"vector_store_ids": ["vs_1"]}, "code_interpreter": {"file_ids": ["file-1"]}},
    )
    assert as_tools(tools) == tools


def test_a_file_search_without_a_store_is_left_out() -> None:
    assert as_tools([{"type": "file_search"}, {"type": "code_interpreter"}]) == [
        {"type": "code_interpreter", "container": {"type": "auto"}}
    ]
    assert as_tools(None) == []


def test_what_was_given_is_not_changed() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    as_tools([tool])
    assert tool == {"type": "function", "function": {"name": "f"}}
