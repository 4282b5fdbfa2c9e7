"""Locked, full, gone and damaged databases, all real: nothing is half written, nothing is taken for empty, and it works again after."""

import gc
import os
import sqlite3
import subprocess
import weakref
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql import sqlite_file
from fourhands.store.sql.failures import translated
from fourhands.store.sql.store import SqlStore

BIG = Entry(EntryKind.EDIT, os.urandom(300_000), 1)
SMALL = Entry(EntryKind.EDIT, b"small", 1)


async def payloads(store: SqlStore, room: Room) -> list[bytes]:
    stored = await store.load(room.id)
    assert stored is not None
    assert stored.head == len(stored.edits)
    return [one.payload for one in stored.edits]


async def test_a_locked_database_is_unavailable_until_it_is_free(store: SqlStore, path: Path, room: Room) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(2):
            with pytest.raises(Unavailable, match="locked by another program") as caught:
                await store.commit({room.id: [SMALL]})
            assert caught.value.dependency == "database"
        assert await payloads(store, room) == []
        other.execute("ROLLBACK")
        assert (await store.commit({room.id: [SMALL]})).heads[room.id] == 1
    assert await payloads(store, room) == [b"small"]


async def test_start_on_a_locked_database_is_unavailable(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA user_version = 0")  # an empty file would be refused for that
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked by another program"):
            await SqlStore(f"sqlite:///{path}", busy_seconds=0.2).start()


async def test_a_full_database_is_unavailable_until_there_is_room(store: SqlStore, room: Room) -> None:
    def allow(connection: Connection, more_pages: int) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more_pages}")

    await store.database.write(lambda connection: allow(connection, 20))
    for _ in range(2):
        with pytest.raises(Unavailable, match="The disk is full") as caught:
            await store.commit({room.id: [SMALL, BIG]})
        assert caught.value.dependency == "database"
    assert await payloads(store, room) == []
    assert (await store.commit({room.id: [SMALL]})).heads[room.id] == 1
    await store.database.write(lambda connection: allow(connection, 1_000_000))
    assert (await store.commit({room.id: [BIG]})).heads[room.id] == 2
    assert await payloads(store, room) == [b"small", BIG.payload]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", folder], check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


async def test_a_full_disk_is_unavailable_until_there_is_room(small_disk: Path, room: Room) -> None:
    store = SqlStore(f"sqlite:///{small_disk / 'rooms.db'}", busy_seconds=0.2)
    await store.start()
    await store.create_room(room, None, [], [])
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    held: list[bytes] = []

    async def fill() -> None:  # what the log has of the disk already may be used
        while True:
            entry = Entry(EntryKind.EDIT, len(held).to_bytes(4, "big") * 2_000, 1)
            await store.commit({room.id: [entry]})
            held.append(entry.payload)

    with pytest.raises(Unavailable, match="The disk is full"):
        await fill()
    with pytest.raises(Unavailable, match="The disk is full"):
        await store.commit({room.id: [BIG]})
    assert await payloads(store, room) == held
    filler.unlink()
    assert (await store.commit({room.id: [BIG]})).heads[room.id] == len(held) + 1
    await store.stop()
    await store.start()
    assert await payloads(store, room) == [*held, BIG.payload]
    await store.stop()


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"my holiday pictures " * 1000)
    with pytest.raises(Unavailable, match="damaged"):
        await SqlStore(f"sqlite:///{path}").start()
    assert path.read_bytes() == b"my holiday pictures " * 1000


async def test_a_file_that_was_cut_is_refused(store: SqlStore, path: Path, room: Room) -> None:
    await store.commit({room.id: [BIG]})
    await store.stop()
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(Unavailable, match="damaged"):
        await store.start()


async def test_a_file_with_a_broken_page_is_refused_at_the_start(store: SqlStore, path: Path, room: Room) -> None:
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"small", 1)] * 2000})
    await store.stop()
    _blank_a_page_that_holds(path, b"small")
    with pytest.raises(Unavailable, match="damaged"):
        await store.start()


async def test_a_broken_page_is_never_an_emptier_room(store: SqlStore, path: Path, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"small", 1)] * 2000})
    await store.stop()
    _blank_a_page_that_holds(path, b"small")
    monkeypatch.setattr(sqlite_file, "QUICK_CHECK_BYTES", 0)  # as with a file too big to be read through at every start
    await store.start()
    for _ in range(2):
        with pytest.raises(Unavailable, match="damaged"):
            await store.entries(room.id, 0, 5000)


def _blank_a_page_that_holds(path: Path, payload: bytes) -> None:
    content = path.read_bytes()
    page = next(start for start in range(0, len(content), 4096) if content[start : start + 4096].count(payload) > 10)
    with path.open("r+b") as file:
        file.seek(page)
        file.write(bytes(4096))


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
async def test_a_log_without_its_file_is_refused_and_kept(path: Path, left: str) -> None:
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"edits of yesterday")
    if left == "an empty file":
        path.touch()
    with pytest.raises(Unavailable, match="damaged"):
        await SqlStore(f"sqlite:///{path}").start()
    assert log.read_bytes() == b"edits of yesterday"


@pytest.mark.parametrize("statement", ["UPDATE alembic_version SET version_num = CAST(x'fffe' AS TEXT)", "UPDATE rooms SET language = CAST(x'fffe' AS TEXT)"])
async def test_text_that_is_none_is_damage(store: SqlStore, path: Path, room: Room, statement: str) -> None:
    await store.stop()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(statement)
    with pytest.raises(Unavailable, match="damaged"):
        await store.start()
        await store.room(room.id)


class Large:
    """What is being written."""


def test_what_was_being_written_goes_with_the_error_and_waits_for_no_collection() -> None:
    held = list[weakref.ref[Large]]()

    def fail() -> None:
        large = Large()
        held.append(weakref.ref(large))
        raise sqlite3.OperationalError

    gc.disable()
    try:
        with pytest.raises(Unavailable), translated():
            fail()
        assert held[0]() is None
    finally:
        gc.enable()
