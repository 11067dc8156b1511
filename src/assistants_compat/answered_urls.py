"""Which clients `install()` answers for: those whose Assistants API is gone, and not those whose `/threads` are alive.

A client is answered, in this order of precedence, when its base URL

1. lies under a URL that was named to `install(base_urls=…)` or in `ASSISTANTS_COMPAT_BASE_URLS`;
2. is not Microsoft Fabric (`*.fabric.microsoft.com`) or an Azure AI Foundry project (`*.services.ai.azure.com/api/projects/…`), which
   serve `/threads` of their own: they are left alone whatever follows;
3. belongs to a client of class AzureOpenAI or AsyncAzureOpenAI, on any host (gateways and `*.azure-api.net` included);
4. is OpenAI's (`api.openai.com`, and regional hosts such as `eu.api.openai.com`) or Azure OpenAI's (`*.openai.azure.com`,
   `*.cognitiveservices.azure.com`, their `.us` and `.cn` clouds, `*.services.ai.azure.com/openai/…`);
5. lies under `OPENAI_BASE_URL`.

Every other vendor's client is left alone, and so is a plain OpenAI client behind `*.azure-api.net`, where any API may live: name it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

import openai

_AZURE_OPENAI = tuple(f".{service}.azure.{cloud}" for service in ("openai", "cognitiveservices") for cloud in ("com", "us", "cn"))
_FOUNDRY = ".services.ai.azure.com"
_FABRIC = ".fabric.microsoft.com"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_answered(client: openai.OpenAI | openai.AsyncOpenAI, named: Iterable[str]) -> bool:
    """Whether this client is one that `install()` answers for; `named` are the base URLs that were named to it."""
    url = urlsplit(str(client.base_url))
    if any(lies_under(url, prefix) for prefix in named):
        return True
    if has_threads_of_its_own(url):
        return False
    return isinstance(client, (openai.AzureOpenAI, openai.AsyncAzureOpenAI)) or is_openais(url) or lies_under(url, _from_environment())


def has_threads_of_its_own(url: SplitResult) -> bool:
    """Whether this is Fabric or a Foundry project."""
    host = url.hostname or ""
    return host.endswith(_FABRIC) or (host.endswith(_FOUNDRY) and _has_path_prefix(url, "/api/projects"))


def is_openais(url: SplitResult) -> bool:
    """Whether this is OpenAI's or Azure OpenAI's by its host."""
    host = url.hostname or ""
    if host == "api.openai.com" or host.endswith((".api.openai.com", *_AZURE_OPENAI)):
        return True
    return host.endswith(_FOUNDRY) and _has_path_prefix(url, "/openai")


def checked_base_urls(given: Iterable[str]) -> tuple[str, ...]:
    """The base URLs as they were given, those of `ASSISTANTS_COMPAT_BASE_URLS` after them.

    Raises:
        ValueError: one of them is not an http(s) URL.
    """
    given = (given,) if isinstance(given, str) else tuple(given)
    environment = os.environ.get("ASSISTANTS_COMPAT_BASE_URLS", "").split(",")
    base_urls = (*given, *(text.strip() for text in environment if text.strip()))
    for text in base_urls:
        url = urlsplit(text)
        if url.scheme not in _DEFAULT_PORTS or not url.hostname:
            raise ValueError(f"assistants-compat: a base URL starts with 'https://' or 'http://' and names a host, unlike {text!r}.")
    return base_urls


def lies_under(url: SplitResult, base_url: str) -> bool:
    """Whether a URL is a base URL or below it; nothing lies under an empty one."""
    base = urlsplit(base_url)
    return _origin(url) == _origin(base) and _has_path_prefix(url, base.path)


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)


def _has_path_prefix(url: SplitResult, prefix: str) -> bool:
    return f"{url.path.rstrip('/')}/".startswith(f"{prefix.rstrip('/')}/")


def _from_environment() -> str:
    return os.environ.get("OPENAI_BASE_URL", "")
