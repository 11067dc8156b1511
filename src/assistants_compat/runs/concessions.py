"""What a run's model calls do without, because the upstream has refused it: asked of `recovery` after a refusal, made here, and
told once by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from assistants_compat.runs import lost_containers, profiles, recovery
from assistants_compat.runs.prompt import BudgetSpent, next_request
from assistants_compat.store import items, runs
from assistants_compat.upstream_profiles import ASKED_FOR, ENCRYPTED_REASONING, OWN

if TYPE_CHECKING:
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]

HOSTED = ("file_search", "code_interpreter")

MOST = 12
"""Changes to one leg's request, after which the upstream's last word counts."""


class Concessions:
    """Those of one leg of a run, on top of what its server and model are known to refuse.

    Args:
        server: the upstream's base URL.
    """

    def __init__(self, runtime: Runtime, server: str) -> None:
        self.runtime = runtime
        self.server = server
        self._without_reasoning = False
        self._tightness = 1.0
        self._guesses: dict[str, bool] = {}
        """What was left out though the upstream has hardly said that it is to blame, and whether that is the model's."""
        self._values: set[str] = set()
        """What was left out because of the value it had."""
        self._changes = 0

    def request(self, run: runs.Run, model: str) -> Json | BudgetSpent:
        """The next model call, without what is refused."""
        with self.runtime.database.read() as connection:
            request = next_request(connection, run, model=model, tightness=self._tightness)
        if isinstance(request, BudgetSpent):
            return request
        if self.runtime.settings.execution == "background":
            request = {**request, "store": True, "background": True}
        known = self.runtime.profiles.left_out(self.server, model)
        leaving = known | self._values | self._guesses.keys()
        if "stream" in leaving:
            leaving |= {"background"}  # which could not be followed
        request, left_out = profiles.without(request, leaving)
        for thing in (thing for thing in left_out if thing in known):
            self._tell(thing, model, run.body["assistant_id"])
        return request

    def have_been_made(self, verdict: recovery.Decision, request: Json) -> bool:
        """Whether what the verdict asks for was done in this request, and did not help; or enough has been done."""
        if self._changes == MOST:
            return True
        if isinstance(verdict, recovery.LeaveOut):
            return not profiles.has(request, verdict.parameter)
        if isinstance(verdict, recovery.Tighten):
            return self._tightness < 1
        if isinstance(verdict, recovery.LeaveOutContainer):
            used = {item["container_id"] for item in request["input"] if item["type"] == "code_interpreter_call"}
            return not used if verdict.id is None else verdict.id not in used
        return isinstance(verdict, recovery.LeaveOutReasoning) and self._without_reasoning

    def make(self, connection: sa.Connection, verdict: recovery.Decision, thread_id: str, model: str) -> None:
        """Do as the verdict says from now on; what is wrong with the thread's history is mended for good."""
        self._changes += not isinstance(verdict, recovery.Wait)
        if isinstance(verdict, recovery.LeaveOut):
            if verdict.of_value:
                self._values.add(verdict.parameter)
                self.runtime.warn_once(
                    f"{self.server} {model} {verdict.parameter} value",
                    f"the model {model!r} refuses the value of {verdict.parameter!r} that a run of {thread_id} has; such runs go without.",
                )
            elif verdict.is_guess:
                self._guesses[verdict.parameter] = verdict.of_model
            else:
                self.runtime.profiles.learn(self.server, model if verdict.of_model else None, verdict.parameter)
        elif isinstance(verdict, recovery.Tighten):
            self._tightness = recovery.TIGHTER
        elif isinstance(verdict, recovery.LeaveOutContainer):
            lost_containers.give_up(connection, thread_id, verdict.id)
        elif isinstance(verdict, recovery.LeaveOutReasoning):
            self._without_reasoning = True
            items.forget_reasoning(connection, thread_id)
            self.runtime.warn_once(
                f"reasoning {model}",
                f"the upstream cannot read what {model!r} has reasoned before: under another key, or another model of that name. "
                "It is dropped from the threads where that is so.",
            )

    def make_without_background(self, model: str, assistant_id: str) -> None:
        """The server has taken the request for one in the foreground, without a word."""
        self.runtime.profiles.learn(self.server, None, "background")
        self._tell("background", model, assistant_id)

    def have_helped(self, model: str, assistant_id: str) -> None:
        """The upstream answers: what was only a guess is known now."""
        for thing, of_model in self._guesses.items():
            self.runtime.profiles.learn(self.server, model if of_model else None, thing)
            self._tell(thing, model, assistant_id)
        self._guesses.clear()

    def _tell(self, thing: str, model: str, assistant_id: str) -> None:
        """Once for an upstream, or for a model where it is the model that refuses it."""
        fixed = thing in self.runtime.profiles.fixed
        of_model = self.runtime.profiles.is_of_model(self.server, model, thing)
        if (fixed and thing in OWN) or (of_model and thing == ENCRYPTED_REASONING):
            return  # nobody asked for it, or the model does not reason
        if of_model and thing not in HOSTED:
            self.runtime.warn_once(
                f"{self.server} {model} {thing}", f"the model {model!r} refuses the parameter {thing!r}; it is left out of its requests."
            )
            return
        why = "does not take (ASSISTANTS_COMPAT_UPSTREAM says so)" if fixed else "refuses"
        where = f"the model {model!r} of {self.server}" if of_model else self.server
        text = f"{where} {why} {thing!r}: {OWN.get(thing) or ASKED_FOR[thing]}. It is left out of the requests to it"
        if thing in HOSTED:
            text += f", and assistants that have this tool answer without it ({assistant_id} is the first)"
        self.runtime.warn_once(f"{where} {thing}", f"{text}.")
