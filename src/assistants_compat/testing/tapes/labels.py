"""Ids, sealed reasoning and times differ from one recording to the next; what stands for them does not.

An id becomes its prefix and a number, in the order of first appearance: `thread_0001`. So a replay, whose thread has another id, sends
what was recorded, and recording a second time changes only what has changed.
"""

from __future__ import annotations

import re
from collections import Counter

EPOCH = 1_790_000_000
"""The second at which every recording begins, as its cassette has it, and at which the clock of a replay stands."""

_PREFIXES = """
    asst batch call cfile ci cntr conv ctc cu fc fs ig lsh mcp mcpl mcpr msg req resp rs run step thread vs vsfb ws
""".split()  # noqa: SIM905 - a list of words
_UPSTREAM = re.compile(r"\b(?:(?:batch|cfile|cntr|conv|encrypted|resp|vs|vsfb)_|file-)\d{4}\b")
"""Labels of what the API keeps or has sealed. Ids of items it takes as they come."""
_ID = re.compile(rf"\b((?:{'|'.join(_PREFIXES)})_|file-)(?:(\d{{4}})|[0-9A-Za-z]{{16,}})\b")
_SEALED = re.compile(r'("encrypted_content"\s*:\s*)"(?:encrypted_(\d{4})|([^"]+))"')
_PADDING = re.compile(r'(?<="obfuscation":)(\s*)"([^"]*)"')
_TIME = re.compile(r'("\w+_at"\s*:\s*)(\d{10})\b')


class Labels:
    """The labels of one recording or replay. Text that has labels already keeps them, and they are not given again."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._given: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """The text with labels in the place of ids and of sealed reasoning."""
        text = _ID.sub(lambda match: self._label(match[0], match[1], match[2]), text)
        return _SEALED.sub(lambda match: f'{match[1]}"{self._label(match[3] or "", "encrypted_", match[2])}"', text)

    def body(self, body: bytes) -> bytes:
        """The same for a body; one that is no text stays as it is."""
        try:
            return self.text(body.decode()).encode()
        except UnicodeDecodeError:
            return body

    def _label(self, value: str, prefix: str, number: str | None) -> str:
        if number is not None:
            self._given[prefix] = max(self._given[prefix], int(number))
            return f"{prefix}{number}"
        if value not in self._labels:
            self._given[prefix] += 1
            self._labels[value] = f"{prefix}{self._given[prefix]:04}"
        return self._labels[value]


def upstream_labels(text: str) -> list[str]:
    """The labels in a text that stand for something the API would have to know, each once."""
    return list(dict.fromkeys(_UPSTREAM.findall(text)))


def settled(body: bytes, began: int) -> bytes:
    """A response's body with its times in whole minutes from EPOCH, and with padding that is not random.

    Args:
        began: the second at which the recording began.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    text = _TIME.sub(lambda match: f"{match[1]}{EPOCH + (int(match[2]) - began + 30) // 60 * 60}", text)
    return _PADDING.sub(lambda match: f'{match[1]}"{"x" * len(match[2])}"', text).encode()
