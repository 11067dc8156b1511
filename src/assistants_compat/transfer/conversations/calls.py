"""What is asked of the upstream, with patience: of each request it is known what became of it, or that nobody knows.

The SDK's own repetitions are off. It would send a request again whose answer was lost, though the first may have been done: a second
conversation, or items that are there twice. Only what was refused for now, or never arrived, is sent again from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistants_compat.seam.family import family_of
from assistants_compat.transfer.conversations.pace import Pace, Stopped, pause_after, told_to_wait

if TYPE_CHECKING:
    import openai

Json = dict[str, Any]

MOST_TRIES = 8
"""How often a request is sent before the upstream is taken to be out of order; with the pauses in between, about a minute."""
MOST_REFUSALS = 60
"""How often a request is sent that the upstream refuses for now, as with status 429."""
LONGEST_WAIT = 3600.0
"""Seconds: who is told to wait for longer had better be started again then."""
_PAGE = 100


class Refused(Exception):
    """This request will never be taken."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Unclear(Exception):
    """The request was sent, and nobody knows what became of it."""


class Calls:
    """Safe to use from many threads.

    Args:
        client: of the upstream, without repetitions of its own.
    """

    def __init__(self, client: openai.OpenAI, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._unsent = _never_sent(client)
        self._files: dict[str, bool] = {}

    def make(self, metadata: Json) -> str:
        """Make an empty conversation. Returns its id.

        Raises:
            Refused, Unclear, Stopped.
        """
        try:
            return str(self._send("POST", "/conversations", {"metadata": metadata})["id"])
        except Refused as refused:
            if refused.status not in (404, 405):
                raise
            raise Stopped(f"The upstream has no Conversations API: {refused}") from None

    def add(self, conversation_id: str, items: Sequence[Json]) -> list[str]:
        """Add items, at most as many as a call may have. Returns their ids, in order.

        Raises:
            Refused, Unclear, Stopped.
        """
        answer = self._send("POST", f"/conversations/{conversation_id}/items", {"items": list(items)})
        ids = [str(item["id"]) for item in answer.get("data") or ()]
        if len(ids) != len(items):
            raise Unclear(f"the answer tells of {len(ids)} items, not of {len(items)}")
        return ids

    def items(self, conversation_id: str, after: str | None = None) -> Iterator[Json]:
        """The items of a conversation, the oldest first; those that came after one of them. Raises Refused, Stopped."""
        query: Json = {"order": "asc", "limit": _PAGE}
        while True:
            answer = self._send("GET", f"/conversations/{conversation_id}/items", query if after is None else {**query, "after": after})
            if not isinstance(answer.get("data"), list):
                raise Stopped("The upstream answers with something else than a list of items.")
            yield from answer["data"]
            if not answer.get("has_more") or not answer["data"]:
                return
            after = str(answer["data"][-1]["id"])

    def remove(self, conversation_id: str, item_id: str) -> None:
        """Raises Stopped, or Refused for anything but that it is not there."""
        try:
            self._send("DELETE", f"/conversations/{conversation_id}/items/{item_id}")
        except Refused as refused:
            if refused.status != 404:
                raise

    def exists(self, conversation_id: str) -> bool:
        """Raises Refused, Stopped."""
        return self._is_there(f"/conversations/{conversation_id}")

    def has_file(self, id: str) -> bool:
        """Whether the upstream has a file; it is asked once. Raises Refused, Stopped."""
        if id not in self._files:
            self._files[id] = self._is_there(f"/files/{id}")
        return self._files[id]

    def pause(self, seconds: float) -> None:
        """Wait, this thread alone. Raises Stopped."""
        self._pace.pause(seconds)

    def _is_there(self, path: str) -> bool:
        try:
            self._send("GET", path)
        except Refused as refused:
            if refused.status not in (400, 404):
                raise
            return False
        return True

    def _send(self, method: str, path: str, content: Json | None = None) -> Json:
        import openai

        failures = refusals = 0
        while True:
            self._pace.wait()
            try:
                return self._sent(method, path, content)
            except openai.APIStatusError as error:
                if _is_refused_for_now(error):
                    refusals += 1
                    if refusals >= MOST_REFUSALS:
                        raise Stopped(f"The upstream goes on refusing requests for now: {_sentence(error)}") from None
                    self._hold(error, refusals)
                    continue
                _raise_what_is_certain(error)
                why = _sentence(error)
            except openai.APIConnectionError as error:
                why = _cause(error)
                if isinstance(error.__cause__, self._unsent):
                    failures += 1
                    self._count(failures, why)
                    continue
            except (ValueError, KeyError, TypeError, openai.APIError) as error:
                why = f"the answer cannot be read ({type(error).__name__})"
            # It arrived, and may have been done.
            if method == "POST":
                raise Unclear(why)
            failures += 1
            self._count(failures, why)

    def _sent(self, method: str, path: str, content: Json | None) -> Json:
        if method == "POST":
            answer: Any = self._client.post(path, cast_to=object, body=content)
        elif method == "DELETE":
            answer = self._client.delete(path, cast_to=object)
        else:
            answer = self._client.get(path, cast_to=object, options={"params": content or {}})
        if not isinstance(answer, dict):
            raise TypeError("no object")
        if method == "POST" and not isinstance(answer.get("id"), str) and not isinstance(answer.get("data"), list):
            raise KeyError("id")
        return answer

    def _count(self, failures: int, why: str) -> None:
        if failures >= MOST_TRIES:
            raise Stopped(f"The upstream does not answer: {why}")
        self._pace.pause(pause_after(failures))

    def _hold(self, error: openai.APIStatusError, refusals: int) -> None:
        seconds = told_to_wait(error.response.headers)
        if seconds is None:
            seconds = pause_after(refusals)
        if seconds > LONGEST_WAIT:
            raise Stopped(f"The upstream asks for a pause of {seconds:,.0f} s: {_sentence(error)}")
        self._pace.hold(seconds, "the upstream asks for a pause")


def _never_sent(client: openai.OpenAI) -> tuple[type[Exception], ...]:
    """Failures before a request was sent, of the library that this SDK makes its clients of."""
    family: Any = family_of(client._client)
    return (family.ConnectError, family.ConnectTimeout, family.PoolTimeout, family.UnsupportedProtocol)


_OUT_OF_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def _is_refused_for_now(error: openai.APIStatusError) -> bool:
    """Whether nothing was done, and the same request may be taken later."""
    return (error.status_code == 429 and error.code not in _OUT_OF_MONEY) or error.code == "conversation_locked"


def _raise_what_is_certain(error: openai.APIStatusError) -> None:
    """Raises Stopped or Refused where it is clear what became of the request."""
    if error.status_code in (401, 403):
        raise Stopped(f"The upstream refuses the key: {_sentence(error)}") from None
    if error.status_code == 429:
        raise Stopped(f"The upstream takes no more requests: {_sentence(error)}") from None
    if 400 <= error.status_code < 500 and error.status_code not in (408, 409):
        raise Refused(error.status_code, _sentence(error)) from None


def _sentence(error: openai.APIStatusError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    return " ".join(str(body.get("message") or error.message).split())[:500]


def _cause(error: openai.APIConnectionError) -> str:
    return " ".join(str(error.__cause__ or error).split())[:500] or type(error.__cause__ or error).__name__
