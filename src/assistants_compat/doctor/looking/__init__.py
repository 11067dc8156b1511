"""Gathering the facts: what is installed, set, stored and upstream. Nothing is changed, and no store is made, by looking."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date

from assistants_compat.doctor.facts import Facts, Upstream
from assistants_compat.doctor.looking.blobs import look_at_blobs
from assistants_compat.doctor.looking.environment import look_at_environment, readable_settings
from assistants_compat.doctor.looking.installation import look_at_installation
from assistants_compat.doctor.looking.store import look_at_store
from assistants_compat.doctor.looking.upstream import look_at_upstream
from assistants_compat.upstream_client import base_url_of

__all__ = ["look"]


def look(
    environ: Mapping[str, str],
    *,
    store: str | None = None,
    offline: bool = False,
    lookups: int = 200,
    today: date | None = None,
    clock: Callable[[], float] = time.time,
    told: Callable[[str], object] = lambda _: None,
) -> Facts:
    """All facts.

    Args:
        store: the store to look at, where it is not the one that the environment names.
        offline: whether to leave the upstream out.
        today: the day for which models are judged; None: the clock's.
        lookups: how many vector stores, and how many files, are looked for upstream at the most.
        told: is told what is being looked at.
    """
    told("what is installed")
    installation = look_at_installation()
    environment = look_at_environment(environ)
    settings = readable_settings(environ)
    if store is not None:
        settings = settings.with_texts({"store": store})
    told("the store")
    found, contents, unread = look_at_store(settings, clock)
    blobs = look_at_blobs(settings)
    if offline:
        upstream = Upstream(base_url_of(environ), not_asked="--offline")
    else:
        told("the upstream")
        upstream = look_at_upstream(environ, contents, lookups, clock)
    now = clock()
    return Facts(
        today=today or date.fromtimestamp(now),
        now=now,
        installation=installation,
        environment=environment,
        settings=settings,
        store=found,
        contents=contents,
        unread=unread,
        blobs=blobs,
        upstream=upstream,
    )
