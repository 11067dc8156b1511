"""A replay that is not what was recorded fails, and says how."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import openai
import pytest

from assistants_compat.testing.network import NetworkBlocked, blocked
from assistants_compat.testing.tapes.cassette_file import Yaml
from assistants_compat.testing.tapes.tape import Unfaithful

from .replaying import CASSETTES, replayed
from .scenarios import SCENARIOS, Scenario
from .stage import Stage

POLLED = (CASSETTES / "text_by_polling.yaml").read_text("utf-8")


def altered(tmp_path: Path, text: str, old: str, new: str) -> Path:
    """A cassette with something else in it."""
    assert old in text
    path = tmp_path / "altered.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def complaint(name: str, cassette: Path) -> list[str]:
    with pytest.raises(Unfaithful) as caught:
        replayed(SCENARIOS[name], cassette)
    return str(caught.value).splitlines()


def test_a_model_call_with_another_body_is_told_as_a_diff_of_its_json(tmp_path: Path) -> None:
    lines = complaint("text_by_polling", altered(tmp_path, POLLED, '"store": false', '"store": true'))
    assert lines[:3] == ["A request is not the recorded one:", "--- recorded", "+++ sent now"]
    assert [line for line in lines[3:] if line[0] in "+-"] == ['-  "store": true,', '+  "store": false,']


def test_a_file_with_another_content_is_told_as_a_diff_of_its_lines(tmp_path: Path) -> None:
    cassette = altered(tmp_path, (CASSETTES / "file_search_with_citations.yaml").read_text("utf-8"), "likes pizza", "likes soup")
    lines = complaint("file_search_with_citations", cassette)
    assert [line for line in lines[3:] if line[0] in "+-"] == ["-Tekakwitha Effie likes soup.", "+Tekakwitha Effie likes pizza."]


def test_a_request_to_another_address_is_told(tmp_path: Path) -> None:
    lines = complaint(
        "text_by_polling", altered(tmp_path, POLLED, "https://api.openai.com/v1/responses", "https://api.openai.com/v1/answers")
    )
    changed = [line for line in lines[3:] if line[0] in "+-"]
    assert changed == ["-POST https://api.openai.com/v1/answers", "+POST https://api.openai.com/v1/responses"]


def test_the_order_of_keys_in_a_body_says_nothing(tmp_path: Path) -> None:
    swapped = altered(tmp_path, POLLED, '"store": false,\n        "stream": true,', '"stream": true,\n        "store": false,')
    assert replayed(SCENARIOS["text_by_polling"], swapped) == replayed(SCENARIOS["text_by_polling"], CASSETTES / "text_by_polling.yaml")


def test_a_request_that_nobody_makes_any_more_is_told(tmp_path: Path) -> None:
    cassette = tmp_path / "longer.yaml"
    tape = Yaml.deserialize(POLLED)
    cassette.write_text(Yaml.serialize({**tape, "interactions": tape["interactions"] * 2}), "utf-8")
    lines = complaint("text_by_polling", cassette)
    assert lines[:2] == ["Recorded requests were not made:", "POST https://api.openai.com/v1/responses"]


def test_another_answer_makes_another_snapshot(tmp_path: Path) -> None:
    cassette = altered(tmp_path, POLLED, '"input_tokens":', '"input_tokens":1')
    before = replayed(SCENARIOS["text_by_polling"], CASSETTES / "text_by_polling.yaml")
    after = replayed(SCENARIOS["text_by_polling"], cassette)
    counts = [[run["usage"]["prompt_tokens"] for run in json.loads(seen) if run["what"] == "run"] for seen in (before, after)]
    assert counts[1] == [int(f"1{count}") for count in counts[0]]


def test_a_scenario_without_a_cassette_says_how_to_record_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make record ARGS=text_by_polling"):
        replayed(SCENARIOS["text_by_polling"], tmp_path / "none.yaml")


def test_there_is_no_network_in_a_replay() -> None:
    with blocked("in a test", loopback=False) as tried:
        with socket.socket() as connection:
            with pytest.raises(NetworkBlocked, match="The network is blocked"):
                connection.connect(("127.0.0.1", 9))
            with pytest.raises(NetworkBlocked):
                connection.connect_ex(("127.0.0.1", 9))
        with pytest.raises(NetworkBlocked):
            socket.create_connection(("localhost", 9))
        with openai.OpenAI(api_key="sk-test", max_retries=0) as client, pytest.raises(openai.APIConnectionError):
            client.models.list()
    assert len(tried) == 4
    assert tried[0] == "connect to ('127.0.0.1', 9)"


def test_a_program_that_goes_for_the_network_by_another_way_is_found_out(tmp_path: Path) -> None:
    def program(stage: Stage) -> None:
        SCENARIOS["text_by_polling"].program(stage)
        with socket.socket() as connection, pytest.raises(OSError, match="blocked"):
            connection.connect(("127.0.0.1", 9))

    with pytest.raises(Unfaithful, match="tried to connect to"):
        replayed(Scenario(program, ()), CASSETTES / "text_by_polling.yaml")
