"""A database that cannot be written: people see "not saved", keep their text, and all is saved when it is back."""

import asyncio
import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fourhands.store.sql.sqlite_file import QUICK_CHECK_BYTES
from tests.server import ServerProcess
from tests.wire.client import Client, Room, clients
from tests.wire.conftest import StartServer


async def test_a_locked_database_is_said_and_loses_nothing(start_server: StartServer) -> None:
    server = start_server(database_busy_seconds=0.2)
    room = Room.open(server.url)
    async with clients(Client(server.url, room.id, room.host), Client(server.url, room.id, room.join("Lin"))) as (ada, lin):
        await ada.until_saved()
        await lin.until_saved()
        with sqlite3.connect(server.data_dir / "fourhands.db", isolation_level=None) as intruder:
            intruder.execute("BEGIN EXCLUSIVE")
            await ada.insert(0, "while locked")
            said = await lin.event("room.storage", ok=False)
            assert "safe" in said["message"]
            await lin.until_text("while locked")  # people go on writing together
            assert ada.saved < ada.sent
            late = Client(server.url, room.id, room.host)
            await late.connect()
            assert str(late.text) == "while locked"
            await late.event("room.storage", ok=False)
            await late.leave()
            intruder.execute("ROLLBACK")
        await ada.event("room.storage", ok=True)
        await ada.until_saved()
    server.kill()
    server.start()
    async with Client(server.url, room.id, room.host) as again:
        assert str(again.text) == "while locked"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr}")
    yield place
    subprocess.run(["umount", place], check=True)


async def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path) -> None:
    server = ServerProcess(small_disk)
    server.start()
    try:
        room = Room.open(server.url)
        filler = small_disk / "filler"
        async with Client(server.url, room.id, room.host) as ada:
            await ada.until_saved()
            await asyncio.to_thread(fill, filler)
            await ada.insert(0, "on a full disk " + "x" * 100_000)
            await ada.event("room.storage", ok=False)
            assert ada.saved < ada.sent
            filler.unlink()
            await ada.event("room.storage", ok=True)
            await ada.until_saved()
        server.kill()
        server.start()
        async with Client(server.url, room.id, room.host) as again:
            assert str(again.text).startswith("on a full disk xxx")
    finally:
        server.stop()


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as out:
        for size in (65536, 4096, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue


def test_a_damaged_database_is_refused_with_a_sentence(start_server: StartServer) -> None:
    server = start_server()
    Room.open(server.url)
    server.stop()
    database = server.data_dir / "fourhands.db"
    database.write_bytes(b"This was a database once." * 500)
    with pytest.raises(AssertionError, match="database"):
        server.start()
    assert database.read_bytes().startswith(b"This was")


def test_damage_that_is_met_only_after_the_file_was_opened_is_a_sentence_too(start_server: StartServer) -> None:
    server = start_server()
    server.stop()
    database = server.data_dir / "fourhands.db"
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE filler (data BLOB)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (QUICK_CHECK_BYTES,))
        connection.execute("DROP TABLE filler")  # its pages stay in the file, unused
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'bans'").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    with pytest.raises(AssertionError):
        server.start()
    assert "The database file is damaged" in server.log
    assert "Traceback" not in server.log
