"""Which path a request came by, OpenAI's or Azure's, and the upstream's URL for it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from assistants_compat.api.over_http import forwarded_query
from assistants_compat.azure import is_azure_host

_BASES = re.compile(r"(?P<base>/v1|/openai/v1|/openai/deployments/[^/]+|/openai)(?P<path>/.*)")


@dataclass(frozen=True)
class Address:
    """A request's path, still encoded: as it came, and below the base of the API that it was meant for."""

    whole: str
    path: str
    is_azure: bool
    query: str = ""


def find(whole: str, query: str) -> Address | None:
    """None for a path that is no API's, or that names a place by way of another (`..`)."""
    match = _BASES.fullmatch(whole)
    if match is None or any(part in (".", "..") for part in re.split(r"[/\\]", unquote(whole))):
        return None
    return Address(whole, match["path"], match["base"] != "/v1", query)


class Destination:
    """The upstream.

    Args:
        base_url: as in the settings; of Azure's, what is before `/openai` counts.
    """

    def __init__(self, base_url: str, *, azure: bool) -> None:
        self.is_azure = azure or is_azure_host(urlsplit(base_url).hostname or "")
        self._root = base_url.rstrip("/")
        if self.is_azure:
            self._root = self._root.partition("/openai")[0]
        self.base_url = f"{self._root}/openai/v1" if self.is_azure else self._root
        """Below it are the Responses API and what goes with it."""

    def responses_url(self, query: str) -> str:
        """Where the model calls go that a request with this query causes."""
        more = forwarded_query(parse_qsl(query, keep_blank_values=True))
        return f"{self.base_url}/responses" + (f"?{urlencode(more)}" if more else "")

    def url_of(self, address: Address) -> str:
        """Where a request goes that is not answered here."""
        if self.is_azure and address.is_azure:
            return self._root + address.whole + (f"?{address.query}" if address.query else "")
        query = address.query
        if address.is_azure:  # OpenAI's own API knows no versions
            query = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "api-version"])
        return self.base_url + address.path + (f"?{query}" if query else "")
