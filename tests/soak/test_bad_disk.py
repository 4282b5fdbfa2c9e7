"""A disk that fills up or fails half-way, and a database that another program has locked: people are told, nothing that was
acknowledged is lost, and the server goes on by itself when it can, in bounded memory."""

import asyncio
import contextlib
import os
import random
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from tests.server import ServerProcess
from tests.soak.conftest import StartServer
from tests.soak.crowd import Crowd
from tests.soak.disk import Disk
from tests.wire.client import Client, Room

MiB = 1024 * 1024
ACTIONS = 60
TROUBLES = 3  # a round
SECONDS = 60.0
REFUSED_BYTES = 500_000
WARM_UP = 30
"""Large edits after which the allocator has what it needs for one."""
REFUSALS = 80
"""Were one in three of them kept, it would show; what the allocator holds more or less of is a few megabytes."""
SETTINGS = {"idle_seconds": 0.5, "chat_per_minute": 10_000, "chat_kept": 10_000, "fold_seconds": 0.2, "database_busy_seconds": 0.2}


async def until_told(crowds: list[Crowd]) -> None:
    """Type on until everybody has been told that nothing is saved: how much a disk still takes before depends on how many edits a commit has."""
    async with asyncio.timeout(SECONDS):
        while not all(person.storage[-1:] == [False] for crowd in crowds for person in crowd.people):
            for crowd in crowds:
                crowd.begin(10)
            for crowd in crowds:
                await crowd.finish()


async def recover(server: ServerProcess, crowds: list[Crowd]) -> None:
    """All is saved by itself, without anybody coming again; then the server is killed."""
    for crowd in crowds:
        await crowd.agree()
        assert all(person.storage[-1:] != [False] for person in crowd.people)
        crowd.hold_back()
    server.kill()


async def come_back(server: ServerProcess, crowds: list[Crowd]) -> None:
    for crowd in crowds:
        crowd.hold_back()
    await asyncio.to_thread(server.start)
    for crowd in crowds:
        await crowd.read()
        await crowd.let_in()
    for crowd in crowds:
        await crowd.agree()


@pytest.mark.rounds(20)
async def test_a_disk_that_fills_up_or_fails(start_server: StartServer, disk: Disk, chance: random.Random) -> None:
    server = start_server(disk=disk, **SETTINGS)
    crowds = [Crowd(server, chance) for _ in range(2)]
    for _ in range(TROUBLES):
        for crowd in crowds:
            await crowd.agree()
        count = chance.choice([1, 2, -1])
        make_trouble(disk, count, chance)
        for crowd in crowds:
            crowd.begin(ACTIONS)
        for crowd in crowds:
            await crowd.finish()
        if count < 0:
            await until_told(crowds)
        if chance.random() < 0.5:
            server.kill()
        else:
            disk.mend()
            await recover(server, crowds)
        disk.mend()
        disk.cut_power(server.data_dir, chance)
        await come_back(server, crowds)
    for crowd in crowds:
        await crowd.end()


def make_trouble(disk: Disk, count: int, chance: random.Random) -> None:
    """Let the disk refuse so many writes or syncs, from some later one on, or be full."""
    skip, half = chance.randrange(10), chance.random() < 0.5
    match chance.choice(["full", "write", "sync"]):
        case "full":
            disk.fill(chance.randrange(60_000)) if count < 0 else disk.fail_writes(count, code=28, skip=skip, half=half)
        case "write":
            disk.fail_writes(count, skip=skip, half=half)
        case _:
            disk.fail_syncs(count, skip=skip)


async def test_memory_is_bounded_while_nothing_can_be_written(start_server: StartServer, disk: Disk) -> None:
    server = start_server(disk=disk, backlog_bytes=2 * MiB, text_bytes=1 << 30, bytes_per_second=1 << 30)
    room = Room.open(server.url)
    async with Client(server.url, room.id, room.host) as ada:
        await ada.insert(0, "before;")
        await ada.until_saved()
    disk.fail_writes()
    taken = sum([not await is_refused(server, room) for _ in range(WARM_UP)])
    assert taken * REFUSED_BYTES <= 2 * MiB, "edits are taken without end while nothing can be written"
    before = resident_bytes(server.pid)
    assert all([await is_refused(server, room) for _ in range(REFUSALS)])
    grown = resident_bytes(server.pid) - before
    assert grown < REFUSALS * REFUSED_BYTES / 3, f"{grown / MiB:.0f} MiB more after {REFUSALS} edits were refused"
    disk.mend()
    async with Client(server.url, room.id, room.host) as again:
        await again.until_saved()
        await again.insert(0, "after;")
        await again.until_saved()
        assert str(again.text).startswith("after;")
        assert str(again.text).endswith("before;")


async def is_refused(server: ServerProcess, room: Room) -> bool:
    """Whether a large edit of somebody who comes for it is refused, since too much waits to be written."""
    async with Client(server.url, room.id, room.host) as writer:
        with contextlib.suppress(websockets.ConnectionClosed):
            await writer.insert(0, "x" * REFUSED_BYTES)
            await writer.say("nonsense")  # is answered, unless the connection is closed
        await writer.until(lambda: bool(writer.closed) or any(event["type"] == "error" for event in writer.events))
        return writer.closed == 4503


def resident_bytes(pid: int) -> int:
    """How much memory a process has now."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@pytest.mark.rounds(10)
async def test_a_database_that_another_program_locks_again_and_again(start_server: StartServer, chance: random.Random) -> None:
    server = start_server(**SETTINGS)
    crowds = [Crowd(server, chance) for _ in range(2)]
    for _ in range(TROUBLES):
        for crowd in crowds:
            await crowd.agree()
            crowd.begin(ACTIONS)
        with locked(server.data_dir / "fourhands.db"):
            for crowd in crowds:
                await crowd.finish()
            await until_told(crowds)
            if chance.random() < 0.5:
                server.kill()
        if server.is_running:
            await recover(server, crowds)
        server.kill()
        await come_back(server, crowds)
    for crowd in crowds:
        await crowd.end()


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Nobody else can write."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as intruder:
        intruder.execute("BEGIN EXCLUSIVE")
        yield
        intruder.execute("ROLLBACK")


@pytest.mark.rounds(10)
async def test_files_that_may_not_grow(start_server: StartServer, chance: random.Random) -> None:
    """Without a compiler and without rights: the kernel refuses to let the server's files grow (RLIMIT_FSIZE)."""
    server = start_server(**SETTINGS)
    crowds = [Crowd(server, chance) for _ in range(2)]
    for crowd in crowds:
        await crowd.agree()
    largest = max(path.stat().st_size for path in server.data_dir.glob("*.db*"))
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (largest + chance.randrange(40_000), resource.RLIM_INFINITY))
    await until_told(crowds)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await recover(server, crowds)
    await come_back(server, crowds)
    for crowd in crowds:
        await crowd.end()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.rounds(10)
async def test_a_small_file_system_that_is_full(start_server: StartServer, small_disk: Path, chance: random.Random) -> None:
    server = start_server(data_dir=small_disk / "data", **SETTINGS)
    crowds = [Crowd(server, chance) for _ in range(2)]
    filler = small_disk / "filler"
    for crowd in crowds:
        await crowd.agree()
    fill(filler, leave=chance.randrange(8) * 4096)
    await until_told(crowds)
    if chance.random() < 0.5:
        server.kill()
        filler.unlink()
    else:
        filler.unlink()
        await recover(server, crowds)
    await come_back(server, crowds)
    for crowd in crowds:
        await crowd.end()


def fill(file: Path, *, leave: int) -> None:
    """Write until nothing more fits, but for so many bytes."""
    with file.open("wb", buffering=0) as out:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    out.write(b"\0" * size)
        out.truncate(max(0, out.tell() - leave))
