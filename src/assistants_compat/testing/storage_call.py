"""A request to /files, /vector_stores, /containers or /conversations, taken apart, and the two kinds of answers it may get."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from assistants_compat.testing.multipart import Form
from assistants_compat.testing.rejection import Rejected
from assistants_compat.testing.strict_parameters import check_include

NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. "
    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix "
    "this, please contact us through our help center at help.openai.com.)"
)


@dataclass(frozen=True)
class Call:
    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: Any
    form: Form | None = None
    asked_for: tuple[str, ...] = ()
    """The values of `include[]`."""

    @classmethod
    def of(cls, method: str, path: str, route: str, body: Any, form: Form | None = None) -> Call:
        """`path` has the query, `route` neither that nor the prefix of the API's version."""
        steps = tuple(unquote(step) for step in route.strip("/").split("/"))
        pairs = parse_qsl(path.partition("?")[2])
        return cls(method, steps, dict(pairs), body, form, tuple(value for name, value in pairs if name in ("include", "include[]")))

    def include(self) -> tuple[str, ...]:
        """What to show besides the usual; Rejected when there is no such thing."""
        check_include(self.asked_for)
        return self.asked_for

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; an absent one counts as empty."""
        if self.body is None or self.form is not None:
            return {}
        if not isinstance(self.body, dict):
            raise Rejected(NOT_JSON, code=None, param=None)
        return self.body


@dataclass(frozen=True)
class Download:
    """Bytes instead of JSON. Uploads come back as octets (recorded), a container's files by their own type (recorded for text)."""

    content: bytes
    filename: str
    guess_type: bool = False

    @property
    def headers(self) -> dict[str, str]:
        kind = "application/octet-stream"
        if self.guess_type:
            kind = mimetypes.guess_type(self.filename)[0] or kind
            kind += "; charset=utf-8" if kind.startswith("text/") else ""
        plain = self.filename.encode("ascii", "replace").decode().replace('"', "_")
        named = f'attachment; filename="{plain}"'
        if plain != self.filename:
            named += f"; filename*=UTF-8''{quote(self.filename)}"
        return {"content-type": kind, "content-disposition": named, "content-length": str(len(self.content))}


Answer = dict[str, Any] | Download
