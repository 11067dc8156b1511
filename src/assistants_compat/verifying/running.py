"""The runs of a replay: begun with it, let go as far as the recordings show, and brought to an end where they take that for granted."""

from __future__ import annotations

import threading
from typing import Any

from assistants_compat.verifying.fields import text
from assistants_compat.verifying.identities import Identities
from assistants_compat.verifying.knowledge import TERMINAL, Knowledge
from assistants_compat.verifying.progress import EVERYTHING, PATIENCE, Progress, Stuck
from assistants_compat.verifying.words import NOT_RECORDED, Usage, legs_of, usages_of
from assistants_compat.verifying.world import World

Json = dict[str, Any]

_WORKING = frozenset({"queued", "in_progress"})


class Runs:
    """By their recorded ids."""

    def __init__(self, world: World, knowledge: Knowledge, identities: Identities) -> None:
        self._world = world
        self._knowledge = knowledge
        self._identities = identities
        self._progress: dict[str, Progress] = {}
        self.usages: dict[str, Usage] = {}
        """Of steps that share a model call, by their recorded ids."""
        self._ended: set[str] = set()
        self._threads: dict[str, str] = {}
        """By run: its thread's recorded id."""

    def __contains__(self, run_id: object) -> bool:
        return run_id in self._progress

    def expect(self, run_id: str, thread_id: str | None) -> Progress:
        """The next request begins this run, in this thread; None: in one that it makes."""
        progress = Progress(run_id, legs_of(run_id, self._knowledge))
        self.usages.update(usages_of(run_id, progress.legs, self._knowledge))
        self._progress[run_id] = progress
        self._world.model.expect(progress, self._identities.ours(thread_id) if thread_id else None)
        return progress

    def begun(self, run_id: str, thread_id: str) -> None:
        """The request was answered: wait until the run is at work, or has ended before it asked a model."""
        self._threads[run_id] = thread_id
        self.wait(run_id)

    def forget(self, run_id: str) -> None:
        """The request that was to begin it was refused."""
        self._world.model.forget(self._progress.pop(run_id))

    def end(self) -> None:
        """Stop what is still at work, so that nothing of the replay outlives it."""
        for run_id in self._threads:
            if run_id in self._progress and run_id not in self._ended and self.status(run_id) not in TERMINAL:
                self._world.send("POST", f"{self._path(run_id)}/cancel")
        for progress in self._progress.values():
            progress.end()
        workers = {f"assistants-compat-{self._identities.ours(run_id)}" for run_id in self._threads}
        for thread in threading.enumerate():
            if thread.name in workers:
                thread.join(PATIENCE)

    def on_thread(self, thread_id: str) -> list[str]:
        return [run_id for run_id, thread in self._threads.items() if thread == thread_id]

    def leg_waiting_for(self, run_id: str, call_ids: set[str]) -> int:
        """The number of the leg whose function calls these are; of the first leg with any, where they are not known."""
        legs = self._progress[run_id].legs
        for number, leg in enumerate(legs):
            if call_ids & {text(call, "id") for call in leg.calls}:
                return number
        return next((number for number, leg in enumerate(legs) if leg.calls), 0)

    def place_of(self, run_id: str, id: str) -> tuple[int, int, int] | None:
        """The leg of a step or message, its first item, and the one after its last."""
        for number, leg in enumerate(self._progress[run_id].legs):
            if id in leg.places:
                return (number, *leg.places[id])
        return None

    @property
    def progress(self) -> dict[str, Progress]:
        return self._progress

    # -- moving

    def advance(self, run_id: str, leg: int, unit: int = EVERYTHING) -> None:
        """Let a run come to that place, and wait until it is there. Tool outputs on the way are handed in as the recordings tell of them.

        Raises:
            Stuck: it does not get there.
        """
        progress = self._progress[run_id]
        if run_id in self._ended or progress.begun > leg + 1:  # it has come further than that
            return
        for number in range(max(progress.begun - 1, 0), leg):
            progress.release(number)
            self.wait(run_id)
            if progress.begun <= number + 1 and self.status(run_id) == "requires_action":
                self._submit(run_id, number)
        progress.release(leg, unit)
        self.rest(run_id) if unit == EVERYTHING else self.wait(run_id)

    def finish(self, run_id: str) -> None:
        """Let a run come to its end, whatever that is."""
        progress = self._progress[run_id]
        status = self._knowledge.status_of(run_id)
        if run_id in self._ended or self.status(run_id) in TERMINAL:
            return
        last = progress.legs[-1]
        if status in ("expired", "cancelled", "cancelling") and last.items:  # the last of which was not to be finished
            self.advance(run_id, len(progress.legs) - 1, EVERYTHING if last.calls else 2 * len(last.items) - 1)
        if status == "expired":
            self._world.pass_time(601)
        elif status in ("cancelled", "cancelling"):
            self._world.send("POST", f"{self._path(run_id)}/cancel")
        else:
            self.advance(run_id, max(len(progress.legs) - 1, 0))
            if self.status(run_id) == "requires_action":
                self._submit(run_id, len(progress.legs) - 1)
                self.advance(run_id, len(progress.legs))

    def status(self, run_id: str) -> str:
        """As it is now."""
        return self._noted(run_id, self._world.send("GET", self._path(run_id)).reply)

    def _noted(self, run_id: str, run: Json) -> str:
        status = str(run.get("status"))
        if status in TERMINAL:
            self._ended.add(run_id)
        return status

    def rest(self, run_id: str) -> str:
        """Wait until the run has left its working states; the state it is in then."""
        for _ in range(3):
            status = self._noted(run_id, self._world.send("GET", self._path(run_id), poll=True).reply)
            if status not in _WORKING:
                return status
        raise Stuck(f"run {run_id} works on and on")

    def wait(self, run_id: str) -> None:
        """Until the run's model call waits to be let go, or the run works no longer."""
        self._progress[run_id].wait_at_rest(lambda: self.status(run_id) not in _WORKING)

    def _submit(self, run_id: str, leg: int) -> None:
        """Hand in outputs that no recorded request hands in."""
        outputs = []
        for call in self._progress[run_id].leg(leg).calls:
            id = text(call, "id")
            output = text(call, "function", "output") or text(self._knowledge.outputs.get(id), "output")
            outputs.append({"tool_call_id": id, "output": output or NOT_RECORDED})
        self._world.ask("POST", f"{self._path(run_id)}/submit_tool_outputs", {"tool_outputs": outputs})
        self.wait(run_id)

    def _path(self, run_id: str) -> str:
        thread_id = self._threads[run_id]
        return f"/threads/{self._identities.ours(thread_id) or thread_id}/runs/{self._identities.ours(run_id) or run_id}"
