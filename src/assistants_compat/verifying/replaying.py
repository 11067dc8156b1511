"""Recordings replayed: each request made again in its turn, at a point in its run's life where the recorded reply may be given."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistants_compat.verifying.comparing import Comparison
from assistants_compat.verifying.differences import Difference, Found, Kind
from assistants_compat.verifying.evidence import AtEnd, Evidence, Made, ThreadFree, Waits, evidence_in
from assistants_compat.verifying.fields import text
from assistants_compat.verifying.foreign import foreign_in
from assistants_compat.verifying.identities import Identities
from assistants_compat.verifying.knowledge import Knowledge
from assistants_compat.verifying.known import name_of
from assistants_compat.verifying.outcome import NotReplayed, Outcome
from assistants_compat.verifying.preparing import Preparation
from assistants_compat.verifying.progress import PATIENCE, Stuck
from assistants_compat.verifying.recording import Recording, Turn
from assistants_compat.verifying.running import Runs
from assistants_compat.verifying.world import Answer, NotMade, World

Json = dict[str, Any]

_KEPT_HEADERS = ("openai-beta",)


def verify(recordings: Sequence[Recording]) -> Outcome:
    """Replay all of them, each for itself; what one shows of an object serves the others too."""
    outcome = Outcome(recordings=len(recordings))
    knowledge = Knowledge(recordings)
    with tempfile.TemporaryDirectory(prefix="assistants-compat-verify-", ignore_cleanup_errors=True) as folder:
        for recording in recordings:
            outcome.passed_on += len(recording.others)
            for each, reason in recording.left_out:
                outcome.not_replayed.append(NotReplayed(recording.name, each.place, f"{each.method} {each.path}", reason))
            if recording.turns:
                _replay(recording, knowledge, Path(folder), outcome)
    return outcome


def _replay(recording: Recording, knowledge: Knowledge, folder: Path, outcome: Outcome) -> None:
    ordered = not _has_sorted_keys(recording)
    if not ordered:
        outcome.notes.append(f"{recording.name}: the keys of all objects are in alphabetical order, so their order is not compared.")
    with World(folder, _models(recording, knowledge)) as world:
        replay = Replay(world, recording, knowledge, ordered_keys=ordered)
        try:
            for turn, found in replay.turns():
                outcome.replayed += 1
                for each in found:
                    difference = Difference(recording.name, turn.exchange.place, str(turn), turn.endpoint, _object_of(turn), each)
                    outcome.differences.append(replace(difference, known=name_of(difference)))
        finally:
            replay.close()
        outcome.notes += [f"{recording.name}: {failure}." for failure in replay.failures]


class Replay:
    """One recording's replay."""

    def __init__(self, world: World, recording: Recording, knowledge: Knowledge, *, ordered_keys: bool) -> None:
        self._world = world
        self._recording = recording
        self._knowledge = knowledge
        self._identities = Identities()
        self._runs = Runs(world, knowledge, self._identities)
        self._comparison = Comparison(self._identities, self._runs.usages, ordered_keys=ordered_keys)
        self._answered: dict[int, Answer] = {}
        """By number: answers to requests that were made before their turn."""
        self._preparation = Preparation(world, knowledge, self._identities, self._runs)

    @property
    def failures(self) -> list[str]:
        return [*self._preparation.failures, *self._world.model.failures]

    def close(self) -> None:
        self._runs.end()

    def turns(self) -> Iterator[tuple[Turn, list[Found]]]:
        """Each request with the differences of the two replies."""
        self._preparation.prepare(self._recording, foreign_in(self._recording))
        for turn in self._recording.turns:
            try:
                yield turn, self._turn(turn)
            except (Stuck, NotMade) as error:
                yield turn, [Found(Kind.FORM, "", "a reply", f"no reply: {error}")]

    def _turn(self, turn: Turn) -> list[Found]:
        for evidence in evidence_in(turn):
            self._bring_about(evidence)
        self._pair_unseen(turn)
        run_id = self._begins(turn)
        end = _end_from_outside(turn)
        answer = self._send(turn) if run_id is None or end is None else self._end_while_read(turn, run_id, end)
        found = self._compare(turn, answer)
        if run_id is not None:
            self._note_run(run_id, turn, answer)
        return found

    # -- before

    def _bring_about(self, evidence: Evidence) -> None:
        if isinstance(evidence, ThreadFree):
            for run_id in self._runs.on_thread(evidence.thread_id):
                self._runs.finish(run_id)
            return
        if evidence.run_id not in self._runs:
            return
        if isinstance(evidence, AtEnd):
            self._runs.finish(evidence.run_id)
        elif isinstance(evidence, Waits):
            self._runs.advance(evidence.run_id, self._runs.leg_waiting_for(evidence.run_id, set(evidence.call_ids)))
        else:
            self._let_be_made(evidence)

    def _let_be_made(self, made: Made) -> None:
        place = self._runs.place_of(made.run_id, made.id)
        if place is None:
            return
        number, first, after = place
        leg = self._runs.progress[made.run_id].leg(number)
        if not made.whole:
            self._runs.advance(made.run_id, number, 2 * (first + made.calls) if made.calls else 2 * first + 1)
        elif after < len(leg.items):
            self._runs.advance(made.run_id, number, 2 * after + 1)  # it is complete when the next one begins
        elif leg.calls:
            self._runs.advance(made.run_id, number + 1, 0)  # a step with function calls is complete when their outputs are there
        else:
            self._runs.advance(made.run_id, number)

    def _pair_unseen(self, turn: Turn) -> None:
        """Steps and messages that a request names before any reply has shown them."""
        if len(turn.ids) < 2 or not turn.succeeded or all(self._identities.ours(id) for id in turn.ids):
            return
        for kind, run_id in (("step", turn.ids[1]), ("message", self._knowledge.objects["message"].get(turn.ids[1], {}).get("run_id"))):
            ours = self._identities.ours(run_id) if run_id else None
            if ours is None:
                continue
            path = f"/threads/{self._identities.ours(turn.ids[0])}" + (f"/runs/{ours}/steps" if kind == "step" else "/messages")
            shown = self._world.ask("GET", f"{path}?order=asc&limit=100")["data"]
            made = [each["id"] for each in shown if kind == "step" or each["run_id"] == ours]
            for known, id in zip(self._knowledge.of_run(kind, str(run_id)), made, strict=False):
                self._identities.match(known["id"], id)

    def _begins(self, turn: Turn) -> str | None:
        """The recorded id of the run that a request begins or goes on with."""
        if not turn.succeeded or turn.method != "POST":
            return None
        if turn.parts[-1:] == ("submit_tool_outputs",):
            run_id = turn.ids[1]
            if turn.events is not None and run_id in self._runs and _end_from_outside(turn) is None:
                self._runs.progress[run_id].release(self._runs.progress[run_id].begun)
            return run_id if run_id in self._runs else None
        if not turn.begins_run or turn.run is None:
            return None
        progress = self._runs.expect(turn.run["id"], turn.ids[0] if turn.ids else None)
        if turn.events is not None and _end_from_outside(turn) is None:
            progress.release(0)
        return progress.run_id

    # -- the request

    def _send(self, turn: Turn) -> Answer:
        if turn.number in self._answered:
            return self._answered.pop(turn.number)
        translated = self._identities.translated
        path = translated(turn.path) + (f"?{translated(turn.query)}" if turn.query else "")
        try:
            body = translated(turn.exchange.request_body.decode()).encode()
        except UnicodeDecodeError:
            body = turn.exchange.request_body
        headers = {name: value for name, value in turn.exchange.request_headers.items() if name in _KEPT_HEADERS}
        return self._world.send(turn.method, path, body, headers)

    def _end_while_read(self, turn: Turn, run_id: str, end: str) -> Answer:
        """A stream that is read while its run is cancelled, by the recorded request if there is one, or expires.

        Raises:
            Stuck: the stream does not end.
        """
        progress = self._runs.progress[run_id]
        leg = progress.begun
        answers: list[Answer] = []
        reader = threading.Thread(target=lambda: answers.append(self._send(turn)), daemon=True)
        reader.start()
        progress.release(leg, 2 * len(progress.leg(leg).items) - 1)  # the last item has begun
        progress.wait_at_rest(lambda: not reader.is_alive())
        path = f"/threads/{progress.thread_id}/runs"
        ours = self._world.ask("GET", f"{path}?limit=1")["data"][0]["id"]
        self._identities.match(run_id, ours)
        self._identities.match(text(turn.run, "thread_id"), progress.thread_id)
        cancel = next((later for later in self._recording.turns if later.parts[-1:] == ("cancel",) and run_id in later.ids), None)
        if end == "expired":
            self._world.pass_time(601)
            self._world.ask("GET", f"{path}/{ours}")
        elif cancel is not None:
            self._answered[cancel.number] = self._send(cancel)
        else:
            self._world.ask("POST", f"{path}/{ours}/cancel")
        reader.join(PATIENCE)
        if not answers:
            raise Stuck(f"the stream of run {run_id} does not end")
        return answers[0]

    # -- after

    def _compare(self, turn: Turn, answer: Answer) -> list[Found]:
        if answer.status != turn.status:
            said = answer.reply if answer.events is None else "(a stream)"
            theirs, own = (value if isinstance(value, dict) else {} for value in (turn.reply, said))
            return [Found(Kind.STATUS, "", _brief(turn.status, turn.reply), _brief(answer.status, said), beside=(theirs, own))]
        if (turn.events is None) is not (answer.events is None):
            recorded, ours = ("JSON" if events is None else "a stream" for events in (turn.events, answer.events))
            return [Found(Kind.FORM, "", recorded, ours)]
        if turn.events is not None:
            return self._comparison.streams(turn.events, answer.events or [])
        return self._comparison.replies(turn.reply, answer.reply)

    def _note_run(self, run_id: str, turn: Turn, answer: Answer) -> None:
        recorded, ours = turn.run, _run_of(answer)
        if recorded is None or ours is None or answer.status != 200:
            if turn.begins_run:
                self._runs.forget(run_id)
            else:
                self._runs.wait(run_id)
            return
        self._identities.match(run_id, ours["id"])
        thread_id = str(recorded.get("thread_id"))
        self._identities.match(thread_id, ours["thread_id"])
        self._world.model.expect(self._runs.progress[run_id], ours["thread_id"])
        self._runs.begun(run_id, thread_id)


def _end_from_outside(turn: Turn) -> str | None:
    """How the run of a stream was ended while it was read; None where the model came to its end."""
    names = {event.name for event in turn.events or ()}
    return next((end for end in ("cancelled", "expired") if f"thread.run.{end}" in names), None)


def _run_of(answer: Answer) -> Json | None:
    values = (answer.reply,) if answer.events is None else (event.data for event in answer.events)
    return next((value for value in values if text(value, "object") == "thread.run"), None)


def _brief(status: int, reply: Any) -> Any:
    error = reply.get("error") if isinstance(reply, dict) else None
    return f"{status}: {error['message']}" if isinstance(error, dict) and "message" in error else status


def _object_of(turn: Turn) -> str:
    if turn.events is not None:
        return "stream"
    if not isinstance(turn.reply, dict):
        return ""
    if "error" in turn.reply:
        return "error"
    return f"list of {turn.parts[-1]}" if turn.reply.get("object") == "list" else str(turn.reply.get("object") or "")


def _has_sorted_keys(recording: Recording) -> bool:
    """Whether the recorder has sorted the keys of everything, as some do."""

    def objects(value: Any) -> Iterator[Json]:
        if isinstance(value, dict):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from objects(inner)

    replies = [turn.reply if turn.events is None else [event.data for event in turn.events] for turn in recording.turns]
    found = [list(value) for value in objects(replies) if len(value) > 4]
    return bool(found) and all(keys == sorted(keys) for keys in found)


def _models(recording: Recording, knowledge: Knowledge) -> set[str]:
    named = {str(turn.body["model"]) for turn in recording.turns if isinstance(turn.body, dict) and isinstance(turn.body.get("model"), str)}
    for kind in ("assistant", "run"):
        named |= {str(each["model"]) for each in knowledge.objects[kind].values() if isinstance(each.get("model"), str)}
    return named | {"gpt-4o"}
