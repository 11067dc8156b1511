"""Waiting for what happens elsewhere in the process: no change is missed and no event lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from assistants_compat.runs.channel import Channel, Signal, _waker
from assistants_compat.wire import DONE
from budget import examples
from runs.helpers import PATIENCE

ROUNDS = 2_000


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


class Counter:
    def __init__(self) -> None:
        self.value = 0


# -- the signal


def test_a_waiter_sees_what_was_changed_before_it_came() -> None:
    assert Signal().wait(lambda: True, 0.0)
    assert not Signal().wait(lambda: False, 0.0)


def test_no_wake_up_is_lost_between_two_threads() -> None:
    """Ping-pong: one lost wake-up and it stands still."""
    ping, pong, signal = Counter(), Counter(), Signal()

    def player() -> None:
        for turn in range(1, ROUNDS + 1):
            assert signal.wait(lambda turn=turn: ping.value >= turn, PATIENCE)
            pong.value = turn
            signal.give()

    thread = in_thread(player)
    for turn in range(1, ROUNDS + 1):
        ping.value = turn
        signal.give()
        assert signal.wait(lambda turn=turn: pong.value >= turn, PATIENCE)
    thread.join(PATIENCE)


@pytest.mark.anyio
async def test_no_wake_up_is_lost_between_a_thread_and_a_task(anyio_backend: str) -> None:
    ping, pong, signal = Counter(), Counter(), Signal()

    def player() -> None:
        for turn in range(1, ROUNDS + 1):
            assert signal.wait(lambda turn=turn: ping.value >= turn, PATIENCE)
            pong.value = turn
            signal.give()

    thread = in_thread(player)
    for turn in range(1, ROUNDS + 1):
        ping.value = turn
        signal.give()
        assert await signal.wait_async(lambda turn=turn: pong.value >= turn, PATIENCE)
    thread.join(PATIENCE)
    assert signal._wakers == []


@pytest.mark.anyio
async def test_everybody_is_woken(anyio_backend: str) -> None:
    counter, signal, woken = Counter(), Signal(), []
    threads = [in_thread(lambda: woken.append(signal.wait(lambda: counter.value == 1, PATIENCE))) for _ in range(5)]

    async def wait() -> None:
        woken.append(await signal.wait_async(lambda: counter.value == 1, PATIENCE))

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(wait)
        await anyio.lowlevel.checkpoint()
        counter.value = 1
        signal.give()
    for thread in threads:
        thread.join(PATIENCE)
    assert woken == [True] * 55


@pytest.mark.anyio
async def test_a_wait_that_was_in_vain_says_so_and_leaves_nothing_behind(anyio_backend: str) -> None:
    signal = Signal()
    assert not await signal.wait_async(lambda: False, 0.01)
    assert not signal.wait(lambda: False, 0.01)
    with anyio.move_on_after(0.01) as scope:
        await signal.wait_async(lambda: False, None)
    assert scope.cancelled_caught
    assert signal._wakers == []
    signal.give()


@pytest.mark.anyio
async def test_a_waiter_whose_loop_is_gone_is_no_trouble_to_others(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's loop was closed in the middle of a wait; whoever gives the signal next finds its waiter still listed."""
    wake, woken = _waker()

    def closed(*arguments: Any, **named: Any) -> Any:
        raise RuntimeError("Event loop is closed")

    if anyio_backend == "asyncio":
        monkeypatch.setattr(asyncio.get_running_loop(), "call_soon_threadsafe", closed)
    else:
        monkeypatch.setattr(type(trio.lowlevel.current_trio_token()), "run_sync_soon", closed)
    monkeypatch.setattr(type(woken), "set", closed)
    wake()
    errors: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    in_thread(wake).join(PATIENCE)
    monkeypatch.undo()
    assert errors == []


# -- the channel

EVENT = [b"event: thread.run.created\ndata: {}\n\n"]


def chunks_of(channel: Channel) -> Iterator[bytes]:
    return channel.read(PATIENCE)


def test_what_was_sent_before_anybody_read_is_read_first() -> None:
    channel = Channel()
    channel.send([b"a", b"b"])
    channel.send([])
    channel.end([b"c"])
    assert list(channel.read(0)) == [b"abc" + DONE]
    assert list(channel.read(0)) == []


def test_it_ends_once() -> None:
    channel = Channel()
    channel.end([b"a"])
    channel.end([b"b"])
    channel.send([b"c"])
    assert b"".join(channel.read(0)) == b"a" + DONE


def test_of_many_who_end_it_one_is_heard() -> None:
    for _ in range(200):
        channel = Channel()
        barrier = threading.Barrier(4)

        def end(name: int, channel: Channel = channel, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            channel.end([b"%d" % name])

        threads = [in_thread(lambda name=name, end=end: end(name)) for name in range(4)]
        text = b"".join(channel.read(PATIENCE))
        for thread in threads:
            thread.join(PATIENCE)
        assert text in {b"%d" % name + DONE for name in range(4)}


def test_a_reader_without_news_gives_up() -> None:
    with pytest.raises(TimeoutError):
        next(Channel().read(0.01))


@pytest.mark.anyio
async def test_a_task_without_news_gives_up(anyio_backend: str) -> None:
    with pytest.raises(TimeoutError):
        await Channel().read_next(0.01)


def test_nothing_is_kept_for_a_reader_that_has_gone() -> None:
    channel = Channel()
    channel.send([b"a"])
    channel.desert()
    channel.send([b"b"])
    channel.end([b"c"])
    assert channel._waiting == []
    assert list(channel.read(0)) == []


def numbered(count: int) -> list[bytes]:
    return [b"%d\n" % number for number in range(count)]


def test_every_event_comes_once_and_in_order_to_a_thread() -> None:
    for _ in range(10):
        channel = Channel()
        in_thread(lambda channel=channel: ([channel.send([event]) for event in numbered(ROUNDS)], channel.end([b"end\n"])))
        assert b"".join(chunks_of(channel)) == b"".join(numbered(ROUNDS)) + b"end\n" + DONE


async def _text(channel: Channel) -> bytes:
    text = b""
    while chunk := await channel.read_next(PATIENCE):
        text += chunk
    return text


@pytest.mark.anyio
async def test_every_event_comes_once_and_in_order_to_a_task(anyio_backend: str) -> None:
    for _ in range(10):
        channel = Channel()
        in_thread(lambda channel=channel: ([channel.send([event]) for event in numbered(ROUNDS)], channel.end([b"end\n"])))
        assert await _text(channel) == b"".join(numbered(ROUNDS)) + b"end\n" + DONE


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.lists(st.binary(min_size=1, max_size=3), max_size=4), max_size=8), st.sampled_from(["thread", "asyncio", "trio"]))
def test_any_events_any_reader(batches: list[list[bytes]], kind: str) -> None:
    channel = Channel()

    def write() -> None:
        for batch in batches:
            channel.send(batch)
        channel.end([])

    writer = in_thread(write)
    if kind == "thread":
        text = b"".join(chunks_of(channel))
    elif kind == "asyncio":
        text = asyncio.run(_text(channel))
    else:
        text = trio.run(_text, channel)
    writer.join(PATIENCE)
    assert text == b"".join(b"".join(batch) for batch in batches) + DONE
