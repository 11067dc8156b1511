"""A scenario: a small program for the Assistants API, and what the offline upstream is to answer where that is what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistants_compat.testing.answers import Answer, AnswerFor

from ..stage import Stage

Program = Callable[[Stage], None]


@dataclass(frozen=True)
class Scenario:
    """The program shows its stage what goes into the snapshot. It must be content with whatever a real model says."""

    program: Program
    offline: tuple[Answer | str | AnswerFor, ...]

    @property
    def name(self) -> str:
        return self.program.__name__


def offline(*answers: Answer | str | AnswerFor) -> Callable[[Program], Scenario]:
    """Makes a program a scenario."""
    return lambda program: Scenario(program, answers)
