"""Bodies of type multipart/form-data, as file uploads come in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from typing import Any


@dataclass(frozen=True)
class Upload:
    filename: str
    content_type: str
    content: bytes


@dataclass
class Form:
    fields: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What a test may want to see of it, without the contents."""
        files = {
            name: {"filename": upload.filename, "content_type": upload.content_type, "bytes": len(upload.content)}
            for name, upload in self.uploads.items()
        }
        return {**self.fields, **files}

    def group(self, name: str) -> dict[str, str] | None:
        """{"anchor": "created_at"} of a field `expires_after[anchor]`."""
        prefix = f"{name}["
        found = {key[len(prefix) : -1]: value for key, value in self.fields.items() if key.startswith(prefix)}
        return found or None


def parse(content_type: str, body: bytes) -> Form | None:
    """None when the body is not a form."""
    boundary = re.search(r'boundary="?([^";,]+)"?', content_type)
    if not content_type.lower().startswith("multipart/form-data") or boundary is None:
        return None
    form = Form()
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:]:
        if part.startswith(b"--"):
            return form
        head, separator, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if separator:
            _add(form, head.decode("utf-8", "replace"), content)
    return None


def _add(form: Form, head: str, content: bytes) -> None:
    headers = Message()
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip()] = value.strip()
    name = str(headers.get_param("name", "", "content-disposition"))
    filename = headers.get_filename()
    if filename is None:
        form.fields[name] = content.decode("utf-8", "replace")
    else:
        form.uploads[name] = Upload(filename, headers.get("content-type", "application/octet-stream"), content)
