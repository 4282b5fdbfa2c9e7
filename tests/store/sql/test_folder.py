"""Folding: what was erased is in no file afterwards, whenever it was erased, also if the server is killed in between.

What the rooms hold is random bytes, which no compression hides.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.sealing import PLAIN
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import folder as folder_module
from fourhands.store.sql import tidying
from fourhands.store.sql.log import Log
from fourhands.store.sql.store import SqlStore

FILE = "rooms.db"


class Secrets:
    """A room full of what must not stay, beside one that stays."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.edits = [os.urandom(3000) for _ in range(8)]
        self.chat, self.snapshot = os.urandom(2000), os.urandom(20_000)
        self.title, self.name, self.key = os.urandom(20).hex(), os.urandom(20).hex(), os.urandom(20).hex()
        self.kept = os.urandom(1000)

    async def write(self) -> None:
        for room_id, name, key in (("gone", self.name, self.key), ("kept", "Ada", "a key")):
            room = Room(room_id, self.title if room_id == "gone" else "", "python", GuestRole.EDITOR, True, "epoch", 1, 1)
            await self.store.create_room(room, Member("m", room_id, name, "#1d4ed8", Role.HOST, 1), [Invite(room_id, Role.HOST, key)], [])
        await self.store.commit({"gone": [Entry(EntryKind.EDIT, edit, 2, "m") for edit in self.edits], "kept": [Entry(EntryKind.EDIT, self.kept, 2, "m")]})
        await self.store.commit({"gone": [Entry(EntryKind.CHAT, self.chat, 3)]})
        await self.store.write_snapshot("gone", Snapshot(8, self.snapshot))

    def found(self, folder: Path) -> set[str]:
        """Which of them, in whole or in part, stand in the database's files."""
        files = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
        texts = {"title": self.title.encode(), "name": self.name.encode(), "key": self.key.encode()}
        blobs = {"edits": self.edits[-1][100:140], "chat": self.chat[100:140], "snapshot": self.snapshot[100:140]}
        return {what for what, part in {**texts, **blobs}.items() if part in files}


@pytest.fixture
async def secrets(tmp_path: Path) -> AsyncIterator[Secrets]:
    (tmp_path / "data").mkdir()
    store = SqlStore(f"sqlite:///{tmp_path / 'data' / FILE}")
    await store.start()
    yield Secrets(store)
    await store.stop()


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("how", ["delete", "end"])
async def test_what_was_erased_is_in_no_file(secrets: Secrets, tmp_path: Path, folded: bool, how: str) -> None:
    data = tmp_path / "data"
    await secrets.write()
    if folded:
        await secrets.store.fold()
    assert secrets.found(data) == {"title", "name", "key", "edits", "chat", "snapshot"}
    if how == "delete":
        await secrets.store.delete_room("gone")
    else:
        await secrets.store.end_room("gone", 5)
    await secrets.store.fold()
    assert secrets.found(data) <= ({"title"} if how == "end" else set())
    stored = await secrets.store.load("kept")
    assert stored is not None
    assert [edit.payload for edit in stored.edits] == [secrets.kept]


@pytest.mark.parametrize("folded", [False, True])
async def test_a_kill_between_leaves_it_to_the_next_start(secrets: Secrets, tmp_path: Path, folded: bool) -> None:
    await secrets.write()
    if folded:
        await secrets.store.fold()
    await secrets.store.delete_room("gone")
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "data", copy)  # what a kill leaves
    assert secrets.found(copy)
    store = SqlStore(f"sqlite:///{copy / FILE}")
    await store.start()
    assert secrets.found(copy) == set()
    stored = await store.load("kept")
    await store.stop()
    assert stored is not None
    assert [edit.payload for edit in stored.edits] == [secrets.kept]


async def test_somebody_who_reads_only_puts_it_off(secrets: Secrets, tmp_path: Path) -> None:
    data = tmp_path / "data"
    await secrets.write()
    beside = SqlStore(f"sqlite:///{data / FILE}", beside=True)
    await beside.start()
    with beside.database._transaction(beside.database._readers) as connection:  # pyright: ignore[reportPrivateUsage]
        connection.exec_driver_sql("SELECT count(*) FROM rooms").scalar_one()
        await secrets.store.delete_room("gone")
        await secrets.store.fold()
        assert secrets.found(data)
    await beside.stop()
    await secrets.store.fold()
    assert secrets.found(data) == set()


async def test_rooms_that_are_left_wait_in_a_bounded_row(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "MOST_RESTING", 2)
    merged, some = list[str](), asyncio.Event()

    async def merge(room_id: str, *, thorough: bool) -> bool:
        assert thorough
        merged.append(room_id)
        if len(merged) in {2, 3}:
            some.set()
        return False

    folder = folder_module.Folder(store.database, Log(PLAIN, 1000), merge)
    for room_id in ("first", "second", "third"):
        folder.rest(room_id)
    task = asyncio.create_task(folder.run(0.001))
    await asyncio.wait_for(some.wait(), 20)
    some.clear()
    folder.rest("fourth")
    await asyncio.wait_for(some.wait(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert merged == ["first", "second", "fourth"]


async def test_of_how_many_rooms_the_rows_are_counted_is_bounded(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "MOST_GROWN", 2)
    folder = secrets.store._folder  # pyright: ignore[reportPrivateUsage]
    for room_id in ("one", "two", "three", "four"):
        await secrets.store.create_room(Room(room_id, "", "python", GuestRole.EDITOR, False, "epoch", 1, 1), None, [], [])
        await secrets.store.commit({room_id: [Entry(EntryKind.EDIT, b"x", 2, "m")]})
    await secrets.store.commit({"one": [Entry(EntryKind.EDIT, b"y", 3, "m")]})
    await folder.fold()
    await secrets.store.commit({"one": [Entry(EntryKind.EDIT, b"z", 4, "m")]})
    await folder.fold()
    await folder._tidying.tidy()  # pyright: ignore[reportPrivateUsage]
    assert list(folder._tidying.grown) == ["four", "one"], "who grew last"  # pyright: ignore[reportPrivateUsage]


async def test_nothing_is_remembered_of_rooms_that_were_left_once_they_are_merged(secrets: Secrets) -> None:
    """Not a string: one that stays for each room keeps a page of memory from the system."""
    folder = secrets.store._folder  # pyright: ignore[reportPrivateUsage]
    for room_id in ("left", "in use"):
        await secrets.store.create_room(Room(room_id, "", "python", GuestRole.EDITOR, False, "epoch", 1, 1), None, [], [])
        await secrets.store.commit({room_id: [Entry(EntryKind.EDIT, b"x", 2, "m")]})
    secrets.store.rest("left")  # before it is folded
    await folder.fold()
    assert list(folder._tidying.grown) == ["in use"]  # pyright: ignore[reportPrivateUsage]
    await folder._tidying.tidy()  # pyright: ignore[reportPrivateUsage]
    assert list(folder._tidying.resting) == []  # pyright: ignore[reportPrivateUsage]
