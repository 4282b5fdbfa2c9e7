"""The journal's writer: nothing is said saved that is not, and nothing is lost while the store fails."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.room import journal as journal_module
from fourhands.room.journal import Journal, Queue, wait_times
from tests.house import MoodyStore

A, B = "aaaa-aaaa-aaaa", "bbbb-bbbb-bbbb"


class Heard:
    """Implements `room.journal.Writes`."""

    def __init__(self) -> None:
        self.tickets: list[int] = []
        self.storages: list[bool] = []
        self.ended = 0

    def committed(self, ticket: int) -> None:
        self.tickets.append(ticket)

    def storage(self, ok: bool, message: str) -> None:
        assert message
        self.storages.append(ok)

    def gone(self) -> None:
        self.ended += 1


class Desk:
    """A journal over a real store, with two rooms in it."""

    def __init__(self, store: MoodyStore, backlog_bytes: int = 1 << 20) -> None:
        self.store = store
        self.journal = Journal(store, commit_seconds=0, backlog_bytes=backlog_bytes)
        self.heard = {room: Heard() for room in (A, B)}
        self.queues = {room: Queue(room, self.heard[room]) for room in (A, B)}

    def put(self, update: bytes, room: str = A, author: str = "ada", at_ms: int = 1) -> int:
        self.journal.put_edit(self.queues[room], author, at_ms, update)
        return self.queues[room].ticket

    async def written(self) -> None:
        await asyncio.wait_for(self.journal.settled(), 20)

    async def updates(self, room: str = A) -> list[bytes]:
        stored = await self.store.load(room)
        assert stored is not None
        return [edit.payload for edit in stored.edits]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[MoodyStore]:
    opened = MoodyStore(f"sqlite:///{tmp_path / 'rooms.db'}")
    await opened.start()
    for room in (A, B):
        await opened.create_room(Room(room, "", "python", GuestRole.EDITOR, False, "epoch", 1, 1), None, [], [])
    yield opened
    opened.release()
    await opened.stop()


@pytest.fixture
async def desk(store: MoodyStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(journal_module, "FIRST_RETRY_SECONDS", 0.001)
    desk = Desk(store)
    task = asyncio.create_task(desk.journal.run())
    yield desk
    assert not task.done(), "it never ends by itself"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_ticket_is_committed_when_the_store_has_it(desk: Desk) -> None:
    desk.store.hold()
    assert desk.put(b"\x01") == 1
    await asyncio.sleep(0)
    assert (desk.heard[A].tickets, desk.queues[A].settled) == ([], False)
    desk.store.release()
    await desk.written()
    assert (desk.heard[A].tickets, desk.queues[A].settled, desk.queues[A].head) == ([1], True, 1)
    assert await desk.updates() == [b"\x01"]


async def test_what_comes_during_a_commit_goes_into_the_next_in_order(desk: Desk) -> None:
    desk.store.hold()
    desk.put(b"1")
    await asyncio.wait_for(desk.store.begun.wait(), 20)
    desk.put(b"2")
    desk.put(b"3")
    desk.put(b"x", B)
    desk.store.release()
    await desk.written()
    assert (await desk.updates(), await desk.updates(B)) == ([b"1", b"2", b"3"], [b"x"])
    assert [set(batch) for batch in desk.store.commits] == [{A}, {A, B}]
    assert (desk.heard[A].tickets, desk.heard[B].tickets) == ([1, 3], [1])


async def test_many_rooms_are_one_transaction(desk: Desk) -> None:
    for number in range(100):
        desk.put(bytes([number]), A if number % 2 else B, at_ms=1000 + number)
    await desk.written()
    assert len(desk.store.commits) == 1
    assert {room: len(entries) for room, entries in desk.store.commits[0].items()} == {A: 50, B: 50}
    assert await desk.updates(A) == [bytes([number]) for number in range(1, 100, 2)]


async def test_order_is_kept_among_edits_and_all_else_and_places_are_told(desk: Desk) -> None:
    places: list[int] = []
    desk.put(b"1")
    desk.journal.put_entry(desk.queues[A], Entry(EntryKind.CHAT, b"hi", 2), places.append)
    desk.put(b"2")
    desk.put(b"3")
    desk.journal.put_entry(desk.queues[A], Entry(EntryKind.RUN, b"{}", 3), places.append)
    await desk.written()
    (batch,) = desk.store.commits
    assert [entry.kind for entry in batch[A]] == [EntryKind.EDIT, EntryKind.CHAT, EntryKind.EDIT, EntryKind.EDIT, EntryKind.RUN]
    assert places == [2, 5]
    assert [entry.position for entry in await desk.store.tail(A, EntryKind.CHAT, 5)] == [2]
    assert desk.heard[A].tickets == [5]


async def test_while_the_store_fails_nothing_is_said_saved_and_nothing_is_lost(desk: Desk) -> None:
    desk.store.fail()
    desk.put(b"1")
    await desk.store.failed_once_more()
    desk.put(b"2")
    await desk.store.failed_once_more()
    desk.put(b"x", B)
    await desk.store.failed_once_more()
    await desk.store.failed_once_more()
    assert (desk.heard[A].tickets, desk.journal.failed) == ([], True)
    assert (desk.heard[A].storages, desk.heard[B].storages) == ([False], [False]), "said when it changes, to each room once"
    desk.store.mend()
    await desk.written()
    assert (desk.heard[A].storages, desk.heard[B].storages) == ([False, True], [False, True])
    assert (await desk.updates(), await desk.updates(B)) == ([b"1", b"2"], [b"x"])
    assert (desk.heard[A].tickets, desk.journal.failed) == ([2], False)


async def test_a_room_that_was_told_at_the_door_hears_when_it_is_over(desk: Desk) -> None:
    desk.store.fail()
    desk.put(b"1")
    await desk.store.failed_once_more()
    await desk.store.failed_once_more()
    assert desk.journal.is_failing(desk.queues[B])
    desk.store.mend()
    await desk.written()
    assert desk.heard[B].storages == [True]
    assert not desk.journal.is_failing(desk.queues[B])


async def test_a_mistake_of_ours_in_the_store_is_no_end_either(desk: Desk) -> None:
    desk.store.fail(RuntimeError("a bug"))
    desk.put(b"1")
    await desk.store.failed_once_more()
    await desk.store.failed_once_more()
    desk.store.mend()
    await desk.written()
    assert await desk.updates() == [b"1"]


async def test_retries_back_off(store: MoodyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await real(0)

    desk = Desk(store)
    store.fail()
    desk.put(b"1")
    monkeypatch.setattr(journal_module.asyncio, "sleep", note)
    task = asyncio.create_task(desk.journal.run())
    while len(pauses) < 8:
        await real(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pauses[:8] == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


async def test_commits_are_not_closer_than_they_may(store: MoodyStore) -> None:
    desk, loop = Desk(store), asyncio.get_running_loop()
    desk.journal = Journal(store, commit_seconds=1000, backlog_bytes=1 << 20)
    task = asyncio.create_task(desk.journal.run())
    for count in (1, 2):
        desk.put(b"1")
        assert desk.journal._timer is not None
        assert 900 < desk.journal._timer.when() - loop.time() <= 1010
        await desk.written()  # whoever waits for it, as a stop does, has it at once
        assert len(desk.store.commits) == count
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_commit_of_many_rooms_puts_the_next_off(store: MoodyStore) -> None:
    desk, loop = Desk(store), asyncio.get_running_loop()
    desk.journal = Journal(store, commit_seconds=1e6, backlog_bytes=1 << 20)
    task = asyncio.create_task(desk.journal.run())
    desk.put(b"1")
    desk.put(b"1", room=B)
    await desk.written()
    desk.put(b"2")
    assert desk.journal._timer is not None
    assert 1.015e6 < desk.journal._timer.when() - loop.time() <= 1.02e6
    await desk.written()  # of one room
    desk.put(b"3")
    assert 1.005e6 < desk.journal._timer.when() - loop.time() <= 1.01e6
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_the_wait_after_a_commit_grows_with_its_rooms_and_is_bounded() -> None:
    assert [wait_times(rooms) for rooms in (0, 1, 100, 200, 299, 300, 301, 100_000)] == [1, 1.01, 2, 3, 3.99, 4, 4, 4]


async def test_ending_in_the_middle_of_a_commit_keeps_what_waits(store: MoodyStore) -> None:
    desk = Desk(store)
    store.hold()
    desk.put(b"1")
    task = asyncio.create_task(desk.journal.run())
    await asyncio.wait_for(store.begun.wait(), 20)
    desk.put(b"2")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert ([one.payload for one in desk.queues[A].waiting], desk.heard[A].tickets) == ([b"1", b"2"], [])
    store.release()
    again = asyncio.create_task(desk.journal.run())
    await desk.written()
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    assert await desk.updates() == [b"1", b"2"]


async def test_what_is_being_written_or_could_not_be_counts_as_waiting(store: MoodyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "FIRST_RETRY_SECONDS", 0.001)
    desk = Desk(store, backlog_bytes=10)
    store.fail()
    task = asyncio.create_task(desk.journal.run())
    desk.put(bytes(6))
    await store.failed_once_more()
    await store.failed_once_more()
    desk.journal.require_space(4)
    with pytest.raises(Unavailable):
        desk.journal.require_space(5)
    store.mend()
    await desk.written()
    desk.journal.require_space(10)
    with pytest.raises(Unavailable):
        desk.journal.require_space(11)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_too_much_that_waits_is_refused_beforehand(store: MoodyStore) -> None:
    desk = Desk(store, backlog_bytes=10)
    desk.journal.require_space(10)
    desk.put(bytes(6))
    desk.journal.require_space(4)
    with pytest.raises(Unavailable):
        desk.journal.require_space(5)
    task = asyncio.create_task(desk.journal.run())
    await desk.written()
    desk.journal.require_space(10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_room_that_is_gone_is_told_and_settles_and_others_are_written(desk: Desk) -> None:
    await desk.store.end_room(A, 5)
    desk.put(b"1")
    desk.put(b"x", B)
    await desk.written()
    await asyncio.wait_for(desk.journal.durable(desk.queues[A]), 20)
    assert (desk.heard[A].ended, desk.heard[A].tickets, desk.queues[A].settled) == (1, [], True)
    assert await desk.updates(B) == [b"x"]


async def test_waiting_for_one_room_does_not_wait_for_later_edits(desk: Desk) -> None:
    desk.put(b"1")
    waits = asyncio.create_task(desk.journal.durable(desk.queues[A]))
    await asyncio.wait_for(waits, 20)
    desk.store.hold()
    desk.put(b"x", B)
    await asyncio.wait_for(desk.journal.durable(desk.queues[A]), 20)
    assert not desk.queues[B].settled


async def test_a_room_that_was_loaded_again_does_not_lose_what_its_old_queue_holds(desk: Desk) -> None:
    older, newer = Queue(A, Heard()), Queue(A, Heard())
    positions: list[int] = []
    desk.journal.put_entry(older, Entry(EntryKind.CHAT, b"{}", 1), positions.append)
    desk.journal.put_entry(newer, Entry(EntryKind.CHAT, b"{}", 2), positions.append)
    await desk.written()
    assert older.settled
    assert newer.settled
    assert positions == [positions[0], positions[0] + 1]
    assert newer.head == positions[1]


async def test_a_queue_in_which_nobody_waits_is_not_called_for_a_commit(desk: Desk) -> None:
    desk.queues[A].awaited = False
    desk.put(b"1")
    desk.put(b"x", B)
    await desk.written()
    assert (desk.heard[A].tickets, desk.heard[B].tickets) == ([], [1])
    assert (desk.queues[A].settled, desk.queues[A].head) == (True, 1)


async def test_what_a_failed_commit_costs_rises_with_the_rooms_and_not_with_their_square(desk: Desk) -> None:
    hashes = 0

    class Counted(Queue):
        def __hash__(self) -> int:
            nonlocal hashes
            hashes += 1
            return id(self)

    queues = [Counted(f"room {number}", Heard()) for number in range(300)]
    desk.store.hold()
    for _ in range(2):
        for queue in queues:
            desk.journal.put_edit(queue, "ada", 1, b"1")
        await asyncio.wait_for(desk.store.begun.wait(), 20)
    desk.store.fail()
    desk.store.release()
    while not desk.journal.failed:
        await desk.store.failed_once_more()
    assert 0 < hashes < 10 * len(queues)
    assert all([one.payload for one in queue.waiting] == [b"1", b"1"] for queue in queues)


async def test_how_long_a_commit_took_is_told_and_of_one_that_failed_nothing_is(desk: Desk) -> None:
    told: list[float] = []
    entries: list[int] = []

    def timed(seconds: float, count: int) -> None:
        told.append(seconds)
        entries.append(count)

    desk.journal.timed = timed
    desk.put(b"\x01")
    await desk.written()
    assert len(told) == 1
    assert told[0] > 0
    desk.store.fail()
    desk.put(b"\x02")
    await desk.store.failed_once_more()
    assert len(told) == 1
    desk.store.mend()
    await desk.written()
    assert len(told) == 2
    assert entries == [1, 1]
