"""From an answer of the script to the reply: the response or its events, and where the reply waits, holds or breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from assistants_compat.testing import responses, sequence
from assistants_compat.testing.answers import Answer, BrokenStream, Failed, HttpError, Slow, Turn, Unreachable
from assistants_compat.testing.background import Jobs
from assistants_compat.testing.composition import compose
from assistants_compat.testing.conversation import Work
from assistants_compat.testing.effective_input import as_asked
from assistants_compat.testing.gate import Gate
from assistants_compat.testing.identifiers import Identifiers
from assistants_compat.testing.memory import Memory
from assistants_compat.testing.models import Model
from assistants_compat.testing.replies import Do, Drop, Hold, Pause, Send, Step, UpstreamReply, error_reply, json_reply, usual_headers
from assistants_compat.testing.storage import Storage
from assistants_compat.testing.stored_items import stored
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
        made = self._made(turn, failure)
        if made.opening["store"]:
            self.memory.accept(made.opening["id"], made.input_items)
        conversation = self.memory.conversation_of(self.body)
        work = None if conversation is None else conversation.begin()
        if self.body.get("background"):
            return self._in_background(made, work, [*before, *_paced(made.events, turn.hold, delay, None)], turn.hold, drop_after)
        if made.opening["store"]:
            self.memory.keep(made.final, made.output)
        finish = Do(lambda: self._finish(made, work))
        if self.body.get("stream"):
            body = tuple(_paced(made.events, turn.hold, delay, drop_after, finish))
            return replace(self._stream(made, body, before + _held(turn.hold)), close=_abandon(work))
        before += (Pause(delay * len(made.events)),) if delay else ()
        before += (*_hold(turn.hold), finish)
        reply = json_reply(200, responses.billed(made.final), usual_headers(self.ids.request()), before=before)
        return replace(reply if drop_after is None else replace(reply, body=(Drop(),), json=None), close=_abandon(work))

    def _in_background(self, made: _Made, work: Work | None, steps: list[Step], hold: Gate | None, drop_after: int | None) -> UpstreamReply:
        def done() -> None:
            self.memory.keep(made.final, made.output)
            self._finish(made, work)

        streamed = bool(self.body.get("stream"))
        job = self.jobs.start(made.opening, made.final, made.events, steps, done, _abandon(work), streamed=streamed)
        if not streamed:
            return json_reply(200, made.opening, usual_headers(self.ids.request()))
        return self._stream(made, job.follow(-1, drop_after), _held(hold))

    def _stream(self, made: _Made, body: Iterable[Step], before: tuple[Step, ...]) -> UpstreamReply:
        headers = {"content-type": "text/event-stream; charset=utf-8", **usual_headers(self.ids.request())}
        return UpstreamReply(200, headers, body, before, tuple(made.events))

    def _finish(self, made: _Made, work: Work | None) -> None:
        """What the conversation gains when the response has ended."""
        if work is None:
            return
        added = [*made.own, *made.output] if made.final["status"] in ("completed", "incomplete") else []
        self.memory.know(added)
        work.end(added)

    def _made(self, turn: Turn, failure: Failed | None) -> _Made:
        conversation = self.memory.conversation_of(self.body)
        ids = self.ids.family(
            conversation=None if conversation is None else conversation.id, response=self.body.get("previous_response_id")
        )
        opening = responses.opened(ids.new("resp"), self.body, self.model, conversation)
        own = [stored(item, ids.new) for item in self.memory.own(self.body)]
        input_items = [*self.memory.before(self.body), *own]
        workbench = Workbench(self.body, input_items, self.storage)
        composition = compose(turn, self.body, self.model, ids, self.memory.seal, workbench)
        if failure is not None:
            final = responses.failed(opening, composition, failure.code, failure.message)
        else:
            counts = responses.usage({**self.body, "input": self.storage.inlined(as_asked(input_items))}, composition, turn.usage)
            final = responses.ended(opening, composition, counts)
        obfuscate = (self.body.get("stream_options") or {}).get("include_obfuscation") is not False
        events = sequence.events(opening, composition, final, ids, obfuscate=obfuscate)
        return _Made(opening, final, events, own, input_items, [made.kept for made in composition.made])


@dataclass(frozen=True)
class _Made:
    """A response as it opens and as it ends, its events, its own input, the whole of its input, and its output as it is kept."""

    opening: Json
    final: Json
    events: list[Json]
    own: list[Json]
    input_items: list[Json]
    output: list[Json]


def _abandon(work: Work | None) -> Callable[[], None]:
    """What ends the work of a response that has not come to its end."""
    return lambda: None if work is None else work.end()


def _held(gate: Gate | None) -> tuple[Step, ...]:
    """Where a stream waits before its status line."""
    return _hold(gate) if gate is not None and gate.at_event == "request" else ()


def _hold(gate: Gate | None) -> tuple[Step, ...]:
    return () if gate is None else (Hold(gate),)


def _paced(
    events: list[dict[str, Any]], gate: Gate | None, delay: float, drop_after: int | None, finish: Do | None = None
) -> Iterator[Step]:
    """`finish` comes before the last event: who has read that finds everything done."""
    for index, event in enumerate(events):
        if index == drop_after:
            break
        if gate is not None and gate.at_event in (index, event["type"]):
            yield Hold(gate)
            gate = None
        if delay:
            yield Pause(delay)
        if finish is not None and index == len(events) - 1:
            yield finish
        yield Send(sequence.encode(event))
    if drop_after is not None:
        yield Drop()
