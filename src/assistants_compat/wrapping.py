"""One client, answered locally: what the other three ways in come down to."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TypeVar

import openai

from assistants_compat import beta_vector_stores, seam
from assistants_compat.settings import Settings

AnyClient = TypeVar("AnyClient", bound=openai.OpenAI | openai.AsyncOpenAI)


def wrap(client: AnyClient, settings: Settings | str | os.PathLike[str] | None = None) -> AnyClient:
    """Answer this client's Assistants requests locally, and return the client.

    The client stays the object it was: its http client, proxies, mounts, event hooks and type are kept, and everything
    else it sends goes where it went. Copies of it (`copy`, `with_options`) share its http client and are answered too,
    unless they are given an http client of their own. Wrapping again changes nothing.

    Args:
        client: any client of the openai SDK: OpenAI, AsyncOpenAI, their Azure variants, a subclass.
        settings: how to answer; a text is the store alone (a path, `:memory:` or a URL). None: as the http client
            is answered already, else as the environment says.

    Raises:
        TypeError: not a client of the openai SDK.
        ValueError: the client is answered already with other settings, or the environment has a value that cannot be read.
    """
    if not isinstance(client, (openai.OpenAI, openai.AsyncOpenAI)):
        raise TypeError(f"assistants-compat: wrap() takes a client of the openai SDK, not {client!r}.")
    beta_vector_stores.restore()
    seam.attach(client, settings_from(settings))
    return client


def settings_from(given: Settings | str | os.PathLike[str] | None) -> Settings | None:
    """What was given, with a text read as the store of the environment's settings.

    Raises:
        ValueError: the environment has a value that cannot be read.
    """
    return replace(Settings.from_environment(), store=given) if isinstance(given, (str, os.PathLike)) else given
