"""`assistants-compat import`: files larger than what is held in memory."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants_compat.transfer import json_text
from assistants_compat.transfer.json_values import Piece, Values

from .conftest import Done, Saved, lines, texts

pytestmark = pytest.mark.long

A_MEGABYTE = "x" * 1_000_000
ALL = [f"message {n} {A_MEGABYTE}" for n in range(1, 36)]


@pytest.mark.slow
def test_a_document_that_is_larger_than_any_object_is_read_in_parts(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    """As one object of the open schema; as one of somebody's own; and as a thread with its messages in it."""
    messages = [Saved.message(n, text) for n, text in enumerate(ALL, 1)]
    run = {**Saved.run(), "steps": [Saved.step()]}
    forms: list[Any] = [
        {"export_schema": "assistants-thread-export/v1", "thread": Saved.thread(), "messages": messages, "runs": [run], "errors": []},
        {"saved": "by hand", "all": {"threads": {Saved.thread_id: Saved.thread()}, "of": {"it": {"data": messages[::-1]}}, "runs": [run]}},
        {**Saved.thread(), "messages": messages, "runs": [run]},
    ]
    for number, form in enumerate(forms):
        (tmp_path / f"{number}.json").write_text(json.dumps(form))
        done = command("import", tmp_path / f"{number}.json", "--format", "json")
        assert (done.code, done.json["remarks"]) == (0, [])
        verdict = "there" if number else "added"
        assert {kind: counts[verdict] for kind, counts in done.json["result"].items()} == {"thread": 1, "message": 35, "run": 1, "step": 1}
        (tmp_path / f"{number}.json").unlink()
    assert texts(client) == ALL
    assert client.beta.threads.retrieve(Saved.thread_id).metadata == {"user": "7"}


def test_an_object_that_is_larger_than_one_can_be_is_told_and_the_others_come_in(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    huge = Saved.message(2, "x" * (json_text.MOST_OF_AN_OBJECT + 1))
    (tmp_path / "lines.jsonl").write_bytes(lines(Saved.message(1), huge, Saved.message(3)))
    (tmp_path / "array.json").write_text(json.dumps([Saved.message(1), huge, Saved.message(3)], indent=1))
    for path in ("lines.jsonl", "array.json"):
        done = command("import", tmp_path / path)
        assert done.code == 1
        assert "is too large" in done.out or "is larger than one can be" in done.out
        assert texts(client) == ["message 1", "message 3"]
        (tmp_path / path).unlink()


_PEAK = """
import sys
from assistants_compat.cli import main
try:
    main(["import", *sys.argv[1:]], standalone_mode=False)
except SystemExit:
    pass
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell how much memory was in use")
def test_the_memory_of_an_import_does_not_grow_with_the_file(command: Callable[..., Done], tmp_path: Path) -> None:
    def peak(mebibytes: int) -> int:
        with (tmp_path / "saved.jsonl").open("wb") as file:
            for number in range(mebibytes * 64):
                file.write(lines(Saved.message(number, "x" * 16_000, thread_id=f"thread_{number // 50}", at=number)))
        arguments = [sys.executable, "-c", _PEAK, str(tmp_path / "saved.jsonl"), "--store", str(tmp_path / f"{mebibytes}.db")]
        return int(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()[-1]) // 1024

    # The page cache of what is laid out on disk is 32 MiB at the most; all of the file, parsed, would be several hundred.
    assert peak(150) - peak(5) < 48


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(
    objects=st.lists(st.dictionaries(st.text(max_size=3), values, max_size=4), max_size=5),
    indent=st.sampled_from([None, 1]),
    escaped=st.booleans(),
    form=st.sampled_from(["lines", "array", "one after the other"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    piece=st.sampled_from([2, 3, 7, 50]),
)
def test_whatever_is_json_is_read_however_it_is_cut_into_pieces(
    objects: list[dict[str, Any]], indent: int | None, escaped: bool, form: str, encoding: str, piece: int
) -> None:
    if not escaped:  # half a surrogate pair has no other form
        objects = _encodable(objects)
    texts = [json.dumps(each, indent=indent, ensure_ascii=escaped) for each in objects]
    text = json.dumps(objects, indent=indent, ensure_ascii=escaped) if form == "array" else ("\n" if form == "lines" else "").join(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PIECE", piece)
        found = list(Values(io.BytesIO(text.encode(encoding))))
    assert [each.value if isinstance(each, Piece) else each for each in found] == objects


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    return {_encodable(key): _encodable(each) for key, each in value.items()} if isinstance(value, dict) else value


def test_after_any_damage_what_is_whole_is_found_or_told() -> None:
    """One byte of a file is changed, or some are missing: nothing is raised, and no line that is whole is lost without a word."""
    whole = [Saved.message(n) for n in range(1, 9)]
    text = lines(*whole)
    chance = random.Random(5)
    for _ in range(300):
        at = chance.randrange(len(text))
        damaged = bytearray(text)
        damaged[at : at + chance.choice([0, 1, 30])] = bytes([chance.randrange(256)])
        found = list(Values(io.BytesIO(bytes(damaged))))
        read = [each.value for each in found if isinstance(each, Piece)]
        gaps = [each for each in found if not isinstance(each, Piece)]
        assert gaps or len(read) == 8
        assert len([value for value in read if value in whole]) >= 6
