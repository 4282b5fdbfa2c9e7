"""A server's end and a runner's end in this process, joined as they are in life."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

import pytest

from fourhands.execution.client import RunnerClient
from fourhands.execution.link import VERSION, Link, State, ToRunner, runner_end, server_end
from fourhands.execution.port import Backend
from fourhands.execution.serving import Serving


@dataclass
class Joined:
    """Both ends; `serving` and `using` end when the link does."""

    client: RunnerClient
    serving: "asyncio.Task[None]"
    using: "asyncio.Task[None]"
    runner_link: "Link[ToRunner]"


Join = Callable[..., AbstractAsyncContextManager[Joined]]


@contextlib.asynccontextmanager
async def joined(backend: Backend, *, coalesce_seconds: float = 0, window_bytes: int = 128 * 1024, beat_seconds: float = 3600) -> AsyncIterator[Joined]:
    one, other = socket.socketpair()
    link = runner_end(*await asyncio.open_connection(sock=other))
    serving = Serving(backend, link, coalesce_seconds=coalesce_seconds)
    client = RunnerClient(window_bytes=window_bytes, beat_seconds=beat_seconds)
    using = asyncio.create_task(client.serve(server_end(*await asyncio.open_connection(sock=one))))
    serving_task = asyncio.create_task(serving.run())
    serving.tell(State(VERSION, backend.name, await backend.check(), backend.runtimes()))
    await client.known()
    try:
        yield Joined(client, serving_task, using, link)
    finally:
        await client.close()
        await asyncio.wait_for(asyncio.gather(serving_task, using, return_exceptions=True), 20)
        await backend.close()


async def until(holds: Callable[[], object]) -> None:
    """Let everything else go on until this holds. Raises `TimeoutError`."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.001)


@pytest.fixture
def join() -> Join:
    return joined


@pytest.fixture(params=["link", "redis"])
def carry(request: pytest.FixtureRequest) -> Join:
    """Both ends over each of the ways that there are between them. Of what is given, `client` alone is of both."""
    if request.param == "link":
        return joined
    from tests.execution.cluster.conftest import joined_by_redis

    return partial(joined_by_redis, request.getfixturevalue("redis_server").url)  # pyright: ignore[reportReturnType]
