"""A server's end: its programs run wherever a runner is, are lost where that cannot be known, and nothing is left in Redis afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.cluster.server_end import ServerEnd
from fourhands.execution.cluster.words import Capacity
from fourhands.execution.executor import AdmittedRun
from fourhands.execution.port import Data, Error, Event, Exit, Health, Queued, Stage
from fourhands.execution.queue import QueueLimits
from fourhands.execution.remote_run import LOST
from tests.execution.cluster.conftest import LONG, Installation
from tests.execution.conftest import until
from tests.execution.scripted import ScriptedBackend, ScriptedRun, echo, wait
from tests.redis_server import RedisServer, free_port, needs_redis

pytestmark = needs_redis
ONE = Capacity(1, 1, 1 << 30)
LEASE = 3.0
"""A lease that is to run out: short, and long enough for whoever lives."""


class Only(ScriptedBackend):
    """A backend with these languages alone."""

    def __init__(self, **scripts: object) -> None:
        super().__init__()
        self.scripts = scripts  # pyright: ignore[reportAttributeAccessIssue]


async def test_programs_of_two_servers_run_on_the_runners_that_have_their_language(installation: Installation) -> None:
    snake, crab = Only(snake=wait, both=echo), Only(crab=wait, both=echo)
    for backend in (snake, crab):
        await installation.runner(backend)
    servers = [await installation.server(runners=2) for _ in range(2)]
    assert {runtime.language for runtime in servers[0].executor.runtimes()} == {"snake", "crab", "both"}
    runs = [
        await server.run(language, room=f"{language}{number}", person=f"{language}{number}")
        for number, server in enumerate(servers)
        for language in ("snake", "crab")
    ]
    events = [aiter(run) for run in runs]
    assert [await anext(one) for one in events] == [Stage("run")] * 4
    assert ([run.job.language for run in snake.runs], [run.job.language for run in crab.runs]) == (["snake"] * 2, ["crab"] * 2)
    figures = {one.languages: (one.batch, one.batch_slots, one.memory_bytes) for one in servers[0].end.turns.machines()}
    await until(lambda: {one.batch for one in servers[0].executor.machines()} == {2})
    assert set(figures) == {("both", "snake"), ("both", "crab")}
    for run, one in zip(runs, events, strict=True):
        run.stop()
        assert [event async for event in one][-1] == Exit(stage="run", status="killed", signal="SIGKILL")


async def test_nothing_is_left_in_redis_when_everybody_has_gone(installation: Installation) -> None:
    end = await installation.runner()
    server = await installation.server(runners=1)
    for _ in range(3):
        assert isinstance((await server.events("python"))[-1], Exit)
    stopped = await server.run("wait")
    events = aiter(stopped)
    await anext(events)
    stopped.stop()
    assert [event async for event in events]
    await until(lambda: not server.executor.under_way())
    await server.end.close()
    installation.servers.clear()
    end.hang_up()
    await installation.tasks.pop(end)
    left = {key.decode().rsplit("}:", 1)[1].split(":")[0] for key in await installation.keys()}
    assert left <= {"order", "version", "runners"}  # two numbers, and a set of names that the next beat tidies


async def test_who_waits_hears_the_position_among_those_of_all_servers_and_rooms_take_turns(installation: Installation) -> None:
    backend = ScriptedBackend()
    await installation.runner(backend, capacity=ONE)
    one, other = [await installation.server(runners=1) for _ in range(2)]
    first = await one.run("wait", room="a", person="a")
    events = aiter(first)
    assert await anext(events) == Stage("run")
    many = [await one.run("python", room="b", person="b") for _ in range(3)]
    late = await other.run("python", room="c", person="c")
    await until(lambda: [run._turn.position for run in many] == [1, 3, 4])  # pyright: ignore[reportAttributeAccessIssue]
    waiting = [aiter(run) for run in (*many, late)]
    assert [await anext(run) for run in waiting] == [Queued(1), Queued(3), Queued(4), Queued(2)]  # the other room's comes second
    order: list[str] = []

    async def finish(run: AsyncIterator[Event], name: str) -> None:
        order.extend([name async for event in run if isinstance(event, Stage)])

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for run, name in zip(waiting, ("b1", "b2", "b3", "c"), strict=True):
            group.create_task(finish(run, name))
        first.stop()
        group.create_task(finish(events, "a"))
    assert order == ["b1", "c", "b2", "b3"]


async def test_limits_of_rooms_people_and_all_hold_over_servers(installation: Installation) -> None:
    await installation.runner(capacity=ONE)
    limits = QueueLimits(waiting=3, running=1, queued=1)
    one, other = [await installation.server(runners=1, limits=limits) for _ in range(2)]
    runs = [await one.run("wait", room="a", person="ada"), await other.run("wait", room="a", person="bob")]
    for server, room, person, why in ((one, "a", "cyd", "of this room"), (other, "b", "bob", "of yours")):
        with pytest.raises(Exception, match=why):
            await server.run("wait", room=room, person=person)
    runs += [await one.run("wait", room=f"r{number}", person=f"p{number}") for number in range(2)]
    with pytest.raises(Exception, match="3 programs wait already"):
        await other.run("wait", room="z", person="z")
    for run in runs:
        run.stop()


async def test_a_flood_past_what_the_machines_have_runs_to_its_last_program(installation: Installation) -> None:
    backends = [ScriptedBackend() for _ in range(2)]
    for backend in backends:
        await installation.runner(backend)
    servers = [await installation.server(runners=2) for _ in range(2)]
    ends = await asyncio.wait_for(
        asyncio.gather(*(servers[number % 2].events("python", room=f"r{number % 7}", person=f"p{number % 11}") for number in range(60))), 60
    )
    assert all(isinstance(events[-1], Exit) and events[-1].status == "ok" for events in ends)
    assert sum(len(backend.runs) for backend in backends) == 60  # each once
    assert all(backend.runs for backend in backends)
    await until(lambda: not any(server.executor.waiting_lengths()["batch"] for server in servers))


async def test_the_runs_of_a_runner_that_vanished_are_lost_and_not_run_again(installation: Installation) -> None:
    gone, stays = Only(gone=wait), ScriptedBackend()
    dying = await installation.runner(gone, lease_seconds=LEASE)
    await installation.runner(stays)
    server = await installation.server(runners=2)
    run = await server.run("gone")
    events = aiter(run)
    assert await anext(events) == Stage("run")
    await installation.vanish(dying)
    assert [event async for event in events] == [Error(message=LOST)]
    await until(lambda: sum(one.ok for one in server.executor.machines()) == 1)
    assert (len(gone.runs), stays.runs) == (1, [])
    assert isinstance((await server.events("python"))[-1], Exit)


async def test_what_a_vanished_runner_had_not_taken_goes_to_another(installation: Installation) -> None:
    backends = [Only(same=echo), Only(same=echo)]
    dying = await installation.runner(backends[0], lease_seconds=LEASE)
    server = await installation.server(runners=1)
    await installation.vanish(dying)
    run = await server.run("same", open_input=True)  # it is granted there: the lease holds yet
    running = asyncio.create_task(_all(run))
    await installation.runner(backends[1])
    await until(lambda: backends[1].runs)
    await run.close_input()
    assert isinstance((await asyncio.wait_for(running, 30))[-1], Exit)
    assert [len(backend.runs) for backend in backends] == [0, 1]


async def _all(run: AdmittedRun) -> list[Event]:
    return [event async for event in run]


async def test_a_language_that_no_runner_has_any_more_is_not_waited_for_for_ever(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourhands.execution.cluster.server_end.UNSPOKEN_SECONDS", 0.1)
    end = await installation.runner(Only(rare=wait), capacity=ONE)
    server = await installation.server(runners=1)
    first, second = await server.run("rare", room="a", person="a"), await server.run("rare", room="b", person="b")
    events = aiter(first)
    assert await anext(events) == Stage("run")
    waiting = aiter(second)
    assert await anext(waiting) == Queued(1)
    end.hang_up()
    assert [event async for event in events] == [Error(message=LOST)]
    last = [event async for event in waiting][-1]
    assert isinstance(last, Error)
    assert "No runner has rare any more" in last.message


async def test_without_a_runner_it_says_how_to_start_one_and_what_is_wrong_with_those_that_are_there(installation: Installation) -> None:
    server = await installation.server()
    assert "fourhands runner" in server.executor.why_not()
    await installation.runner(ScriptedBackend(Health(False, "There is no bubblewrap.", "Install it.")))
    await until(server.executor.machines)
    await until(lambda: server.executor.why_not() == "There is no bubblewrap. Install it.")
    assert server.executor.runtimes() == ()


async def test_a_redis_that_is_not_there_is_said_and_waited_for() -> None:
    end = ServerEnd(f"redis://127.0.0.1:{free_port()}/0", "p", QueueLimits(), lease_seconds=LONG)
    assert end.is_pending
    end.start_beating()
    await until(lambda: not end.is_pending)
    assert "Redis does not answer" in end.health.sentence
    with pytest.raises(Unavailable):
        end.turns.of_job("none")
    await end.close()


async def test_redis_that_comes_back_empty_loses_what_ran_and_brings_back_what_waited() -> None:
    server_process = RedisServer()
    server_process.start()
    from tests.execution.cluster.conftest import installation_on

    try:
        async with installation_on(server_process.url) as installation:
            backend = ScriptedBackend()
            await installation.runner(backend, lease_seconds=LEASE, capacity=ONE)
            server = await installation.server(lease_seconds=LEASE, runners=1)
            runs = [await server.run("wait", room="a", person="a"), await server.run("python", room="b", person="b")]
            running, waiting = [aiter(run) for run in runs]
            assert (await anext(running), await anext(waiting)) == (Stage("run"), Queued(1))
            server_process.kill()
            assert await anext(waiting) == Queued(0)  # nobody knows its place
            assert "Redis does not answer" in server.executor.why_not()
            assert await anext(running) == Error(message=LOST)
            server_process.start()
            rest = [event async for event in waiting]
            assert (rest[-3:-1], type(rest[-1])) == ([Stage("run"), Data("stdout", b"hello\n")], Exit)
            assert [run.job.language for run in backend.runs] == ["wait", "python"]  # nothing ran twice
            assert backend.runs[0].stopped.is_set()
    finally:
        server_process.stop()


async def test_output_that_nobody_reads_waits_at_the_runner_and_redis_stays_small(installation: Installation) -> None:
    async def flood(run: ScriptedRun) -> None:
        for _ in range(300):
            await run.print(bytes(32 * 1024))
        await run.say(Exit(stage="run", status="ok", code=0))

    backend = ScriptedBackend(flood=flood)
    await installation.runner(backend)
    server = await installation.server(runners=1)
    run = await server.run("flood")
    events = aiter(run)
    first = await anext(events)
    await until(lambda: backend.runs[0].said >= 5)
    for _ in range(50):
        await asyncio.sleep(0)
    assert backend.runs[0].said <= 16  # 128 KiB unread, what a pipe holds, and one under way
    kept = [key for key in await installation.keys() if b":from:" in key]
    assert sum([await installation.redis.memory_usage(key) or 0 for key in kept]) < 512 * 1024
    said = sum([len(event.data) async for event in events if isinstance(event, Data)])
    assert said + (len(first.data) if isinstance(first, Data) else 0) == 300 * 32 * 1024
