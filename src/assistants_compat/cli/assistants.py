"""`assistants-compat assistants`: the assistants of a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from assistants_compat.cli._history import NotThere, opened, store_option, tenant_option
from assistants_compat.cli._terminal import Column, console, moment, one_line, pairs, print_table, shown
from assistants_compat.model_retirement import is_gone, retirement

if TYPE_CHECKING:
    from rich.console import RenderableType

Json = dict[str, Any]

_COLUMNS = (
    Column("id"),
    Column("created (UTC)", can_go=True),
    Column("name"),
    Column("model"),
    Column("tools", can_go=True),
    Column("instructions", is_free=True),
)
_USUAL_SEARCH = {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}}
_NO_PARAMETERS = {"type": "object", "properties": {}}
_format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group("assistants")
def command() -> None:
    """List and show the assistants of the store."""


@command.command("list")
@_format_option
@tenant_option
@store_option
def list_(form: str, tenant: str, store: str | None) -> None:
    """List assistants, the newest first."""
    from assistants_compat.store import assistants
    from assistants_compat.store.pages import each

    with opened(store) as at, at.database.snapshot() as connection:
        found = list(each(lambda cut: assistants.list_page(connection, tenant, cut)))[::-1]
        if form == "json":
            click.echo(json.dumps(found, indent=2, ensure_ascii=False))
            return
        to = console()
        if not found:
            to.print("There are no assistants in this store." if not tenant else f"{one_line(tenant)} has no assistants in this store.")
            return
        rows = []
        for body in found:
            tools = ", ".join(_tool(tool) for tool in body["tools"])
            name, instructions = one_line(body["name"] or ""), one_line((body["instructions"] or "")[:1000])
            rows.append((body["id"], moment(body["created_at"]), name[:30], _model(body["model"]), tools[:40], instructions))
        print_table(to, _COLUMNS, rows)


@command.command("show")
@click.argument("id")
@_format_option
@tenant_option
@store_option
def show(id: str, form: str, tenant: str, store: str | None) -> None:
    """Show all that an assistant is."""
    from assistants_compat.store import assistants

    with opened(store) as at:
        with at.database.read() as connection:
            body = assistants.get(connection, tenant, id)
        if body is None:
            raise NotThere("assistant", id)
        if form == "json":
            click.echo(json.dumps(body, indent=2, ensure_ascii=False))
            return
        to = console()
        from rich.table import Table

        made = Table.grid("name", "value", padding=(0, 2, 0, 0))
        made.columns[0].style, made.columns[1].overflow = "bold", "fold"
        for name, value in _rows(body):
            made.add_row(name, value)
        to.print(made)


def _rows(body: Json) -> list[tuple[str, RenderableType]]:
    rows: list[tuple[str, RenderableType]] = [
        ("id", body["id"]),
        ("created", f"{moment(body['created_at'])} UTC"),
        ("name", shown(body["name"] or "")),
        ("description", shown(body["description"] or "")),
        ("model", _model(body["model"])),
        ("instructions", shown(body["instructions"] or "")),
        ("temperature", _number(body["temperature"])),
        ("top_p", _number(body["top_p"])),
        ("reasoning effort", one_line(body.get("reasoning_effort") or "")),
        ("metadata", pairs(body["metadata"])),
    ]
    for kind, resources in body["tool_resources"].items():
        ids = [str(id) for each in resources.values() if isinstance(each, list) for id in each]
        rows.append((one_line(kind), one_line(", ".join(ids))))
    for tool in body["tools"]:
        rows += zip(("tool", ""), _tool_rows(tool), strict=False)
    if body["response_format"] != "auto":
        rows.append(("response format", _json(body["response_format"])))
    return [(name, value) for name, value in rows if value != ""]


def _tool_rows(tool: Json) -> Iterator[RenderableType]:
    """A tool's name, then what more is to be known of it."""
    if tool["type"] != "function":
        yield one_line(tool["type"])
        more = {key: value for key, value in tool.items() if key != "type" and value != _USUAL_SEARCH}
    else:
        function = tool["function"]
        yield shown(": ".join(filter(None, (function["name"], function.get("description")))))
        more = {key: function[key] for key in ("parameters", "strict") if function.get(key) and function[key] != _NO_PARAMETERS}
    if more:
        yield _json(more)


def _json(value: Any) -> RenderableType:
    from rich.syntax import Syntax

    return Syntax(shown(json.dumps(value, indent=2, ensure_ascii=False)), "json", background_color="default", word_wrap=True)


def _number(value: float | None) -> str:
    return "" if value is None or value == 1 else f"{value:g}"


def _tool(tool: Json) -> str:
    return one_line(tool["function"]["name"] if tool["type"] == "function" else tool["type"])


def _model(model: str) -> str:
    """A model, and whether it is gone or going."""
    known = retirement(model)
    if known is None:
        return one_line(model)
    fate = "gone since" if is_gone(model, date.today()) else "until"
    return f"{one_line(model)} ({fate} {known.shutdown})"
