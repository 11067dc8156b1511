"""From an answer of the script to the reply: the response or its events, and where the reply waits, holds or breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistants_compat.testing import responses, sequence
from assistants_compat.testing.answers import Answer, BrokenStream, Failed, HttpError, Slow, Turn, Unreachable
from assistants_compat.testing.background import Jobs
from assistants_compat.testing.composition import compose
from assistants_compat.testing.gate import Gate
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import Model
from assistants_compat.testing.replies import Drop, Hold, Pause, Send, Step, UpstreamReply, error_reply, json_reply, usual_headers
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.workbench import Workbench

Json = dict[str, Any]


@dataclass(frozen=True)
class Answering:
    """One request that has been accepted."""

    body: dict[str, Any]
    model: Model
    memory: Memory
    storage: Storage
    ids: Identifiers
    model_time: float
    jobs: Jobs

    def reply(self, answer: Answer) -> UpstreamReply:
        delay, model_time = 0.0, self.model_time
        if isinstance(answer, Slow):
            delay, model_time, answer = answer.delay, answer.model_time or model_time, answer.turn
        before: tuple[Step, ...] = (Pause(model_time),) if model_time else ()
        if isinstance(answer, Unreachable):
            return UpstreamReply(0, {}, before=(Drop(),))
        if isinstance(answer, HttpError):
            return error_reply(answer, self.ids.request(), before=before + _hold(answer.hold))
        drop_after: int | None = None
        failure: Failed | None = None
        if isinstance(answer, BrokenStream):
            drop_after, answer = answer.after_events, answer.turn
        elif isinstance(answer, Failed):
            failure, answer = answer, Turn(*answer.items)
        turn = answer if isinstance(answer, Turn) else Turn(answer)
        opening, final, events, input_items = self._respond(turn, failure)
        if self.body.get("background"):
            job = self.jobs.start(
                opening,
                final,
                events,
                [*before, *_paced(events, turn.hold, delay, None)],
                lambda: self.memory.keep(final, input_items),
                streamed=bool(self.body.get("stream")),
            )
            if not self.body.get("stream"):
                return json_reply(200, opening, usual_headers(self.ids.request()))
            headers = {"content-type": "text/event-stream; charset=utf-8", **usual_headers(self.ids.request())}
            held = _hold(turn.hold) if turn.hold is not None and turn.hold.at_event == "request" else ()
            return UpstreamReply(200, headers, job.follow(-1, drop_after), held, tuple(events))
        if opening["store"]:
            self.memory.keep(final, input_items)
        if self.body.get("stream"):
            before += _hold(turn.hold) if turn.hold is not None and turn.hold.at_event == "request" else ()
            headers = {"content-type": "text/event-stream; charset=utf-8", **usual_headers(self.ids.request())}
            return UpstreamReply(200, headers, tuple(_paced(events, turn.hold, delay, drop_after)), before, tuple(events))
        before += (Pause(delay * len(events)),) if delay else ()
        reply = json_reply(200, responses.billed(final), usual_headers(self.ids.request()), before=before + _hold(turn.hold))
        return reply if drop_after is None else UpstreamReply(200, reply.headers, (Drop(),), reply.before)

    def _respond(self, turn: Turn, failure: Failed | None) -> tuple[Json, Json, list[Json], list[Any]]:
        """The response as it opens and as it ends, its events, and the whole of its input."""
        ids = self.ids.family()
        opening = responses.opened(ids.new("resp"), self.body, self.model)
        input_items = self.memory.input_items(self.body)
        workbench = Workbench(self.body, input_items, self.storage)
        composition = compose(turn, self.body, self.model, ids, self.memory.seal, workbench)
        if failure is not None:
            final = responses.failed(opening, composition, failure.code, failure.message)
        else:
            counts = responses.usage({**self.body, "input": self.storage.inlined(input_items)}, composition, turn.usage)
            final = responses.ended(opening, composition, counts)
        obfuscate = (self.body.get("stream_options") or {}).get("include_obfuscation") is not False
        return opening, final, sequence.events(opening, composition, final, ids, obfuscate=obfuscate), input_items


def _hold(gate: Gate | None) -> tuple[Step, ...]:
    return () if gate is None else (Hold(gate),)


def _paced(events: list[dict[str, Any]], gate: Gate | None, delay: float, drop_after: int | None) -> Iterator[Step]:
    for index, event in enumerate(events):
        if index == drop_after:
            break
        if gate is not None and gate.at_event in (index, event["type"]):
            yield Hold(gate)
            gate = None
        if delay:
            yield Pause(delay)
        yield Send(sequence.encode(event))
    if drop_after is not None:
        yield Drop()
