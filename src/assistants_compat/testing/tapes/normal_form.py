"""Requests and responses as a cassette has them, and how one request differs from another."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vcr.request import Request

from assistants_compat.testing.tapes.labels import Labels, settled
from assistants_compat.testing.tapes.scrubbing import REQUEST_HEADERS, RESPONSE_HEADERS, Leak, Scrubber

API = "https://api.openai.com/v1"
"""The base URL in every cassette, whatever was recorded."""

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')


def normal_request(request: Request, path_of: Callable[[str], str | None], labels: Labels, scrubber: Scrubber) -> Request:
    """The request as a cassette has it: at the API's own address, with few headers, labels for ids, and JSON on several lines.

    Args:
        path_of: the path below the API's base URL, of a URL; None for one that is not the API's, which stays as it is.
    """
    headers = {name.lower(): one(value) for name, value in request.headers.items() if name.lower() in REQUEST_HEADERS}
    body = body_of(request)
    boundary = _BOUNDARY.search(headers.get("content-type", ""))
    if boundary is not None:
        body = body.replace(boundary[1].encode(), b"boundary")
        headers["content-type"] = headers["content-type"].replace(boundary[0], "boundary=boundary")
    body = _indented(headers, body)
    if not body:
        headers.pop("content-type", None)  # old SDKs name one for nothing
    path = path_of(request.uri)
    url = request.uri if path is None else API + path
    return Request(request.method, labels.text(scrubber.text(url)), labels.body(scrubber.body(body)), headers)


def normal_response(response: Mapping[str, Any], began: int, labels: Labels, scrubber: Scrubber) -> dict[str, Any]:
    """The response as a cassette has it.

    Raises:
        Leak: it is compressed, so that nobody could tell what is in it.
    """
    if any(name.lower() == "content-encoding" for name in response["headers"]):
        raise Leak("a response came compressed, which was not asked for and cannot be undone here")
    kept = {name.lower(): [scrubber.text(value) for value in values] for name, values in response["headers"].items()}
    body = labels.body(settled(scrubber.body(response["body"].get("string") or b""), began))
    headers = {name: values for name, values in kept.items() if name in RESPONSE_HEADERS}
    return {"status": dict(response["status"]), "headers": headers, "body": {"string": body}}


def same_request(sent: Request, recorded: Request) -> bool:
    """Whether two requests in their normal form say the same; the order of JSON's keys says nothing."""
    return lines(sent) == lines(recorded)


def difference(sent: Request, recorded: Iterable[Request]) -> str:
    """A unified diff from the recorded request that is nearest to the one that was sent: of the same address if there is one."""
    left = list(recorded)
    same_address = [other for other in left if (other.method, other.uri) == (sent.method, sent.uri)]
    nearest = (same_address or left or [None])[0]
    return "\n".join(difflib.unified_diff([] if nearest is None else lines(nearest), lines(sent), "recorded", "sent now", lineterm=""))


def lines(request: Request) -> list[str]:
    """A request in its normal form, for the eye and for comparison: JSON's keys in alphabetical order."""
    headers = {name: one(value) for name, value in sorted(request.headers.items())}
    body = _indented(headers, body_of(request), sort_keys=True).decode(errors="backslashreplace")
    return [f"{request.method} {request.uri}", *(f"{name}: {value}" for name, value in headers.items()), "", *body.splitlines()]


def _indented(headers: Mapping[str, str], body: bytes, *, sort_keys: bool = False) -> bytes:
    """A body of JSON on several lines; any other as it is."""
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        return body
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False, sort_keys=sort_keys).encode(errors="backslashreplace")
    except ValueError:
        return body


def body_of(request: Request) -> bytes:
    """A request's body, in whatever form the http library handed it to vcrpy."""
    body = request.body
    if body is None:
        return b""
    if hasattr(body, "read"):
        return bytes(body.read())
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b"".join(body)


def one(value: Any) -> str:
    """A header's value: vcrpy reads them back as lists."""
    return str(value[0] if isinstance(value, list) else value)
