"""What is exported, imported into an empty store and exported again is the same, byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistants_compat.testing import CodeInterpreter, FunctionCall, OfflineUpstream, Reasoning, Text, Turn
from budget import examples
from stores import ready_file

from .conftest import Done, Saved, lines

Json = dict[str, Any]


def contents(folder: Path) -> dict[str, bytes]:
    """All files but the manifest, which has the time in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"
    }


def test_a_history_that_was_lived_here(
    client: openai.OpenAI, upstream: OfflineUpstream, command: Callable[..., Done], new_store: str, tmp_path: Path, store_in_a_file: None
) -> None:
    tools: Any = [{"type": "function", "function": {"name": "get_weather"}}, {"type": "code_interpreter"}]
    upstream.script(
        Turn(Reasoning("hm"), FunctionCall("get_weather", {"city": "Oslo"})),
        Turn(Reasoning("so"), Text("Rain.")),
        Turn(CodeInterpreter("plot()", images=[b"\x89PNG\r\n\x1a\n"], files={"a.csv": b"a\n"}), Text("See sandbox:/mnt/data/a.csv")),
        Text("half", incomplete=True),
    )
    assistant = client.beta.assistants.create(model="gpt-5.4", tools=tools, metadata={"k": "v"})
    for number in range(2):
        thread = client.beta.threads.create(metadata={"number": str(number)}, messages=[{"role": "user", "content": "Weather? \u2028 é"}])
        run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
        if run.required_action is not None:
            call_id = run.required_action.submit_tool_outputs.tool_calls[0].id
            client.beta.threads.runs.submit_tool_outputs_and_poll(
                run_id=run.id, thread_id=thread.id, tool_outputs=[{"tool_call_id": call_id, "output": "rain"}]
            )
        client.beta.threads.messages.create(thread.id, role="assistant", content="As I said.")
    client.beta.threads.messages.create(thread.id, role="user", content="Go on.")
    client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id, max_completion_tokens=300)

    command("export", tmp_path / "one")
    assert command("import", tmp_path / "one", "--store", new_store).code == 0
    command("export", tmp_path / "two", "--store", new_store)
    one = contents(tmp_path / "one")
    assert contents(tmp_path / "two") == one
    assert sum(name.startswith("files") for name in one) == 2
    assert b"reasoning" in b"".join(one.values())


text = st.text(max_size=12)
metadata = st.dictionaries(st.text(st.characters(codec="ascii", categories=("L",)), min_size=1, max_size=3), text, max_size=2)
parts = st.one_of(
    st.builds(lambda value: {"type": "text", "text": {"value": value, "annotations": []}}, text),
    st.builds(lambda id: {"type": "image_file", "image_file": {"file_id": id, "detail": "auto"}}, st.just("file-1")),
    st.builds(lambda url: {"type": "image_url", "image_url": {"url": url, "detail": "low"}}, text),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    """Objects of a few threads, as the API would have shown them."""
    objects: list[Json] = [
        Saved.assistant(id=f"asst_{n}", created_at=draw(st.integers(0, 5)), metadata=draw(metadata)) for n in range(draw(st.integers(0, 2)))
    ]
    for number in range(draw(st.integers(1, 3))):
        thread_id = f"thread_{number}"
        objects.append(Saved.thread(id=thread_id, created_at=draw(st.integers(0, 5)), metadata=draw(metadata)))
        moments = draw(st.lists(st.integers(0, 9), max_size=6).map(sorted))
        for place, moment in enumerate(moments):
            role = draw(st.sampled_from(["user", "assistant"]))
            content = draw(st.lists(parts, max_size=2))
            attachments = draw(st.sampled_from([[], [{"file_id": "file-2", "tools": [{"type": "file_search"}]}]]))
            message = {"role": role, "content": content, "attachments": attachments, "metadata": draw(metadata), "thread_id": thread_id}
            objects.append(Saved.message(1, at=moment, **message, id=f"msg_{number}_{place}"))
        for place, moment in enumerate(moments[:3]):
            status = draw(st.sampled_from(["completed", "failed", "expired", "cancelled", "incomplete", "in_progress", "requires_action"]))
            run_id = f"run_{number}_{place}"
            objects.append(Saved.run(id=run_id, thread_id=thread_id, created_at=moment, status=status, metadata=draw(metadata)))
            for step in range(draw(st.integers(0, 2))):
                state = draw(st.sampled_from(["completed", "in_progress"]))
                home = {"thread_id": thread_id, "run_id": run_id}
                objects.append(Saved.step(id=f"step_{number}_{place}_{step}", **home, created_at=moment + step, status=state))
    return objects


@pytest.mark.parametrize("form", ["folder", "lines"])
@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(objects=histories())
def test_any_history(form: str, objects: list[Json], command: Callable[..., Done], tmp_path: Path, store_in_a_file: None) -> None:
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("a.db", "b.db"):
        ready_file(folder / name)
    (folder / "saved.jsonl").write_bytes(lines(*objects))
    options = ["--lines"] if form == "lines" else []
    assert command("import", folder / "saved.jsonl", "--store", folder / "a.db").code == 0
    command("export", *options, folder / "one", "--store", folder / "a.db")
    assert command("import", folder / "one", "--store", folder / "b.db", "--strict").code == 0
    command("export", *options, folder / "two", "--store", folder / "b.db")
    one, two = ((folder / name).read_bytes() if options else contents(folder / name) for name in ("one", "two"))
    assert one == two
    again = command("import", folder / "one", "--store", folder / "a.db", "--format", "json")
    assert (again.code, again.json["remarks"]) == (0, [])
    assert sum(counts["there"] for counts in again.json["result"].values()) == len(objects)
