"""Connections to the upstream in several pools: none is lost count of, whatever becomes of an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

pytest.importorskip("starlette", reason="the extra [server] is not installed")

import asyncio

import httpx

from assistants_compat.server.pools import Pools
from assistants_compat.server.proxy import upstream_client


class Body(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"words"


class Pool(httpx.AsyncBaseTransport):
    """Says which it is; fails where it is asked to."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/fails":
            raise httpx.ConnectError("no")
        return httpx.Response(200, headers={"pool": str(self.number)}, stream=Body())

    async def aclose(self) -> None:
        self.is_closed = True


class Made:
    def __init__(self) -> None:
        self.pools: list[Pool] = []

    def __call__(self) -> Pool:
        self.pools.append(Pool(len(self.pools)))
        return self.pools[-1]


async def opened(client: httpx.AsyncClient, path: str = "/") -> httpx.Response:
    return await client.send(client.build_request("GET", f"http://upstream{path}"), stream=True)


def test_a_pool_is_begun_where_all_are_full_and_closed_when_it_falls_empty() -> None:
    async def scene() -> None:
        made = Made()
        async with httpx.AsyncClient(transport=Pools(made, most=2)) as client:
            answers = [await opened(client) for _ in range(5)]
            assert [answer.headers["pool"] for answer in answers] == ["0", "0", "1", "1", "2"]
            await answers[0].aclose()
            again = await opened(client)
            assert again.headers["pool"] == "0"
            assert await answers[2].aread() == b"words"  # which closes it
            assert [pool.is_closed for pool in made.pools] == [False, False, False]
            for answer in (*answers, again):
                await answer.aclose()
                await answer.aclose()
            assert [pool.is_closed for pool in made.pools] == [False, True, True]
            assert (await opened(client)).headers["pool"] == "0"
        assert made.pools[0].is_closed

    asyncio.run(scene())


def test_a_request_that_fails_takes_no_place() -> None:
    async def scene() -> None:
        made = Made()
        async with httpx.AsyncClient(transport=Pools(made, most=1)) as client:
            for _ in range(3):
                with pytest.raises(httpx.ConnectError):
                    await opened(client, "/fails")
            first = await opened(client)
            with pytest.raises(httpx.ConnectError):
                await opened(client, "/fails")
            assert [pool.is_closed for pool in made.pools] == [False, True]
            await first.aclose()

    asyncio.run(scene())


def test_proxies_of_the_environment_are_still_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    async def scene() -> None:
        async with upstream_client() as client:
            assert not isinstance(client._transport_for_url(httpx.URL("https://api.openai.com/v1")), Pools)
            assert isinstance(client._transport_for_url(httpx.URL("http://127.0.0.1:1/v1")), Pools)

    asyncio.run(scene())
