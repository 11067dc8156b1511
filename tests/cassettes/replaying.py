"""A scenario with its cassette in the place of the network, and what the program saw of it."""

from __future__ import annotations

from pathlib import Path

from .cassette_file import CassetteFile, Yaml
from .network import blocked
from .scenarios import Scenario
from .stage import snapshot, stage
from .tape import API, Replay, Unfaithful, same_request

CASSETTES = Path(__file__).parents[2] / "cassettes"


def replayed(scenario: Scenario, cassette: Path) -> str:
    """The snapshot of a replay.

    Raises:
        FileNotFoundError: there is no such cassette.
        Unfaithful: with a diff of the first request that is not the recorded one; or something went for the network.
    """
    if not cassette.is_file():
        raise FileNotFoundError(f"There is no {cassette}. Record it: make record ARGS={scenario.name}")
    tape = Replay.use(path=str(cassette), record_mode="none", match_on=(same_request,), persister=CassetteFile(), serializer=Yaml)
    with stage(API, "sk-replayed", replaying=True) as here, blocked() as tried, tape as replay, replay.faithfully():
        scenario.program(here)
        here.wait_for_the_end()
    if tried:
        raise Unfaithful(f"The program went for the network: something tried to {tried[0]}.")
    return snapshot(here.shown)
