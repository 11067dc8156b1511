"""Recording: twice gives the same, what it made upstream is deleted, what fails leaves everything as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistants_compat.testing import OfflineUpstream
from assistants_compat.testing.tapes.cassette_file import without_header

from . import record as recorder
from .record import main, record
from .scenarios import SCENARIOS
from .scenarios.scenario import offline
from .stage import Stage


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def upstreams(monkeypatch: pytest.MonkeyPatch) -> list[OfflineUpstream]:
    """Those that are recorded, as they are made."""
    made: list[OfflineUpstream] = []

    def upstream(*arguments: object) -> OfflineUpstream:
        made.append(OfflineUpstream(*arguments))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(recorder, "OfflineUpstream", upstream)
    return made


@pytest.mark.parametrize("name", ["reasoning_model_with_tools", "code_interpreter_with_image_and_file", "async_program"])
def test_recording_again_brings_nothing_new(name: str, tmp_path: Path) -> None:
    assert record(SCENARIOS[name], tmp_path, {})
    first = contents(tmp_path)
    assert set(first) == {f"{name}.yaml", f"{name}.snapshot.json"}
    assert not record(SCENARIOS[name], tmp_path, {})
    assert contents(tmp_path) == first


def test_what_a_recording_made_upstream_is_deleted_and_that_is_not_recorded(tmp_path: Path, upstreams: list[OfflineUpstream]) -> None:
    record(SCENARIOS["file_search_with_citations"], tmp_path, {})
    record(SCENARIOS["code_interpreter_with_image_and_file"], tmp_path, {})
    deleted = [[call.path.split("/")[2] for call in upstream.calls if call.method == "DELETE"] for upstream in upstreams]
    assert [sorted(kinds) for kinds in deleted] == [["files", "files", "vector_stores", "vector_stores"], ["containers", "files"]]
    assert all(b"DELETE" not in content for content in contents(tmp_path).values())


def test_it_is_deleted_too_when_the_program_fails_and_no_file_is_touched(tmp_path: Path, upstreams: list[OfflineUpstream]) -> None:
    @offline()
    def text_by_polling(stage: Stage) -> None:
        with stage.client() as client:
            client.files.create(file=("a.txt", b"a"), purpose="assistants")
        raise RuntimeError("It went wrong.")

    (tmp_path / "text_by_polling.yaml").write_text("as it was")
    with pytest.raises(RuntimeError, match="It went wrong"):
        record(text_by_polling, tmp_path, {})
    assert contents(tmp_path) == {"text_by_polling.yaml": b"as it was"}
    assert [call.method for call in upstreams[0].calls] == ["POST", "DELETE"]


def test_a_script_that_is_not_used_up_is_an_error(tmp_path: Path) -> None:
    @offline("Never said.")
    def silent(stage: Stage) -> None:
        with stage.client() as client:
            client.files.create(file=("a.txt", b"a"), purpose="assistants")

    with pytest.raises(AssertionError, match="1 answers of its script"):
        record(silent, tmp_path, {})


def test_with_a_key_the_real_api_is_recorded_and_the_header_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real API is played by an upstream at another address; there is no other to try it on."""
    key = "sk-proj-aB3dE6gH9jK2mN5p_qR8sT1v"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    scenario = SCENARIOS["two_rounds_of_function_tools"]
    record(scenario, tmp_path, {})
    offline_recording = contents(tmp_path)
    upstream = OfflineUpstream(scenario.offline)
    with upstream.serve() as base_url:
        monkeypatch.setattr(recorder, "API", base_url)
        assert record(scenario, tmp_path, {"OPENAI_API_KEY": key}), "the same traffic from another source is news"
    assert upstream.unused == 0
    real_recording = contents(tmp_path)
    assert real_recording[f"{scenario.name}.yaml"].startswith(b"# two_rounds_of_function_tools: recorded against the real API on ")
    assert all(key.encode() not in content for content in real_recording.values())
    for name, content in offline_recording.items():
        assert without_header(content.decode()) == without_header(real_recording[name].decode())


def test_a_name_that_is_no_scenario_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["text_by_pooling"])
    assert "there is no scenario text_by_pooling" in capsys.readouterr().err
