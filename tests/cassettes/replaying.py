"""A scenario with its cassette in the place of the network, and what the program saw of it."""

from __future__ import annotations

from pathlib import Path

from .cassette_file import CassetteFile, Yaml
from .network import blocked
from .scenarios import Scenario
from .stage import snapshot, stage
from .tape import API, Replay, same_request

CASSETTES = Path(__file__).parents[2] / "cassettes"


class Unfaithful(AssertionError):
    """A request was not the recorded one, a recorded one was not made, or something went for the network."""


def replayed(scenario: Scenario, cassette: Path) -> str:
    """The snapshot of a replay.

    Raises:
        FileNotFoundError: there is no such cassette.
        Unfaithful: with a diff of the first request that is not the recorded one.
    """
    if not cassette.is_file():
        raise FileNotFoundError(f"There is no {cassette}. Record it: make record ARGS={scenario.name}")
    tape = Replay.use(path=str(cassette), record_mode="none", match_on=(same_request,), persister=CassetteFile(), serializer=Yaml)
    with stage(API, "sk-replayed", replaying=True) as here, blocked() as tried, tape as replay:
        try:
            scenario.program(here)
            here.wait_for_the_end()
        except Exception as error:
            # Whatever else went wrong comes of this, and may tell less.
            if replay.changes:
                raise Unfaithful(replay.complaint()) from error
            raise
        complaint = replay.complaint() or (f"Something tried to {tried[0]}." if tried else None)
        if complaint is not None:
            raise Unfaithful(complaint)
    return snapshot(here.shown)
