"""Transactions: who waits for whom, what a cancelled one leaves, and which file they go to."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql import sqlite
from fourhands.store.sql.store import SqlStore

SMALL = Entry(EntryKind.EDITS, b"small", 1)


class OpenWrite:
    """A write that has changed every title to "changed" and waits for `go` before it ends."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, connection: AsyncConnection) -> None:
        await connection.exec_driver_sql("UPDATE rooms SET title = 'changed'")
        self.entered.set()
        await self.go.wait()


async def title(store: SqlStore, room: Room) -> str:
    found = await store.room(room.id)
    assert found is not None
    return found.title


async def test_a_read_waits_for_no_write(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    task = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    async with asyncio.timeout(5):
        assert await title(store, room) == room.title
    write.go.set()
    await task
    assert await title(store, room) == "changed"


async def test_writes_take_turns(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    first = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    second = asyncio.create_task(store.commit({room.id: [SMALL]}))
    write.go.set()
    await first
    assert (await second).heads == {room.id: 1}


async def test_more_readers_than_connections_take_turns(store: SqlStore, room: Room) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDITS, b"x" * 1000, 1)] * 50})
    loaded = await asyncio.gather(*(store.load(room.id) for _ in range(60)))
    assert all(one is not None and one.head == 50 for one in loaded)


async def test_a_turn_that_does_not_come_is_unavailable(store: SqlStore, path: Path, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "TURN_SECONDS", 0.05)
    other = SqlStore(f"sqlite:///{path}")
    await other.start()
    write = OpenWrite()
    task = asyncio.create_task(other.database.write(write))
    await write.entered.wait()
    with pytest.raises(Unavailable, match="too busy"):
        await other.commit({room.id: [SMALL]})
    write.go.set()
    await task
    assert (await other.commit({room.id: [SMALL]})).heads == {room.id: 1}
    await other.stop()


async def test_somebody_who_is_cancelled_waits_until_the_write_has_ended(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    task = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    write.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await title(store, room) == "changed"


async def test_a_commit_cancelled_at_any_moment_is_whole_or_not_there(store: SqlStore, room: Room) -> None:
    head = 0
    for turns in range(40):
        task = asyncio.create_task(store.commit({room.id: [SMALL] * 3}))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        stored = await store.load(room.id)
        assert stored is not None
        assert len(stored.edits) == stored.head
        assert stored.head - head in {0, 3}
        head = (await store.commit({room.id: [SMALL]})).heads[room.id]
        assert head == stored.head + 1


async def test_stop_lets_a_write_end(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    task = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    stopping = asyncio.create_task(store.stop())
    await asyncio.wait([stopping], timeout=0.1)
    assert not stopping.done()
    write.go.set()
    await asyncio.gather(task, stopping)
    await store.start()
    assert await title(store, room) == "changed"


async def test_a_deleted_file_is_said_and_not_made_anew(store: SqlStore, path: Path, room: Room) -> None:
    path.unlink()
    with pytest.raises(Unavailable, match="gone"):
        await store.commit({room.id: [SMALL]})
    with pytest.raises(Unavailable, match="gone"):
        await store.room(room.id)
    assert not path.exists()


async def test_a_replaced_file_is_not_written_to(store: SqlStore, path: Path, room: Room) -> None:
    path.rename(path.with_suffix(".old"))
    path.touch()
    with pytest.raises(Unavailable, match="replaced"):
        await store.commit({room.id: [SMALL]})
    assert path.stat().st_size == 0


async def test_a_store_that_is_not_open_says_so(store: SqlStore, room: Room) -> None:
    await store.stop()
    with pytest.raises(Unavailable, match="not open"):
        await store.room(room.id)
    with pytest.raises(Unavailable, match="not open"):
        await store.commit({room.id: [SMALL]})


async def test_starting_again_after_a_failed_start_works(path: Path) -> None:
    path.write_bytes(b"no database")
    store = SqlStore(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match="damaged"):
        await store.start()
    path.unlink()
    await store.start()
    await store.stop()
    await store.stop()


async def test_stop_folds_the_log_into_the_file(store: SqlStore, path: Path, room: Room) -> None:
    await store.load(room.id)
    await store.stop()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
