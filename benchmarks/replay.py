"""What of a run's request is byte for byte what the run before it sent: all of the history they share, or a server's cache is of no use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

from assistants_compat import wrap
from assistants_compat.testing import FunctionCall, OfflineUpstream, Reasoning, Turn
from benchmarks import figures, upstreams
from benchmarks.figures import Figure

RUNS = 50
TOOL: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
LOOKING = Turn(
    Reasoning(), "Let me see … ☁", FunctionCall("get_weather", {"city": "Zürich"}), FunctionCall("get_weather", {"city": "Kraków"})
)
ANSWER = Turn(Reasoning(), "It is sunny in Zürich ☀, and it rains in Kraków.")


class _Wire(OfflineUpstream):
    """Keeps the bytes of each model call."""

    bodies: list[bytes]

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        if path.endswith("/responses"):
            self.bodies.append(body)
        return super().handle(method, path, headers, body)


def measure(directory: Path, rounds: int) -> Iterator[Figure]:
    """Bytes do not vary: once is enough, whatever `rounds` says."""
    upstream = _Wire()
    upstream.bodies = []
    client = wrap(upstreams.client_on(upstream.transport(upstreams.family.__name__)), str(directory / "store.db"))
    assistant = client.beta.assistants.create(model="gpt-5.5", instructions="Answer briefly.", tools=[TOOL]).id
    thread = client.beta.threads.create().id
    first_calls = []
    for number in range(RUNS):
        upstream.script(LOOKING, ANSWER)
        client.beta.threads.messages.create(thread, role="user", content=f"How is the weather today, on day {number}?")
        first_calls.append(len(upstream.bodies))
        run = client.beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        calls = run.required_action.submit_tool_outputs.tool_calls if run.required_action else []
        outputs: Any = [{"tool_call_id": call.id, "output": '{"sky": "☀"}'} for call in calls]
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread, tool_outputs=outputs)
        assert run.status == "completed", run.last_error
    pairs = [(upstream.bodies[first - 1], upstream.bodies[first]) for first in first_calls[1:]]
    yield _share("between the last call of a run and the first of the next", pairs)
    yield _share("between all calls, one after the other", list(pairwise(upstream.bodies)))


def _share(between: str, pairs: list[tuple[bytes, bytes]]) -> Figure:
    histories = [(before[: _end_of_input(before)], after) for before, after in pairs]
    history = sum(len(before) for before, _ in histories)
    same = sum(sum(1 for _ in takewhile(lambda byte: byte[0] == byte[1], zip(*pair, strict=False))) for pair in histories)
    return figures.share(f"the history sent again, {between}", same, history)


def _end_of_input(body: bytes) -> int:
    """Where the last item of the input ends: with what comes before the input, all that the next request can have in common."""
    text = body.decode()
    begins = text.index('"input":[') + len('"input":')
    _, ends = json.JSONDecoder().raw_decode(text, begins)
    return len(text[: ends - 1].encode())
