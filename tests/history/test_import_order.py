"""`assistants-compat import`: objects come in any order, and each comes to its place."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget import examples

from .conftest import Done, Saved, lines, page, texts

ALL = [f"message {n}" for n in range(1, 8)]


def write(folder: Path, name: str, value: Any) -> Path:
    (folder / name).write_text(json.dumps(value))
    return folder / name


@pytest.mark.parametrize("order", ["newest first", "oldest first"])
def test_pages_are_put_together_whatever_order_their_files_are_in(
    order: str, command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    messages = [Saved.message(n) for n in range(1, 8)]
    if order == "newest first":
        messages.reverse()
    parts = [messages[:3], messages[3:5], messages[5:]]
    for name, number in (("b", 0), ("c", 1), ("a", 2)):
        write(tmp_path, f"{name}.json", page(parts[number], has_more=number < 2))
    assert command("import", tmp_path).code == 0
    assert texts(client) == ALL


def test_of_messages_in_the_same_second_the_list_tells_the_order_at_the_ends_of_pages_too(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    seconds = {1: 10, 2: 10, 3: 20, 4: 20, 5: 20, 6: 20, 7: 30}
    newest_first = [Saved.message(n, at=1_700_000_000 + second) for n, second in sorted(seconds.items(), reverse=True)]
    write(tmp_path, "2.json", page(newest_first[:3]))
    write(tmp_path, "1.json", page(newest_first[3:]))
    assert command("import", tmp_path).code == 0
    assert texts(client) == ALL


def test_a_page_whose_messages_are_all_of_one_second_goes_the_way_of_the_api(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    command("import", write(tmp_path, "page.json", page([Saved.message(n, at=1_700_000_000) for n in range(7, 0, -1)])))
    assert texts(client) == ALL


def test_a_page_that_comes_later_is_put_before_and_between_what_is_there(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    def part(*numbers: int) -> Path:
        return write(tmp_path, "part.json", page([Saved.message(n) for n in sorted(numbers, reverse=True)]))

    for numbers in ((3, 5), (1, 2, 3), (7,), (4, 6)):
        assert command("import", part(*numbers)).code == 0
    assert texts(client) == ALL
    assert command("import", part(*range(1, 8)), "--format", "json").json["result"]["message"]["there"] == 7


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seconds=st.lists(st.integers(0, 4), min_size=1, max_size=12).map(sorted),
    cuts=st.lists(st.integers(1, 11), max_size=4),
    seed=st.integers(0, 10_000),
    backward=st.booleans(),
    apart=st.booleans(),
)
def test_the_order_comes_back_from_overlapping_pages_in_any_order_of_files(
    seconds: list[int],
    cuts: list[int],
    seed: int,
    backward: bool,
    apart: bool,
    command: Callable[..., Done],
    client: openai.OpenAI,
    tmp_path: Path,
) -> None:
    """Imported at once, or one file after the other; with a message on two pages, as when somebody wrote in between."""
    thread_id = f"thread_{random.Random((seed, *seconds, *cuts).__hash__()).randrange(10**24):024}"
    bounds = sorted({0, *(cut for cut in cuts if cut < len(seconds)), len(seconds)})
    numbered = [
        Saved.message(n, at=1_700_000_000 + second, thread_id=thread_id, id=f"msg_{n}_{thread_id[7:]}")
        for n, second in enumerate(seconds, 1)
    ]
    pages = [numbered[max(0, begin - 1) : end] for begin, end in pairwise(bounds)]
    folder = tmp_path / thread_id
    folder.mkdir(exist_ok=True)
    paths = []
    for number, part in enumerate(pages):
        paths.append(write(folder, f"{number}.json", page(part[::-1] if backward else part)))
    random.Random(seed).shuffle(paths)
    for some in [[path] for path in paths] if apart else [paths]:
        assert command("import", *some).code == 0
    told = texts(client, thread_id)
    moments = [seconds[int(text.split()[1]) - 1] for text in told]
    assert moments == seconds
    if len(set(seconds)) == len(seconds) or (len(pages) == 1 and (len(set(seconds)) > 1 or backward)):
        assert told == [f"message {n}" for n in range(1, len(seconds) + 1)]


def test_lines_of_many_threads_in_any_order_are_sorted_out(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    other = "thread_other"
    objects = [Saved.message(n) for n in range(1, 8)]
    objects += [Saved.message(n, thread_id=other, id=f"msg_other{n}") for n in range(1, 8)]
    objects += [Saved.thread(), Saved.thread(id=other), Saved.run(), Saved.step(), Saved.assistant()]
    random.Random(7).shuffle(objects)
    (tmp_path / "all.jsonl").write_bytes(lines(*objects))
    assert command("import", tmp_path / "all.jsonl").code == 0
    assert texts(client) == texts(client, other) == ALL
    [step] = client.beta.threads.runs.steps.list(Saved.run_id, thread_id=Saved.thread_id)
    assert step.id == Saved.step()["id"]
    assert client.beta.threads.retrieve(Saved.thread_id).metadata == {"user": "7"}


def test_runs_and_steps_are_listed_by_age_and_assistants_too(command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path) -> None:
    runs = [Saved.run(id=f"run_{n}", created_at=1_700_000_000 + n) for n in (3, 1, 2)]
    steps = [Saved.step(n, run_id="run_1", created_at=1_700_000_000 + n) for n in (2, 3, 1)]
    assistants = [Saved.assistant(id=f"asst_{n}", created_at=1_600_000_000 + n) for n in (2, 1, 3)]
    (tmp_path / "all.jsonl").write_bytes(lines(*runs, *steps, *assistants))
    assert command("import", tmp_path / "all.jsonl").code == 0
    assert [run.id for run in client.beta.threads.runs.list(Saved.thread_id)] == ["run_3", "run_2", "run_1"]
    listed = client.beta.threads.runs.steps.list("run_1", thread_id=Saved.thread_id, order="asc")
    assert [step.id for step in listed] == [f"step_{n:024}" for n in (1, 2, 3)]
    assert [assistant.id for assistant in client.beta.assistants.list()] == ["asst_3", "asst_2", "asst_1"]


def test_a_thread_of_which_only_the_messages_were_saved_is_there_and_that_is_told(
    command: Callable[..., Done], client: openai.OpenAI, tmp_path: Path
) -> None:
    done = command("import", write(tmp_path, "messages.json", [Saved.message(2), Saved.message(1)]))
    assert done.code == 0
    assert "1 threads without metadata and tool resources" in done.out
    thread = client.beta.threads.retrieve(Saved.thread_id)
    assert (thread.created_at, thread.metadata) == (1_700_000_001, {})
