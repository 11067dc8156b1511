"""Executing one leg of a run: from its first model call to the run's end, or to where it needs the program's tools.

`Execution.work` is a generator that does no network I/O: it yields what it needs (`Open`, `Read`, `Sleep`, `InStore`) to a driver,
sync or async, and is sent what came of it. The model call is `ModelCall`'s, what is written is `Leg`'s; here is how they go together,
and who is told. Only where the work stops before its time does it go to the store itself, from whatever thread it is in.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from assistants_compat import wire
from assistants_compat.runs import parting, recovery
from assistants_compat.runs.channel import Channel
from assistants_compat.runs.effects import Asked, ClientClosed, Effect, InStore
from assistants_compat.runs.events import Finished
from assistants_compat.runs.following import Follower
from assistants_compat.runs.indexing import store_readiness
from assistants_compat.runs.leg import Leg, NotMine
from assistants_compat.runs.model_call import ModelCall, read_to_the_end
from assistants_compat.runs.objects import run_event
from assistants_compat.runs.transcript import Change
from assistants_compat.store import runs, steps
from assistants_compat.store.errors import STORE_FAILURES

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime
    from assistants_compat.runs.upstream import Upstream

Json = dict[str, Any]
Work = Generator[Effect, Any, None]
logger = logging.getLogger("assistants_compat")


class Execution:
    """One process's work on one leg of a run; `channel` is where a stream's reader waits for its events."""

    def __init__(
        self, runtime: Runtime, thread_id: str, run_id: str, owner: str, upstream: Upstream, channel: Channel | None = None
    ) -> None:
        self.runtime = runtime
        self.thread_id = thread_id
        self.run_id = run_id
        self.owner = owner
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
        self._leg = Leg(runtime, thread_id, run_id, owner)
        self._call: ModelCall | None = None
        self._left_to_canceller = False
        self._earlier: list[str] = []
        """The steps of the run's earlier legs, of which no stream of this one is told."""
        self._told: list[str] = []
        """The steps of which it was."""

    @property
    def drafts(self) -> list[Json]:
        """The messages that are being written, with their text so far."""
        return [*self._leg.change.messages, *(() if self._call is None else self._call.drafts)]

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
        self._leg.release()
        self._end_channel([])

    # -- the work

    def work(self) -> Work:
        """The whole leg. Whatever happens, in the end the run has ended, waits for outputs, or is free for another process."""
        try:
            yield from self._work()
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

    def _work(self) -> Work:
        run = yield InStore(self._begin)
        obstacle = yield from store_readiness(run, self.runtime)
        if obstacle is not None:
            yield InStore(partial(self._fail, obstacle))
            return
        self._call = ModelCall(self._leg, run, self.upstream, self._hand_out, streaming=self.channel is not None)
        outcome = yield from self._call.make()
        if isinstance(outcome, recovery.GiveUp):
            yield InStore(partial(self._fail, outcome))
            return
        yield InStore(partial(self._finish, *outcome))
        yield from read_to_the_end()

    def _begin(self) -> runs.Run:
        run = self._leg.begin()
        if self.channel is not None and run.progress["rounds"]:
            with self.runtime.database.read() as connection:
                self._earlier = [step["id"] for step in steps.of_run(connection, run.id)]
        self._send([wire.event("thread.run.in_progress", run_event(run.body))])
        return run

    def _hand_out(self, change: Change) -> Work:
        if change.writes:
            yield InStore(partial(self._leg.write, change))
        elif self.interrupted.is_set():
            raise NotMine
        self._told += [step["id"] for step in change.new_steps]
        self._send(change.events)

    def _finish(self, change: Change, finished: Finished) -> None:
        with self.last_word:
            moved = self._leg.finish(change, finished)
            self._will_part()
            if finished.status != "requires_action":
                self.runtime.keeper.dismiss(self.run_id)
            self._end_channel([*change.events, wire.event(f"thread.run.{finished.status}", run_event(moved))])

    def _fail(self, error: recovery.GiveUp) -> None:
        try:
            with self.last_word:
                events = self._leg.fail(error, self.drafts)
                self._will_part()
                self.runtime.keeper.dismiss(self.run_id)
                self._end_channel(events)
        except NotMine:
            self.step_aside()
        except STORE_FAILURES:
            logger.exception("run %s: the store failed", self.run_id)
            self._end_channel([])

    # -- what is left upstream

    def part(self) -> Generator[Asked, Any, None]:
        """What is left to be done upstream when the work is over, however it went: nobody waits for it."""
        stored = self._leg.stored
        if stored.response is None and not stored.unneeded:
            return
        try:
            yield InStore(self._claim_if_ended)
            yield from parting.part_with(stored.unneeded)
        except STORE_FAILURES:
            logger.warning("run %s: the store failed; its response upstream is left alone", self.run_id, exc_info=True)
        finally:
            self.runtime.parting.discard(self)
            self.runtime.moved.give()

    def _claim_if_ended(self) -> None:
        """The response is kept here even if who asked was interrupted."""
        with self.last_word:
            self._leg.claim_if_ended()

    def _will_part(self) -> None:
        """Said before anybody knows that the run has ended, so that a program which ends with it waits a moment."""
        if self._leg.stored.unneeded:
            self.runtime.parting.add(self)

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

        Whoever ended the run in this process has told the stream more; if it was another process, this is all there is. A stream
        whose run is at work in another process waits for what comes of it there.
        """
        with self.last_word:
            try:
                with self.runtime.database.read() as connection:
                    run = runs.get(connection, self.run_id)
                if run is not None and run.status == "cancelling":
                    # Whoever cancels it is about to end it, with this execution's draft and on its channel.
                    self._left_to_canceller = True
                    return
                self._resign()
                if self.channel is not None:
                    self._follow(self.channel, run)
            except STORE_FAILURES:
                logger.warning("run %s: the store failed; how the run stands is not known", self.run_id, exc_info=True)
                self._end_channel([])
            self.interrupt()

    def _follow(self, channel: Channel, run: runs.Run | None) -> None:
        follower = Follower(self.run_id, channel, self._earlier, self._told, self.drafts)
        if run is None or follower.look(self.runtime):
            self._end_channel([])
            return
        logger.warning("run %s is at work in another process now; its stream ends when that is done with it", self.run_id)
        self.runtime.elsewhere.follow(follower)
        self.runtime.keeper.watch(self.run_id, run.deadline)
        self.runtime.moved.give()
