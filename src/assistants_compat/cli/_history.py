"""What the commands share that work on the threads and assistants of a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from assistants_compat.cli._terminal import one_line
from assistants_compat.settings import Settings
from assistants_compat.store.blobs import Blobs
from assistants_compat.store.database import Database

F = TypeVar("F", bound=Callable[..., Any])


class Failed(click.ClickException):
    """The command could not do its work, for the reason in the message."""

    exit_code = 2


class NotThere(click.ClickException):
    """The store has no such object."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"There is no {kind} {one_line(id)} in the store.")


def store_option(command: F) -> F:
    return click.option("--store", metavar="URL", help="The store, where it is not the one that ASSISTANTS_COMPAT_STORE names.")(command)


def tenant_option(command: F) -> F:
    return click.option(
        "--tenant",
        metavar="NAME",
        default="",
        help="Whose: a tenant of the server's. [default: that of programs on this machine]",
    )(command)


@dataclass(frozen=True)
class Store:
    """A store that is open, and the files beside it."""

    settings: Settings
    database: Database
    blobs: Blobs

    def generated_files(self, ids: Sequence[str]) -> set[str]:
        """Those of the ids that are files which code has made, and are kept here."""
        from assistants_compat.store.weaving import BATCH, stored

        with self.database.read() as connection:
            return {id for begin in range(0, len(ids), BATCH) for id in stored(connection, "files", ids[begin : begin + BATCH])}


@contextmanager
def opened(store: str | None, *, new: bool = False, dry: bool = False) -> Iterator[Store]:
    """The store of a command. What goes wrong with it, or with files, is one sentence.

    Args:
        new: whether one that is not there yet is made.
        dry: in the place of one that is not there yet there is one in memory.

    Raises:
        Failed: that sentence.
    """
    from assistants_compat.runs.runtime import Runtime
    from assistants_compat.store.errors import StoreError

    try:
        settings = Settings.from_environment().with_texts({} if store is None else {"store": store})
        runtime = Runtime(settings)
    except ValueError as error:
        raise Failed(str(error)) from None
    try:
        url = runtime.database.url
        if not runtime.database.is_remote and not os.path.exists(url.database or ""):
            if dry:
                runtime = Runtime(settings.with_texts({"store": ":memory:"}))
            elif not new:
                raise Failed(f"There is no store {url.database}. Name another with --store or ASSISTANTS_COMPAT_STORE.")
        yield Store(settings, runtime.database, runtime.blobs)
    except StoreError as error:
        raise Failed(str(error)) from None
    except BrokenPipeError:
        raise  # whoever read the output has gone: click ends quietly
    except OSError as error:
        raise Failed(f"{error.filename or 'The system'}: {error.strerror or error}.") from None
    except _store_failures() as error:
        raise Failed(f"The store failed: {' '.join(str(getattr(error, 'orig', error)).split())}.") from None
    finally:
        runtime.database.close()


def _store_failures() -> type[Exception]:
    import sqlalchemy as sa

    return sa.exc.SQLAlchemyError
