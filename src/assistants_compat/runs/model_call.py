"""The model call of a leg: asked for, read, and asked for again, until there is an answer or a reason why there is none.

What comes of the answer is handed out piece by piece, to be written and then told; the run's end is not its business.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

from assistants_compat import wire
from assistants_compat.ids import Ids
from assistants_compat.runs import background, lost_containers, parting, recovery
from assistants_compat.runs.answer import Answer, WebPage, read_error
from assistants_compat.runs.attempts import Attempt, model_for
from assistants_compat.runs.concessions import Concessions
from assistants_compat.runs.copying import bring_all_over
from assistants_compat.runs.effects import ConnectionLost, Effect, InStore, Open, Opened, Read, Sleep
from assistants_compat.runs.events import Finished, Translation
from assistants_compat.runs.handing_over import NotHandedOver, forget_copy, in_request
from assistants_compat.runs.leg import Leg
from assistants_compat.runs.prompt import BudgetSpent
from assistants_compat.runs.transcript import Change
from assistants_compat.runs.upstream import Upstream, without_secrets
from assistants_compat.store import runs

Json = dict[str, Any]
Work = Generator[Effect, Any, None]
Outcome = tuple[Change, Finished]
"""What the call's end has brought and is not written yet, and how it ended."""

logger = logging.getLogger("assistants_compat")


class ModelCall:
    """Args:
    run: as it stood when the leg began.
    hand_out: writes a change, and tells it to whoever listens.
    streaming: whether anybody does.
    """

    def __init__(self, leg: Leg, run: runs.Run, upstream: Upstream, hand_out: Callable[[Change], Work], *, streaming: bool) -> None:
        self._leg = leg
        self._run = run
        self._upstream = upstream
        self._hand_out = hand_out
        self._streaming = streaming
        self._runtime = leg.runtime
        self._stored = leg.stored
        self._concessions = Concessions(leg.runtime, upstream.server)
        self._translation: Translation | None = None
        self._ids = Ids()
        self._handed_over_again: set[str] = set()
        """Generated files whose copies the upstream had lost."""

    @property
    def drafts(self) -> list[Json]:
        """The messages that are being written, with their text so far."""
        return [] if self._translation is None else self._translation.drafts

    def make(self) -> Generator[Effect, Any, Outcome | recovery.GiveUp]:
        """Raises NotMine: somebody has ended the run, or taken it over."""
        number = 1
        if self._run.progress.get("response") is not None:
            self._stored.response = yield InStore(partial(background.left_behind, self._runtime.database, self._run))
        while True:
            attempt = self._attempt(number)
            result = yield from self._result(attempt)
            if isinstance(result, tuple | recovery.GiveUp):
                return result
            concede = partial(self._concessions.make, verdict=result, thread_id=self._run.thread_id, model=attempt.choice.sent)
            yield InStore(partial(self._leg.begin_again, concede))
            if isinstance(result, recovery.Wait):
                number += 1
                yield Sleep(result.seconds)

    def _attempt(self, number: int) -> Attempt:
        run, response = self._run, self._stored.response
        choice = model_for(self._runtime, self._upstream, run.body["model"])
        self._ids = Ids()
        self._translation = Translation(
            run.body,
            choice.sent if response is None else response.model,
            self._runtime.now,
            streaming=self._streaming,
            shows_results=run.progress["shows_results"],
            drawn=run.progress["drawn"],
            uncited=run.progress["uncited"],
            ids=self._ids,
        )
        return Attempt(self._runtime, run.id, number, choice, self._translation, self._concessions)

    def _result(self, attempt: Attempt) -> Generator[Effect, Any, Outcome | recovery.Decision]:
        """What comes of an attempt, or what to do about its failure."""
        try:
            response = self._stored.response
            return (yield from self._ask(attempt) if response is None else self._read_again(attempt, response))
        except WebPage:
            return recovery.web_page(self._upstream.server)
        except background.Gone as gone:
            verdict = attempt.lost()
            becomes = "it fails" if isinstance(verdict, recovery.GiveUp) else "the model call is made again"
            logger.warning("run %s: %s; what becomes of the run: %s", self._run.id, gone, becomes)
        except ConnectionLost as error:
            verdict = attempt.lost()
            level = logging.WARNING if isinstance(verdict, recovery.GiveUp) else logging.INFO
            logger.log(level, "run %s: no answer from %s: %s", self._run.id, without_secrets(self._upstream.url), error)
        return verdict

    def _ask(self, attempt: Attempt) -> Generator[Effect, Any, Outcome | recovery.Decision]:
        runtime, run, server = self._runtime, self._run, self._upstream.server
        request = yield InStore(partial(self._concessions.request, run, attempt.choice.sent))
        if isinstance(request, BudgetSpent):
            return Change(), Finished("incomplete", incomplete_reason=request.reason)
        try:
            request = yield from in_request(runtime, server, run.thread_id, request)
            request = yield from lost_containers.with_files_left(runtime, server, run.thread_id, request)
        except NotHandedOver as missing:
            return recovery.GiveUp(recovery.SERVER_ERROR, str(missing))
        attempt.request = request
        opened: Opened = yield Open(wire.dumps(request), max(1.0, run.deadline - runtime.clock()))
        if opened.status != 200:
            error = yield from read_error()
            lost = yield InStore(partial(forget_copy, runtime, server, run.thread_id, error))
            if lost is not None and lost not in self._handed_over_again:
                self._handed_over_again.add(lost)
                return recovery.Wait(0.0)
            return attempt.refused(opened.status, opened.headers, error)
        self._concessions.have_helped(attempt.choice.sent, run.body["assistant_id"])
        return (yield from self._take_in(attempt, Answer()))

    def _read_again(self, attempt: Attempt, response: background.Response) -> Generator[Effect, Any, Outcome | recovery.Decision]:
        """The same for a call that another process has made: its response is read from the beginning."""
        self._ids.derive_from(f"{self._run.id} {response.id}")
        logger.info("run %s: response %s is taken up again, which was being made for another process", self._run.id, response.id)
        answer = Answer()
        rest = yield from self._again(response, answer)
        return (yield from self._take_in(attempt, answer, rest))

    # -- the answer

    def _take_in(
        self, attempt: Attempt, answer: Answer, events: Sequence[Json] = ()
    ) -> Generator[Effect, Any, Outcome | recovery.Decision]:
        """Read an answer to its end. What is made in the background is looked for again where the connection breaks.

        Args:
            events: what of it has come already.
        """
        translation, at_end = attempt.translation, False
        while True:
            for event in events:
                yield from self._take_in_one(event, attempt)
            if translation.finished is not None:
                break
            yield from self._hand_out(self._new_in(translation.take()))
            try:
                if at_end:
                    raise ConnectionLost("the answer ended before it was complete")
                chunk: bytes = yield Read()
                events = self._read(answer, chunk)
                at_end = not chunk
            except ConnectionLost as lost:
                if self._stored.response is None:
                    raise
                logger.info("run %s: the connection to response %s is lost: %s", self._run.id, self._stored.response.id, lost)
                events = yield from self._again(self._stored.response, answer)
                at_end = False
        if self._stored.response is not None:
            self._stored.response.is_over = True
        if translation.finished.status == "failed":
            return attempt.failed(translation.finished)
        return self._new_in(translation.take()), translation.finished

    def _take_in_one(self, event: Json, attempt: Attempt) -> Work:
        translation, request = attempt.translation, attempt.request
        if request is not None and event.get("type") == "response.created" and request.get("background"):
            yield from self._note(request, event.get("response"))
        response = self._stored.response
        if response is not None:
            response.take_in(event)
        translation.feed(event)
        was_written = response is not None and response.was_written(event)
        generated = translation.take_generated()
        if generated:
            yield from bring_all_over(self._leg, generated, self._run.deadline, was_written=was_written)
        if was_written:
            translation.take()

    def _read(self, answer: Answer, chunk: bytes) -> Sequence[Json]:
        """The events of the next bytes. Raises ConnectionLost for what makes no sense."""
        try:
            return answer.feed(chunk) if chunk else answer.end()
        except WebPage:
            if self._stored.response is None:
                raise
            raise ConnectionLost("a web page came in its place") from None
        except (ValueError, RecursionError) as error:
            raise ConnectionLost(f"the answer cannot be read: {error}") from error

    # -- the response in the background

    def _note(self, request: Json, response: Any) -> Work:
        """Remember, before anything is written of it, the response that another process may have to go on with."""
        run = self._run
        if self._stored.response is not None:
            return
        id = background.begun_in(response)
        if id is None:
            self._concessions.make_without_background(request["model"], run.body["assistant_id"])
            if isinstance(response, dict) and isinstance(response.get("id"), str):
                self._stored.unneeded.append(parting.Unneeded(run.id, response["id"], is_over=True))
            return
        self._stored.response = background.Response(id, request["model"], request.get("include") or ())
        self._ids.derive_from(f"{run.id} {id}")
        yield InStore(self._leg.note)

    def _again(self, response: background.Response, answer: Answer) -> Generator[Effect, Any, Sequence[Json]]:
        """Another connection to a response in the background, or the rest of it. Raises background.Gone."""
        # Whoever ends the run stops its response, which looks like a lost connection.
        yield InStore(self._leg.check)
        found = yield from background.follow(self._runtime, self._run.id, response, self._run.deadline)
        if isinstance(found, Opened):
            answer.go_on(response.seen)
            return ()
        return answer.whole(found)

    def _new_in(self, change: Change) -> Change:
        return change if self._stored.response is None else self._stored.response.known.without(change)


def read_to_the_end() -> Work:
    """Everything is done, but a connection is used again only if its answer was read to the end."""
    try:
        while (yield Read()):
            pass
    except ConnectionLost:
        return
