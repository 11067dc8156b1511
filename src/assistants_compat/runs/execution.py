"""Executing one leg of a run: from the request to the model to the run's end, or to where it needs the program's tools.

`Execution.work` is a generator that does no network I/O: it yields what it needs (`Open`, `Read`, `Sleep`, `InStore`) to a driver,
sync or async, and is sent what came of it. What it writes, it writes in short transactions that fail once the run is no longer this
process's to execute. Only where it stops before its time does it go to the store itself, from whatever thread it is in.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assistants_compat import wire
from assistants_compat.runs import lost_containers, progress, recovery
from assistants_compat.runs.answer import Answer, WebPage
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.concessions import Concessions
from assistants_compat.runs.copying import bring_over
from assistants_compat.runs.effects import ClientClosed, ConnectionLost, Effect, InStore, Open, Opened, Read, Sleep
from assistants_compat.runs.ending import drop_unfinished, end_run
from assistants_compat.runs.events import Finished, Translation
from assistants_compat.runs.generated import GeneratedFile
from assistants_compat.runs.handing_over import NotHandedOver, forget_copy, in_request
from assistants_compat.runs.indexing import store_readiness
from assistants_compat.runs.lifecycle import WORKING, move
from assistants_compat.runs.model_choice import ModelChoice, choose_model
from assistants_compat.runs.objects import run_event
from assistants_compat.runs.prompt import BudgetSpent
from assistants_compat.runs.transcript import Change
from assistants_compat.runs.upstream import without_secrets
from assistants_compat.store import files, items, runs, steps, threads
from assistants_compat.store.errors import STORE_FAILURES
from assistants_compat.upstream_profiles import has_own_models

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime
    from assistants_compat.runs.upstream import Upstream

Json = dict[str, Any]
Work = Generator[Effect, Any, None]
logger = logging.getLogger("assistants_compat")


class NotMine(Exception):
    """The run was cancelled, has expired, was deleted or taken over while this process was at work on it."""


class Execution:
    """One process's work on one leg of a run; `channel` is where a stream's reader waits for its events."""

    def __init__(
        self, runtime: Runtime, thread_id: str, run_id: str, owner: str, upstream: Upstream, channel: Channel | None = None
    ) -> None:
        self.runtime = runtime
        self.thread_id = thread_id
        self.run_id = run_id
        self.owner = owner
        """The name on the run's lease: no other execution, of this process or any other, ever has the same."""
        self.upstream = upstream
        self.channel = channel
        self.interrupted = threading.Event()
        self.on_interrupt: Callable[[], None] | None = None
        """Set by a driver that has to be woken from what it waits for."""
        self.loop_has_stopped: Callable[[], bool] = bool
        """Set by a driver in an event loop, which may stop or be closed under its task."""
        self.last_word = threading.RLock()
        """Held from before a transaction that ends the leg until the stream has been told, so that nobody else, finding the
        run ended, tells it less."""
        self._translation: Translation | None = None
        self._change = Change()
        """What is being written to the store right now."""
        self._not_copied: list[str] = []
        """Files that code made and that could not be copied out of their container, and why."""
        self._handed_over_again: set[str] = set()
        """Generated files whose copies the upstream had lost."""
        self._concessions = Concessions(runtime, upstream.server)
        self._left_to_canceller = False

    @property
    def drafts(self) -> list[Json]:
        """The messages that are being written, with their text so far."""
        open_now = [] if self._translation is None else self._translation.drafts
        return [*self._change.messages, *open_now]

    @property
    def is_stranded(self) -> bool:
        """Whether it cannot go on: the program has closed its http client, or the event loop it runs in does not turn."""
        return bool(self.upstream.client.is_closed) or self.loop_has_stopped()

    def interrupt(self) -> None:
        """Stop: somebody else has ended the run, or ends it now."""
        self.interrupted.set()
        wake = self.on_interrupt
        if wake is not None:
            wake()

    def release(self) -> None:
        """Give up the run unfinished, for the next process that looks."""
        try:
            self.runtime.database.transact(partial(runs.release, id=self.run_id, owner=self.owner))
        except STORE_FAILURES:
            logger.warning("run %s: the store failed; the run can be taken over when its lease runs out", self.run_id, exc_info=True)
        self._end_channel([])

    def work(self) -> Work:
        """The whole leg. Whatever happens, in the end the run has ended, waits for outputs, or is free for another process."""
        try:
            run = yield InStore(self._begin)
            obstacle = yield from store_readiness(run, self.runtime)
            if obstacle is not None:
                yield InStore(partial(self._fail, obstacle))
                return
            yield from self._call_model(run)
        except NotMine:
            self.step_aside()
        except (ClientClosed, GeneratorExit):
            if not self.interrupted.is_set():
                self.release()
            raise
        except STORE_FAILURES:
            # Nothing was half-written; when the lease runs out another process, or this one, takes the run over.
            logger.exception("run %s: the store failed", self.run_id)
            self._end_channel([])
        except Exception:
            logger.exception("run %s: failed by an error of assistants-compat", self.run_id)
            self._fail(recovery.GiveUp(recovery.SERVER_ERROR, recovery.SOMETHING_WRONG))
        finally:
            if not self._left_to_canceller:
                self._resign()

    # -- the beginning

    def _begin(self) -> runs.Run:
        """From queued to in_progress. A run that was taken over in the middle begins its model call again."""

        def begin(connection: sa.Connection) -> runs.Run:
            run = self._fence(connection)
            if run.status == "queued":
                run = run._replace(body=move(run.body, "in_progress", self.runtime.now()))
                runs.replace(connection, run.body)
            return run

        run = self.runtime.database.transact(begin)
        self._send([wire.event("thread.run.in_progress", run_event(run.body))])
        return run

    def _fence(self, connection: sa.Connection) -> runs.Run:
        """The run as it stands, inside a transaction in which it is still this process's to execute.

        Raises:
            NotMine: it is not.
        """
        run = runs.renew(connection, self.run_id, self.owner, self.runtime.clock() + self.runtime.settings.lease)
        if run is None:
            raise NotMine
        return run

    # -- the model call

    def _call_model(self, run: runs.Run) -> Work:
        attempt = 1
        while True:
            choice = self._choose_model(run.body["model"])
            translation = Translation(
                run.body,
                choice.sent,
                self.runtime.now,
                streaming=self.channel is not None,
                shows_results=run.progress["shows_results"],
                drawn=run.progress["drawn"],
                uncited=run.progress["uncited"],
            )
            self._translation = translation
            try:
                verdict = yield from self._attempt(run, translation, choice, attempt)
            except ConnectionLost as error:
                verdict = self._verdict(503, {}, {"message": recovery.SOMETHING_WRONG}, attempt)
                level = logging.WARNING if isinstance(verdict, recovery.GiveUp) else logging.INFO
                logger.log(level, "run %s: no answer from %s: %s", self.run_id, without_secrets(self.upstream.url), error)
            if verdict is None:
                return
            if isinstance(verdict, recovery.GiveUp):
                yield InStore(partial(self._fail, verdict))
                return
            yield InStore(partial(self._begin_again, verdict, choice))
            if isinstance(verdict, recovery.Wait):
                attempt += 1
                yield Sleep(verdict.seconds)

    def _attempt(
        self, run: runs.Run, translation: Translation, choice: ModelChoice, attempt: int
    ) -> Generator[Effect, Any, recovery.Decision | None]:
        """One call. None: the leg is done; else what to do about its failure."""
        request = yield InStore(partial(self._concessions.request, run, choice.sent))
        if isinstance(request, BudgetSpent):
            yield InStore(partial(self._finish, Change(), Finished("incomplete", incomplete_reason=request.reason)))
            return None
        try:
            request = yield from in_request(self.runtime, self.upstream.server, self.thread_id, request)
            request = yield from lost_containers.with_files_left(self.runtime, self.upstream.server, self.thread_id, request)
        except NotHandedOver as missing:
            return recovery.GiveUp(recovery.SERVER_ERROR, str(missing))
        opened: Opened = yield Open(wire.dumps(request), max(1.0, run.deadline - self.runtime.clock()))
        if opened.status != 200:
            error = yield from self._read_error()
            lost = yield InStore(partial(forget_copy, self.runtime, self.upstream.server, self.thread_id, error))
            if lost is not None and lost not in self._handed_over_again:
                self._handed_over_again.add(lost)
                return recovery.Wait(0.0)
            verdict = self._verdict(opened.status, opened.headers, error, attempt, request)
            if isinstance(verdict, recovery.GiveUp) and choice.is_unknown(opened.status, error):
                return self._without_model(verdict, choice)
            return verdict
        self._concessions.have_helped(choice.sent, run.body["assistant_id"])
        answer = Answer()
        while True:
            chunk: bytes = yield Read()
            try:
                events = answer.feed(chunk) if chunk else answer.end()
            except WebPage:
                return recovery.web_page(self.upstream.server)
            except (ValueError, RecursionError) as error:
                raise ConnectionLost(f"the answer cannot be read: {error}") from error
            for event in events:
                translation.feed(event)
                generated = translation.take_generated()
                if generated:
                    yield from self._bring_over(run, generated)
            finished = translation.finished
            if finished is not None:
                if finished.status == "failed":
                    assert finished.error is not None
                    return self._after_failure(finished, choice, attempt, request)
                yield InStore(partial(self._finish, translation.take(), finished))
                yield from self._read_to_the_end()
                return None
            if not chunk:
                raise ConnectionLost("the answer ended before it was complete")
            yield from self._apply(translation.take())

    def _read_to_the_end(self) -> Generator[Effect, Any, None]:
        """Everything is done, but a connection is used again only if its answer was read to the end."""
        try:
            while (yield Read()):
                pass
        except ConnectionLost:
            return

    def _choose_model(self, asked: str) -> ModelChoice:
        """The program's model, or what the settings name instead; with a warning a model where there is reason for one."""
        today = datetime.fromtimestamp(self.runtime.clock(), timezone.utc).date()
        settings = self.runtime.settings
        own = has_own_models(settings.upstream)
        choice = choose_model(asked, settings.models, today, is_azure=self.upstream.is_azure, has_own_models=own)
        for subject, notice in choice.notices():
            self.runtime.warn_once(subject, notice)
        return choice

    def _without_model(self, failure: recovery.GiveUp, choice: ModelChoice) -> recovery.GiveUp:
        """The failure for want of the model: the upstream's own words, which programs look for, and then what to do about it."""
        advice = choice.advice()
        if advice is None:
            return failure
        self.runtime.warn_once(advice, f"run {self.run_id}: the upstream has no model {choice.sent!r}. {advice}")
        return replace(failure, message=f"{failure.message} (assistants-compat: {advice})")

    def _read_error(self) -> Generator[Effect, Any, Json]:
        raw = b""
        while len(raw) < 1 << 20:
            chunk: bytes = yield Read()
            if not chunk:
                break
            raw += chunk
        try:
            return recovery.error_of(json.loads(raw))
        except (ValueError, RecursionError):
            return recovery.error_of(raw.decode("utf-8", "replace"))

    def _verdict(
        self, status: int, headers: Mapping[str, str], error: Json, attempt: int, request: Json | None = None
    ) -> recovery.Decision:
        """What to do about a failure: nothing that was done already, and nothing once somebody has heard a part of the answer."""
        most = self.runtime.settings.max_retries
        has_spoken = self._translation is not None and self._translation.has_spoken
        verdict = recovery.decide(status, headers, error, most + 1 if has_spoken else attempt, most, random.random(), request)
        if isinstance(verdict, recovery.GiveUp | recovery.Wait):
            return verdict
        if has_spoken or request is None or self._concessions.have_been_made(verdict, request):
            return recovery.last_error(error.get("code"), str(error.get("message") or ""))
        return verdict

    def _after_failure(self, finished: Finished, choice: ModelChoice, attempt: int, request: Json) -> recovery.Decision:
        """A response that failed while it was made is worth another try, unless nothing would be different."""
        assert finished.error is not None
        gave_up = finished.error
        if choice.is_unknown(404, {"message": gave_up.message}):
            return self._without_model(gave_up, choice)
        if gave_up.code == recovery.SERVER_ERROR:
            return self._verdict(500, {}, {**finished.said, "message": gave_up.message}, attempt, request)
        return gave_up

    # -- writing

    def _bring_over(self, run: runs.Run, generated: Sequence[GeneratedFile]) -> Generator[Effect, Any, None]:
        """Copy what code has made, before anybody is told of it. A copy that fails is reported on the run when it ends."""
        now = self.runtime.now()

        def insert(connection: sa.Connection) -> None:
            self._fence(connection)
            for file in generated:
                files.insert(connection, self.thread_id, self.run_id, file.shown(now), file.source)

        def replace(connection: sa.Connection) -> None:
            self._fence(connection)
            files.replace(connection, shown, copied=reason is None)

        yield InStore(partial(self.runtime.database.transact, insert))
        for file in generated:
            shown, reason = yield from bring_over(self.runtime, file.shown(now), file.source, file.content, run.deadline)
            yield InStore(partial(self.runtime.database.transact, replace))
            if reason is not None:
                self._not_copied.append(f"{file.path} ({file.id}): {reason}")
                logger.warning("run %s: the file %s was not copied out of its container: %s", self.run_id, file.path, reason)

    def _apply(self, change: Change) -> Generator[Effect, Any, None]:
        def write(connection: sa.Connection) -> None:
            self._fence(connection)
            _write(connection, change)

        if change.writes:
            self._change = change
            yield InStore(partial(self.runtime.database.transact, write))
        elif self.interrupted.is_set():
            raise NotMine
        self._send(change.events)

    def _begin_again(self, verdict: recovery.Decision, choice: ModelChoice) -> None:
        """Forget what the failed call had begun, and what no call can read any more."""

        def drop(connection: sa.Connection) -> list[str]:
            self._fence(connection)
            made = drop_unfinished(connection, self.run_id)
            self._concessions.make(connection, verdict, self.thread_id, choice.sent)
            return made

        made = self.runtime.database.transact(drop)
        for id in made:
            self.runtime.blobs.delete(id)
        self._not_copied.clear()

    def _finish(self, change: Change, finished: Finished) -> None:
        """The call's last rows, the run's new state and the end of the leg, in one transaction."""
        waits = finished.status == "requires_action"
        changes: Json = {}
        if waits:
            changes["required_action"] = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": list(finished.calls)}}
        elif finished.status == "incomplete":
            changes["incomplete_details"] = {"reason": finished.incomplete_reason}
        self._change = change
        missing = 0 if waits else finished.uncited.count(None)
        if missing:
            self._not_copied.append(f"{missing} of the images that were drawn: the upstream showed neither their bytes nor where they are")
        if self._not_copied:
            changes["last_error"] = recovery.not_copied(self._not_copied).last_error

        def finish(connection: sa.Connection) -> Json:
            threads.hold(connection, self.thread_id)
            run = self._fence(connection)
            _write(connection, change)
            done = progress.after_call(
                run.progress, finished.usage, waits_for_outputs=waits, drawn=finished.drawn, uncited=finished.uncited
            )
            runs.replace_progress(connection, run.id, done)
            threads.add_to_count(connection, run.thread_id, items.settle_run(connection, run.id))
            steps.settle_run(connection, run.id)
            files.settle_run(connection, run.id)
            moved = move({**run.body, "usage": None if waits else done["usage"]}, finished.status, self.runtime.now(), **changes)
            runs.replace(connection, moved)
            if not waits:
                threads.unlock(connection, run.thread_id, run.id)
            return moved

        with self.last_word:
            moved = self.runtime.database.transact(finish)
            if not waits:
                self.runtime.keeper.dismiss(self.run_id)
            self._end_channel([*change.events, wire.event(f"thread.run.{finished.status}", run_event(moved))])

    def _fail(self, error: recovery.GiveUp) -> None:

        def fail(connection: sa.Connection) -> list[bytes]:
            threads.hold(connection, self.thread_id)
            run = self._fence(connection)
            return end_run(connection, run, "failed", self.runtime.now(), last_error=error.last_error, drafts=self.drafts)

        try:
            with self.last_word:
                events = self.runtime.database.transact(fail)
                self.runtime.keeper.dismiss(self.run_id)
                self._end_channel(events)
        except NotMine:
            self.step_aside()
        except STORE_FAILURES:
            logger.exception("run %s: the store failed", self.run_id)
            self._end_channel([])

    # -- the stream

    def _send(self, events: list[bytes]) -> None:
        if self.channel is not None:
            self.channel.send(events)

    def _end_channel(self, events: list[bytes]) -> None:
        # The reader may be gone with the last event, so everybody else is told first.
        self._resign()
        if self.channel is not None:
            self.channel.end(events)

    def _resign(self) -> None:
        """Be no longer the one at work on the run; another leg of it may have begun already, with an execution of its own."""
        if self.runtime.executions.get(self.run_id) is self:
            del self.runtime.executions[self.run_id]
        self.runtime.moved.give()

    def step_aside(self) -> None:
        """Stop, because the run is no longer this process's to execute, and tell the stream how it stands.

        Whoever ended the run in this process has told the stream more; if it was another process, this is all there is.
        """
        with self.last_word:
            try:
                with self.runtime.database.read() as connection:
                    run = runs.get(connection, self.run_id)
            except STORE_FAILURES:
                logger.warning("run %s: the store failed; how the run stands is not known", self.run_id, exc_info=True)
                run = None
            if run is not None and run.status == "cancelling":
                # Whoever cancels it is about to end it, with this execution's draft and on its channel.
                self._left_to_canceller = True
                return
            ended = run is not None and run.status not in WORKING
            self._end_channel([wire.event(f"thread.run.{run.status}", run_event(run.body))] if run is not None and ended else [])
            self.interrupt()


def _write(connection: sa.Connection, change: Change) -> None:
    for step in change.new_steps:
        steps.insert(connection, step)
    items.insert(connection, change.new_items)
    for message in change.messages:
        items.replace_message(connection, message)
    for step in change.steps:
        steps.replace(connection, step)
