"""The table holds for the code, for the newest SDK and for the tests it names: what is added anywhere has to be entered here."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.resources.beta.assistants import Assistants
from openai.resources.beta.threads.messages import Messages
from openai.resources.beta.threads.runs.runs import Runs
from openai.resources.beta.threads.runs.steps import Steps
from openai.resources.beta.threads.threads import Threads
from openai.types import beta
from openai.types.beta import threads
from openai.types.beta.assistant_stream_event import AssistantStreamEvent
from openai.types.beta.threads import runs

from assistants_compat.api import _ROUTES, parameters
from compatibility import sentences
from compatibility.entry import Chapter, Entry, Kind, Verdict, names_of
from compatibility.evidence import NoSuchTest, evidence
from compatibility.names import Names, of_body, of_query, of_sdk
from compatibility.table import CHAPTERS, rows

ALL = list(rows())
PARAMETERS = list(rows(Kind.PARAMETER, Kind.PART))
FIELDS = list(rows(Kind.FIELD, Kind.PART))

# What an endpoint takes, by the api's tables and by the SDK's types.
TAKEN: dict[str, tuple[list[Any], list[Any]]] = {
    "POST /assistants": ([parameters.CREATE_ASSISTANT], [beta.AssistantCreateParams]),
    "POST /assistants/{assistant_id}": ([parameters.MODIFY_ASSISTANT], [beta.AssistantUpdateParams]),
    "GET /assistants": ([parameters.LIST_ASSISTANTS], [beta.AssistantListParams]),
    "POST /threads": ([parameters.CREATE_THREAD], [beta.ThreadCreateParams]),
    "POST /threads/{thread_id}": ([parameters.MODIFY_THREAD], [beta.ThreadUpdateParams]),
    "POST /threads/{thread_id}/messages": ([parameters.CREATE_MESSAGE], [threads.MessageCreateParams]),
    "POST /threads/{thread_id}/messages/{message_id}": ([parameters.MODIFY_MESSAGE], [threads.MessageUpdateParams]),
    "GET /threads/{thread_id}/messages": ([parameters.LIST_MESSAGES], [threads.MessageListParams]),
    "POST /threads/{thread_id}/runs": ([parameters.CREATE_RUN, parameters.CREATE_RUN_QUERY], [threads.RunCreateParams]),
    "POST /threads/runs": ([parameters.CREATE_THREAD_AND_RUN, parameters.CREATE_RUN_QUERY], [beta.ThreadCreateAndRunParams]),
    "POST /threads/{thread_id}/runs/{run_id}": ([parameters.MODIFY_RUN], [threads.RunUpdateParams]),
    "POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs": (
        [parameters.SUBMIT_TOOL_OUTPUTS],
        [threads.RunSubmitToolOutputsParams],
    ),
    "GET /threads/{thread_id}/runs": ([parameters.LIST_RUNS], [threads.RunListParams]),
    "GET /threads/{thread_id}/runs/{run_id}/steps": ([parameters.LIST_STEPS], [runs.StepListParams]),
    "GET /threads/{thread_id}/runs/{run_id}/steps/{step_id}": ([parameters.RETRIEVE_STEP], [runs.StepRetrieveParams]),
}

MODELS: dict[str, Any] = {
    "assistant": beta.Assistant,
    "assistant.deleted": beta.AssistantDeleted,
    "thread": beta.Thread,
    "thread.deleted": beta.ThreadDeleted,
    "thread.message": threads.Message,
    "thread.message.deleted": threads.MessageDeleted,
    "thread.message.delta": threads.MessageDeltaEvent,
    "thread.run": threads.Run,
    "thread.run.step": runs.RunStep,
    "thread.run.step.delta": runs.RunStepDeltaEvent,
}

# Fields whose values have rows of their own.
VALUES = {f"{row.of[0]}" for row in rows(Kind.VALUE)}


def with_values(of: str, names: Names) -> Names:
    """Names of an object, with the values that have rows of their own."""
    own = {field: frozenset(row.name for row in rows(Kind.VALUE) if row.of == (field,)) for field in VALUES}
    return {name: values | own.get(f"{of}.{name}", frozenset()) for name, values in names.items()}


# -- the code


def test_the_endpoints_are_those_that_are_answered() -> None:
    routes = {f"{method} /{'/'.join(path)}" for path, methods in _ROUTES.items() for method in methods}
    assert {row.name for row in rows(Kind.ENDPOINT)} == routes


@pytest.mark.parametrize("endpoint", TAKEN)
def test_the_parameters_are_those_that_are_taken(endpoint: str) -> None:
    taken: Names = {}
    for table in TAKEN[endpoint][0]:
        taken |= of_query(table) if hasattr(table, "include") else of_body(table)
    assert names_of(PARAMETERS, endpoint) == taken


def test_every_table_of_the_apis_parameters_belongs_to_an_endpoint() -> None:
    tables = {name for name, value in vars(parameters).items() if name.isupper() and (hasattr(value, "fields"))}
    assert {id(getattr(parameters, name)) for name in tables} == {id(table) for own, _ in TAKEN.values() for table in own}


def test_the_sentences_of_refused_requests_are_those_of_the_code() -> None:
    entered = {row.name: row.code for row in rows(Kind.ERROR) if row.status is not None}
    raised = sentences.in_api()
    assert {name: entered.get(name, "not entered") for name in raised} == raised


def test_the_sentences_of_failed_runs_are_those_of_the_code() -> None:
    assert sentences.in_runs() - {row.name for row in rows(Kind.ERROR) if row.status is None} == set()


# -- the SDK


@pytest.mark.parametrize("endpoint", TAKEN)
def test_every_parameter_of_the_sdk_is_entered(endpoint: str) -> None:
    entered = names_of(PARAMETERS, endpoint)
    for kind in TAKEN[endpoint][1]:
        for name, values in of_sdk(kind).items():
            if f"{{{name}}}" in endpoint:
                continue  # the SDK takes what stands in the path as a parameter
            name = "include[]" if name == "include" else name
            assert name in entered
            assert name.endswith("model") or values <= entered[name], name


@pytest.mark.parametrize("of", MODELS)
def test_every_field_of_the_sdk_is_entered_with_its_values(of: str) -> None:
    entered = with_values(of, names_of(FIELDS, of))
    for name, values in of_sdk(MODELS[of]).items():
        assert name in entered
        assert values <= entered[name], name


def test_every_event_of_the_sdk_is_entered() -> None:
    events = typing.get_args(typing.get_args(AssistantStreamEvent)[0]) or typing.get_args(AssistantStreamEvent)
    names = {typing.get_args(event.model_fields["event"].annotation)[0] for event in events}
    assert {row.name for row in rows(Kind.EVENT)} == names | {"done"}


def test_every_method_of_the_sdk_is_one_request_or_entered() -> None:
    one_request = {"create", "retrieve", "update", "list", "delete", "cancel", "submit_tool_outputs", "create_and_run"}
    methods = {
        f"{of}.{name}"
        for of, kind in (("assistants", Assistants), ("threads", Threads), ("messages", Messages), ("runs", Runs), ("steps", Steps))
        for name, value in vars(kind).items()
        if not name.startswith("_") and inspect.isfunction(value) and name not in one_request
    }
    assert {row.name for row in rows(Kind.METHOD)} == methods


# -- the tests


SENTENCES = {*sentences.in_api(), *sentences.in_runs()}


def words_of(row: Entry) -> Iterator[str]:
    """What a test of this row has to say: its last name and its values; of a sentence that is said here, how its longest piece begins."""
    if row.kind is Kind.ERROR:
        if row.name in SENTENCES or row.verdict is Verdict.EXACT:
            yield max(row.name.split("…"), key=len).strip(" '.")[:30]
    elif row.kind is Kind.ENDPOINT:
        yield [part for part in row.name.split("/") if not part.startswith("{")][-1]
    elif row.kind is not Kind.BEHAVIOUR:
        yield row.name.removesuffix("[]").rpartition(".")[2]
        yield from row.values


def is_said(word: str, said: str) -> bool:
    return word in said if " " in word else re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) is not None


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_every_row_is_shown_by_tests_that_are_there_and_speak_of_it(chapter: Chapter) -> None:
    wanting = []
    for table in chapter.tables:
        for row in table.rows():
            said = "\n".join(map(evidence, row.shown_by))
            # A recording is not at hand everywhere, and its test is skipped where it is not.
            if not any(not test.startswith("recordings/") for test in row.shown_by):
                wanting.append(f"{table.title}: {row.name}: no test")
            wanting += [f"{table.title}: {row.name}: no test says {word!r}" for word in words_of(row) if not is_said(word, said)]
    assert wanting == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    with pytest.raises(NoSuchTest):
        evidence("end_to_end/test_assistants.py::test_of_tomorrow")
    with pytest.raises(NoSuchTest):
        evidence("end_to_end/test_of_tomorrow.py::test_it")


def test_what_a_test_says_is_what_it_reaches_and_no_more() -> None:
    said = evidence("end_to_end/test_assistants.py::test_an_empty_modification_changes_nothing").split("\n")
    assert {"/assistants", "Ada", "OpenAI-Beta"} <= set(said)  # its own words, and those of the fixtures it is given
    assert "reasoning_effort" not in said


# -- the table itself


def test_what_differs_is_said() -> None:
    assert [row.name for row in ALL if row.verdict is not Verdict.EXACT and not row.how] == []


def test_nothing_is_entered_twice() -> None:
    entered = [(of, row.kind, row.name) for row in ALL for of in row.of or ("",)]
    assert [what for what in set(entered) if entered.count(what) > 1] == []


def test_every_form_that_is_named_has_rows_and_every_part_is_of_a_form_that_is_named() -> None:
    named = {row.form.removesuffix("[]") for row in ALL if row.form}
    parts = {of for row in rows(Kind.PART) for of in row.of}
    assert named <= parts | set(TAKEN)
    assert parts <= named | set(TAKEN)


def test_chapters_and_tables_have_rows() -> None:
    assert all(table.entries for chapter in CHAPTERS for table in chapter.tables)


def test_the_sdk_is_one_that_this_project_is_for() -> None:
    assert int(openai.__version__.split(".")[0]) < 4
