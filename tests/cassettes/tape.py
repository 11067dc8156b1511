"""Recording and replaying with vcrpy: what it takes in is scrubbed and labelled, and a request that was not recorded is told as a diff."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.request import Request

from .labels import Labels, settled
from .scrubbing import REQUEST_HEADERS, RESPONSE_HEADERS, Leak, Scrubber

API = "https://api.openai.com/v1"
"""The base URL in every cassette, whatever was recorded."""

_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')


class NotRecorded(Exception):
    """A replay was asked for something that its cassette does not have."""


class Unfaithful(AssertionError):
    """A request was not the recorded one, or a recorded one was not made."""


def normal_request(request: Request, base_url: str, labels: Labels, scrubber: Scrubber) -> Request:
    """The request as a cassette has it: at the API's own address, with few headers, labels for ids, and JSON on several lines."""
    headers = {name.lower(): _one(value) for name, value in request.headers.items() if name.lower() in REQUEST_HEADERS}
    body = bytes(request.body or b"")
    boundary = _BOUNDARY.search(headers.get("content-type", ""))
    if boundary is not None:
        body = body.replace(boundary[1].encode(), b"boundary")
        headers["content-type"] = headers["content-type"].replace(boundary[0], "boundary=boundary")
    if headers.get("content-type") == "application/json" and body:
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode(errors="backslashreplace")
    if not body:
        headers.pop("content-type", None)  # old SDKs name one for nothing
    url = API + request.uri.removeprefix(base_url) if request.uri.startswith(base_url) else request.uri
    return Request(request.method, labels.text(scrubber.text(url)), labels.body(scrubber.body(body)), headers)


def normal_response(response: Mapping[str, Any], began: int, labels: Labels, scrubber: Scrubber) -> dict[str, Any]:
    """The response as a cassette has it.

    Raises:
        Leak: it is compressed, so that nobody could tell what is in it.
    """
    if any(name.lower() == "content-encoding" for name in response["headers"]):
        raise Leak("a response came compressed, which was not asked for and cannot be undone here")
    kept = {name.lower(): [scrubber.text(value) for value in values] for name, values in response["headers"].items()}
    body = labels.body(settled(scrubber.body(response["body"]["string"] or b""), began))
    headers = {name: values for name, values in kept.items() if name in RESPONSE_HEADERS}
    return {"status": dict(response["status"]), "headers": headers, "body": {"string": body}}


class Recording(Cassette):
    """Takes in what goes by.

    Args:
        base_url: where the API is recorded.
        began: the second at which this recording begins.
    """

    def __init__(self, *, base_url: str, began: int, scrubber: Scrubber, **more: Any) -> None:
        super().__init__(**more)
        self.made: list[str] = []
        """Addresses of what was made upstream, to be deleted afterwards; the newest first."""
        self._leaks: list[Leak] = []
        self._base_url = base_url
        self._began = began
        self._scrubber = scrubber
        self._labels = Labels()

    def append(self, request: Request, response: dict[str, Any]) -> None:
        self._scrubber.learn_from((name, _one(value)) for name, value in request.headers.items())
        self._scrubber.learn_from((name, value) for name, values in response["headers"].items() for value in values)
        response = decode_response(response)
        self._note_made(request, response)
        try:
            request = normal_request(request, self._base_url, self._labels, self._scrubber)
            response = normal_response(response, self._began, self._labels, self._scrubber)
        except Leak as leak:
            self._leaks.append(leak)
            raise
        super().append(request, response)

    @contextmanager
    def without_leaks(self) -> Iterator[None]:
        """Raises Leak at the end if something could not be taken in; who sent the request may take it for a failure of the network."""
        try:
            yield
        except Exception:
            if not self._leaks:
                raise
        if self._leaks:
            raise self._leaks[0]

    def _note_made(self, request: Request, response: dict[str, Any]) -> None:
        body = response["body"]["string"] or b""
        path = request.uri.removeprefix(self._base_url)
        made = [f"/containers/{id.decode()}" for id in re.findall(rb"\bcntr_[0-9a-zA-Z]+", body)]
        if request.method == "POST" and path in ("/files", "/vector_stores") and response["status"]["code"] == 200:
            made.append(f"{path}/{json.loads(body)['id']}")
        self.made[:0] = dict.fromkeys(address for address in made if address not in self.made)


class Replay(Cassette):
    """Plays what was recorded, each exchange once, to requests that are what they were."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._changes: list[str] = []  # what was asked for and is not on the tape, each as a diff to what is
        self._labels = Labels()
        self._scrubber = Scrubber()

    def can_play_response_for(self, request: Request) -> bool:
        request = self._normal(request)
        if not super().can_play_response_for(request):
            self._changes.append(self._difference(request))
            raise NotRecorded(self._changes[-1])
        return True

    def play_response(self, request: Request) -> dict[str, Any]:
        response: dict[str, Any] = super().play_response(self._normal(request))
        self._labels.body(response["body"]["string"])  # their numbers are taken
        return response

    def _normal(self, request: Request) -> Request:
        return normal_request(request, API, self._labels, self._scrubber)

    def _left(self) -> Iterator[Request]:
        return (request for index, (request, _) in enumerate(self.data) if not self.play_counts[index])

    def _difference(self, request: Request) -> str:
        left = list(self._left())
        same_address = [other for other in left if (other.method, other.uri) == (request.method, request.uri)]
        nearest = (same_address or left or [None])[0]
        recorded = [] if nearest is None else _lines(nearest)
        return "\n".join(difflib.unified_diff(recorded, _lines(request), "recorded", "sent now", lineterm=""))

    @contextmanager
    def faithfully(self) -> Iterator[None]:
        """Raises Unfaithful at the end unless all that was recorded has been asked for, and nothing else."""
        try:
            yield
        except Exception as error:
            if self._changes:  # what else went wrong comes of this, and tells less
                raise self._changed() from error
            raise
        if self._changes:
            raise self._changed()
        unused = ["\n".join(_lines(request)) for request in self._left()]
        if unused:
            raise Unfaithful("Recorded requests were not made:\n" + "\n\n".join(unused))

    def _changed(self) -> Unfaithful:
        more = f"\n(and {len(self._changes) - 1} more after it)" if len(self._changes) > 1 else ""
        return Unfaithful(f"A request is not the recorded one:\n{self._changes[0]}{more}")


def same_request(sent: Request, recorded: Request) -> bool:
    """Whether two requests in their normal form say the same; the order of JSON's keys says nothing."""
    return _lines(sent) == _lines(recorded)


def _lines(request: Request) -> list[str]:
    headers = [f"{name}: {_one(value)}" for name, value in sorted(request.headers.items())]
    body = bytes(request.body or b"")
    if "content-type: application/json" in headers and body:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False, sort_keys=True)
    else:
        text = body.decode(errors="backslashreplace")
    return [f"{request.method} {request.uri}", *headers, "", *text.splitlines()]


def _one(value: Any) -> str:
    """A header's value: vcrpy reads them back as lists."""
    return str(value[0] if isinstance(value, list) else value)
