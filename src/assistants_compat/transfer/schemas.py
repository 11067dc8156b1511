"""Names of the forms in which histories are kept in files.

`assistants-thread-export/v1` is the schema of redwoodworksco/assistants-api-export, which many used before the shut-down: a folder with
`manifest.json`, `assistants.json` and a file a thread. What only this package knows of an object is in it, or beside it, under a
key of its own, which other readers may leave aside.
"""

from __future__ import annotations

import re

THREAD = "assistants-thread-export/v1"
MANIFEST = "assistants-export-manifest/v1"
LINES = "assistants-compat-lines/v1"
"""The first line of JSON Lines whose order is the threads' own."""

OWN = "assistants_compat"
"""The key for what only this package knows."""

ITEM = "assistants_compat.item"
"""The `object` of what only the model sees: reasoning, function calls and their outputs, calls of the code interpreter."""

MOST_ID = 64
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


def is_id(text: object, prefix: str = "") -> bool:
    """Whether it may be an id, in a file's name too: no separators, no dots, at most 64 characters."""
    return isinstance(text, str) and len(text) <= MOST_ID and text.startswith(prefix) and _ID.fullmatch(text) is not None
