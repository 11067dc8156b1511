"""Programs written for OpenAI's Assistants API run again, unchanged, on the Responses API.

Four ways in:

- `from assistants_compat import OpenAI` instead of `from openai import OpenAI`;
- `wrap(client)` on a client that exists already;
- `install()` once, for every client this process builds from then on;
- `assistants-compat run app.py`, which changes nothing in the program at all.

Importing this package costs nothing: each name below is loaded when it is first used.

PYTEST_DONT_REWRITE: `assistants-compat run -m pytest` imports it before pytest does, which would warn of that.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistants_compat.clients import AsyncAzureOpenAI, AsyncClient, AsyncOpenAI, AzureOpenAI, Client, OpenAI
    from assistants_compat.installation import install, uninstall
    from assistants_compat.settings import Settings
    from assistants_compat.wrapping import wrap

    __version__: str

__all__ = [
    "AsyncAzureOpenAI",
    "AsyncClient",
    "AsyncOpenAI",
    "AzureOpenAI",
    "Client",
    "OpenAI",
    "Settings",
    "__version__",
    "install",
    "uninstall",
    "wrap",
]

_MODULE_OF = {
    "install": "installation",
    "uninstall": "installation",
    "Settings": "settings",
    "wrap": "wrapping",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("assistants-compat")
    else:
        value = getattr(import_module(f"{__name__}.{_MODULE_OF.get(name, 'clients')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
