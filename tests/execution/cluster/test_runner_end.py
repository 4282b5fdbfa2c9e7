"""A runner's end: what it is offered it takes at most once, whoever else was; what nobody wants any more it kills."""

import asyncio
from typing import cast

import msgspec

from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.words import Offer, Packed
from fourhands.execution.frames import pack_frame
from fourhands.execution.link import encode, split_job
from fourhands.execution.port import Exit, Job, Stage
from tests.execution.cluster.conftest import PATIENCE_SECONDS, Installation
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedBackend
from tests.redis_server import needs_redis

pytestmark = needs_redis
LEASE = 3.0
ROUNDS = 60


def packed(job: Job) -> bytes:
    head, body = split_job(job)
    return pack_frame(encode(Packed(head)), body)


async def offered(installation: Installation, run: str, runners: "list[str]", *, times: int = 1) -> None:
    """A program, offered to all of these at once: what no server does."""
    keys = Keys(installation.prefix)
    async with installation.redis.pipeline(transaction=True) as pipeline:
        pipeline.set(keys.job(run), packed(Job(id=run, language="python")), px=60_000)
        pipeline.set(keys.server("asker"), "1", px=60_000)
        for runner in runners * times:
            pipeline.xadd(keys.offers(runner), {"offer": encode(Offer(run, "asker", 1 << 17))})
        await pipeline.execute()


async def test_of_runners_that_are_offered_the_same_program_one_takes_it(installation: Installation) -> None:
    backends = [ScriptedBackend() for _ in range(2)]
    ends = [await installation.runner(backend) for backend in backends]
    await until(lambda: all(end.name for end in ends))
    await asyncio.gather(*(offered(installation, f"run{number}", [end.name for end in ends], times=2) for number in range(ROUNDS)))
    await until(lambda: sum(len(backend.runs) for backend in backends) >= ROUNDS)
    late = f"run{ROUNDS}"  # behind all the others in every stream
    await offered(installation, late, [end.name for end in ends])
    await until(lambda: any(run.job.id == late for backend in backends for run in backend.runs))
    await until(lambda: not any(end._taken for end in ends))
    taken = sorted(run.job.id for backend in backends for run in backend.runs)
    assert taken == sorted(f"run{number}" for number in range(ROUNDS + 1))


async def test_what_was_withdrawn_is_not_taken_nor_what_makes_no_sense(installation: Installation) -> None:
    backend, keys = ScriptedBackend(), Keys(installation.prefix)
    end = await installation.runner(backend)
    await until(lambda: end.name)
    await installation.redis.set(keys.server("asker"), "1")
    for fields in ({"offer": encode(Offer("withdrawn", "asker", 1))}, {"offer": b"nonsense"}, {"other": b"x"}):
        await installation.redis.xadd(keys.offers(end.name), fields)  # pyright: ignore[reportArgumentType]
    await installation.redis.set(keys.job("broken"), b"nonsense")
    await installation.redis.xadd(keys.offers(end.name), {"offer": encode(Offer("broken", "asker", 1))})
    await offered(installation, "good", [end.name])
    await until(lambda: backend.runs)
    assert [run.job.id for run in backend.runs] == ["good"]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await installation.redis.exists(keys.from_run("broken")):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    refused = cast("list[tuple[bytes, dict[bytes, bytes]]]", await installation.redis.xrange(keys.from_run("broken")))
    assert msgspec.json.decode(refused[0][1][b"h"])["type"] == "refused"


async def test_the_programs_of_a_server_that_is_gone_are_killed(installation: Installation) -> None:
    backend = ScriptedBackend()
    await installation.runner(backend)
    stays, goes = await installation.server(runners=1), await installation.server(runners=1, lease_seconds=LEASE)
    runs = [aiter(await server.run("wait", room=str(number), person=str(number))) for number, server in enumerate((stays, goes))]
    assert [await anext(run) for run in runs] == [Stage("run")] * 2
    for task in goes.end._tasks:
        task.cancel()
    await until(backend.runs[1].stopped.is_set)
    assert not backend.runs[0].stopped.is_set()
    await until(lambda: [one.batch for one in stays.executor.machines()] == [1])  # and its place is free for others


async def test_a_runner_whose_lease_was_lost_kills_all_and_comes_again_under_another_name(installation: Installation) -> None:
    backend, keys = ScriptedBackend(), Keys(installation.prefix)
    end = await installation.runner(backend, lease_seconds=LEASE)
    server = await installation.server(runners=1)
    events = aiter(await server.run("wait"))
    assert await anext(events) == Stage("run")
    name = end.name
    await installation.redis.delete(keys.runner(name))
    await until(backend.runs[0].stopped.is_set)
    await until(lambda: end.name not in {"", name})
    assert len([event async for event in events]) == 1
    await installation.sees(server, 1)
    assert isinstance((await server.events("python"))[-1], Exit)


async def test_a_runner_that_is_told_to_end_says_that_its_runs_are_lost_at_once(installation: Installation) -> None:
    end = await installation.runner()
    server = await installation.server(runners=1)
    events = aiter(await server.run("wait"))
    assert await anext(events) == Stage("run")
    end.hang_up()
    await installation.tasks.pop(end)
    assert [type(event).__name__ async for event in events] == ["Error"]
    await until(lambda: not server.executor.machines())  # by its word: the lease would hold for a minute
