"""What was erased from a room is in none of the store's files, a kill leaves all of it or nothing of it, and nothing comes back."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from pycrdt import Doc, Text

from fourhands.errors import Conflict, NotFound
from fourhands.model.entry import Entry, EntryKind
from fourhands.store.encryption import Encryption
from fourhands.store.rewriting import Rewritten
from fourhands.store.sealing import PLAIN
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import compaction
from fourhands.store.sql.store import SqlStore
from tests.store.sql.pasted import FILE, HEAD, MARK, OTHER, ROOM, SECRET, edits, erasing, paste, rows, standing

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["plain", "encrypted"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    (tmp_path / "data").mkdir()
    sealer = PLAIN if request.param == "plain" else Encryption([os.urandom(32)])
    store = SqlStore(f"sqlite:///{tmp_path / 'data' / FILE}", sealer=sealer)
    await store.start()
    await paste(store)
    yield store
    await store.stop()


async def told(store: SqlStore) -> bytes:
    """All that can be read of the room."""
    stored = await store.load(ROOM)
    assert stored is not None
    entries = b"\n".join(entry.payload for entry in await store.entries(ROOM, 0, 100))
    states = b"" if stored.snapshot is None else b"\n".join(stored.snapshot.states)
    return b"\n".join((entries, states, stored.room.title.encode(), *[member.name.encode() for member in await store.members(ROOM)]))


async def text(store: SqlStore) -> str:
    stored = await store.load(ROOM)
    assert stored is not None
    doc: Doc[Text] = Doc()
    for update in [*(stored.snapshot.states if stored.snapshot else ()), *stored.updates]:
        doc.apply_update(update)
    return doc.get("file:main", type=Text).to_py() or ""


async def test_it_is_in_no_row_and_no_file_afterwards(store: SqlStore, tmp_path: Path) -> None:
    await store.fold()
    before, held = await told(store), await rows(store)
    assert before.count(SECRET.encode()) == 5
    assert standing(tmp_path / "data", held) == len(held) == 6
    assert await store.rewrite_room(ROOM, erasing()) == Rewritten(edits=1, entries=3, snapshots=1, clean=True)
    after = await told(store)
    assert not any(part in after for part in (SECRET.encode(), SECRET[:9].encode(), b"staple"))
    assert standing(tmp_path / "data", held, await rows(store)) == 0
    assert (await text(store)).replace("y", "") == "xxxxxxxxxx[]xxxxxxxxxx"
    room = await store.room(ROOM)
    assert room is not None
    assert (room.epoch, room.title) == ("epoch.1", "my [erased]")
    (mark,) = await store.tail(ROOM, EntryKind.ROOM, 5)
    assert (mark.payload, mark.position) == (MARK.payload, HEAD + 1)
    other = await store.room(OTHER)
    assert other is not None
    assert (other.title, other.epoch) == ("kept", "epoch")
    assert await store.faults(ROOM) == []


async def test_the_journal_goes_on_behind_the_mark(store: SqlStore) -> None:
    await store.rewrite_room(ROOM, erasing())
    done = await store.commit({ROOM: [Entry(EntryKind.CHAT, b'{"text":"on"}', 10, "m")]})
    assert done.heads == {ROOM: HEAD + 2}
    assert [entry.position for entry in await store.entries(ROOM, 0, 100)] == list(range(1, HEAD + 3))
    run = next(entry for entry in await store.entries(ROOM, 0, 100) if entry.kind is EntryKind.RUN)
    assert msgspec.json.decode(run.payload)["output"] == [["stdout", "[erased]"], ["stdout", ""]]


async def test_a_room_that_moved_on_is_left_as_it_is(store: SqlStore) -> None:
    await store.commit({ROOM: [Entry(EntryKind.CHAT, b'{"text":"later"}', 10, "m")]})
    before = await told(store)
    with pytest.raises(Conflict):
        await store.rewrite_room(ROOM, erasing())
    with pytest.raises(Conflict):  # it never gets there
        await store.rewrite_room(ROOM, erasing(HEAD + 5))
    assert await told(store) == before
    await store.rewrite_room(ROOM, erasing(HEAD + 1))
    with pytest.raises(Conflict):
        await store.rewrite_room(ROOM, erasing(HEAD + 2))  # of an epoch that is over
    await store.end_room(ROOM, 12)
    with pytest.raises(NotFound):
        await store.rewrite_room(ROOM, erasing())


async def test_nothing_that_was_read_before_is_written_afterwards(store: SqlStore) -> None:
    await store.fold()
    stored = await store.load(ROOM)
    assert stored is not None
    assert stored.snapshot is not None
    stale = Snapshot(HEAD, stored.snapshot.state)

    def plan(connection: object) -> compaction.Merge | None:
        return compaction.plan(connection, PLAIN, ROOM, thorough=True)  # pyright: ignore[reportArgumentType]

    encrypted = not isinstance(store._sealer, type(PLAIN))  # pyright: ignore[reportPrivateUsage]
    merge = None if encrypted else await store.database.read(plan)
    await store.rewrite_room(ROOM, erasing())
    if merge is not None:
        await store.database.write(lambda connection: compaction.put(connection, merge))
    await store.write_snapshot(ROOM, stale, epoch="epoch")
    assert not await store.add_snapshot(ROOM, "epoch", stale)
    assert SECRET.encode() not in await told(store)
    while await store.compact(ROOM):
        pass
    assert (await text(store)).replace("y", "") == "xxxxxxxxxx[]xxxxxxxxxx"


async def test_what_is_typed_and_merged_at_the_same_time_is_waited_for(store: SqlStore) -> None:
    """Other rooms go on, and so do merges of this one."""

    async def others() -> None:
        for _ in range(20):
            await store.commit({OTHER: [Entry(EntryKind.CHAT, b'{"text":"meanwhile"}', 5, "m")]})
            await store.compact(ROOM)

    await asyncio.gather(store.rewrite_room(ROOM, erasing()), others())
    assert SECRET.encode() not in await told(store)
    assert len(await store.entries(OTHER, 0, 100)) == 21


async def test_a_kill_at_any_statement_leaves_all_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    store = SqlStore(f"sqlite:///{tmp_path / 'data' / FILE}")
    await store.start()
    await paste(store)
    await store.stop()
    seen: set[bool] = set()
    before, alive = 1, False
    while not alive:
        folder = tmp_path / f"killed {before}"
        shutil.copytree(tmp_path / "data", folder)
        command = [sys.executable, "-m", "tests.store.sql.rewriter", str(folder), str(before)]
        done = await asyncio.to_thread(subprocess.run, command, check=False, cwd=ROOT, capture_output=True, timeout=60)
        alive = b"alive" in done.stdout
        seen.add(await is_erased(folder))
        shutil.rmtree(folder)
        before += 3
    assert seen == {True, False}
    assert before > 12


async def is_erased(folder: Path) -> bool:
    """Whether a store that is started on it has the room erased; raises if it is neither that nor as it was."""
    store = SqlStore(f"sqlite:///{folder / FILE}")
    await store.start()
    try:
        room, written = await store.room(ROOM), await told(store)
        assert room is not None
        assert await store.faults(ROOM) == []
        if room.epoch == "epoch":
            assert written.count(SECRET.encode()) == 5
            assert [entry.payload for entry in await store.entries(ROOM, 0, 100) if entry.kind is EntryKind.EDIT] == edits()
            return False
        assert (room.epoch, SECRET.encode() in written) == ("epoch.1", False)
        files = b"".join(path.read_bytes() for path in folder.iterdir())
        assert b"it is correct horse" not in files
        assert b"it is [erased]" in files
        return True
    finally:
        await store.stop()
