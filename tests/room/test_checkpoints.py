"""Snapshots that are made of the journal, where many edits came at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.room.checkpoints import Checkpoints
from fourhands.room.document import Document
from fourhands.room.restoring import in_parts, made_of, restore
from fourhands.store.port import Stored
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import snapshots
from fourhands.store.sql.store import SqlStore
from tests.protocol.test_joining import pieces
from tests.typist import typed

ROOM = Room("room", "", "python", GuestRole.EDITOR, False, "0" * 16, 1, 1)
CLOSEST, FARTHEST = 50, 80
EDITS = 600


async def no_rest(_seconds: float) -> None:
    pass


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqlStore]:
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", CLOSEST)
    monkeypatch.setattr(snapshots, "FARTHEST_EDITS", FARTHEST)
    monkeypatch.setattr(snapshots, "BYTES_AN_EDIT", 1000)
    store = SqlStore(f"sqlite:///{tmp_path}/rooms.db", fold_seconds=3600)
    await store.start()
    await store.create_room(ROOM, None, [], [])
    yield store
    await store.stop()


async def flood(store: SqlStore, entries: Sequence[Entry], *, snapshot: bool = True) -> None:
    """All at once; a room takes a snapshot behind it."""
    for start in range(0, len(entries), 10):
        await store.commit({ROOM.id: entries[start : start + 10]})
        await store.fold()
    if snapshot:
        document = Document.reading(Limits())
        for entry in entries:
            document.apply(entry.payload)
        await store.write_snapshot(ROOM.id, Snapshot(len(entries), document.state(), None, document.state_vector()))


async def at(store: SqlStore, position: int) -> Stored:
    stored = await store.seek(ROOM.id, position=position)
    assert stored is not None
    return stored


async def test_going_back_replays_few_edits_and_shows_the_same(store: SqlStore) -> None:
    await flood(store, typed(EDITS))
    places = range(7, EDITS, 61)
    before = [await at(store, place) for place in places]
    made = await Checkpoints(store, no_rest).fill(ROOM.id)
    after = [await at(store, place) for place in places]
    assert made == EDITS // CLOSEST - 1
    assert max(len(stored.edits) for stored in before) > FARTHEST >= max(len(stored.edits) for stored in after)
    assert [restore(stored, Limits()).text() for stored in after] == [restore(stored, Limits()).text() for stored in before]
    assert [restore(stored, Limits()).state_vector() for stored in after] == [restore(stored, Limits()).state_vector() for stored in before]
    assert await Checkpoints(store, no_rest).fill(ROOM.id) == 0, "none is missing any more"


async def test_they_are_found_by_time_as_by_place(store: SqlStore) -> None:
    entries = typed(EDITS)
    await flood(store, entries)
    await Checkpoints(store, no_rest).fill(ROOM.id)
    for number in range(3, EDITS, 97):
        stored = await store.seek(ROOM.id, at_ms=entries[number].at_ms)
        assert stored is not None
        assert (stored.head, len(stored.edits) <= FARTHEST) == (number + 1, True)


async def test_those_at_the_end_are_made_before_a_room_takes_its_own(store: SqlStore) -> None:
    await flood(store, typed(EDITS), snapshot=False)
    assert await Checkpoints(store, no_rest).fill(ROOM.id)
    assert len((await at(store, EDITS)).edits) <= FARTHEST


async def test_none_is_made_where_an_edit_waits_for_others(store: SqlStore) -> None:
    entries = typed(EDITS)
    late = entries.pop(2 * CLOSEST + 5)
    await flood(store, [*entries, late], snapshot=False)
    checkpoints = Checkpoints(store, no_rest)
    assert await checkpoints.fill(ROOM.id) == 2, "what a snapshot leaves out would be missing behind it"
    assert (
        restore(await at(store, EDITS), Limits()).text() == restore(replace(await at(store, EDITS), snapshot=None, edits=await whole(store)), Limits()).text()
    )
    assert await checkpoints.fill(ROOM.id) == 0, "it is not tried at each seek"


async def whole(store: SqlStore) -> list[object]:
    return list(await store.entries(ROOM.id, 0, EDITS))


async def test_an_edit_that_cannot_be_applied_ends_it(store: SqlStore) -> None:
    await flood(store, [*typed(3 * CLOSEST), Entry(EntryKind.EDIT, b"rubbish", 1, ""), *[Entry(EntryKind.EDIT, b"\0\0", 1, "")] * 200], snapshot=False)
    assert await Checkpoints(store, no_rest).fill(ROOM.id) == 3


async def test_a_room_that_ends_meanwhile_keeps_none(store: SqlStore) -> None:
    await flood(store, typed(EDITS))
    rests = 0

    async def end(_seconds: float) -> None:
        nonlocal rests
        rests += 1
        if rests == 2:
            await store.end_room(ROOM.id, 9)

    assert await Checkpoints(store, end).fill(ROOM.id) == 2
    assert await store.database.read(lambda connection: snapshots.places(connection, ROOM.id)) == []


async def test_what_is_asked_for_is_done_and_a_failure_ends_nothing(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await flood(store, typed(EDITS))
    done = asyncio.Event()
    checkpoints = Checkpoints(store, no_rest)
    fill, asked = checkpoints.fill, list[str]()

    async def watched(room_id: str) -> int:
        asked.append(room_id)
        if len(asked) == 1:
            raise Unavailable("locked", "database")
        made = await fill(room_id)
        if len(asked) == 3:
            done.set()
        return made

    monkeypatch.setattr(checkpoints, "fill", watched)
    task = asyncio.create_task(checkpoints.run())
    checkpoints.ask("later", 3600)
    checkpoints.ask("failing")
    checkpoints.ask("unknown")
    checkpoints.ask(ROOM.id)
    await asyncio.wait_for(done.wait(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asked == ["failing", "unknown", ROOM.id]
    assert len((await at(store, EDITS // 2)).edits) <= FARTHEST


def test_a_large_state_in_parts_is_the_same() -> None:
    document = Document.reading(Limits())
    for entry in typed(12_000):
        document.apply(entry.payload)
    state = document.state()
    parts = in_parts(state)
    again = Document.reading(Limits())
    for part in parts:
        again.load(part)
    assert len(parts) > 1
    assert (again.text(), again.state_vector()) == (document.text(), document.state_vector())
    assert in_parts(b"rubbish" * 10_000) == [b"rubbish" * 10_000], "whoever loads it says so"


def test_a_long_past_is_kept_in_fewer_structs_than_it_has() -> None:
    doc: Doc[Any] = Doc(client_id=70_000)
    text = doc.get("file:main", type=Text)
    for number in range(1500):
        with doc.transaction():
            text.insert(number, "abcdefgh")
            text.insert(number + 4, "x")
            del text[number : number + 8]
    document = Document.reading(Limits())
    document.load(doc.get_update())
    state, parts = document.state(), in_parts(document.state())
    again = made_of(Limits(), parts)
    assert (again.text(), again.state_vector()) == (document.text(), document.state_vector()) == ("h" * 1500, document.state_vector())
    assert len(parts) > 1
    assert sum(map(pieces, parts)) < pieces(state) * 0.8
    assert pieces(again.state()) <= pieces(state)
