"""The upstream: its clock, its models, and whether it has what the store names. A few requests, read-only."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Literal

from assistants_compat.doctor.facts import Contents, Lookups, Upstream
from assistants_compat.upstream_client import base_url_of, has_key, upstream_client

if TYPE_CHECKING:
    import openai

_TIMEOUT = 10.0
_AT_ONCE = 4

_Status = Literal["there", "missing", "expired"]


def look_at_upstream(environ: Mapping[str, str], contents: Contents | None, most: int, clock: Callable[[], float] = time.time) -> Upstream:
    """Without a key only its clock is asked for.

    Args:
        most: how many objects of a kind are looked for.
    """
    import openai

    base_url = base_url_of(environ)
    try:
        client = upstream_client(environ, timeout=_TIMEOUT, max_retries=1)
    except ValueError as error:
        return Upstream(base_url, failure=str(error))
    with client:
        before = clock()
        try:
            answer = client.models.with_raw_response.list()
        except openai.APIStatusError as error:
            ahead, off_by = _clock(error.response.headers.get("date"), before, clock())
            refused = error.status_code in (401, 403)
            return Upstream(base_url, failure=_why(error), refused=refused, clock_ahead=ahead, clock_error=off_by)
        except openai.OpenAIError as error:
            return Upstream(base_url, failure=_why(error))
        ahead, off_by = _clock(answer.headers.get("date"), before, clock())
        if not has_key(environ):
            return Upstream(base_url, clock_ahead=ahead, clock_error=off_by)
        stores = {} if contents is None else contents.vector_stores
        files = {} if contents is None else contents.files
        return Upstream(
            base_url,
            clock_ahead=ahead,
            clock_error=off_by,
            models=_models(answer.http_response),
            vector_stores=_lookups(client, "/vector_stores", list(stores), most),
            files=_lookups(client, "/files", list(files), most),
        )


def _why(error: Exception) -> str:
    cause = error.__cause__ if type(error).__name__ == "APIConnectionError" and error.__cause__ is not None else error
    return " ".join(str(cause).split()).rstrip(".") + "."


def _clock(told: str | None, before: float, after: float) -> tuple[float | None, float]:
    """Seconds by which the upstream's clock is ahead, and by how much that may be wrong: it tells whole seconds, some time in between."""
    try:
        theirs = parsedate_to_datetime(told or "").timestamp() + 0.5
    except ValueError:
        return None, 0.0
    return theirs - (before + after) / 2, (after - before) / 2 + 0.5


def _models(response: Any) -> dict[str, date | None] | None:
    """None where the answer is no list of models."""
    try:
        listed = response.json()["data"]
        return {str(model["id"]): _day(model.get("shutdown_date")) for model in listed} or None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _lookups(client: openai.OpenAI, path: str, ids: list[str], most: int) -> Lookups | None:
    """None where the server has no such path."""
    import openai

    wanted = ids[:most]
    if not wanted:
        return Lookups(there_are=len(ids))
    found: dict[str, _Status] = {}
    stopped: list[str] = []

    def look(id: str) -> None:
        if stopped:
            return
        try:
            found[id] = _status(client, path, id)
        except openai.OpenAIError as error:
            stopped.append(_why(error))

    try:
        client.get(path, cast_to=object, options={"params": {"limit": 1}})
    except openai.NotFoundError:
        return None
    except openai.OpenAIError as error:
        return Lookups(there_are=len(ids), stopped=_why(error))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(look, wanted))
    return Lookups(
        missing=tuple(id for id in wanted if found.get(id) == "missing"),
        expired=tuple(id for id in wanted if found.get(id) == "expired"),
        looked=len(found),
        there_are=len(ids),
        stopped=stopped[0] if stopped else None,
    )


def _status(client: openai.OpenAI, path: str, id: str) -> _Status:
    from urllib.parse import quote

    import openai

    try:
        body = client.get(f"{path}/{quote(id, safe='')}", cast_to=object)
    except (openai.NotFoundError, openai.BadRequestError):
        return "missing"
    return "expired" if isinstance(body, dict) and body.get("status") == "expired" else "there"
