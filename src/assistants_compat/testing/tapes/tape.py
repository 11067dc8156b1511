"""A tape: vcrpy's cassette, but scrubbed, labelled, and faithful: a request that was not recorded is told as a diff."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

from vcr.cassette import Cassette
from vcr.filters import decode_response
from vcr.record_mode import RecordMode
from vcr.request import Request

from assistants_compat.testing.complaint import Complaint
from assistants_compat.testing.tapes.labels import EPOCH, Labels, upstream_labels
from assistants_compat.testing.tapes.normal_form import body_of, difference, lines, normal_request, normal_response, one, same_request
from assistants_compat.testing.tapes.scrubbing import Leak, Scrubber

NOT_RECORDED = 421
"""The status that answers a request which the tape does not have: neither the SDK nor the shim tries again, or tries something else."""


_NOT_THE_SDKS = ("httplib", "requests", "boto3", "urllib3", "httplib2", "tornado")
"""Libraries that vcrpy would patch as well, in vain."""


class Unfaithful(Complaint):
    """A request was not the recorded one, or a recorded one was not made."""


class Tape(Cassette):  # type: ignore[misc]  # vcrpy has no types
    """Plays what it has, each exchange once, to requests that are what they were; takes in the others, where its mode has it so.

    Args:
        path_of: the path below the API's base URL, of a URL; None for one that is not the API's, which goes past the tape.
        again: what to do to record it again, for people.
        began: the second at which a recording begins.
        scrubber: knows the recording's secrets.
        powerless: keys that open nothing, with which nothing can be recorded.
    """

    def __init__(
        self,
        *,
        path_of: Callable[[str], str | None],
        again: str,
        began: int = EPOCH,
        scrubber: Scrubber | None = None,
        powerless: Sequence[str] = (),
        **more: Any,
    ) -> None:
        if "skip_patchers" in signature(Cassette.__init__).parameters:  # of vcrpy 9
            more.setdefault("skip_patchers", _NOT_THE_SDKS)
        super().__init__(match_on=(same_request,), **more)
        self.data: list[tuple[Request, dict[str, Any]]]
        self.play_counts: Counter[int]
        self.made: list[str] = []
        """Paths of what was made upstream, to be deleted afterwards; the newest first."""
        self.sources: set[str] = set()
        """Hosts that were recorded."""
        self._refused: list[str] = []  # what was asked for and could be neither played nor recorded
        self._leaks: list[Leak] = []
        self._path_of = path_of
        self._again = again
        self._began = began
        self._scrubber = scrubber or Scrubber()
        self._powerless = powerless
        self._labels = Labels()
        self._loading = False
        self._lock = threading.RLock()

    # -- what vcrpy asks of a cassette

    def filter_request(self, request: Request) -> Request | None:
        return None if self._path_of(request.uri) is None else request

    def can_play_response_for(self, request: Request) -> bool:
        if self.filter_request(request) is None:
            return False
        with self._lock:
            try:
                return super().can_play_response_for(self._normal(request)) or self._obstacle(request) is not None
            except Leak:
                return True  # refused

    def play_response(self, request: Request) -> dict[str, Any]:
        with self._lock:
            try:
                normal = self._normal(request)
            except Leak as leak:
                return _refusal(str(leak))
            if not super().can_play_response_for(normal):
                why = self._obstacle(request) or "A request came once more:"
                self._refused.append(f"{why}\n{difference(normal, self._left())}\n{self._again}")
                return _refusal(self._refused[-1])
            response: dict[str, Any] = super().play_response(normal)
            self._labels.body(response["body"]["string"])  # their numbers are taken
            return response

    def append(self, request: Request, response: dict[str, Any]) -> None:
        """Take in an exchange, unless it has something secret in it that cannot be taken out: `faithfully` tells."""
        if self._loading:
            super().append(request, response)
            return
        if self.filter_request(request) is None:
            return
        with self._lock:
            self._scrubber.learn_from((name, value) for name, values in response["headers"].items() for value in values)
            response = decode_response(response)
            self.sources.add(str(request.host))
            self._note_made(request, response)
            try:
                with self._leaks_noted():
                    response = normal_response(response, self._began, self._labels, self._scrubber)
                super().append(self._normal(request), response)
            except Leak:
                return
            self.play_counts[len(self.data) - 1] += 1  # it has had its answer

    def _load(self) -> None:
        if self.record_mode == RecordMode.ALL:  # from the beginning
            return
        self._loading = True
        try:
            super()._load()
        finally:
            self._loading = False

    # -- for those who use one

    @contextmanager
    def faithfully(self, *, to_the_end: bool = True) -> Iterator[None]:
        """Tells at the end what else nobody would hear of, or only by what came of it.

        Args:
            to_the_end: whether all that was recorded has to be asked for.

        Raises:
            Leak: something could not be taken in.
            Unfaithful: a request was not the recorded one, could not be recorded, or was recorded and not made; a tape that takes in
                what is new drops the latter instead.
        """
        try:
            yield
        except Exception as error:
            trouble = self._trouble()
            if trouble is not None:  # what else went wrong comes of this, and tells less
                raise trouble from error
            raise
        trouble = self._trouble()
        if trouble is not None:
            raise trouble
        unused = list(self._left()) if to_the_end else []
        if not unused:
            return
        if self.write_protected:
            told = "\n\n".join("\n".join(lines(request)) for request in unused)
            raise Unfaithful(f"Recorded requests were not made:\n{told}\n{self._again}")
        self.data = [exchange for index, exchange in enumerate(self.data) if self.play_counts[index]]
        self.play_counts = Counter(range(len(self.data)))
        self.dirty = True

    @property
    def plays(self) -> bool:
        """Whether all that is asked for is on the tape already, or has to be."""
        return bool(self.write_protected)

    def save(self) -> None:
        """Write what has been taken in, if anything has; a recording from the beginning of nothing takes the file away.

        Raises:
            Leak: something secret would have been written.
        """
        if self.record_mode == RecordMode.ALL and not self.data:
            Path(self._path).unlink(missing_ok=True)
        self._save()

    def _trouble(self) -> Exception | None:
        if self._leaks:
            return self._leaks[0]
        if not self._refused:
            return None
        more = f"\n(and {len(self._refused) - 1} more after it)" if len(self._refused) > 1 else ""
        return Unfaithful(self._refused[0] + more)

    # -- inside

    def _normal(self, request: Request) -> Request:
        self._scrubber.learn_from((name, one(value)) for name, value in request.headers.items())
        with self._leaks_noted():
            return normal_request(request, self._path_of, self._labels, self._scrubber)

    @contextmanager
    def _leaks_noted(self) -> Iterator[None]:
        try:
            yield
        except Leak as leak:
            self._leaks.append(leak)
            raise

    def _left(self) -> Iterator[Request]:
        return (request for index, (request, _) in enumerate(self.data) if not self.play_counts[index])

    def _obstacle(self, request: Request) -> str | None:
        """Why a request that is not on the tape cannot be recorded either."""
        if self.write_protected:
            return "A request is not the recorded one:" if self.data else f"There is no cassette {self._path} yet for a request:"
        if any(key in one(value) for value in request.headers.values() for key in self._powerless):
            return "A request cannot be recorded, as there is no key to record with: set OPENAI_API_KEY."
        known = upstream_labels(f"{request.uri} {body_of(request).decode(errors='replace')}") if self.rewound else []
        if known:
            return f"A request cannot be recorded, as it names {', '.join(known)}, which only the cassette knows, not the API."
        return None

    def _note_made(self, request: Request, response: dict[str, Any]) -> None:
        body = response["body"].get("string") or b""
        path = self._path_of(request.uri)
        made = [f"/containers/{id.decode()}" for id in re.findall(rb"\bcntr_[0-9a-zA-Z]+", body)]
        if request.method == "POST" and path in ("/files", "/vector_stores") and response["status"]["code"] == 200:
            made.append(f"{path}/{json.loads(body)['id']}")
        self.made[:0] = dict.fromkeys(address for address in made if address not in self.made)


def _refusal(message: str) -> dict[str, Any]:
    """What answers a request that can be neither played nor recorded."""
    error = {"message": message, "type": "assistants_cassette", "param": None, "code": "not_recorded"}
    headers = {"content-type": ["application/json"], "x-should-retry": ["false"]}
    status = {"code": NOT_RECORDED, "message": "Not Recorded"}
    return {"status": status, "headers": headers, "body": {"string": json.dumps({"error": error}).encode()}}
