"""`assistants-compat verify`: what it takes, what it tells, and how it ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import openai
import pytest
import vcr

from assistants_compat.seam.family import family_of
from assistants_compat.testing import FunctionCall, OfflineUpstream

from .conftest import command, report
from .programs import WEATHER
from .recorder import API, Json, write

Record = Callable[[str], list[Json]]


def text_of(interaction: Json) -> Any:
    return json.loads(interaction["response"]["body"]["string"])


def differing(interactions: list[Json]) -> list[Json]:
    """The same with another name in the first reply."""
    changed = deepcopy(interactions)
    body = changed[0]["response"]["body"]
    body["string"] = body["string"].replace('"Tutor"', '"Teacher"')
    return changed


def test_a_table_tells_people_what_differs_and_the_last_line_sums_up(record: Record, tmp_path: Path) -> None:
    result = command(write(tmp_path / "c.yaml", differing(record("objects")[:3])))
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "interaction 1: POST /assistants" in said
    assert "text name Teacher Tutor" in said
    assert said.endswith("3 requests of 1 recording replayed: 1 difference that is not known, 0 known.")


def test_without_a_difference_it_ends_with_0(record: Record, tmp_path: Path) -> None:
    result = command(write(tmp_path / "c.yaml", record("objects")))
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert "0 differences that are not known" in result.stdout


def test_json_has_every_difference_with_its_place(record: Record, tmp_path: Path) -> None:
    path = write(tmp_path / "c.yaml", differing(record("objects")[:1]))
    (difference,) = report(path)["differences"]
    assert difference == {
        "recording": str(path),
        "place": "interaction 1",
        "request": "POST /assistants",
        "endpoint": "POST /assistants",
        "object": "assistant",
        "kind": "text",
        "event": None,
        "where": "name",
        "at": "name",
        "recorded": "Teacher",
        "ours": "Tutor",
        "known": None,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_report_can_be_written_to_a_file(form: str, record: Record, tmp_path: Path) -> None:
    result = command("--format", form, "-o", tmp_path / "report", write(tmp_path / "c.yaml", record("objects")[:1]))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "replayed" in (tmp_path / "report").read_text(encoding="utf-8")


def test_json_of_vcrpy_and_json_lines_are_taken_too(record: Record, tmp_path: Path) -> None:
    interactions = record("streaming")
    (tmp_path / "c.json").write_text(json.dumps({"version": 1, "interactions": interactions}))
    lines = [
        {
            "method": each["request"]["method"],
            "url": each["request"]["uri"],
            "beta": "assistants=v2",
            "request": each["request"]["body"],
            "status": each["response"]["status"]["code"],
            "response_headers": each["response"]["headers"],
            "response": each["response"]["body"]["string"],
        }
        for each in interactions
    ]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, lines)))
    told = report(tmp_path / "c.json", tmp_path / "c.jsonl")
    assert (told["replayed"], told["differences"]) == (2 * len(interactions), [])


def test_a_folder_stands_for_all_cassettes_in_it_and_what_is_none_is_named(record: Record, tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", record("objects"))
    (tmp_path / "deeper").mkdir()
    write(tmp_path / "deeper" / "b.yml", record("errors"))
    (tmp_path / "settings.yaml").write_text("a: 1\n")
    told = report(tmp_path)
    assert (told["recordings"], told["differences"]) == (2, [])
    assert told["notes"] == [f"{tmp_path / 'settings.yaml'} has no list of interactions; it is left out."]


def test_a_recording_that_names_what_another_one_shows_is_replayed_with_it(record: Record, tmp_path: Path) -> None:
    interactions = record("polling")
    setup, rest = write(tmp_path / "setup.yaml", interactions[:2]), write(tmp_path / "test.yaml", interactions[2:])
    assert report(setup, rest)["differences"] == []


def test_what_vcrpy_records_of_a_program_on_the_sdk_is_replayed(client: openai.OpenAI, upstream: OfflineUpstream, tmp_path: Path) -> None:
    """The API is this package behind a transport that vcrpy knows."""
    family: Any = family_of(client._client)

    def api(request: Any) -> Any:
        reply = client._client.request(request.method, request.url, content=request.read(), headers=request.headers)
        return family.Response(reply.status_code, headers=reply.headers, content=reply.read())

    upstream.script(FunctionCall("get_weather", {"city": "Oslo"}), "It snows in Oslo.", "You are welcome.")
    http_client = family.Client(transport=family.MockTransport(api))
    with openai.OpenAI(api_key="sk-test", http_client=http_client) as program, vcr.use_cassette(str(tmp_path / "c.yaml")) as cassette:
        beta = program.beta
        assistant = beta.assistants.create(model="gpt-4o", tools=[WEATHER])
        thread = beta.threads.create(messages=[{"role": "user", "content": "Which weather has Oslo?"}])
        run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        assert run.required_action is not None
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": call.id, "output": "snow"}]
        beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
        beta.threads.messages.create(thread.id, role="user", content="Thanks.")
        with beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
            stream.until_done()
        assert [len(page.content) for page in beta.threads.messages.list(thread.id, limit=2)] == [1, 1, 1, 1]
        with pytest.raises(openai.NotFoundError):
            beta.threads.messages.retrieve("msg_000000000000000000000000", thread_id=thread.id)
        recorded = len(cassette)
    told = report(tmp_path / "c.yaml")
    assert (told["replayed"], told["differences"]) == (recorded, [])


UNUSABLE = {
    "a file that is not there": (None, "does not exist"),
    "not a cassette": ("a: 1\n", "c.yaml has no list of interactions."),
    "broken YAML": ("interactions: [\n", "not YAML that can be read"),
    "an interaction without a reply": ("interactions:\n- request: {uri: x}\n", "c.yaml, interaction 1: it has no response."),
    "traffic of something else": (
        f"interactions:\n- request: {{method: POST, uri: '{API}/chat/completions'}}\n  response: {{status: {{code: 200}}}}\n",
        "There is no request to the Assistants API, version 2, that could be replayed.",
    ),
}


@pytest.mark.parametrize(("content", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_be_used_is_told_in_a_line_and_ends_with_2(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    if content is not None:
        path.write_text(content)
    result = command(path)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_without_rich_it_says_what_to_install_and_json_needs_none(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "c.yaml", record("objects")[:1])
    monkeypatch.setattr("assistants_compat.verifying.reports.find_spec", lambda name: None)
    result = command(path)
    assert result.exit_code == 2
    assert "pip install 'assistants-compat[cassettes]'" in result.output
    assert report(path)["differences"] == []


def test_nothing_goes_over_the_network_and_the_environment_changes_nothing(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "c.yaml", record("functions"))

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setenv("ASSISTANTS_COMPAT_MODELS", "gpt-4o=nobody")
    monkeypatch.setenv("ASSISTANTS_COMPAT_STORE", "postgresql://nobody@nowhere/none")
    assert report(path)["differences"] == []


def test_requests_that_say_nothing_of_the_api_are_not_replayed_and_told(record: Record, tmp_path: Path) -> None:
    interactions = record("objects")
    first = deepcopy(interactions[0])
    first["request"]["headers"]["openai-beta"] = ["assistants=v1"]
    busy = deepcopy(interactions[0])
    busy["response"] |= {"status": {"code": 429}, "body": {"string": '{"error": {"message": "Slow down."}}'}}
    page = deepcopy(interactions[0])
    page["response"]["body"]["string"] = "<html>"
    other = deepcopy(interactions[0])
    other["request"] |= {"uri": "https://graph.example.com/threads", "headers": {}}
    told = report(write(tmp_path / "c.yaml", [first, busy, page, other, *interactions]))
    assert (told["replayed"], told["passed_on"], told["differences"]) == (len(interactions), 1, [])
    assert [(each["place"], each["reason"].split(" (")[0]) for each in told["not_replayed"]] == [
        ("interaction 1", "the first version of the API"),
        ("interaction 2", "the service refused it"),
        ("interaction 3", "its reply is not JSON"),
    ]


def test_recordings_of_azure_are_replayed_too(record: Record, tmp_path: Path) -> None:
    interactions = record("polling")
    for each in interactions:
        path, _, query = each["request"]["uri"].removeprefix(API).partition("?")
        each["request"]["uri"] = f"https://tutor.openai.azure.com/openai{path}?{query}&api-version=2024-05-01-preview"
        each["request"]["headers"] = {}
    told = report(write(tmp_path / "c.yaml", interactions))
    assert (told["replayed"], told["differences"]) == (len(interactions), [])


def test_keys_that_a_recorder_has_sorted_are_not_held_against_the_order(record: Record, tmp_path: Path) -> None:
    interactions = record("objects")
    for each in interactions:
        each["response"]["body"]["string"] = json.dumps(text_of(each), sort_keys=True)
    told = report(write(tmp_path / "c.yaml", interactions))
    assert told["differences"] == []
    assert told["notes"] == [f"{tmp_path / 'c.yaml'}: the keys of all objects are in alphabetical order, so their order is not compared."]


def test_ids_that_were_taken_out_of_a_recording_stand_for_what_they_name(record: Record, tmp_path: Path) -> None:
    interactions = record("functions")
    whole = json.dumps(interactions)
    run = text_of(interactions[1])
    ids = {text_of(interactions[0])["id"]: "ASSISTANT", run["thread_id"]: "THREAD-1", run["id"]: "r"}
    for id, name in ids.items():
        whole = whole.replace(id, name)
    assert report(write(tmp_path / "c.yaml", json.loads(whole)))["differences"] == []


def test_a_tool_that_a_run_has_used_and_ours_has_not_is_told(record: Record, tmp_path: Path) -> None:
    interactions = record("searching")
    for each in interactions[:1]:
        body = json.loads(each["request"]["body"])
        each["request"]["body"] = json.dumps({key: value for key, value in body.items() if key not in ("tools", "tool_resources")})
    told = report(write(tmp_path / "c.yaml", interactions))
    assert told["unknown"]
    assert any("the recorded run used file_search, and ours has nothing to use it with" in note for note in told["notes"])


def test_after_a_request_that_is_refused_here_the_rest_is_replayed_all_the_same(record: Record, tmp_path: Path) -> None:
    interactions = record("functions")
    (submit,) = (each for each in interactions if each["request"]["uri"].endswith("outputs") and each["response"]["status"]["code"] == 200)
    submit["request"]["body"] = '{"tool_outputs": []}'
    create = next(each for each in interactions if each["request"]["uri"].endswith("/threads/runs"))
    told = report(write(tmp_path / "submit.yaml", interactions))
    assert (told["replayed"], told["differences"][0]["kind"]) == (len(interactions), "status")
    create["request"]["body"] = '{"assistant_id": 7}'
    told = report(write(tmp_path / "create.yaml", interactions))
    assert (told["replayed"], told["differences"][0]["kind"]) == (len(interactions), "status")
