"""Five hundred streamed runs at once through one server process, while a word comes every half second in each: how much later it is read
than straight from the upstream, and what a run takes of the server's memory.

Upstream, server and readers are a process each and share the processors, as they do not where a model is far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openai

from benchmarks import figures
from benchmarks.crowd import cast
from benchmarks.crowd.cast import Part
from benchmarks.crowd.upstream import PACE, WORDS
from benchmarks.figures import Figure
from benchmarks.measure import Comparison, Spread

STREAMS = 500
WARM_UP = 20
MOST_ROUNDS = 3
MODEL = "gpt-4o"


class Round(NamedTuple):
    """What the readers tell of the same streams through the server and straight from the upstream, and the server's part in it."""

    ours: dict[str, Any]
    theirs: dict[str, Any]
    memory: float
    """MiB at the most, on top of what there was before the first of them."""
    processor_time: float
    """Seconds."""


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    with cast.upstream() as upstream:
        measured = [_round(directory, number, upstream) for number in range(min(rounds, MOST_ROUNDS))]
    completed = min(each.ours["completed"] for each in measured)
    yield Figure(
        f"{STREAMS} streamed runs at once",
        f"{PACE:g} words/s each",
        "",
        f"{completed} of {STREAMS} completed",
        "all",
        "reached" if completed == STREAMS else "not reached",
    )
    for share, words in ((0.5, "half of the words are read within"), (0.95, "95 % of the words are read within")):
        yield figures.difference(words, _compared(measured, "ages", share), None)
    for share, words in ((0.5, "half of the first words, all asked for at the same moment"), (0.95, "95 % of the first words")):
        yield figures.difference(words, _compared(measured, "first", share), None)
    yield figures.amount("memory of the server, a run", Spread.of(each.memory * 1024 / STREAMS for each in measured), "KiB", None)
    spent = Spread.of(each.processor_time * 1e3 / STREAMS for each in measured)
    yield figures.amount(f"processor time of the server, a run of {WORDS} words", spent, "ms", None)


def _round(directory: Path, number: int, upstream: Part) -> Round:
    direct = [("/responses", {"model": MODEL, "input": "Hello", "stream": True})] * STREAMS
    theirs = _listened(upstream, direct, directory)
    with cast.server(str(directory / f"store{number}.db"), upstream.url, STREAMS) as server:
        _listened(server, _runs(server, WARM_UP), directory)
        runs = _runs(server, STREAMS)
        (before, _), spent = server.memory, server.processor_time
        ours = _listened(server, runs, directory)
        return Round(ours, theirs, server.memory[1] - before, server.processor_time - spent)


def _listened(to: Part, requests: list[tuple[str, Any]], directory: Path) -> dict[str, Any]:
    told: dict[str, Any] = cast.told_by("benchmarks.crowd.listeners", {"url": to.url, "requests": requests}, directory)
    return told


def _runs(server: Part, count: int) -> list[tuple[str, Any]]:
    """Requests for streamed runs, each on a thread of its own that is there already."""
    with openai.OpenAI(api_key="sk-test", base_url=server.url, max_retries=0) as client:
        assistant = client.beta.assistants.create(model=MODEL, instructions="Answer briefly.").id
        threads = [client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}]).id for _ in range(count)]
    return [(f"/threads/{thread}/runs", {"assistant_id": assistant, "stream": True}) for thread in threads]


def _compared(measured: list[Round], name: str, share: float) -> Comparison:
    """Of what so much of them stays below, in seconds."""
    pairs = [(_below(each.ours[name], share), _below(each.theirs[name], share)) for each in measured]
    return Comparison(
        ours=Spread.of(ours for ours, _ in pairs).median,
        theirs=Spread.of(theirs for _, theirs in pairs).median,
        ratio=Spread.of(ours / theirs for ours, theirs in pairs),
        difference=Spread.of(ours - theirs for ours, theirs in pairs),
    )


def _below(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]
