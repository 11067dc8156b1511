"""What must never be shown, whatever an error or a URL has of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|PGPASS|CREDENTIAL", re.IGNORECASE)
_SHORTEST = 6
"""Characters: shorter ones would be found in words that are none."""
_OF_OPENAI = re.compile(r"\bsk-[A-Za-z0-9_*-]{8,}")
_IN_URL = re.compile(r"(://[^/@\s]*?:)[^/\s]*@|(password=)[^&\s]*")


def hider(environ: Mapping[str, str]) -> Callable[[str], str]:
    """A function that takes out of a text what the environment's secrets are, what looks like a key, and passwords of URLs."""
    secrets = {value for name, value in environ.items() if _SECRET_NAMES.search(name) and len(value) >= _SHORTEST}
    longest_first = sorted(secrets, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, "***")
        text = _OF_OPENAI.sub("***", text)
        return _IN_URL.sub(lambda found: f"{found[1]}***@" if found[1] else f"{found[2]}***", text)

    return hide
