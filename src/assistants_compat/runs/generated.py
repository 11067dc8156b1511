"""Files that code made in its container: what a model call tells of them, and the ids that programs know them by. Pure.

An image that was shown comes with the outputs of the call that drew it, and is cited at the end of the next text without a place; a
file that was saved is cited where the text links to it, as `sandbox:/mnt/data/…`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from mimetypes import guess_extension
from pathlib import PurePosixPath
from typing import Any

from assistants_compat.ids import new_file_id

Json = dict[str, Any]

_FOLDER = "/mnt/data"
_IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif"})


@dataclass(frozen=True)
class GeneratedFile:
    """A file that is to be brought over. `path` is its name in the container, which the original used as its filename (reported)."""

    id: str
    path: str
    container_id: str
    container_file_id: str | None = None
    content: bytes | None = field(default=None, repr=False)
    """Its bytes, where the call's outputs had them."""

    @property
    def source(self) -> Json:
        return {"container_id": self.container_id, "file_id": self.container_file_id}

    def shown(self, now: int) -> Json:
        """The file object before its bytes are here: keys as recorded, a state that the type has."""
        return {
            "object": "file",
            "id": self.id,
            "purpose": "assistants_output",
            "filename": self.path,
            "bytes": 0,
            "created_at": now,
            "expires_at": None,
            "status": "error",
            "status_details": "It has not been copied out of its container.",
        }


def copied(shown: Json, size: int) -> Json:
    """The object of a file whose bytes are here."""
    return {**shown, "bytes": size, "status": "processed", "status_details": None}


def not_copied(shown: Json, reason: str) -> Json:
    return {**shown, "status": "error", "status_details": reason}


class Generated:
    """What the code of one model call has made so far: each file once, under one id.

    Args:
        drawn: images of the run's earlier calls that no message has shown yet.
    """

    def __init__(self, drawn: Iterable[str] = (), uncited: Iterable[str | None] = ()) -> None:
        self.drawn = list(drawn)
        """Images that the next message shows."""
        self.uncited = list(uncited)
        """The images of outputs whose citation is still to come, in their order; None for one that has not got an id yet."""
        self._ids: dict[str, str] = {}

    def image(self, url: str, container_id: str) -> GeneratedFile | None:
        """An image among a call's outputs; None where its bytes are not in them, and only its citation will tell of it."""
        kind, content = _data_of(url)
        if content is None:
            self.uncited.append(None)
            return None
        id = new_file_id()
        self.drawn.append(id)
        self.uncited.append(id)
        return GeneratedFile(id, f"{_FOLDER}/{id}{guess_extension(kind) or ''}", container_id, content=content)

    def take_drawn(self) -> list[str]:
        """The images for a message that begins."""
        drawn, self.drawn = self.drawn, []
        return drawn

    def cited(self, citation: Json, linked: str | None, *, shown: bool) -> tuple[str, GeneratedFile | None]:
        """The id of a cited file, and the file where this is the first that is heard of it.

        Args:
            linked: its path in the container, where the text has it.
            shown: whether it is an image that was drawn, and not a file that the text links to.
        """
        known = citation["file_id"]
        drawn = self.uncited.pop(0) if shown and self.uncited and known not in self._ids else None
        if drawn is not None:
            self._ids[known] = drawn
        if known in self._ids:
            return self._ids[known], None
        id = self._ids[known] = new_file_id()
        path = linked or f"{_FOLDER}/{citation.get('filename') or known}"
        return id, GeneratedFile(id, path, citation["container_id"], known)


def is_shown(citation: Json) -> bool:
    """Whether it is an image that was shown rather than a file that the text links to: it has no place in the text."""
    suffix = PurePosixPath(citation.get("filename") or "").suffix.lower()
    return not citation.get("end_index") and suffix in _IMAGES


def _data_of(url: str) -> tuple[str, bytes | None]:
    """Type and bytes of a `data:` URL."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return "", None
    try:
        return head[len("data:") : -len(";base64")], base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return "", None
