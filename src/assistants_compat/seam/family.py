"""httpx or httpx2: the two are the same library under two names, and a client of one takes nothing from the other."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def family_of(client: Any) -> ModuleType:
    """The library an http client comes from, read off its classes: openai 3 still accepts httpx clients.

    Raises:
        TypeError: the client is neither's.
    """
    for cls in type(client).__mro__:
        root = cls.__module__.partition(".")[0]
        if root in ("httpx", "httpx2"):
            return sys.modules[root]
    raise TypeError(f"assistants-compat: {type(client).__qualname__} is neither an httpx nor an httpx2 client.")
