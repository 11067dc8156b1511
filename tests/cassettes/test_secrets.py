"""Nothing secret is in a cassette, and nothing secret gets into one, or into what is printed of a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest
import yaml
from vcr.request import Request

from assistants_compat.testing import HttpError, OfflineUpstream
from assistants_compat.testing.tapes.cassette_file import CassetteFile, Yaml
from assistants_compat.testing.tapes.labels import Labels
from assistants_compat.testing.tapes.normal_form import normal_response
from assistants_compat.testing.tapes.scrubbing import REQUEST_HEADERS, RESPONSE_HEADERS, Leak, Scrubber

from . import record as recorder
from .record import OFFLINE_KEY, Source, main, take
from .replaying import CASSETTES
from .scenarios.scenario import Scenario, offline
from .stage import Stage

KEY = "sk-proj-aB3dE6gH9jK2mN5p_qR8sT1v"
SECRETS = {
    "key": KEY,
    "organisation": "acme-research-7",
    "its id": "org-A1b2C3d4E5f6G7h8I9j0",
    "project": "proj_Zy9Xw8Vu7Ts6Rq5P",
    "cookie": "h4Tq.9sX-1790000000-1.0.1.1-kD",
    "person": "Wilhelmina Example",
    "e-mail address": "wilhelmina@example.org",
    "bearer token": "Qm9yaW5nLXRva2VuLWluLWEtdGVzdA",
}


@offline()
def indiscreet(stage: Stage) -> None:
    """A program that says too much, to an upstream that repeats it."""
    with stage.client().with_options(organization=SECRETS["organisation"], project=SECRETS["project"]) as client:
        assistant = client.beta.assistants.create(model="gpt-5.4-mini", metadata={"user": SECRETS["person"]})
        told = f"My key is {KEY}, my address is {SECRETS['e-mail address']}; we are {SECRETS['organisation']}."
        thread = client.beta.threads.create(messages=[{"role": "user", "content": told}])
        client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        with pytest.raises(openai.APIStatusError):
            client.post("/responses", body={"model": "gpt-0", "input": "?", "user": SECRETS["person"]}, cast_to=object)
        client.files.create(file=("notes.txt", f"Authorization: Bearer {SECRETS['bearer token']}".encode()), purpose="assistants")


def indiscreet_upstream() -> OfflineUpstream:
    headers = {
        "set-cookie": f"__cf_bm={SECRETS['cookie']}; path=/; HttpOnly",
        "openai-organization": SECRETS["organisation"],
        "x-anything": KEY,
    }
    message = f"Limit reached for {SECRETS['organisation']} ({SECRETS['its id']}), cookie {SECRETS['cookie']}, key {KEY}"
    return OfflineUpstream([HttpError(400, message, headers=headers)])


def recorded(scenario: Scenario, upstream: OfflineUpstream, path: Path, key: str = KEY) -> str:
    with upstream.serve() as base_url:
        take(scenario, Source("the offline upstream", base_url, key, trust_env=False), path, Scrubber())
    return path.read_text("utf-8")


def test_what_is_secret_does_not_get_onto_the_tape(tmp_path: Path) -> None:
    upstream = indiscreet_upstream()
    text = recorded(indiscreet, upstream, tmp_path / "indiscreet.yaml")
    assert KEY in str(upstream.requests[0].body), "the program did send it"
    assert {name for name, secret in SECRETS.items() if secret in text} == set()
    assert "My key is [scrubbed], my address is [scrubbed]; we are [scrubbed]." in text
    assert "Limit reached for [scrubbed] ([scrubbed]), cookie [scrubbed], key [scrubbed]" in text
    assert '"user": "[scrubbed]"' in text


def test_a_secret_that_cannot_be_taken_out_stops_the_recording(tmp_path: Path) -> None:
    @offline()
    def binary(stage: Stage) -> None:
        with stage.client() as client:
            client.files.create(file=("a.png", b"\x89PNG\xff" + KEY.encode()), purpose="vision")

    with pytest.raises(Leak) as caught:
        recorded(binary, OfflineUpstream(), tmp_path / "binary.yaml")
    assert KEY not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_file_itself_is_looked_through_before_it_is_written(tmp_path: Path) -> None:
    file = CassetteFile(lambda: ("recorded",), Scrubber([SECRETS["organisation"]]))
    body = f"We are {SECRETS['organisation']}".encode()
    response: Any = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": body}}
    request = Request("GET", "https://api.openai.com/v1/models", None, {})
    with pytest.raises(Leak, match="was not written") as caught:
        file.save_cassette(tmp_path / "a.yaml", {"requests": [request], "responses": [response]}, Yaml)
    assert SECRETS["organisation"] not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_response_that_cannot_be_read_is_not_taken_in() -> None:
    response = {"status": {"code": 200, "message": "OK"}, "headers": {"Content-Encoding": ["zstd"]}, "body": {"string": b"(\xb5/\xfd"}}
    with pytest.raises(Leak, match="compressed"):
        normal_response(response, 0, Labels(), Scrubber())


def test_a_failure_is_printed_without_the_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @offline()
    def failing(stage: Stage) -> None:
        raise RuntimeError(f"This has the key in it: {KEY}")

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(recorder, "SCENARIOS", {"failing": failing})
    assert main(["failing"]) == 1
    printed = "".join(capsys.readouterr())
    assert "failing: NOT RECORDED" in printed
    assert "This has the key in it: [scrubbed]" in printed
    assert KEY not in printed


def test_scrubbing_twice_changes_nothing_and_words_are_left_alone() -> None:
    scrubber = Scrubber([SECRETS["organisation"], "ai"])
    once = scrubber.text(f'{{"user": "{SECRETS["person"]}", "role": "user", "note": "{KEY} of {SECRETS["organisation"]}"}}')
    assert once == '{"user": "[scrubbed]", "role": "user", "note": "[scrubbed] of [scrubbed]"}'
    assert scrubber.text(once) == once
    harmless = 'The user-interface of our project is said to be a task-oriented one; "user": null, sk-1, "rain" in org-charts'
    assert scrubber.text(harmless) == harmless


@pytest.mark.parametrize("path", sorted(CASSETTES.iterdir()), ids=lambda path: path.name)
def test_there_is_nothing_secret_in_the_cassettes(path: Path) -> None:
    text = path.read_text("utf-8")
    assert Scrubber([OFFLINE_KEY, "sk-replayed", "127.0.0.1", "localhost"]).leaks(text) == []


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_cassettes_have_only_the_headers_that_are_on_the_list_and_one_address(path: Path) -> None:
    for each in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        assert set(each["request"]["headers"]) <= REQUEST_HEADERS
        assert set(each["response"]["headers"]) <= RESPONSE_HEADERS
        assert each["request"]["uri"].startswith("https://api.openai.com/v1/")
