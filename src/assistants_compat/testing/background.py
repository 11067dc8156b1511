"""Responses that go on without a reader: queued, at work, done or cancelled, followed by whoever asks.

Recorded: the order of the first events and their statuses, the numbering of a resumed stream, that a cancelled response says so at once
and costs nothing. Documented: only what was created with `stream` can be followed, only what was created with `background` can be
cancelled, a second cancel changes nothing. Reported: after five minutes a response can be looked at but no longer followed, and the
words for it; the words for cancelling another response. Inferred: that the stream of a cancelled response ends without a last event,
the words for following a response that was not streamed, and for `background` without `store`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from assistants_compat.testing import responses, sequence
from assistants_compat.testing.answers import HttpError
from assistants_compat.testing.gate import Flag, Gate
from assistants_compat.testing.replies import Drop, Hold, Pause, Send, Step, Until, UpstreamReply, error_reply, json_reply, usual_headers

Json = dict[str, Any]

STREAMED_FOR = 300.0
"""Seconds after its creation in which a response can be followed."""


class Job:
    """One response that is made in the background.

    Args:
        opening: the response as it is queued.
        final: as it ends.
        events: its whole stream.
        steps: where it waits between them; a `Send` stands for the next event.
        done: called when it has ended by itself.
        cancelled: called when it is cancelled before that.
    """

    def __init__(
        self,
        opening: Json,
        final: Json,
        events: Sequence[Json],
        steps: Sequence[Step],
        now: float,
        done: Callable[[], None],
        cancelled: Callable[[], None],
    ) -> None:
        self.opening, self.final, self.events = opening, final, events
        self.created_at = now
        self.cancelled = False
        self._done = done
        self._on_cancel = cancelled
        self._published = [Flag() for _ in events]
        self._count = 0
        self._at: Gate | None = None
        self._lock = threading.Lock()
        self._steps = list(steps)

    def start(self) -> None:
        """Make it, up to where it first waits; the rest is made in a thread."""
        steps = self._steps
        while steps and isinstance(steps[0], Send):
            self._publish()
            steps.pop(0)
        if steps:
            threading.Thread(target=self._work, args=(steps,), name=f"offline-{self.opening['id']}", daemon=True).start()

    def shown(self) -> Json:
        """The response as it stands."""
        with self._lock:
            if self.cancelled:
                return {**self.opening, "status": "cancelled"}
            if self._count == len(self.events):
                return self.final
            seen = {event["type"] for event in self.events[: self._count]}
            return {**self.opening, "status": "in_progress"} if "response.in_progress" in seen else self.opening

    def cancel(self) -> None:
        """End it where it is, unless it has ended."""
        with self._lock:
            if self._count == len(self.events):
                return
            self.cancelled = True
            self._on_cancel()
            gate = self._at
        if gate is not None:
            gate.open()  # what waits there waits for nothing now
        for flag in self._published:
            flag.raise_()

    def follow(self, after: int, drop_after: int | None = None) -> Iterator[Step]:
        """The events from number `after` + 1 on, as they come; `drop_after` events the connection breaks."""
        for number in range(after + 1, len(self.events)):
            if number == drop_after:
                yield Drop()
                return
            yield Until(self._published[number])
            if number >= self._count:  # it was cancelled before
                return
            yield Send(sequence.encode(self.events[number]))

    def _publish(self) -> None:
        with self._lock:
            if self.cancelled:
                return
            number = self._count
            self._count += 1
            if self._count == len(self.events):
                self._done()
        self._published[number].raise_()

    def _work(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            elif isinstance(step, Hold):
                with self._lock:
                    self._at = None if self.cancelled else step.gate
                if self._at is None:
                    return
                try:
                    step.gate.pass_through()
                except TimeoutError:  # nobody opens it: the test is over
                    return
            else:
                self._publish()


class Jobs:
    """The responses of one upstream that were made, or are being made, in the background."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._jobs: dict[str, tuple[Job, bool]] = {}

    def start(
        self,
        opening: Json,
        final: Json,
        events: Sequence[Json],
        steps: Sequence[Step],
        done: Callable[[], None],
        cancelled: Callable[[], None],
        *,
        streamed: bool,
    ) -> Job:
        job = Job(opening, final, events, steps, self._clock(), done, cancelled)
        self._jobs[opening["id"]] = job, streamed
        job.start()
        return job

    def get(self, id: str) -> Job | None:
        found = self._jobs.get(id)
        return None if found is None else found[0]

    def forget(self, id: str) -> bool:
        """Whether there was one; what is still being made ends."""
        found = self._jobs.pop(id, None)
        if found is not None:
            found[0].cancel()
        return found is not None

    def forget_all(self) -> None:
        for id in list(self._jobs):
            self.forget(id)

    def retrieved(self, id: str, query: Mapping[str, str], request_id: str) -> UpstreamReply:
        """The answer to GET /responses/{id}."""
        job, streamed = self._jobs[id]
        if query.get("stream") != "true":
            return json_reply(200, responses.billed(job.shown()), usual_headers(request_id))
        after = query.get("starting_after", "-1")
        refusal = None
        if not streamed:
            refusal = "This response cannot be streamed because it was not created with 'stream' set to true."
        elif self._clock() - job.created_at > STREAMED_FOR:
            refusal = "This response can no longer be streamed because it is more than 5 minutes old"
        elif not after.removeprefix("-").isdecimal():
            refusal = f"Invalid type for 'starting_after': expected an integer, but got '{after}' instead."
        if refusal is not None:
            return error_reply(HttpError(400, refusal), request_id)
        headers = {"content-type": "text/event-stream; charset=utf-8", **usual_headers(request_id)}
        return UpstreamReply(200, headers, job.follow(int(after)))

    def cancelled(self, id: str, request_id: str) -> UpstreamReply:
        """The answer to POST /responses/{id}/cancel."""
        job = self._jobs[id][0]
        job.cancel()
        return json_reply(200, job.shown(), usual_headers(request_id))
