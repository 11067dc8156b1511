"""Which requests go to the API that tests have in mind: by their URL, whoever sends them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qs, urlsplit

from assistants_compat.answered_urls import checked_base_urls, is_openais, lies_under

_BASES = ("/openai/v1", "/openai", "/v1")
"""What stands before a path of the API at OpenAI's hosts and Azure's, the longest first."""


def path_below_api(url: str, named: Iterable[str] = ()) -> str | None:
    """The path below the API's base URL, with its query; None where the URL is not one of the API's.

    The API's are those below a base URL that is named here, in `OPENAI_BASE_URL` or in `ASSISTANTS_COMPAT_BASE_URLS`; those of OpenAI's
    and Azure OpenAI's hosts; and at any host those of an Azure client, which name a version of the API.
    """
    split = urlsplit(url)
    for base_url in (*named, os.environ.get("OPENAI_BASE_URL", ""), *checked_base_urls(())):
        if lies_under(split, base_url):
            return _rest(split, urlsplit(base_url).path.rstrip("/"))
    if is_openais(split) or (split.path.startswith("/openai/") and "api-version" in parse_qs(split.query)):
        return _rest(split, next((base for base in _BASES if split.path.startswith(base + "/")), ""))
    return None


def _rest(url: SplitResult, base_path: str) -> str:
    path = url.path[len(base_path) :]
    return f"{path}?{url.query}" if url.query else path
