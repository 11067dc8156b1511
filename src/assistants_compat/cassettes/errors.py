"""What is said of a file that cannot be read as a cassette."""

from __future__ import annotations


class CassetteError(Exception):
    """A cassette that cannot be read; the message names the file, the place in it, and what is wrong there."""


class NotACassette(CassetteError):
    """A file that may be sound, but has no recorded traffic in it."""
