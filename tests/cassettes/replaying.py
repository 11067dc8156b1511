"""A scenario with its cassette in the place of the network, and what the program saw of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistants_compat.testing.network import blocked
from assistants_compat.testing.tapes.cassette_file import CassetteFile, Yaml
from assistants_compat.testing.tapes.normal_form import API
from assistants_compat.testing.tapes.tape import Tape, Unfaithful

from .scenarios import Scenario
from .stage import snapshot, stage

CASSETTES = Path(__file__).parents[2] / "cassettes"


def replayed(scenario: Scenario, cassette: Path) -> str:
    """The snapshot of a replay.

    Raises:
        FileNotFoundError: there is no such cassette.
        Unfaithful: with a diff of the first request that is not the recorded one; or something went for the network.
    """
    if not cassette.is_file():
        raise FileNotFoundError(f"There is no {cassette}. Record it: make record ARGS={scenario.name}")
    tape = Tape.use(
        path=str(cassette),
        record_mode="none",
        persister=CassetteFile(),
        serializer=Yaml,
        path_of=path_below(API),
        again=f"Record it again: make record ARGS={scenario.name}",
    )
    no_network = blocked("while a cassette is replayed", loopback=False)
    with stage(API, "sk-replayed", replaying=True) as here, no_network as tried, tape as replay, replay.faithfully():
        scenario.program(here)
        here.wait_for_the_end()
    if tried:
        raise Unfaithful(f"The program went for the network: something tried to {tried[0]}.")
    return snapshot(here.shown)


def path_below(base_url: str) -> Callable[[str], str | None]:
    """What a tape is told of the API's URL, where it is known."""
    return lambda url: url.removeprefix(base_url) if url.startswith(base_url) else None
