"""A message as it is given: on its own, with a new thread, or added by a run.

Content is echoed as a list of parts; a string becomes one text part (recorded), images get `detail` "auto" (recorded).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistants_compat.api.parameters.ids import FILE_ID
from assistants_compat.api.parameters.metadata import METADATA
from assistants_compat.api.parameters.tools import ATTACHMENT_TOOLS
from assistants_compat.api.refusals import empty_message
from assistants_compat.api.schema import Array, ByType, Choice, Nullable, Object, Tagged, Text

_TEXT = Text(max_length=256_000)


@dataclass(frozen=True, slots=True)
class MessageText:
    """Text in its echo form. Nothing but white space is refused, as an empty message was."""

    def check(self, value: Any, path: str) -> dict[str, Any]:
        text = _TEXT.check(value, path)
        if not text or text.isspace():
            raise empty_message(path)
        return {"value": text, "annotations": []}


@dataclass(frozen=True, slots=True)
class PlainContent:
    """A string in place of the list of parts."""

    def check(self, value: Any, path: str) -> list[dict[str, Any]]:
        return [{"type": "text", "text": MESSAGE_TEXT.check(value, path)}]


def _with_detail(given: dict[str, Any], path: str) -> dict[str, Any]:
    detail = given.pop("detail", None) or "auto"
    return {**given, "detail": detail}


MESSAGE_TEXT = MessageText()
_DETAIL = Nullable(Choice(("auto", "low", "high")))
_IMAGE_URL = Object({"url": Text(min_length=1), "detail": _DETAIL}, required=("url",), echo=_with_detail)
_IMAGE_FILE = Object({"file_id": FILE_ID, "detail": _DETAIL}, required=("file_id",), echo=_with_detail)

CONTENT = ByType(
    {
        str: PlainContent(),
        list: Array(
            Tagged(
                {
                    "text": Object({"text": MESSAGE_TEXT}, required=("text",)),
                    "image_url": Object({"image_url": _IMAGE_URL}, required=("image_url",)),
                    "image_file": Object({"image_file": _IMAGE_FILE}, required=("image_file",)),
                }
            ),
            min_length=1,
        ),
    },
    "one of an array of objects or string",
)
ATTACHMENT = Object({"file_id": FILE_ID, "tools": ATTACHMENT_TOOLS}, required=("file_id", "tools"))
"""Leaving out `tools` was answered with "Missing required parameter: 'attachments[0].tools'." (reported)."""

MESSAGE = Object(
    {
        "role": Choice(("user", "assistant")),
        "content": CONTENT,
        "attachments": Nullable(Array(ATTACHMENT), instead=list),
        "metadata": METADATA,
    },
    required=("role", "content"),
)

CREATE_MESSAGE = MESSAGE
MODIFY_MESSAGE = Object({"metadata": METADATA})
