"""The seam: where a client's requests to the Assistants API leave the SDK and are answered here instead.

It lies between the SDK's http client and that client's transports, so everything above (retries, pagination, helpers, event
hooks) and everything below (proxies, mounts, recorders) stays as it was.
"""

from __future__ import annotations

import threading
from typing import Any

from assistants_compat.azure import is_azure_host
from assistants_compat.seam.claims import Claim, Claims
from assistants_compat.seam.family import family_of
from assistants_compat.seam.transports import transports
from assistants_compat.settings import Settings

__all__ = ["attach", "settings_of"]

_lock = threading.Lock()  # two threads may attach copies that share one http client


def attach(client: Any, settings: Settings | None = None) -> None:
    """Answer the Assistants paths of this client's base URL locally. A second time changes nothing.

    Args:
        client: an `openai.OpenAI` or `openai.AsyncOpenAI`, or a subclass's; its http client's transports are wrapped in place.
        settings: None: those the http client was attached with before, else `Settings.from_environment()`.

    Raises:
        ValueError: the same http client and base URL were attached with other settings.
    """
    with _lock:
        claims = _claims_of(client._client) or _wrap_transports(client._client)
    settings = settings or claims.settings_for(client.base_url) or claims.any_settings() or Settings.from_environment()
    is_azure = _is_azure(client)
    for base_url in _base_urls(client.base_url, is_azure):
        claims.add(Claim(base_url, settings, is_azure=is_azure))


def settings_of(client: Any) -> Settings | None:
    """The settings a client was attached with, None if it was not."""
    claims = _claims_of(client._client)
    return None if claims is None else claims.settings_for(client.base_url)


def _claims_of(http_client: Any) -> Claims | None:
    claims = getattr(http_client._transport, "claims", None)
    return claims if isinstance(claims, Claims) else None


def _wrap_transports(http_client: Any) -> Claims:
    family = family_of(http_client)
    seam, async_seam = transports(family)
    kind = async_seam if isinstance(http_client, family.AsyncClient) else seam
    claims = Claims()
    http_client._transport = kind(http_client._transport, claims, http_client)
    # A mount of None (no proxy for this host) means the transport wrapped above.
    for pattern, mounted in http_client._mounts.items():
        if mounted is not None:
            http_client._mounts[pattern] = kind(mounted, claims, http_client)
    return claims


def _base_urls(base_url: Any, is_azure: bool) -> list[Any]:
    """Where a client sends Assistants requests. With a deployment in its base URL, newer SDKs send them above it, older ones below."""
    above = str(base_url).rstrip("/").partition("/deployments/")[0] if is_azure else ""
    return (
        [base_url, base_url.copy_with(path=type(base_url)(above + "/").path)] if "/deployments/" in str(base_url) and above else [base_url]
    )


def _is_azure(client: Any) -> bool:
    """Whether the client's models are names of deployments, at Azure's paths."""
    if any(cls.__name__ == "BaseAzureClient" for cls in type(client).__mro__):
        return True
    return is_azure_host(str(client.base_url.host))
