"""`install()`: every client this process builds from now on is answered locally, without a change where it is built.

The constructors of the SDK's two base classes are wrapped in place, so it does not matter when or how a program imported them: Azure
clients, subclasses and the module-level client (`openai.beta…`) all come through them.

What counts is a client's base URL when it is built. A client that is given another one later is not looked at again (`wrap()` it),
except the module-level client, which is looked at whenever it is used, since programs configure it at any time.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import openai
import openai._module_client
from openai._base_client import SyncHttpxClientWrapper

from assistants_compat import beta_vector_stores, seam
from assistants_compat.answered_urls import checked_base_urls, is_answered
from assistants_compat.settings import Settings
from assistants_compat.wrapping import settings_from, wrap


class AttachesItself:
    """A client class that answers its own instances; `install()` leaves them to it."""


@dataclass(frozen=True)
class _Installation:
    settings: Settings
    base_urls: tuple[str, ...]


@dataclass(frozen=True)
class _Patch:
    """One attribute of the SDK, replaced by a function around it."""

    owner: Any
    name: str
    original: Callable[..., Any]
    replacement: Callable[..., Any]

    def undo(self) -> bool:
        """Put the original back; False if something else has replaced ours meanwhile and would be lost."""
        if getattr(self.owner, self.name) is not self.replacement:
            return False
        setattr(self.owner, self.name, self.original)
        return True


_lock = threading.Lock()
_installation: _Installation | None = None
_patches: list[_Patch] = []


def install(settings: Settings | str | os.PathLike[str] | None = None, *, base_urls: Iterable[str] = ()) -> None:
    """Answer the Assistants requests of every client built from now on, in this process.

    Clients of OpenAI and Azure OpenAI, and those under `OPENAI_BASE_URL`, are answered; others are left alone (see
    `assistants_compat.answered_urls`). Installing again replaces settings and base URLs, for clients built after that;
    clients that exist keep theirs. The module-level client is answered at once even if it exists.

    Args:
        settings: how to answer; a text is the store alone (a path, `:memory:` or a URL). None: as the environment says.
        base_urls: further base URLs to answer for, added to those in `ASSISTANTS_COMPAT_BASE_URLS` (comma separated).
            Every URL that lies under one of them counts.

    Raises:
        ValueError: a base URL is none, or the environment has a value that cannot be read.
    """
    global _installation
    wanted = _Installation(settings_from(settings) or Settings.from_environment(), checked_base_urls(base_urls))
    with _lock:
        _installation = wanted
        beta_vector_stores.restore()
        for owner, name, around in _PATCHED:
            if not any(patch.owner is owner for patch in _patches):
                _patches.append(_patched(owner, name, around))
    if openai._client is not None:
        _attach_if_answered(openai._client)


def uninstall() -> None:
    """Give clients built from now on back to the SDK, the module-level client too.

    Clients that were answered stay answered, and so do their copies: their threads live here. Uninstalling again changes nothing.
    """
    global _installation
    with _lock:
        if _installation is None:
            return
        _installation = None
        _patches[:] = [patch for patch in _patches if not patch.undo()]
        _forget_module_client()


def installed_settings() -> Settings | None:
    """The settings of `install()`; None while it is not in force."""
    installation = _installation
    return installation.settings if installation else None


def _attach_if_answered(client: openai.OpenAI | openai.AsyncOpenAI) -> None:
    installation = _installation
    if installation is None or isinstance(client, AttachesItself) or seam.settings_of(client) is not None:
        return
    if is_answered(client, installation.base_urls):
        wrap(client, installation.settings)


def _attaching_constructor(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _attach_if_answered(self)

    return __init__


def _attaching_module_client(original: Callable[[], openai.OpenAI]) -> Callable[[], openai.OpenAI]:
    @functools.wraps(original)
    def _load_client() -> openai.OpenAI:
        client = original()
        _attach_if_answered(client)
        return client

    return _load_client


_PATCHED: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (openai.OpenAI, "__init__", _attaching_constructor),
    (openai.AsyncOpenAI, "__init__", _attaching_constructor),
    (openai._module_client, "_load_client", _attaching_module_client),
)


def _patched(owner: Any, name: str, around: Callable[..., Any]) -> _Patch:
    original = getattr(owner, name)
    replacement = around(original)
    setattr(owner, name, replacement)
    return _Patch(owner, name, original, replacement)


def _forget_module_client() -> None:
    """Let the SDK build its module-level client anew, unless its http client is the user's own."""
    client = openai._client
    if client is None or seam.settings_of(client) is None:
        return
    openai._reset_client()
    if isinstance(openai.http_client, SyncHttpxClientWrapper):
        openai.http_client = None
