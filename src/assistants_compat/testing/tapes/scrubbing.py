"""What must not get into a cassette: keys, cookies, and the names of organisations, projects and people.

Headers are taken in only if they are on a short list. In bodies, what is known to be secret (from the environment, and from the headers
that went by) is replaced wherever it stands, and so is what has the form of a secret or is the value of a telling key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from assistants_compat.testing.complaint import Complaint

REQUEST_HEADERS = frozenset({"content-type", "range"})
RESPONSE_HEADERS = frozenset({"content-type", "content-disposition", "content-range", "retry-after", "retry-after-ms"})
INSTEAD = "[scrubbed]"

_SECRET_HEADERS = frozenset("authorization api-key cookie set-cookie openai-organization openai-project".split())  # noqa: SIM905
_SECRET_VARIABLES = re.compile(r"(?:OPENAI|AZURE)_.*(?:KEY|ORG|PROJECT|SECRET|TOKEN)")
_SHORTEST = 6
"""Of a secret that is known: what is shorter could be any word."""

_FORMS = {
    "a key": re.compile(r"\b(?:sk|sess|ek)-[\w*-]{6,}"),
    "a bearer token": re.compile(r"(?<=\bBearer )[\w.~+/=-]{8,}"),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+"),
    "an organisation, project or user": re.compile(r"\b(?:org-|proj_|user-)[0-9A-Za-z]{12,}"),
    "an e-mail address": re.compile(r"\b[\w.+-]+@[\w-]+\.[A-Za-z][\w.-]*"),
}
_TELLING = re.compile(
    r'("(?:user|username|user_id|user_name|email|safety_identifier|organization|organization_id|project|project_id)"\s*:\s*)'
    r'"(?!\[scrubbed\]")(?:[^"\\]|\\.)*"'
)


class Leak(Complaint):
    """Something secret would have been written. Says what kind of thing, never which."""


class Scrubber:
    """Knows this recording's secrets; without any it still knows what they look like, so that a replay scrubs as the recording did."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self.learn(*secrets)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Scrubber:
        """One that knows what the environment has."""
        return cls(value for name, value in environ.items() if _SECRET_VARIABLES.fullmatch(name))

    def learn(self, *secrets: str) -> None:
        self._known.update(secret for secret in secrets if len(secret) >= _SHORTEST)

    def learn_from(self, headers: Iterable[tuple[str, str]]) -> None:
        """Headers that are about to be left out: their values may come again in a body."""
        for name, value in headers:
            if name.lower() in _SECRET_HEADERS:
                self.learn(*_secrets_in(name.lower(), value))

    def text(self, text: str) -> str:
        """The text without its secrets. Doing it twice changes nothing."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, INSTEAD)
        for form in _FORMS.values():
            text = form.sub(INSTEAD, text)
        return _TELLING.sub(rf'\1"{INSTEAD}"', text)

    def body(self, body: bytes) -> bytes:
        """The same for a body. One that is no text stays as it is.

        Raises:
            Leak: it is no text, and a secret is in it.
        """
        try:
            return self.text(body.decode()).encode()
        except UnicodeDecodeError:
            if any(secret.encode() in body for secret in self._known):
                raise Leak("a binary body has a known secret in it, which cannot be taken out") from None
            return body

    def leaks(self, text: str) -> list[str]:
        """Which kinds of secret are in a text."""
        kinds = [kind for kind, form in _FORMS.items() if form.search(text)]
        known = ["a secret of this recording"] if any(secret in text for secret in self._known) else []
        return kinds + known + (["the name of somebody"] if _TELLING.search(text) else [])


def _secrets_in(header: str, value: str) -> Iterator[str]:
    if header == "authorization":
        yield value.partition(" ")[2] or value
    elif header in ("cookie", "set-cookie"):
        pairs = value.split(";")[: 1 if header == "set-cookie" else None]  # what follows in a set-cookie are its attributes
        yield from (pair.partition("=")[2].strip() for pair in pairs)
    else:
        yield value
