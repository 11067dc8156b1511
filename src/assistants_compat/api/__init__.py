"""The Assistants API: requests in, answers out. One module a resource; this one finds which, and gives errors their form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from functools import partial
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa

from assistants_compat.api import assistants, files, messages, runs, steps, threads
from assistants_compat.api.errors import ApiError, server_error, wrong_id
from assistants_compat.api.exchange import Answer, Blob, Done, Errand, Held, PassOn, Reply, Request, Streamed
from assistants_compat.runs.effects import Asked
from assistants_compat.runs.parting import part_with
from assistants_compat.store.database import StoreError

__all__ = ["Answer", "Blob", "Errand", "Held", "PassOn", "Reply", "Request", "Streamed", "handle", "pattern_of", "resume"]

logger = logging.getLogger("assistants_compat")

Handler = Callable[..., Answer]

# A name in braces is an id of that kind.
_ROUTES: dict[tuple[str, ...], dict[str, Handler]] = {
    ("assistants",): {"GET": assistants.list_, "POST": assistants.create},
    ("assistants", "{assistant_id}"): {"GET": assistants.retrieve, "POST": assistants.modify, "DELETE": assistants.delete},
    ("threads",): {"POST": threads.create},
    ("threads", "runs"): {"POST": runs.create_thread_and_run},
    ("threads", "{thread_id}"): {"GET": threads.retrieve, "POST": threads.modify, "DELETE": threads.delete},
    ("threads", "{thread_id}", "messages"): {"GET": messages.list_, "POST": messages.create},
    ("threads", "{thread_id}", "messages", "{message_id}"): {
        "GET": messages.retrieve,
        "POST": messages.modify,
        "DELETE": messages.delete,
    },
    ("threads", "{thread_id}", "runs"): {"GET": runs.list_, "POST": runs.create},
    ("threads", "{thread_id}", "runs", "{run_id}"): {"GET": runs.retrieve, "POST": runs.modify},
    ("threads", "{thread_id}", "runs", "{run_id}", "cancel"): {"POST": runs.cancel},
    ("threads", "{thread_id}", "runs", "{run_id}", "submit_tool_outputs"): {"POST": steps.submit_tool_outputs},
    ("threads", "{thread_id}", "runs", "{run_id}", "steps"): {"GET": steps.list_},
    ("threads", "{thread_id}", "runs", "{run_id}", "steps", "{step_id}"): {"GET": steps.retrieve},
    ("files",): {"GET": files.list_},
    ("files", "{file_id}"): {"GET": files.retrieve, "DELETE": files.delete},
    ("files", "{file_id}", "content"): {"GET": files.content},
}

# A step's id is not checked: the original said that there is no step "123" (recorded). What a file's may be, the upstream knows.
_PREFIXES = {"assistant_id": "asst", "thread_id": "thread", "message_id": "msg", "run_id": "run", "step_id": "", "file_id": ""}


def handle(request: Request, request_id: str) -> Answer:
    """Answer a request. Never raises: what goes wrong is an answer too, and then nothing was written."""

    def answer() -> Answer:
        _check_header(request)
        handler, ids = _route(request.method, request.path)
        request.query = [(name, _findable(value)) for name, value in request.query]
        return handler(request, *ids)

    what = f"{request.method} {request.path}"
    first = _answered(answer, what, request_id)
    request.let_go_if_left()
    if isinstance(first, Errand):
        return Errand(_and_part(request, _run_errand(first.work, what, request_id)))
    return Errand(_and_part(request, _at_once(first))) if request.unneeded and not isinstance(first, Held) else first


def _at_once(answer: Done) -> Generator[Asked, Any, Done]:
    return answer
    yield


def _and_part(request: Request, work: Generator[Asked, Any, Done]) -> Generator[Asked, Any, Done]:
    """The answer to a request that may have ended runs, once their responses upstream are stopped: from then on they cost nothing."""
    answer = yield from work
    yield from part_with(request.unneeded or [])
    return answer


def _run_errand(work: Generator[Asked, Any, Done], what: str, request_id: str) -> Generator[Asked, Any, Done]:
    """The errand, whose errors are answers too."""

    def step(advance: Callable[[], Asked]) -> Asked | Done:
        def advanced() -> Any:
            try:
                return advance()
            except StopIteration as done:
                return done.value

        return _answered(advanced, what, request_id)  # type: ignore[return-value]  # whatever the step gave

    state = step(lambda: next(work))
    while isinstance(state, Asked):
        try:
            called = yield state
        except Exception as error:  # noqa: BLE001 - no connection, or whatever a hook or a recorder of the program's raised
            state = step(partial(work.throw, error))
        else:
            state = step(partial(work.send, called))
    return state


def resume(held: Held, request_id: str) -> Reply:
    """The answer to a request that was held."""
    answer = _answered(held.resume, "a held GET", request_id)
    assert isinstance(answer, Reply)
    return answer


def _answered(answer: Callable[[], Answer], what: str, request_id: str) -> Answer:
    try:
        return answer()
    except ApiError as error:
        return Reply(error.body(), error.status)
    except StoreError as error:
        return _unavailable(str(error))
    except sa.exc.DatabaseError as error:
        why = str(error.orig).partition("\n")[0]
        logger.error("%s: the store failed: %s", what, why)
        return _unavailable(f"The store failed: {why}.")
    except Exception:
        logger.exception("%s failed by an error of assistants-compat", what)
        failure = server_error(request_id)
        return Reply(failure.body(), failure.status, {"x-should-retry": "false"})


def _unavailable(message: str) -> Reply:
    return Reply(ApiError(message, status=503, type="server_error").body(), 503, {"x-should-retry": "false"}, of_store=True)


def _check_header(request: Request) -> None:
    if request.path.startswith("/files"):
        return
    if not request.headers.get("openai-beta", "").startswith("assistants="):
        raise ApiError(
            "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header "
            "'OpenAI-Beta: assistants=v2'.",
            code="invalid_beta",
        )


def _route(method: str, path: str) -> tuple[Handler, list[str]]:
    """The handler, and the ids in the path.

    Raises:
        ApiError: no such path, no such method, or an id of the wrong kind.
    """
    parts = tuple(unquote(part) for part in path.split("/") if part)
    pattern = parts if parts in _ROUTES else _pattern(parts)
    methods = _ROUTES.get(pattern)
    if methods is None:
        raise ApiError(f"Invalid URL ({method} {path})", status=404)
    ids = []
    for name, part in zip(pattern, parts, strict=True):
        if name.startswith("{"):
            kind = name[1:-1]
            if not part.startswith(_PREFIXES[kind]):
                raise wrong_id(kind, part, _PREFIXES[kind])
            ids.append(_findable(part))
    handler = methods.get(method)
    if handler is None:
        raise ApiError(f"Not allowed to {method} on {path}.", status=405)
    return handler, ids


def _findable(id: str) -> str:
    """An id that may be looked up: PostgreSQL refuses to compare a NUL character, and nothing has one in its id."""
    return id.replace("\0", "\ufffd")


def pattern_of(path: str) -> str | None:
    """The path with names of ids in the place of ids, as in `/threads/{thread_id}/runs`; None where there is no such path."""
    parts = tuple(part for part in path.split("/") if part)
    pattern = parts if parts in _ROUTES else _pattern(parts)
    return "/" + "/".join(pattern) if pattern in _ROUTES else None


def _pattern(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The path with the names of ids in the place of ids: every second part."""
    names = {
        "assistants": "{assistant_id}",
        "threads": "{thread_id}",
        "messages": "{message_id}",
        "runs": "{run_id}",
        "steps": "{step_id}",
        "files": "{file_id}",
    }
    return tuple(names.get(parts[i - 1], part) if i % 2 else part for i, part in enumerate(parts))
