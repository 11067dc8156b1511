"""`assistants-compat export --to conversations`: how it is run from a terminal, and what it says there."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistants_compat.cli._history import Failed, Store

if TYPE_CHECKING:
    from assistants_compat.store.conversations import Conversation
    from assistants_compat.transfer.conversations.exporting import Brought
    from assistants_compat.transfer.conversations.reading import Outcome
    from assistants_compat.transfer.selection import Selection

_NAMED = 3
"""How many of a kind are named on a terminal; the report names all."""
_TIMEOUT = 120.0


def export(at: Store, folder: Path, selection: Selection, *, dry_run: bool, at_once: int, again: bool) -> int:
    """Do it, and say what came of it. Returns the exit code.

    Raises:
        Failed: nothing could be done.
    """
    from assistants_compat.transfer.conversations.exporting import all_known, would_bring
    from assistants_compat.transfer.conversations.maps import NotOurs, check_folder, write_maps
    from assistants_compat.upstream_client import name_of

    upstream = name_of(os.environ)
    if dry_run:
        with _bar(at, selection, "Reading") as bar:
            brought = would_bring(at.database, upstream, selection, bar.told_of_reading, again=again)
        known = all_known(at.database, upstream, selection.tenant)
        _say(brought, known, None)
        return 1 if brought.failed else 0
    try:
        check_folder(folder, upstream)
    except NotOurs as error:
        raise Failed(f"{error}: name another folder, or take it away.") from None
    with at.database.alone("conversations") as still:
        if still is None:
            raise Failed("Another 'export --to conversations' is at work on this store.")
        brought = _bring(at, upstream, selection, still, at_once=at_once, again=again)
        known = all_known(at.database, upstream, selection.tenant)
        write_maps(folder, at.database, upstream, known, brought)
    _say(brought, known, folder)
    if brought.stopped is not None:
        return 130 if brought.stopped == "Interrupted." else 2
    return 1 if brought.failed else 0


def _bring(at: Store, upstream: str, selection: Selection, still: Callable[[], None], *, at_once: int, again: bool) -> Brought:
    from assistants_compat.transfer.conversations.calls import Calls
    from assistants_compat.transfer.conversations.exporting import Brought, all_known, bring_all, check_same_upstream, replace
    from assistants_compat.transfer.conversations.filling import Filling
    from assistants_compat.transfer.conversations.pace import Pace, Stopped
    from assistants_compat.upstream_client import has_key, upstream_client

    if not has_key(os.environ):
        raise Failed("There is no OPENAI_API_KEY: conversations are made with a key of the project that is to have them.")
    try:
        client = upstream_client(os.environ, timeout=_TIMEOUT, max_retries=0)
    except ValueError as error:
        raise Failed(str(error)) from None
    stop = threading.Event()
    with client, _bar(at, selection, "Bringing over") as bar:
        calls = Calls(client, Pace(stop, bar.waits))
        if again:
            replace(at.database, upstream, selection)
        else:
            try:
                check_same_upstream(calls, all_known(at.database, upstream, selection.tenant))
            except Stopped as stopped:
                return Brought(stopped=str(stopped))
        filling = Filling(at.database, calls, upstream, selection.tenant, bar.added)

        def bring(thread_id: str) -> Outcome:
            still()
            return filling.bring(thread_id)

        return bring_all(selection.thread_ids(at.database), bring, stop, at_once, bar.told)


class _Progress:
    """A bar on a terminal, drawn by the thread that is told of threads; others leave word for it."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._items = 0
        self._lock = threading.Lock()
        self._waits_until = 0.0
        self._why = ""

    def added(self, items: int) -> None:
        with self._lock:
            self._items += items

    def waits(self, why: str, seconds: float) -> None:
        self._waits_until, self._why = time.monotonic() + seconds, why

    def told_of_reading(self, outcome: Outcome) -> None:
        self.added(outcome.added)
        self.told(outcome)

    def told(self, outcome: Outcome | None) -> None:
        left = self._waits_until - time.monotonic()
        said = f"{self._items:,} items" + (f"; {self._why} ({left:,.0f} s)" if left > 0 else "")
        self._bar.update(0 if outcome is None else 1, said)


@contextmanager
def _bar(at: Store, selection: Selection, label: str) -> Iterator[_Progress]:
    from assistants_compat.store import threads

    if selection.threads is None:
        with at.database.read() as connection:
            length = threads.count(connection, selection.tenant)
    else:
        length = len(selection.threads)
    terminal = sys.stderr if sys.stderr.isatty() else io.StringIO()
    with click.progressbar(length=length, label=label, file=terminal, show_pos=True, item_show_func=lambda said: said or "") as bar:
        yield _Progress(bar)


# -- what it says


def _say(brought: Brought, known: Sequence[Conversation], folder: Path | None) -> None:
    for line in _lines(brought, known, folder):
        click.echo(line, err=True)


def _lines(brought: Brought, known: Sequence[Conversation], folder: Path | None) -> Iterator[str]:
    """Args:
    folder: where the maps are; None where nothing was done.
    """
    yield _counts(brought, folder is None)
    if brought.failed:
        yield click.style(f"Not in a conversation as a whole: {_counted(len(brought.failed), 'thread')}", fg="red")
        for outcome in brought.failed[: 5 * _NAMED]:
            yield f"  {outcome.thread_id}: {outcome.why}"
        if len(brought.failed) > 5 * _NAMED:
            yield f"  and {len(brought.failed) - 5 * _NAMED:,} more"
    yield from _losses(brought)
    lost = {conversation.thread_id: conversation.lost for conversation in known if conversation.lost}
    if lost:
        yield click.style(f"Perhaps made besides, empty, and of unknown id: {_counted(sum(lost.values()), 'conversation')}", fg="yellow")
        yield f"  of {_named(list(lost))}; no program knows them, and nothing of anybody's is in them"
    former = [id for conversation in known for id in conversation.former]
    if former:
        yield f"Replaced by others, and still upstream: {_counted(len(former), 'conversation')}"
        yield f"  {_named(former)}"
    if folder is not None:
        yield f"The map is in {folder}: conversations.csv, conversations.json, messages.csv. All of this by name: report.json."
    if brought.stopped is not None:
        yield click.style(f"Stopped: {brought.stopped.rstrip('.')}. The same command goes on from here.", fg="red")


def _counts(brought: Brought, is_dry: bool) -> str:
    counts = Counter(outcome.ending for outcome in brought.outcomes)
    added = Counter[str]()
    for outcome in brought.outcomes:
        added[outcome.ending] += outcome.added
    made, grown = ("to be made", "To be added to") if is_dry else ("made", "Added to")
    parts = [
        f"Conversations {made}: {counts['made']:,} ({_counted(added['made'], 'item')}).",
        f"{grown}: {counts['continued']:,} ({_counted(added['continued'], 'item')})." if counts["continued"] else "",
        f"There already: {counts['unchanged']:,}." if counts["unchanged"] else "",
        f"That takes {_counted(brought.calls, 'call')}, and one more for each image that is a file." if is_dry else "",
    ]
    return " ".join(part for part in parts if part)


def _losses(brought: Brought) -> Iterator[str]:
    from assistants_compat.transfer.conversations.items import KINDS

    lost: dict[str, list[str]] = {}
    for outcome in brought.outcomes:
        for kind, name in outcome.losses:
            lost.setdefault(kind, []).append(name)
    if lost:
        yield click.style("Not as it was:", fg="yellow")
    for kind, sentence in KINDS.items():
        if kind in lost:
            yield f"  {sentence}"
            yield f"    {len(lost[kind]):,}: {_named(lost[kind])}"


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
