"""Who may ask: any key will do except none and one that says it is invalid. Keys are kept out of what is recorded."""

from __future__ import annotations

from collections.abc import Mapping

from assistants_compat.testing.answers import HttpError

_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from "
    "your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)
_SECRET = ("authorization", "api-key", "cookie")
_CHALLENGE = {"www-authenticate": 'Bearer realm="OpenAI API"'}


def check(headers: Mapping[str, str]) -> HttpError | None:
    key = headers.get("api-key") or headers.get("authorization", "").removeprefix("Bearer").strip()
    if not key:
        return HttpError(401, _NO_KEY, headers=_CHALLENGE)
    if key.startswith("sk-invalid"):
        sentence = f"Incorrect API key provided: {_masked(key)}. You can find your API key at https://platform.openai.com/account/api-keys."
        return HttpError(401, sentence, "invalid_api_key", headers=_CHALLENGE)
    return None


def redacted(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: "[redacted]" if name in _SECRET else value for name, value in headers.items()}


def _masked(key: str) -> str:
    """The first eight characters and the last four, as far as it has that many."""
    last = key[-4:] if len(key) > 12 else ""
    return key[:8] + "*" * (len(key) - 8 - len(last)) + last
