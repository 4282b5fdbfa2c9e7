"""Servers' and runners' ends in this process, over a real Redis: each test has a prefix, so a Redis of its own."""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec
import pytest
import redis.asyncio

from fourhands.execution.admission import SlidingWindow
from fourhands.execution.cluster.runner_end import RunnerEnd
from fourhands.execution.cluster.server_end import ServerEnd
from fourhands.execution.cluster.words import Capacity
from fourhands.execution.executor import AdmittedRun, Executor, Rate
from fourhands.execution.link import VERSION, State
from fourhands.execution.port import Backend, Event, Job
from fourhands.execution.queue import Ask, QueueLimits
from fourhands.execution.remote_run import RemoteRun
from fourhands.model.clock import SystemClock
from tests.execution.scripted import ScriptedBackend
from tests.redis_server import RedisServer

LONG = 60.0
"""A lease that no slow machine lets run out."""
PATIENCE_SECONDS = 90.0
"""How long a busy machine may take for a sandbox's self-test."""
CAPACITY = Capacity(2, 2, 1 << 30)
UNLIMITED = QueueLimits(waiting=1000, running=1000, queued=1000)
_numbers = itertools.count()


@dataclass
class Server:
    """A server's end and the executor on it."""

    end: ServerEnd
    executor: Executor

    async def run(self, language: str, *, room: str = "room", person: str = "person", **fields: object) -> AdmittedRun:
        job = Job(id=f"job-{next(_numbers)}", language=language, **fields)  # pyright: ignore[reportArgumentType]
        return await self.executor.start(job, Ask(room=room, person=person, memory_bytes=1 << 20), Rate(person, 0))

    async def events(self, language: str, **fields: object) -> list[Event]:
        return [event async for event in await self.run(language, **fields)]  # pyright: ignore[reportArgumentType]


@dataclass
class Installation:
    """Everything on one Redis below one prefix. `redis` is a client of the test's."""

    url: str
    prefix: str
    redis: "redis.asyncio.Redis"
    tasks: "dict[object, asyncio.Task[None]]" = field(default_factory=dict)
    backends: list[Backend] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    async def runner(
        self, backend: Backend | None = None, *, lease_seconds: float = LONG, capacity: Capacity = CAPACITY, coalesce_seconds: float = 0
    ) -> RunnerEnd:
        backend = backend or ScriptedBackend()
        end = RunnerEnd(self.url, self.prefix, backend, capacity, lease_seconds=lease_seconds, coalesce_seconds=coalesce_seconds)
        end.tell(State(VERSION, backend.name, await backend.check(), backend.runtimes()))
        self.backends.append(backend)
        self.tasks[end] = asyncio.create_task(end.run())
        return end

    async def server(self, *, lease_seconds: float = LONG, limits: QueueLimits = UNLIMITED, window_bytes: int = 128 * 1024, runners: int = 0) -> Server:
        """One that sees `runners` of them."""
        end = ServerEnd(self.url, self.prefix, limits, lease_seconds=lease_seconds, window_bytes=window_bytes)
        end.start_beating()
        server = Server(end, Executor(end, end.turns, SlidingWindow(SystemClock())))
        self.servers.append(server)
        await self.sees(server, runners)
        return server

    async def sees(self, server: Server, runners: int) -> None:
        """Wait until a server sees so many runners that may be used."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while server.end.is_pending or sum(one.ok for one in server.executor.machines()) != runners:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)

    async def vanish(self, end: RunnerEnd) -> None:
        """End it as a power cut would: it says nothing more, not even that it goes."""
        task = self.tasks.pop(end)
        end._leave = _nothing
        for one in (task, *end._tasks):
            one.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def keys(self) -> list[bytes]:
        return sorted([key async for key in self.redis.scan_iter(match=f"{{{self.prefix}:programs}}:*")])


async def _nothing() -> None:
    pass


Install = Callable[[], contextlib.AbstractAsyncContextManager[Installation]]


@contextlib.asynccontextmanager
async def installation_on(url: str) -> AsyncIterator[Installation]:
    prefix = f"t{os.getpid()}.{next(_numbers)}"
    client = redis.asyncio.Redis.from_url(url)
    made = Installation(url, prefix, client)
    try:
        yield made
    finally:
        for server in made.servers:
            await server.end.close()
        for end in list(made.tasks):
            if isinstance(end, RunnerEnd):
                end.hang_up()
        await asyncio.wait_for(asyncio.gather(*made.tasks.values(), return_exceptions=True), 30)
        for backend in made.backends:
            await backend.close()
        await client.aclose()


@pytest.fixture
async def installation(redis_server: RedisServer) -> AsyncIterator[Installation]:
    async with installation_on(redis_server.url) as made:
        yield made


@dataclass
class Client:
    """Starts whatever it is given, at once."""

    server: Server

    async def start(self, job: Job) -> RemoteRun:
        job = msgspec.structs.replace(job, id=f"job-{next(_numbers)}")
        await self.server.end.turns.enter(Ask(room=job.id, person=job.id, memory_bytes=1, language=job.language, job=job.id))
        return await self.server.end.start(job)


@dataclass
class Joined:
    """See `tests.execution.conftest.Joined`."""

    client: Client


@contextlib.asynccontextmanager
async def joined_by_redis(url: str, backend: Backend, *, coalesce_seconds: float = 0, window_bytes: int = 128 * 1024) -> AsyncIterator[Joined]:
    """A server's end and a runner's, with room for everything."""
    async with installation_on(url) as made:
        await made.runner(backend, capacity=Capacity(1000, 1000, 1 << 40), coalesce_seconds=coalesce_seconds)
        yield Joined(Client(await made.server(runners=1, window_bytes=window_bytes)))
