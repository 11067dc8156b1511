"""`assistants-compat db`: the schema of a store, and bringing it to this version's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from assistants_compat.settings import Settings

T = TypeVar("T")


@click.group("db")
def command() -> None:
    """Show and upgrade the schema of a store.

    A SQLite store is upgraded by whatever opens it first. One on PostgreSQL is upgraded by 'db upgrade', before the programs that use it
    are: until then they refuse to work on it (unless ASSISTANTS_COMPAT_MIGRATE=auto is set).
    """


_store = click.option("--store", metavar="URL", help="The store, where it is not the one that ASSISTANTS_COMPAT_STORE names.")


@command.command()
@_store
def upgrade(store: str | None) -> None:
    """Bring the store to this version's schema. What is up to date stays as it is."""
    from assistants_compat.store.schema import Schema

    schema = _told(lambda: Schema(_settings(store)))
    before = _told(schema.current)
    _told(schema.upgrade)
    told = (
        f"is at schema {schema.newest} already" if before == schema.newest else f"was {_name(before)} and is at schema {schema.newest} now"
    )
    click.echo(f"The store {schema.name} {told}.")


@command.command()
@_store
def current(store: str | None) -> None:
    """Show which schema the store has, and which one this version needs."""
    from assistants_compat.store.schema import Schema

    schema = _told(lambda: Schema(_settings(store)))
    click.echo(f"The store {schema.name} is {_name(_told(schema.current))}; this version needs schema {schema.newest}.")


@command.command()
@_store
def check(store: str | None) -> None:
    """Exit with 0 if this version can work on the store, with 1 if it has to be upgraded first."""
    from assistants_compat.store.schema import Schema

    schema = _told(lambda: Schema(_settings(store)))
    found = _told(schema.current)
    if found != schema.newest:
        raise click.ClickException(
            f"The store {schema.name} is {_name(found)}; this version needs schema {schema.newest}: run 'assistants-compat db upgrade'."
        )
    click.echo(f"The store {schema.name} is {_name(found)}, as it should be.")


def _name(revision: str | None) -> str:
    return "empty" if revision is None else f"at schema {revision}"


def _settings(store: str | None) -> Settings:
    return Settings.from_environment().with_texts({} if store is None else {"store": store})


def _told(work: Callable[[], T]) -> T:
    """What `work` returns; its failure in one sentence."""
    from assistants_compat.store.errors import StoreError

    try:
        return work()
    except (StoreError, ValueError) as error:
        raise click.ClickException(str(error)) from None
