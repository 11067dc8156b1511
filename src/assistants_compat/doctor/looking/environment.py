"""The environment: names that are meant for this package, and values that cannot be used. Of values nothing else is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields

from assistants_compat.azure import is_azure_host
from assistants_compat.doctor.facts import Environment
from assistants_compat.settings import PREFIX, Settings
from assistants_compat.upstream_client import base_url_of, has_key, host_of

_MEANT_FOR_US = re.compile(r"ASSISTANTS?_?COMPAT", re.IGNORECASE)


def look_at_environment(environ: Mapping[str, str]) -> Environment:
    known, server_complaint = _of_the_server(environ)
    invalid = [why for name in _own() if (why := _complaint(name, environ)) is not None]
    is_azure = is_azure_host(host_of(base_url_of(environ))) or environ.get("OPENAI_API_TYPE", "").lower() == "azure"
    return Environment(
        names=tuple(sorted(name for name in environ if _MEANT_FOR_US.match(name))),
        known=frozenset(_own()) | known,
        invalid=(*invalid, *server_complaint),
        has_key=has_key(environ),
        is_azure=is_azure,
    )


def readable_settings(environ: Mapping[str, str]) -> Settings:
    """The settings, with the defaults in the place of what cannot be read."""
    return Settings.from_environment({name: environ[name] for name in _own() if name in environ and _complaint(name, environ) is None})


def _own() -> list[str]:
    return [PREFIX + field.name.upper() for field in fields(Settings)]


def _complaint(name: str, environ: Mapping[str, str]) -> str | None:
    """Why the variable's value cannot be used."""
    try:
        Settings.from_environment({name: environ[name]} if name in environ else {})
    except ValueError as error:
        return str(error) if name in str(error) else f"{name}: {error}"
    return None


def _of_the_server(environ: Mapping[str, str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The variables of the server, and what it would say of them; nothing where it is not installed."""
    try:
        from assistants_compat.server.settings import PREFIX as SERVER
        from assistants_compat.server.settings import ServerSettings
    except ModuleNotFoundError:
        return frozenset(), ()
    names = frozenset(
        SERVER + name.upper() for name in ("host", "port", "metrics_host", "metrics_port", *(f.name for f in fields(ServerSettings)))
    )
    if not any(name in environ for name in names):
        return names, ()
    try:
        ServerSettings.from_environment(environ)
    except ValueError as error:
        return names, (str(error),)
    return names, ()
