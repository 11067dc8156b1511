"""The server: the same api over HTTP, for programs in any language; everything else goes to the upstream. Needs the extra `[server]`."""

from __future__ import annotations

from assistants_compat.server.app import create_app
from assistants_compat.server.settings import ServerSettings

__all__ = ["ServerSettings", "create_app"]
