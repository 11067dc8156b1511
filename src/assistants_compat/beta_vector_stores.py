"""`client.beta.vector_stores`, the spelling of Assistants-era programs, which the SDK dropped in 1.66.

It answers on clients that are answered locally, as another name of `client.vector_stores`. On any other client it is as absent as the
SDK left it, so restoring it is harmless to the rest of the process; it stays for as long as the process does.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from assistants_compat import seam
from assistants_compat.on_import import when_imported

_NAME = "vector_stores"


class _VectorStores:
    """A property that exists on the resources of clients that are answered locally, and nowhere else."""

    def __init__(self, variant: str | None) -> None:
        self._variant = variant

    def __get__(self, resource: Any, owner: type) -> Any:
        beta = getattr(resource, "_beta", resource)
        if beta is None or seam.settings_of(beta._client) is None:
            raise AttributeError(f"{owner.__name__!r} object has no attribute {_NAME!r}", name=_NAME, obj=resource)
        stores = beta._client.vector_stores
        return getattr(stores, self._variant) if self._variant else stores


def restore() -> None:
    """Give the SDK's `beta` resources their `vector_stores` back, as soon as they are there: importing them takes a third of a second,
    and the SDK does it when they are first used. An SDK that has `vector_stores` keeps its own."""
    when_imported("openai.resources.beta.beta", _restore)


def _restore(resources: ModuleType) -> None:
    for suffix, variant in (("", None), ("WithRawResponse", "with_raw_response"), ("WithStreamingResponse", "with_streaming_response")):
        for name in (f"Beta{suffix}", f"AsyncBeta{suffix}"):
            owner = getattr(resources, name)
            if _NAME not in vars(owner):
                setattr(owner, _NAME, _VectorStores(variant))
