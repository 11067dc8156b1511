"""`assistants-compat threads`: the threads of a store, which the API itself never listed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from assistants_compat.cli._history import NotThere, Store, opened, store_option, tenant_option
from assistants_compat.cli._terminal import Column, console, moment, one_line, pairs, print_table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from assistants_compat.store.threads import Listed

Json = dict[str, Any]

_COLUMNS = (
    Column("id"),
    Column("created (UTC)"),
    Column("messages", is_number=True),
    Column("run"),
    Column("metadata", can_go=True),
    Column("begins with", is_free=True),
)
_format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group("threads")
def command() -> None:
    """List, show and delete the threads of the store."""


@command.command("list")
@click.option("--limit", metavar="N", default=20, show_default=True, type=click.IntRange(min=1), help="The newest N.")
@click.option("--all", "shows_all", is_flag=True, help="All of them.")
@_format_option
@tenant_option
@store_option
def list_(limit: int, shows_all: bool, form: str, tenant: str, store: str | None) -> None:
    """List threads, the newest in the store first."""
    from assistants_compat.store import threads

    with opened(store) as at:
        listed = _listed(at, tenant, None if shows_all else limit)
        if form == "json":
            _write_array(_as_json(*each) for each in listed)
            return
        to = console()
        rows = []
        for thread, run, begin in listed:
            body = thread.body
            state = str(run["status"]) if run else ""
            rows.append((body["id"], moment(body["created_at"]), str(thread.message_count), state, pairs(body["metadata"])[:30], begin))
        with at.database.read() as connection:
            total = threads.count(connection, tenant)
        if rows:
            print_table(to, _COLUMNS, rows)
        if not total:
            to.print("There are no threads in this store." if not tenant else f"{one_line(tenant)} has no threads in this store.")
        elif total > len(rows):
            to.print(f"{len(rows)} of {total} threads; --all lists the others too.", style="dim")


@command.command("show")
@click.argument("id")
@click.option("--last", metavar="N", default=50, show_default=True, type=click.IntRange(min=1), help="The last N messages.")
@click.option("--all", "shows_all", is_flag=True, help="All messages.")
@_format_option
@tenant_option
@store_option
def show(id: str, last: int, shows_all: bool, form: str, tenant: str, store: str | None) -> None:
    """Show a thread: its messages, and what its runs did in between.

    As JSON it is the whole thread, in the schema that export writes.
    """
    from assistants_compat.transfer.exporting import Exported, write_thread
    from assistants_compat.transfer.stored import stored_thread

    with opened(store) as at, stored_thread(at.database, tenant, id) as thread:
        if thread is None:
            raise NotThere("thread", id)
        if form == "json":
            write_thread(sys.stdout.buffer, thread, Exported())
            sys.stdout.buffer.flush()
            return
        from assistants_compat.cli._transcript import show_thread

        show_thread(console(), thread, None if shows_all else last)


@command.command("delete")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Delete even a thread that a run is at work on.")
@tenant_option
@store_option
def delete(ids: tuple[str, ...], yes: bool, force: bool, tenant: str, store: str | None) -> None:
    """Delete threads, with their messages and runs, for good. Files that code made in them stay, as they did.

    Exits with 1 where one is not there, or was not deleted.
    """
    from assistants_compat.store import threads

    failed = False
    with opened(store) as at:
        for id in dict.fromkeys(ids):
            with at.database.read() as connection:
                thread = threads.get(connection, tenant, id)
            if thread is None:
                click.echo(f"There is no thread {one_line(id)} in the store.", err=True)
                failed = True
            elif thread.active_run is not None and not force:
                click.echo(f"{id}: its run {thread.active_run} is at work. Cancel it, or wait for it, or delete with --force.", err=True)
                failed = True
            elif yes or click.confirm(f"Delete {id} with {thread.message_count} messages?"):
                at.database.transact(lambda connection, id=id: threads.delete(connection, tenant, id))  # type: ignore[misc]
                click.echo(f"Deleted {id}.")
            else:
                failed = True
    sys.exit(1 if failed else 0)


def _listed(at: Store, tenant: str, most: int | None) -> Iterator[tuple[Listed, Json | None, str]]:
    """Threads, the newest first, each with its run that is at work, and how it begins."""
    from assistants_compat.store import runs, threads

    after, left = None, most
    while left is None or left > 0:
        with at.database.read() as connection:
            found = threads.listed(connection, tenant, newest_first=True, after_seq=after, batch=min(100, left or 100))
            more = []
            for thread in found:
                run = None if thread.active_run is None else runs.get(connection, thread.active_run)
                more.append((thread, None if run is None else run.body, _begin(connection, thread.body["id"])))
        yield from more
        if not found:
            return
        after, left = found[-1].seq, None if left is None else left - len(found)


def _begin(connection: sa.Connection, id: str) -> str:
    """What the first message of a user says."""
    from assistants_compat.store import items

    first = items.first_user_message(connection, id)
    texts = [part["text"]["value"] for part in first.body["content"] if part["type"] == "text"] if first else []
    return one_line(" ".join(texts)[:1000])


def _as_json(thread: Listed, run: Json | None, begin: str) -> Json:
    active = None if run is None else {"id": run["id"], "status": run["status"]}
    return {**thread.body, "message_count": thread.message_count, "active_run": active, "begins_with": begin}


def _write_array(objects: Iterator[Json]) -> None:
    """An object a line."""
    comma = ""
    click.echo("[")
    for each in objects:
        click.echo(f"{comma}{json.dumps(each, ensure_ascii=False)}", nl=False)
        comma = ",\n"
    click.echo("\n]" if comma else "]")
