"""Bringing a generated file over: from its container into the store's folder of blobs, while the container lives."""

from __future__ import annotations

import logging
import random
from collections.abc import Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from assistants_compat.runs import recovery
from assistants_compat.runs.effects import Asked, Called, ClientClosed, ConnectionLost, Fetch, InStore, Sleep
from assistants_compat.runs.generated import GeneratedFile, copied, not_copied
from assistants_compat.store import files
from assistants_compat.store.blobs import BlobTooLarge, BlobTooSlow

if TYPE_CHECKING:
    from assistants_compat.runs.leg import Leg
    from assistants_compat.runs.runtime import Runtime

Json = dict[str, Any]
logger = logging.getLogger("assistants_compat")

LONGEST_SILENCE = 60.0
"""Seconds that a download may be without a byte."""

KEPT_FOR_THE_END = 15.0
"""Seconds of a run's life that no copy takes from it: it has its answer, and is to complete with it."""


def bring_all_over(leg: Leg, generated: Sequence[GeneratedFile], deadline: float, *, was_written: bool) -> Generator[Asked, Any, None]:
    """Copy what code has made, before anybody is told of it. A copy that fails is reported on the run when it ends.

    Args:
        was_written: whether another process has done so already, if it could.
    """
    now = leg.runtime.now()
    known = yield InStore(partial(leg.insert_files, () if was_written else generated, now))
    for file in generated:
        if known[file.id].copied if file.id in known else was_written:  # it is here, or was deleted since
            continue
        shown, reason = yield from bring_over(leg.runtime, file.shown(now), file.source, file.content, deadline)
        yield InStore(partial(leg.replace_file, shown, copied=reason is None))
        if reason is not None:
            leg.not_copied.append(f"{file.path} ({file.id}): {reason}")
            logger.warning("run %s: the file %s was not copied out of its container: %s", leg.run_id, file.path, reason)


def bring_over(
    runtime: Runtime, shown: Json, source: Json, content: bytes | None, deadline: float
) -> Generator[Asked, Any, tuple[Json, str | None]]:
    """Copy a file, trying again as for a model call. What has come of a copy that broke off is not asked for again.

    Args:
        shown: the file object.
        source: its container and its id there.
        content: its bytes where they are here already.
        deadline: the second after which it is given up.

    Returns:
        The file object as it is then, and why it could not be copied.
    """
    most = runtime.settings.max_file_bytes
    try:
        if content is None:
            reason, size = yield from _fetched(runtime, shown["id"], source, deadline)
        else:
            runtime.blobs.put(shown["id"], content, most)
            reason, size = None, len(content)
    except BlobTooLarge:
        reason, size = f"it is larger than {most} bytes (ASSISTANTS_COMPAT_MAX_FILE_BYTES)", 0
    except BlobTooSlow:
        reason, size = "it took too long", 0
    except OSError as error:
        reason, size = f"it cannot be written to {runtime.blobs.folder()}: {error.strerror}", 0
    if reason is None:
        return copied(shown, size), None
    return not_copied(shown, f"It could not be copied out of container {source['container_id']}: {reason}."), reason


def _fetched(runtime: Runtime, id: str, source: Json, deadline: float) -> Generator[Asked, Any, tuple[str | None, int]]:
    path = f"/containers/{source['container_id']}/files/{source['file_id']}/content"
    attempt = 0
    deadline -= KEPT_FOR_THE_END
    left = deadline - runtime.clock()
    if left <= 0:
        return "the run has no time left for it", 0
    with runtime.blobs.part(id, runtime.settings.max_file_bytes, left) as part:
        while True:
            attempt += 1
            status, headers, error = 503, {}, {}
            try:
                called: Called = yield Fetch(path, part, min(LONGEST_SILENCE, max(1.0, deadline - runtime.clock())))
                if called.status in (200, 206):
                    part.keep()
                    return None, part.size
                status, headers, error = called.status, dict(called.headers), recovery.error_of(called.body)
            except ConnectionLost as lost:
                error = {"message": str(lost)}
            except (BlobTooLarge, BlobTooSlow, OSError, ClientClosed):
                raise
            except Exception as unexpected:  # noqa: BLE001 - a hook's of the program's: the run is not to fail of it
                return f"{type(unexpected).__name__}: {unexpected}", 0
            verdict = recovery.decide(status, headers, error, attempt, runtime.settings.max_retries, random.random())
            if not isinstance(verdict, recovery.Wait) or runtime.clock() + verdict.seconds >= deadline:
                return str(error.get("message") or f"the upstream answered with status {status}").rstrip("."), 0
            logger.info("file %s: trying again: %s", id, error.get("message") or status)
            yield Sleep(verdict.seconds)


def try_again(runtime: Runtime, file: files.File) -> Generator[Asked, Any, files.File]:
    """Another attempt at a file whose copy had failed, for a program that asks for it now."""
    shown, reason = yield from bring_over(runtime, file.body, file.source, None, runtime.clock() + runtime.settings.expires_after)
    replace = partial(files.replace, body=shown, copied=reason is None)
    there = yield InStore(partial(runtime.database.transact, replace))
    if not there:  # deleted meanwhile
        runtime.blobs.delete(file.id)
    return file._replace(body=shown, copied=reason is None)
