"""What is installed, and whether the seam applies to the clients that the SDK makes here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from assistants_compat.doctor.facts import Installation, Probe
from assistants_compat.settings import Settings

_PACKAGES = ("assistants-compat", "openai", "httpx", "httpx2", "aiohttp", "httpx-aiohttp")
_NOWHERE = "http://127.0.0.1:9/v1"
"""Nothing listens at the discard port: what the seam lets through is refused at once."""
_OPTIONS: dict[str, Any] = {"api_key": "none", "base_url": _NOWHERE, "max_retries": 0, "timeout": 5.0}


def look_at_installation() -> Installation:
    """Versions, and one request of each kind of client to a store in memory."""
    return Installation(sys.version_info[:3], {name: _version(name) for name in _PACKAGES}, tuple(_probes()))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _probes() -> list[Probe]:
    try:
        import openai
    except ImportError:
        return []
    probes = [_probe("OpenAI", _ask), _probe("AsyncOpenAI", lambda: asyncio.run(_ask_async(None)))]
    if _version("httpx-aiohttp") is not None and hasattr(openai, "DefaultAioHttpClient"):
        probes.append(_probe("AsyncOpenAI on aiohttp", lambda: asyncio.run(_ask_async(openai.DefaultAioHttpClient))))
    return probes


def _probe(client: str, ask: Callable[[], str]) -> Probe:
    try:
        return Probe(client, ask(), None)
    except Exception as error:  # noqa: BLE001 - whatever an SDK of another make raises is the finding
        return Probe(client, None, f"{type(error).__name__}: {' '.join(str(error).split())}")


def _ask() -> str:
    from openai import OpenAI

    from assistants_compat.wrapping import wrap

    with wrap(OpenAI(**_OPTIONS), _settings()) as client:
        client.beta.assistants.list()
        return _family(client)


async def _ask_async(http_client: Callable[[], Any] | None) -> str:
    from openai import AsyncOpenAI

    from assistants_compat.wrapping import wrap

    options = _OPTIONS if http_client is None else {**_OPTIONS, "http_client": http_client()}
    async with wrap(AsyncOpenAI(**options), _settings()) as client:
        await client.beta.assistants.list()
        return _family(client)


def _settings() -> Settings:
    return Settings.from_environment({"ASSISTANTS_COMPAT_STORE": ":memory:"})


def _family(client: Any) -> str:
    from assistants_compat.seam.family import family_of

    return family_of(client._client).__name__
