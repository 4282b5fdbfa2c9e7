"""Transactions: who waits for whom, what a cancelled one leaves, and which file they go to."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.sql import sqlite
from fourhands.store.sql.store import SqlStore

SMALL = Entry(EntryKind.EDIT, b"small", 1)


class OpenWrite:
    """A write that has changed every language to "changed" and waits for `go` before it ends."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.entered = asyncio.Event()
        self.go = threading.Event()

    def __call__(self, connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE rooms SET language = 'changed'")
        self._loop.call_soon_threadsafe(self.entered.set)
        assert self.go.wait(20)


async def language(store: SqlStore, room: Room) -> str:
    found = await store.room(room.id)
    assert found is not None
    return found.language


async def test_a_read_waits_for_no_write(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    task = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    async with asyncio.timeout(20):
        assert await language(store, room) == room.language
    write.go.set()
    await task
    assert await language(store, room) == "changed"


async def test_writes_take_turns(store: SqlStore, room: Room) -> None:
    write = OpenWrite()
    first = asyncio.create_task(store.database.write(write))
    await write.entered.wait()
    second = asyncio.create_task(store.commit({room.id: [SMALL]}))
    write.go.set()
    await first
    assert (await second).heads == {room.id: 1}


async def test_more_readers_than_connections_take_turns(store: SqlStore, room: Room) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"x" * 1000, 1)] * 50})
    loaded = await asyncio.gather(*(store.load(room.id) for _ in range(60)))
    assert all(one is not None and one.head == 50 for one in loaded)


async def test_a_turn_that_does_not_come_is_unavailable(store: SqlStore, path: Path, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "TURN_SECONDS", 0.05)
    await store.stop()
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
    assert await language(store, room) == "changed"


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
    assert await language(store, room) == "changed"


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


async def test_a_second_server_is_refused_with_a_sentence(store: SqlStore, path: Path, room: Room) -> None:
    other = SqlStore(f"sqlite:///{path}")
    with pytest.raises(Unavailable, match="Another server works with"):
        await other.start()
    assert (await store.commit({room.id: [SMALL]})).heads == {room.id: 1}
    await store.stop()
    await other.start()
    await other.stop()


async def test_somebody_may_read_beside_the_server_what_it_has_committed(store: SqlStore, path: Path, room: Room) -> None:
    await store.commit({room.id: [SMALL]})
    beside = SqlStore(f"sqlite:///{path}", beside=True)
    await beside.start()
    assert await beside.load(room.id) == await store.load(room.id)
    await store.commit({room.id: [SMALL]})
    await store.fold()
    await store.commit({room.id: [Entry(EntryKind.CHAT, b"{}", 1, "ada")]})
    assert await beside.entries(room.id, 0, 9) == await store.entries(room.id, 0, 9)
    assert len(await beside.entries(room.id, 0, 9)) == 3
    with pytest.raises(Unavailable, match="not open"):
        await beside.commit({room.id: [SMALL]})
    await beside.stop()


async def test_stop_folds_the_log_into_the_file(store: SqlStore, path: Path, room: Room) -> None:
    await store.load(room.id)
    await store.stop()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
