"""Snapshots of rooms: when they are taken, where they stand, and what waits for others."""

import asyncio
import threading

import pytest
from pycrdt import Doc, Text

from fourhands.room import registry as registry_module
from fourhands.room import snapshotting
from fourhands.room.edits import edit
from fourhands.room.restoring import parts_to_keep, restore, shown
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql.store import SqlStore
from tests.house import House
from tests.room.test_registry import IDLE, typed, unload


async def test_a_busy_room_is_written_down_now_and_then(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "SNAPSHOT_EVERY_EDITS", 10)
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    for _ in range(12):
        edit(room, ada, typed(room, "x"), whole=False)
    await house.written()
    await house.registry.sweep()
    stored = await house.store.load(room_id)
    assert stored is not None
    assert stored.snapshot is not None
    assert (stored.snapshot.position, stored.edits) == (room.queue.head, [])
    edit(room, ada, typed(room, "y"), whole=False)
    await house.written()
    assert await house.text(room_id) == "y" + "x" * 12


@pytest.mark.parametrize(("edits", "asked"), [(11, 0), (12, 1)])
async def test_where_much_came_at_once_those_between_are_asked_for(house: House, monkeypatch: pytest.MonkeyPatch, edits: int, asked: int) -> None:
    monkeypatch.setattr(registry_module, "SNAPSHOT_EVERY_EDITS", 10)
    monkeypatch.setattr(snapshotting, "MANY_EDITS", 12)
    found: list[tuple[str, float]] = []
    monkeypatch.setattr(house.registry.checkpoints, "ask", lambda room_id, in_seconds: found.append((room_id, in_seconds)))
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    room.snapshot_edits = room.edits
    for _ in range(edits):
        edit(room, ada, typed(room, "x"), whole=False)
    await house.written()
    await house.registry.sweep()
    assert found == [(room_id, 10.0)] * asked, "when they are folded"


async def test_what_waits_for_others_survives_a_snapshot(house: House) -> None:
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    doc = Doc(client_id=1)
    doc.apply_update(room.document.state())
    sent: list[bytes] = []
    watching = doc.observe(lambda event: sent.append(event.update))
    doc.get("file:main", type=Text).insert(0, "a")
    doc.get("file:main", type=Text).insert(1, "b")
    edit(room, ada, sent[1], whole=False)
    await house.written()
    room.leave(ada)
    await unload(house)
    await unload(house)
    assert house.registry.live(room_id) is None
    again, ada, _ = await house.enter(room_id)
    edit(again, ada, sent[0], whole=False)
    assert again.document.text() == "ab"
    await house.written()
    assert await house.text(room_id) == "ab"
    assert watching


async def test_a_snapshot_is_not_written_before_what_waits_is_written_again(house: House) -> None:
    """A power cut between the two would lose it."""
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    doc = Doc(client_id=1)
    doc.apply_update(room.document.state())
    doc.get("file:main", type=Text).insert(0, "a")
    before = doc.get_state()
    doc.get("file:main", type=Text).insert(1, "b")
    edit(room, ada, doc.get_update(before), whole=False)
    await house.written()
    room.leave(ada)
    house.clock.pass_seconds(IDLE)
    house.store.hold("commit")
    sweeping = asyncio.create_task(house.registry.sweep())
    await asyncio.wait_for(house.store.begun.wait(), 20)
    await house.store.room(room_id)
    stored = await SqlStore.load(house.store, room_id)
    assert stored is not None
    assert stored.snapshot is None
    house.store.release()
    await sweeping
    stored = await house.store.load(room_id)
    assert stored is not None
    assert stored.snapshot is not None
    assert len(stored.edits) == 1


async def test_few_large_edits_are_a_reason_for_a_snapshot_too(house: House) -> None:
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    for letter in "ab":
        edit(room, ada, typed(room, letter * 200_000), whole=False)
    await house.registry.sweep()
    stored = await house.store.load(room_id)
    assert stored is not None
    assert (stored.snapshot is not None, len(stored.updates)) == (True, 0)


async def test_a_snapshot_stands_where_it_was_taken_though_people_write_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_module, "SNAPSHOT_EVERY_EDITS", 3)
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    for letter in "abc":
        edit(room, ada, typed(room, letter), whole=False)
    taken = asyncio.Event()
    monkeypatch.setattr(snapshotting, "shown", lambda document: taken.set() or shown(document))
    house.store.hold("commit")
    sweeping = asyncio.create_task(house.registry.sweep())
    await asyncio.wait_for(taken.wait(), 20)
    for letter in "de":
        edit(room, ada, typed(room, letter), whole=False)
    house.store.release()
    await sweeping
    await house.written()
    stored = await house.store.load(room_id)
    assert stored is not None
    assert stored.snapshot is not None
    assert (stored.snapshot.position, stored.head, len(stored.edits)) == (4, 6, 2)
    assert restore(stored, house.limits).text() == "edcba"


@pytest.mark.parametrize(("letters", "beside"), [(10, False), (200_000, True)])
async def test_a_large_state_is_looked_at_beside_the_loop(house: House, monkeypatch: pytest.MonkeyPatch, letters: int, beside: bool) -> None:
    threads = set[bool]()

    def note(state: bytes, base: Snapshot | None, told: object) -> object:
        threads.add(threading.current_thread() is not threading.main_thread())
        return parts_to_keep(state, base, told)

    monkeypatch.setattr(snapshotting, "parts_to_keep", note)
    room_id = (await house.open()).room.id
    room, ada, _ = await house.enter(room_id)
    edit(room, ada, typed(room, "x" * letters), whole=False)
    await house.written()
    room.leave(ada)
    await unload(house)
    assert house.registry.live(room_id) is None
    assert threads == {beside}
    assert await house.text(room_id) == "x" * letters


@pytest.mark.parametrize(("letters", "together"), [(10, 3), (200_000, 1)])
async def test_of_large_rooms_one_is_taken_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch, letters: int, together: int) -> None:
    find, waiting, most = house.store.base, 0, 0

    async def base(room_id: str) -> Snapshot | None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        try:
            return await find(room_id)
        finally:
            waiting -= 1

    monkeypatch.setattr(house.store, "base", base)
    for _ in range(3):
        room, ada, _ = await house.enter((await house.open()).room.id)
        edit(room, ada, typed(room, "x" * letters), whole=False)
        await house.written()
        room.leave(ada)
    await unload(house)
    assert most == together
    assert list(house.registry.rooms()) == []
