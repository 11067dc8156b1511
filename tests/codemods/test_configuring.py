"""Exported assistants as source: `assistants-compat migrate --assistants FILE`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.codemods.cases import outcome_of, rewritten

from assistants_codemods.configuring import NotAssistants, arguments_of, configurations
from assistants_codemods.migration import Options
from assistants_codemods.template import ASSISTANTS, Assistant

TUTOR: dict[str, Any] = {
    "id": "asst_abc",
    "object": "assistant",
    "created_at": 1720000000,
    "name": "Math Tutor",
    "description": None,
    "model": "gpt-4-turbo",
    "instructions": 'You teach.\nSay "hello" first.\n',
    "tools": [
        {"type": "code_interpreter"},
        {
            "type": "file_search",
            "file_search": {"max_num_results": 20, "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0}},
        },
        {
            "type": "function",
            "function": {"name": "solve", "description": "Solves.", "parameters": {"type": "object", "properties": {}}, "strict": False},
        },
    ],
    "tool_resources": {"code_interpreter": {"file_ids": ["file-1"]}, "file_search": {"vector_store_ids": ["vs_1"]}},
    "metadata": {"team": "school"},
    "temperature": 1.0,
    "top_p": 1.0,
    "reasoning_effort": None,
    "response_format": "auto",
}


def made(text: str) -> dict[str, Assistant]:
    """The assistants that the sources make when they run."""
    return {identifier: eval(source, {"Assistant": Assistant}) for identifier, source in configurations(text).items()}


def test_an_exported_assistant_becomes_source_that_people_can_read() -> None:
    small = {**TUTOR, "tools": [], "tool_resources": {}, "temperature": 0.2}
    assert configurations(json.dumps([small]))["asst_abc"] == (
        "Assistant(\n"
        '    id="asst_abc",\n'
        '    name="Math Tutor",\n'
        '    metadata={"team": "school"},\n'
        '    model="gpt-4-turbo",  # shut down on 2026-10-23; OpenAI recommends gpt-5.6-sol\n'
        "    instructions=(\n"
        '        "You teach.\\n"\n'
        "        'Say \"hello\" first.\\n'\n"
        "    ),\n"
        "    temperature=0.2,\n"
        '    truncation="auto",\n'
        ")"
    )


def test_its_tools_have_their_stores_and_files_inside() -> None:
    assert made(json.dumps([TUTOR]))["asst_abc"] == {
        "model": "gpt-4-turbo",
        "instructions": TUTOR["instructions"],
        "tools": [
            {"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}},
            {
                "type": "file_search",
                "max_num_results": 20,
                "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
                "vector_store_ids": ["vs_1"],
            },
            {
                "type": "function",
                "name": "solve",
                "description": "Solves.",
                "parameters": {"type": "object", "properties": {}},
                "strict": False,
            },
        ],
        "truncation": "auto",
    }


@pytest.mark.parametrize(
    "form",
    [
        [TUTOR],
        TUTOR,
        {"object": "list", "data": [TUTOR], "has_more": False},
        [{"object": "list", "data": [TUTOR]}, {"object": "list", "data": []}],
        {"export_schema": "assistants-export/v1", "assistants": [TUTOR]},
        {"assistants": [{"assistant": TUTOR, "files": []}]},
        {"asst_abc": TUTOR},
    ],
    ids=["list", "one", "page", "pages", "export tool", "wrapped", "by id"],
)
def test_every_form_of_export_is_read(form: Any) -> None:
    assert list(configurations(json.dumps(form))) == ["asst_abc"]


def test_json_lines_are_read() -> None:
    assert list(configurations(json.dumps(TUTOR) + "\n" + json.dumps({**TUTOR, "id": "asst_def"}) + "\n")) == ["asst_abc", "asst_def"]


@pytest.mark.parametrize("text", ["no json", "[1]", '{"threads": []}', '"asst_abc"', "null", '{"id": "asst_abc", "model": 4}'])
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(NotAssistants):
        configurations(text)


def test_the_generated_module_has_the_exported_assistants() -> None:
    program = "from openai import OpenAI\n\nclient = OpenAI()\nassistant = client.beta.assistants.retrieve('asst_abc')\n"
    outcome = outcome_of({"main.py": program}, Options(target="responses", assistants=json.dumps([TUTOR])))
    files = rewritten({"main.py": program}, outcome)
    assert files["main.py"].endswith("assistant = ASSISTANTS['asst_abc']\n")
    module: dict[str, Any] = {}
    exec(compile(files["assistants_config.py"], "assistants_config.py", "exec"), module)
    assert module["ASSISTANTS"]["asst_abc"].name == "Math Tutor"
    assert not [finding for finding in outcome.findings if finding.code == "AC067"]


def test_an_assistant_that_the_export_lacks_is_told() -> None:
    program = "from openai import OpenAI\n\nclient = OpenAI()\nassistant = client.beta.assistants.retrieve('asst_other')\n"
    outcome = outcome_of({"main.py": program}, Options(target="responses", assistants=json.dumps([TUTOR])))
    told = [finding.message for finding in outcome.findings if finding.code == "AC067"]
    assert told == ["ASSISTANTS has to be given the settings of asst_other"]


def test_the_format_of_replies_and_the_effort_of_reasoning_move() -> None:
    given = {
        "model": "o3",
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}},
    }
    assert arguments_of(given) == {
        "model": "o3",
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_schema", "name": "a", "schema": {}}},
        "truncation": "auto",
    }


def test_the_template_s_own_registry_stays_empty() -> None:
    assert not ASSISTANTS
