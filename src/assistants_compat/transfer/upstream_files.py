"""Whether the files and vector stores that a history names are still upstream. They are not part of what was saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from assistants_compat.transfer.staging import Staging
from assistants_compat.upstream_client import upstream_client

if TYPE_CHECKING:
    import openai

Json = dict[str, Any]

_TIMEOUT = 60.0
_AT_ONCE = 4
_PAGE = 10_000


def check_references(staging: Staging, environ: Mapping[str, str], are_here: Callable[[Sequence[str]], set[str]]) -> None:
    """Remark on each file and vector store that is named and gone; or why that could not be found out. Nothing is changed upstream.

    Args:
        environ: with the key, and what else says where the upstream is.
        are_here: which of some files code has made, so that they are kept here.
    """
    import openai

    named = {kind: {id: (by, times) for id, by, times in staging.referred(kind)} for kind in ("file", "vector_store")}
    try:
        with upstream_client(environ, timeout=_TIMEOUT, max_retries=2) as client:
            for kind, looks in _LOOKS.items():
                if named[kind]:
                    gone = list(looks(client, named[kind]))
                    here = are_here([id for id, _ in gone]) if kind == "file" else set()
                    for id, what in gone:
                        if id in here:
                            continue
                        by, times = named[kind][id]
                        more = f" and {times - 1} more" if times > 1 else ""
                        staging.remark("lost", f"{by}{more}", f"{kind.replace('_', ' ')} {id} {what}")
    except (openai.OpenAIError, ValueError) as error:
        why = error.__cause__ or error
        staging.remark("note", "upstream", f"whether the files that are named are still there could not be found out: {why}")


def _files(client: openai.OpenAI, ids: Iterable[str]) -> Iterable[tuple[str, str]]:
    """By the list of all files, which takes a request for ten thousand of them."""
    gone = set(ids)
    for file in client.files.list(extra_query={"limit": _PAGE}):
        gone.discard(file.id)
    return [(id, "is no longer upstream") for id in sorted(gone)]


def _vector_stores(client: openai.OpenAI, ids: Iterable[str]) -> Iterable[tuple[str, str]]:
    """One by one: a history names few of them, and an account may have many."""

    def look(id: str) -> tuple[str, str] | None:
        import openai

        try:
            store: Any = client.get(f"/vector_stores/{quote(id, safe='')}", cast_to=object)
        except (openai.NotFoundError, openai.BadRequestError):
            return id, "is no longer upstream"
        return (id, "has expired") if isinstance(store, dict) and store.get("status") == "expired" else None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [found for found in pool.map(look, ids) if found is not None]


_LOOKS: dict[str, Callable[[openai.OpenAI, Iterable[str]], Iterable[tuple[str, str]]]] = {"file": _files, "vector_store": _vector_stores}
