"""Programs run three ways, as they are on the shim, moved to the shim, moved to native code: they print the same and ask the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
import pytest
from tests.codemods.cases import outcome_of, rewritten
from tests.codemods.equivalence.running import run

from assistants_codemods.migration import Options
from assistants_compat.testing import FunctionCall, Text, Turn

pytestmark = [pytest.mark.long, pytest.mark.skipif(not hasattr(openai.OpenAI, "conversations"), reason="this SDK has no conversations")]

_PROGRAMS = Path(__file__).parent / "programs"


def _weather() -> list[Any]:
    calls = Turn(FunctionCall("get_weather", {"city": "Oslo"}, "call_1"), FunctionCall("get_weather", {"city": "Rome"}, "call_2"))
    return [calls, Text("Oslo is cold, Rome is warm."), Text("You are welcome.")]


_SCRIPTS: dict[str, Any] = {
    "text_by_polling": ["x is -1/3", "Twice that is -2/3"],
    "poll_loop": ["First answer", "Second answer"],
    "poll_in_function": ["First answer", "Second answer"],
    "function_tools": _weather,
    "per_run_settings": ["Yes, Jane.", "No, Jane."],
    "history": ["One", "Two"],
    "create_thread_and_run": ["Hello"],
    "text_deltas": ["Hello you there"],
    "event_handler": ["Hello you there"],
    "raw_events": ["Hello you there"],
    "async_program": ["One", "Two"],
    "helper_functions": ["One", "Two"],
    "class_with_client": ["One", "Two"],
}


@pytest.mark.parametrize("name", sorted(path.stem for path in _PROGRAMS.glob("*.py")))
def test_a_program_says_and_asks_the_same_three_ways(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"main.py": (_PROGRAMS / f"{name}.py").read_text(encoding="utf-8")}
    script = _SCRIPTS[name]
    original = run(files, _folder(tmp_path, "original"), script, monkeypatch, on_the_shim=True)
    assert original.printed

    to_shim = _migrated(files, "shim")
    assert "assistants_compat" in to_shim["main.py"]
    assert run(to_shim, _folder(tmp_path, "shim"), script, monkeypatch) == original

    native = _migrated(files, "responses")
    assert not any("beta" in text or "assistants_compat" in text for text in native.values()), native["main.py"]
    assert run(native, _folder(tmp_path, "native"), script, monkeypatch) == original


def _folder(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir()
    return folder


def _migrated(files: dict[str, str], target: Any) -> dict[str, str]:
    outcome = outcome_of(files, Options(target=target))
    assert not outcome.reasons, outcome.reasons
    assert not outcome.failures
    return rewritten(files, outcome)
