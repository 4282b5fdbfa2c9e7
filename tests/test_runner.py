"""The runner: servers hear what it can do, each has its own runs, and its socket is for those alone who may use it."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path

import pytest

from fourhands.errors import Conflict, Unavailable
from fourhands.execution.client import RunnerClient
from fourhands.execution.cluster.runner_end import RunnerEnd
from fourhands.execution.frames import pack_frame
from fourhands.execution.keeping import Beside
from fourhands.execution.port import Health, Job, Stage
from fourhands.logs import LIBRARIES
from fourhands.runner import Runner, bind, join, listen, processors_of_programs
from tests.execution.cluster.conftest import CAPACITY, LONG, Installation, installation_on
from tests.execution.conftest import until
from tests.execution.scripted import READY, ScriptedBackend, ScriptedRun
from tests.execution.scripted_runner import COMMAND, ENVIRONMENT
from tests.redis_server import RedisServer


async def using(path: Path) -> tuple[RunnerClient, "asyncio.Task[None]"]:
    client = RunnerClient()
    task = asyncio.create_task(client.serve(await Beside(path).connect()))
    return client, task


@pytest.fixture
def root_level() -> Iterator[logging.Logger]:
    """The root logger, which has its level again behind the test."""
    known = {name: logging.getLogger(name).level for name in ("", *LIBRARIES)}
    yield logging.getLogger()
    for name, level in known.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
async def installation(redis_server: RedisServer) -> AsyncIterator[Installation]:
    async with installation_on(redis_server.url) as made:
        yield made


class House:
    """A runner that listens."""

    def __init__(self, path: Path, backend: ScriptedBackend) -> None:
        self.path = path
        self.backend = backend
        self.runner = Runner(backend, test_seconds=3600)
        self.started = asyncio.Event()

    async def __aenter__(self) -> "House":
        self._task = asyncio.create_task(listen(self.runner, self.backend, self.path, 0o600, started=self.started.set))
        await self.started.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def test_programs_leave_processors_to_edits_but_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 4, 6, 5})
    assert [processors_of_programs(spare) for spare in (0, 1, 3, 4)] == [(4, 5, 6, 7), (5, 6, 7), (7,), (7,)]


async def test_every_server_hears_what_the_self_test_said_and_whenever_that_changes(tmp_path: Path) -> None:
    backend = ScriptedBackend(Health(False, "There is no bubblewrap.", "Install it."))
    async with House(tmp_path / "s", backend) as house:
        servers = [await using(house.path) for _ in range(2)]
        assert [(await client.known()).sentence for client, _ in servers] == ["There is no bubblewrap."] * 2
        assert servers[0][0].runtimes() == ()
        backend.health = READY
        await house.runner.test()
        await until(lambda: all(client.health.ok for client, _ in servers))
        assert servers[0][0].runtimes() == backend.runtimes()
        late, task = await using(house.path)
        assert (await late.known()).ok
        for client in (late, servers[0][0], servers[1][0]):
            await client.close()
        await asyncio.gather(task, *(one for _, one in servers))


async def test_a_server_says_how_much_is_logged_and_says_it_again_to_the_next_runner(tmp_path: Path, root_level: logging.Logger) -> None:
    client = RunnerClient()
    client.set_log_level("error")  # before there is a runner
    for path in (tmp_path / "one", tmp_path / "two"):
        root_level.setLevel(logging.INFO)
        async with House(path, ScriptedBackend()):
            task = asyncio.create_task(client.serve(await Beside(path).connect()))
            await until(lambda: root_level.level == logging.ERROR)
            client.set_log_level("debug")
            await until(lambda: root_level.level == logging.DEBUG)
            client.set_log_level("error")
            await client.close()
            await task


async def test_a_server_that_leaves_or_talks_nonsense_takes_its_own_runs_alone(tmp_path: Path) -> None:
    backend = ScriptedBackend()
    async with House(tmp_path / "s", backend) as house:
        (stays, staying), (leaves, leaving) = [await using(house.path) for _ in range(2)]
        await asyncio.gather(stays.known(), leaves.known())
        runs = [await client.start(Job(id="r", language="wait")) for client in (stays, leaves)]
        assert [await anext(run) for run in runs] == [Stage("run")] * 2
        await leaves.close()
        await leaving
        await until(backend.runs[1].stopped.is_set)
        _, writer = await asyncio.open_unix_connection(str(house.path))
        writer.write(pack_frame(b"nonsense"))
        writer.close()
        assert not backend.runs[0].stopped.is_set()
        runs[0].stop()
        assert [event async for event in runs[0]]
        await stays.close()
        await staying


async def test_a_runner_that_is_told_to_end_ends_its_connections_quietly(tmp_path: Path) -> None:
    path = tmp_path / "s"
    process = await asyncio.create_subprocess_exec(*COMMAND, str(path), env=ENVIRONMENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    client, task = await using(path)
    await client.known()
    run = await client.start(Job(id="r", language="wait"))
    assert await anext(run) == Stage("run")
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(task, 20)
    _, errors = await process.communicate()
    assert b"Traceback" not in errors
    assert (process.returncode, path.exists()) == (0, False)


async def test_the_socket_is_for_its_owner_alone_and_is_gone_afterwards(tmp_path: Path) -> None:
    async with House(tmp_path / "s", ScriptedBackend()) as house:
        assert house.path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict, match="listens at"):
            bind(house.path, 0o600)
    assert not house.path.exists()


def test_a_socket_that_a_dead_runner_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with bind(path, 0o660):
        assert path.stat().st_mode & 0o777 == 0o660


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(OSError, match="in use"):
        bind(path, 0o600)
    assert path.read_text() == "precious"


async def test_a_runner_whose_self_test_breaks_ends(tmp_path: Path) -> None:
    class Broken(ScriptedBackend):
        async def check(self) -> Health:
            raise RuntimeError("a mistake")

    backend = Broken()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(listen(Runner(backend, test_seconds=1), backend, tmp_path / "s", 0o600, started=lambda: None), 20)


async def test_the_self_test_is_done_again_and_again(tmp_path: Path) -> None:
    backend, times = ScriptedBackend(), 0

    class Counting(ScriptedBackend):
        async def check(self) -> Health:
            nonlocal times
            times += 1
            return READY

    backend = Counting()
    testing = asyncio.create_task(Runner(backend, test_seconds=0.001).keep_testing())
    await until(lambda: times > 3)
    testing.cancel()


async def test_a_self_test_that_failed_is_done_again_soon_and_ever_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()

    class Failing(ScriptedBackend):
        async def check(self) -> Health:
            return READY if len(pauses) in (0, 9) else Health(False, "There was no time.")

    async def pause(wait: Coroutine[object, object, object], seconds: float) -> None:
        wait.close()
        pauses.append(seconds)
        if len(pauses) == 12:
            raise asyncio.CancelledError

    async def settle(_: float) -> None:
        pass

    async def improve() -> None:
        """What is made once, beside which there may be no time for the second test."""
        pauses.append(0)

    monkeypatch.setattr(asyncio, "wait_for", pause)
    monkeypatch.setattr(asyncio, "sleep", settle)
    with pytest.raises(asyncio.CancelledError):
        await Runner(Failing(), test_seconds=3600, improve=improve).keep_testing()
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60, 3600, 1, 2]


async def test_what_takes_long_is_made_once_programs_can_run() -> None:
    backend, told = ScriptedBackend(), []

    async def prepare() -> None:
        told.append("found")

    async def improve() -> None:
        told.append("made")
        backend.scripts["more"] = backend.scripts["python"]

    runner = Runner(backend, test_seconds=0.001, prepare=prepare, improve=improve)
    testing = asyncio.create_task(runner.keep_testing())
    await until(lambda: runner._state is not None and any(runtime.language == "more" for runtime in runner._state.runtimes))
    testing.cancel()
    assert (told[:2], told.count("made")) == (["found", "made"], 1)


async def test_a_backend_that_fails_to_start_a_program_is_tested_at_once(tmp_path: Path) -> None:
    class Failing(ScriptedBackend):
        async def start(self, job: Job) -> ScriptedRun:
            self.health = Health(False, "The launcher has died.", "Nothing to do: it is started again.")
            raise Unavailable("The launcher has died.", "sandbox")

    backend = Failing()
    async with House(tmp_path / "s", backend) as house:
        client, task = await using(house.path)
        assert (await client.known()).ok
        with pytest.raises(Unavailable, match="launcher has died"):
            await client.start(Job(id="r", language="python"))
        await until(lambda: client.health == backend.health)
        await client.close()
        await task


async def test_servers_hear_at_once_that_the_backend_is_lost_and_then_that_it_is_there_again(tmp_path: Path) -> None:
    go = asyncio.Event()

    class Slow(ScriptedBackend):
        async def check(self) -> Health:
            await go.wait()
            return READY

    go.set()
    async with House(tmp_path / "s", Slow()) as house:
        client, task = await using(house.path)
        assert (await client.known()).ok
        go.clear()
        gone = Health(False, "What starts the sandboxes has ended.")
        house.runner.lost(gone)
        await until(lambda: client.health == gone)
        assert client.runtimes() == ()
        go.set()
        await until(lambda: client.health.ok)
        await client.close()
        await task


async def test_a_runner_joins_an_installation_and_says_so_when_its_test_has_changed(installation: Installation) -> None:
    backend = ScriptedBackend(Health(False, "There is no bubblewrap.", "Install it."))
    runner, started = Runner(backend, test_seconds=3600), asyncio.Event()
    end = RunnerEnd(installation.url, installation.prefix, backend, CAPACITY, lease_seconds=LONG, doubted=runner.doubt)
    task = asyncio.create_task(join(runner, backend, end, started=started.set))
    server = await installation.server()
    await until(lambda: server.executor.why_not() == "There is no bubblewrap. Install it.")
    backend.health = READY
    await runner.test()
    await installation.sees(server, 1)
    assert started.is_set()
    await runner.hang_up()
    await asyncio.wait_for(task, 30)
    await until(lambda: not server.executor.machines())
