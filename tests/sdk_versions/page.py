"""From the matrix and the features to the tables of docs/sdk-versions.md. What stands between them is written by hand. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from sdk_versions.features import FEATURES
from sdk_versions.matrix import CI, LIBRARIES, NEWEST, PYTHONS, SDKS, default_library

PAGE = Path(__file__).parents[2] / "docs" / "sdk-versions.md"

_PART = re.compile(r"(<!-- written by make sdk-versions: (\w+) -->\n).*?(<!-- by hand again -->)", re.S)
_NOT = "–"


def written(page: str) -> str:
    """The page with its tables as the data has them."""
    return _PART.sub(lambda found: f"{found[1]}\n{WRITERS[found[2]]()}\n\n{found[3]}", page)


def ways() -> str:
    """What the tests run on: a column for each version of the SDK."""

    def kinds(library: str) -> list[str]:
        return [", ".join(sdk.libraries().get(library, ())) or _NOT for sdk in SDKS]

    return _table(
        ["openai", *(f"{sdk.text}, {NEWEST}" if sdk.name == NEWEST else sdk.text for sdk in SDKS)],
        [
            *(["clients on " + library, *kinds(library)] for library in LIBRARIES),
            ["a client that is given none is on", *(default_library(sdk.version) for sdk in SDKS)],
            ["Pythons", *[f"{PYTHONS[0]} to {PYTHONS[-1]}"] * len(SDKS)],
            ["type checkers", *("mypy, pyright" if sdk in (SDKS[0], SDKS[-1]) else _NOT for sdk in SDKS)],
            ["in CI", *(_in_ci(sdk.name) for sdk in SDKS)],
        ],
    )


def features() -> str:
    """What versions have and lack."""

    def history(since: tuple[int, ...], until: tuple[int, ...] | None) -> str:
        return f"{_text(since)}" if until is None else f"{_text(since)}, gone from {_text(until)}"

    return _table(
        ["", "since", *(sdk.text for sdk in SDKS), "where it is missing"],
        (
            [
                feature.name,
                history(feature.since, feature.until),
                *("yes" if feature.is_in(sdk.version) else _NOT for sdk in SDKS),
                feature.without,
            ]
            for feature in FEATURES
        ),
    )


WRITERS: dict[str, Callable[[], str]] = {"ways": ways, "features": features}


def _in_ci(name: str) -> str:
    parts = [f"{part.python}: " + ", ".join(f"{library} {kind}" for library, kind in part.ways) for part in CI if part.sdk == name]
    return "; ".join(parts) or _NOT


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])
