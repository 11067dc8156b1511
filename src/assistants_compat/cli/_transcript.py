"""A thread as people read it: its messages, and between them what its runs did."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from assistants_compat.cli._terminal import moment, one_line, pairs, shown

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from assistants_compat.transfer.stored import StoredThread

Json = dict[str, Any]

_MOST = 400
"""Characters of what a tool was given or said."""
_COLOURS = {"user": "cyan", "assistant": "green"}
_STATES = {"completed": "dim", "failed": "red", "expired": "red", "incomplete": "yellow"}


def show_thread(to: Console, thread: StoredThread, last: int | None) -> None:
    """Print a thread.

    Args:
        last: how many of its messages; None for all.
    """
    from rich.padding import Padding
    from rich.text import Text

    body = thread.body
    to.print(Text.assemble((body["id"], "bold"), f"   {moment(body['created_at'])} UTC"))
    if body["metadata"]:
        to.print(f"metadata   {pairs(body['metadata'])}")
    for kind, resources in body["tool_resources"].items():
        ids = [id for each in resources.values() if isinstance(each, list) for id in each]
        if ids:
            to.print(f"{one_line(kind)}   {one_line(', '.join(map(str, ids)))}")
    if thread.active_run is not None:
        to.print(f"The run {thread.active_run} is at work on it.", style="yellow")
    messages = thread.messages() if last is None else iter(deque(thread.messages(), last))
    first = next(messages, None)
    left_out = 0 if last is None else max(0, thread.count_messages() - last)
    if left_out:
        to.print(f"\n… {left_out} earlier messages; --all shows them.", style="dim")
    runs = _Runs(thread)
    if left_out and first is not None:
        for _ in runs.before(first):
            pass  # it belongs to what is not shown
    while first is not None:
        for run in runs.before(first):
            _show_run(to, thread, run)
        to.print()
        state = "" if first["status"] == "completed" else f"   {first['status']}"
        colour = _COLOURS.get(first["role"], "")
        about = f"   {moment(first['created_at'])}   {first['id']}{state}"
        to.print(Text.assemble((first["role"], f"bold {colour}"), (about, "dim")))
        for part in _message(first):
            to.print(Padding(part, (0, 0, 0, 2)))
        first = next(messages, None)
    for run in runs.rest():
        _show_run(to, thread, run)


class _Runs:
    """The runs of a thread, each in its turn between the messages."""

    def __init__(self, thread: StoredThread) -> None:
        self._to_come = {run["id"] for run in thread.runs()}
        self._runs = thread.runs()
        self._next = next(self._runs, None)

    def before(self, message: Json) -> Iterator[Json]:
        """Those up to the one that wrote it, and those that are older."""
        while self._next is not None and (message["run_id"] in self._to_come or self._next["created_at"] < message["created_at"]):
            yield self._take(self._next)

    def rest(self) -> Iterator[Json]:
        while self._next is not None:
            yield self._take(self._next)

    def _take(self, run: Json) -> Json:
        self._to_come.discard(run["id"])
        self._next = next(self._runs, None)
        return run


def _show_run(to: Console, thread: StoredThread, run: Json) -> None:
    from rich.padding import Padding
    from rich.text import Text

    usage = run["usage"] or {}
    spent = [usage.get(f"{what}_tokens") for what in ("prompt", "completion")]
    tokens = f"   {spent[0]} + {spent[1]} tokens" if any(spent) else ""
    head = Text.assemble(("run", "bold"), (f"   {run['id']}   ", "dim"))
    head.append(run["status"], _STATES.get(run["status"], ""))
    head.append(f"   {one_line(run['model'])}{tokens}", "dim")
    to.print()
    to.print(head)
    if run["last_error"]:
        to.print(
            Padding(Text(f"{one_line(run['last_error'].get('code'))}: {one_line(run['last_error'].get('message'))}", "red"), (0, 0, 0, 2))
        )
    for step in thread.steps(run["id"]):
        for call in step["step_details"].get("tool_calls") or ():
            to.print(Padding(Text(_call(call), "dim"), (0, 0, 0, 2)))


def _call(call: Json) -> str:
    kind = call["type"]
    about = call.get(kind)
    about = about if isinstance(about, dict) else {}
    if kind == "function":
        output = "" if about.get("output") is None else f" → {_cut(about['output'])}"
        return f"{one_line(about.get('name'))}({_cut(about.get('arguments') or '')}){output}"
    if kind == "code_interpreter":
        printed = [one_line(output.get("logs") or output.get("image", {}).get("file_id")) for output in about.get("outputs") or ()]
        return "\n".join([f"code: {_cut(about.get('input') or '', lines=True)}", *(f"→ {each[:_MOST]}" for each in printed)])
    if kind == "file_search":
        results = [
            f"{one_line(result.get('file_name'))} ({result.get('score', 0):.2f})" for result in islice(about.get("results") or (), 10)
        ]
        return f"file search → {', '.join(results) or 'nothing'}"
    return one_line(kind)


def _cut(text: Any, *, lines: bool = False) -> str:
    found = shown(text) if lines else one_line(text)
    return found if len(found) <= _MOST else f"{found[:_MOST]}…"


def _message(message: Json) -> Iterator[RenderableType]:
    """The parts of a message, then its citations, attachments and metadata."""
    from rich.text import Text

    notes: list[str] = []
    for part in message["content"]:
        kind = part["type"]
        if kind == "text":
            yield Text(shown(part["text"]["value"]))
            notes += [note for mark in part["text"]["annotations"] if (note := _citation(mark))]
        elif kind == "refusal":
            yield Text(f"refused: {shown(part['refusal'])}", "yellow")
        else:
            source = part[kind].get("file_id") or part[kind].get("url") or ""
            yield Text(f"image {one_line(source)[:_MOST]}", "magenta")
    if not message["content"]:
        yield Text("(nothing)", "dim")
    for attachment in message["attachments"]:
        tools = ", ".join(str(tool.get("type")) for tool in attachment["tools"])
        notes.append(f"attached   {one_line(attachment['file_id'])}{f' for {one_line(tools)}' if tools else ''}")
    if message["metadata"]:
        notes.append(f"metadata   {pairs(message['metadata'])}")
    yield from (Text(note, "dim") for note in notes)


def _citation(mark: Json) -> str:
    named = mark.get(mark["type"])
    file_id = named.get("file_id") if isinstance(named, dict) else None
    return f"{one_line(mark['text'])}   {one_line(file_id)}" if file_id else ""
