"""The table of known differences: what replies of this package do not share with recorded ones, and why. Pure data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistants_compat.verifying.differences import Difference


@dataclass(frozen=True)
class KnownDifference:
    """One row. `is_it` says whether a difference is this one: as narrow as can be, since whatever it takes in is not looked at."""

    name: str
    what: str
    reason: str
    is_it: Callable[[Difference], bool]


KNOWN: tuple[KnownDifference, ...] = ()


def name_of(difference: Difference) -> str | None:
    """The known difference that this is; None where nobody knows of it."""
    return next((known.name for known in KNOWN if known.is_it(difference)), None)
