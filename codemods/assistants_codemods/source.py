"""A file as the codemods see it: text in, text out. Reading and writing files is the runner's business."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One Python module (or a notebook's code cells as one, see `notebooks`)."""

    path: str
    """Where it is, with forward slashes, relative to the root of the tree: what reports show."""
    text: str
    """Its text, decoded, line ends as they are in the file."""
