"""A cassette's file: vcrpy's own format in YAML, with a header that says where it is from, and bodies as blocks one can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.serialize import deserialize, serialize

from assistants_compat.testing.tapes.scrubbing import Leak, Scrubber

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # yaml has no types
    """Strings of several lines are written as such."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


class Yaml:
    """What vcrpy takes for a serializer."""

    @staticmethod
    def serialize(interactions: dict[str, Any]) -> str:
        written: str = yaml.dump(interactions, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
        return written

    @staticmethod
    def deserialize(text: str) -> Any:
        return yaml.load(text, Loader=_Loader)


class CassetteFile:
    """What vcrpy takes for a persister.

    Args:
        header: makes the lines of the comment on top, for a file that is to be written.
        scrubber: has the last word on whether it is.
    """

    def __init__(self, header: Callable[[], tuple[str, ...]] = tuple, scrubber: Scrubber | None = None) -> None:
        self._header = header
        self._scrubber = scrubber or Scrubber()

    @staticmethod
    def load_cassette(path: str | Path, serializer: Any) -> Any:
        """Raises CassetteNotFoundError, which vcrpy takes for a tape without anything on it."""
        path = Path(path)
        if not path.is_file():
            raise CassetteNotFoundError(f"{path} does not exist.")
        return deserialize(path.read_text(encoding="utf-8"), serializer)

    def save_cassette(self, path: str | Path, cassette: dict[str, Any], serializer: Any) -> None:
        """Raises Leak instead of writing a secret."""
        text = "".join(f"# {line}\n" for line in self._header()) + str(serialize(cassette, serializer))
        leaks = self._scrubber.leaks(text)
        if leaks:
            raise Leak(
                f"{Path(path).name} was not written: {' and '.join(leaks)} would have been in it, and the scrubber did not take it out. "
                "Name the secret to it."
            )
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def without_header(text: str) -> str:
    """The recording itself, of a cassette's text."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("#"))
