"""Starting by way of the launcher, and what happens when it dies."""

import asyncio
import os
import select
import signal
from pathlib import Path

import pytest

from fourhands.errors import Unavailable
from fourhands.execution.backends.sandbox.channels import readable
from fourhands.execution.backends.sandbox.command import Launch
from fourhands.execution.backends.sandbox.run import LOST
from fourhands.execution.backends.sandbox.zygote import Zygote, memory_file
from fourhands.execution.port import Error
from tests.execution.sandboxes import checked_backend, job, needs_sandbox, outcome_of, processes_of_users, until


async def test_what_cannot_be_started_is_said() -> None:
    zygote = Zygote()
    zygote.start()
    for joins, path, reason in ([], "/proc/none", "FileNotFoundError"), (["/proc/none/cgroup.procs"], "/bin/true", "cgroup"):
        fork = await zygote.fork(joins)
        with pytest.raises(Unavailable, match=reason):
            await fork.become(Launch((path,), {}), uid=None, descriptors={})
        await readable(fork.descriptor)
        os.close(fork.descriptor)
    waiting = await zygote.fork([])
    zygote.close()
    await readable(waiting.descriptor)
    with pytest.raises(Unavailable, match="has ended"):
        await waiting.become(Launch(("/bin/true",), {}), uid=None, descriptors={})
    os.close(waiting.descriptor)
    with pytest.raises(Unavailable, match="has ended"):
        await zygote.fork([])


async def test_what_it_says_as_it_ends_is_heard_also_where_it_had_not_read_what_it_is_to_be(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    zygote = Zygote()
    zygote.start()
    fork = await zygote.fork([str(gate), "/proc/none/cgroup.procs"])
    becoming = asyncio.create_task(fork.become(Launch(("/bin/true",), {}), uid=None, descriptors={}))
    await asyncio.sleep(0)  # it is told what to be, and stands before the gate
    opened = os.open(gate, os.O_RDONLY | os.O_NONBLOCK)
    select.select([fork.descriptor], [], [], 20)  # it has ended before anything is heard of it
    with pytest.raises(Unavailable, match="cgroup"):
        await becoming
    os.close(opened)
    os.close(fork.descriptor)
    zygote.close()


async def test_a_fork_that_is_not_needed_ends_and_so_do_all_with_the_launcher() -> None:
    zygote = Zygote()
    zygote.start()
    one, two = await zygote.fork([]), await zygote.fork([])
    watched = [os.dup(fork.descriptor) for fork in (one, two)]
    assert not one.ended and not two.ended
    one.close()
    await readable(watched[0])
    assert not two.ended
    zygote.close()
    await readable(watched[1])
    two.close()
    for descriptor in watched:
        os.close(descriptor)


async def test_a_process_gets_what_it_was_given_and_nothing_else() -> None:
    zygote = Zygote()
    zygote.start()
    read, write = os.pipe()
    null = os.open("/dev/null", os.O_RDWR)
    script = "echo $(ls /proc/self/fd) $(cat <&5) $(env) $(id -u) $(cut -d' ' -f6 /proc/self/stat)"
    launch = Launch(("/bin/sh", "-c", script), {5: b"handed"}, environment={"A": "b"})
    fork = await zygote.fork([])
    await fork.become(launch, uid=None, descriptors={0: null, 1: write, 2: null})
    os.close(write)
    await readable(fork.descriptor)
    said = os.read(read, 10_000).decode().split()
    assert said[:5] == ["0", "1", "2", "3", "5"]
    assert "handed" in said and "A=b" in said
    assert not any(name.split("=")[0] in os.environ.keys() - {"PWD", "PATH", "_"} for name in said if "=" in name)
    for descriptor in (read, null, fork.descriptor):
        os.close(descriptor)
    zygote.close()


async def test_all_that_comes_of_the_launcher_runs_on_its_processors() -> None:
    ours = os.sched_getaffinity(0)
    for processors in ((max(ours),), ()):
        zygote = Zygote()
        zygote.start(processors)
        fork = await zygote.fork([])
        try:
            assert os.sched_getaffinity(fork.pid) == (set(processors) or ours)
        finally:
            fork.close()
            zygote.close()


async def test_the_launcher_is_told_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    zygote = Zygote()
    zygote.start()
    (await zygote.fork([])).close()  # it is up once it answers
    assert Path(f"/proc/{zygote.pid}/environ").read_bytes() == b""
    zygote.close()


@needs_sandbox
async def test_when_the_launcher_dies_so_does_what_it_started_and_a_check_starts_another() -> None:
    async with checked_backend() as backend:
        run = await backend.start(job("sh", "echo up; sleep 100"))
        await until(run.__aiter__(), "up")
        assert backend._place is not None and backend._place.zygote.pid is not None
        uids = set(backend._place.slots._locks)
        os.kill(backend._place.zygote.pid, signal.SIGKILL)
        said = await outcome_of(run)
        assert said.events[-1] == Error(message=LOST)  # as nobody wished it
        assert processes_of_users(uids) == []
        assert not backend.health.ok
        with pytest.raises(Unavailable, match="has ended"):
            await backend.start(job("sh", "true"))
        assert (await backend.check()).ok
        assert (await outcome_of(await backend.start(job("sh", "echo again")))).output == "again\n"


def test_a_file_in_memory_is_read_from_its_beginning() -> None:
    descriptor = memory_file(b"x" * 100_000)
    assert os.read(descriptor, 200_000) == b"x" * 100_000
    os.close(descriptor)
