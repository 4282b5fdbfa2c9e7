"""What every store must do, as `store/port.py` says it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from fourhands.errors import Conflict, NotFound
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.port import Store
from fourhands.store.snapshots import Snapshot

OpenStore = Callable[[], Awaitable[Store]]

A, B, C = "aaaa-aaaa-aaaa", "bbbb-bbbb-bbbb", "cccc-cccc-cccc"


def a_room(room_id: str = A, *, last_used_at_ms: int = 1_000, ephemeral: bool = False) -> Room:
    return Room(
        id=room_id,
        title="Two sum",
        language="python",
        guest_role=GuestRole.EDITOR,
        ephemeral=ephemeral,
        epoch="e1",
        created_at_ms=1_000,
        last_used_at_ms=last_used_at_ms,
    )


def ada(room_id: str = A) -> Member:
    return Member(id="ada", room_id=room_id, name="Ada", color="#c2410c", role=Role.HOST, joined_at_ms=1_001)


def lin(room_id: str = A) -> Member:
    return Member(id="lin", room_id=room_id, name="Lin 林", color="#1d4ed8", role=Role.VIEWER, joined_at_ms=1_002)


def edit(payload: bytes = b"edit", at_ms: int = 2_000) -> Entry:
    return Entry(EntryKind.EDIT, payload, at_ms)


def chat(payload: bytes = b"{}", at_ms: int = 2_000) -> Entry:
    return Entry(EntryKind.CHAT, payload, at_ms)


async def add_room(store: Store, *room_ids: str) -> None:
    for room_id in room_ids:
        await store.create_room(a_room(room_id), None, [], [])


async def edits(store: Store, room_id: str) -> Sequence[StoredEntry]:
    stored = await store.load(room_id)
    assert stored is not None
    return stored.edits


class TestRooms:
    async def test_a_new_room_is_there_with_all_that_came_with_it(self, store: Store) -> None:
        invites = [Invite(A, Role.HOST, "key-h"), Invite(A, Role.VIEWER, "key-v")]
        await store.create_room(a_room(), ada(), invites, [edit(b"\x00\xff"), chat()])
        assert await store.room(A) == a_room()
        assert await store.member(A, "ada") == ada()
        assert set(await store.invites(A)) == set(invites)
        stored = await store.load(A)
        assert stored is not None
        assert (stored.room, stored.head, stored.snapshot) == (a_room(), 2, None)
        assert stored.edits == [StoredEntry(EntryKind.EDIT, b"\x00\xff", 2_000, position=1)]

    async def test_an_id_that_is_taken_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        await store.create_room(a_room(), None, [], [])
        with pytest.raises(Conflict):
            await store.create_room(a_room(), ada(), [Invite(A, Role.HOST, "k")], [edit()])
        assert (await store.count_members(A), await store.invites(A), await edits(store, A)) == (0, [], [])

    async def test_the_id_of_an_ended_room_stays_taken(self, store: Store) -> None:
        await add_room(store, A)
        await store.end_room(A, 5_000)
        with pytest.raises(Conflict):
            await store.create_room(a_room(), None, [], [])

    async def test_an_unknown_room_is_none(self, store: Store) -> None:
        assert await store.room(A) is None
        assert await store.load(A) is None
        assert await store.member(A, "ada") is None
        assert (await store.count_members(A), await store.invites(A), await store.tail(A, EntryKind.CHAT, 10)) == (0, [], [])

    async def test_only_what_is_given_is_changed(self, store: Store) -> None:
        await add_room(store, A, B)
        changed = await store.change_room(A, title="", guest_role=GuestRole.NONE)
        assert (changed.title, changed.guest_role, changed.language) == ("", GuestRole.NONE, "python")
        assert (await store.change_room(A, run_where="browser")).run_where == "browser"
        assert (await store.change_room(A, title="")).run_where == "browser"
        assert (await store.change_room(A, run_where="any")).run_where is None
        changed = await store.change_room(A, language="rust")
        assert (changed.title, changed.language) == ("", "rust")
        assert await store.change_room(A) == changed == await store.room(A)
        assert await store.room(B) == a_room(B)

    async def test_changing_what_is_not_there_is_not_found(self, store: Store) -> None:
        await add_room(store, B)
        await store.end_room(B, 5_000)
        for room_id in (A, B):
            with pytest.raises(NotFound):
                await store.change_room(room_id, title="x")
            with pytest.raises(NotFound):
                await store.change_room(room_id)

    async def test_last_use_only_goes_forward_and_unknown_ids_are_passed_over(self, store: Store) -> None:
        await add_room(store, A, B)
        await store.touch_rooms({})
        await store.touch_rooms({B: 9_000, C: 9_000})
        await store.touch_rooms({B: 8_000})
        room = await store.room(B)
        assert room is not None
        assert room.last_used_at_ms == 9_000
        assert await store.room(A) == a_room(A)
        assert await store.room(C) is None

    async def test_unused_rooms_come_oldest_first_and_no_more_than_asked_for(self, store: Store) -> None:
        for room_id, used in ((A, 30), (B, 10), (C, 20)):
            await store.create_room(a_room(room_id, last_used_at_ms=used), None, [], [])
        assert await store.unused_rooms(30, 10) == [B, C]
        assert await store.unused_rooms(31, 2) == [B, C]
        assert await store.unused_rooms(10, 10) == []

    async def test_ephemeral_rooms_that_were_used_are_told_by_id(self, store: Store) -> None:
        for room_id, ephemeral, used in ((A, True, 1_001), (B, True, 1_000), (C, False, 1_001)):
            await store.create_room(a_room(room_id, ephemeral=ephemeral, last_used_at_ms=used), None, [], [])
        assert await store.left_rooms("", 10) == [A]
        await store.touch_rooms({B: 1_001})
        assert await store.left_rooms("", 10) == [A, B]
        assert await store.left_rooms("", 1) == [A]
        assert await store.left_rooms(A, 10) == [B]
        await store.end_room(B, 2_000)
        assert await store.left_rooms("", 10) == [A]

    async def test_ending_erases_what_the_room_held_and_keeps_its_id_refused(self, store: Store) -> None:
        for room_id in (A, B):
            await store.create_room(a_room(room_id), ada(room_id), [Invite(room_id, Role.HOST, "key")], [edit(), chat()])
            await store.write_snapshot(room_id, Snapshot(1, b"state"))
        await store.end_room(A, 5_000)
        await store.end_room(A, 6_000)
        ended = await store.room(A)
        assert ended is not None
        assert ended.ended_at_ms == 5_000
        assert await store.load(A) is None
        assert (await store.count_members(A), await store.invites(A), await store.tail(A, EntryKind.CHAT, 9)) == (0, [], [])
        other = await store.load(B)
        assert other is not None
        assert (other.head, other.snapshot) == (2, Snapshot(1, b"state"))
        with pytest.raises(NotFound):
            await store.end_room(C, 5_000)

    async def test_closing_keeps_what_the_room_held_and_marks_it(self, store: Store) -> None:
        await store.create_room(a_room(), ada(), [], [edit()])
        await store.close_room(A, 5_000)
        await store.close_room(A, 6_000)
        stored = await store.load(A)
        assert stored is not None
        assert (stored.room.closed_at_ms, stored.room.ended_at_ms, stored.head) == (5_000, None, 1)
        await store.end_room(A, 7_000)
        for room_id in (A, C):
            with pytest.raises(NotFound):
                await store.close_room(room_id, 8_000)

    async def test_a_deleted_room_leaves_no_trace(self, store: Store) -> None:
        await store.create_room(a_room(), ada(), [Invite(A, Role.HOST, "key")], [edit(), chat()])
        await store.write_snapshot(A, Snapshot(2, b"state"))
        await store.delete_room(A)
        await store.delete_room(A)
        assert await store.room(A) is None
        await add_room(store, A)
        stored = await store.load(A)
        assert stored is not None
        assert (stored.head, stored.snapshot, stored.edits) == (0, None, [])
        assert (await store.count_members(A), await store.invites(A), await store.tail(A, EntryKind.CHAT, 9)) == (0, [], [])


class TestMembers:
    async def test_people_are_kept_by_room(self, store: Store) -> None:
        await add_room(store, A, B)
        await store.add_member(lin(A))
        await store.add_member(lin(B))
        await store.add_member(ada(A))
        changed = await store.change_member(A, "lin", role=Role.EDITOR, name="Lin", color="#000000")
        assert (changed.role, changed.name, changed.color, changed.joined_at_ms) == (Role.EDITOR, "Lin", "#000000", 1_002)
        assert await store.change_member(A, "lin") == changed == await store.member(A, "lin")
        assert await store.member(B, "lin") == lin(B)
        assert (await store.count_members(A), await store.count_members(B)) == (2, 1)

    async def test_somebody_twice_is_a_conflict(self, store: Store) -> None:
        await add_room(store, A)
        await store.add_member(lin())
        with pytest.raises(Conflict):
            await store.add_member(lin())

    async def test_nobody_joins_a_room_that_is_not_there_or_has_ended(self, store: Store) -> None:
        await add_room(store, B)
        await store.end_room(B, 5_000)
        for room_id in (A, B):
            with pytest.raises(NotFound):
                await store.add_member(lin(room_id))
        assert await store.count_members(B) == 0

    async def test_changing_somebody_who_is_not_there_is_not_found(self, store: Store) -> None:
        await add_room(store, A)
        with pytest.raises(NotFound):
            await store.change_member(A, "lin", name="x")
        with pytest.raises(NotFound):
            await store.change_member(A, "lin")


class TestJournal:
    async def test_positions_follow_each_other_per_room(self, store: Store) -> None:
        await add_room(store, A, B)
        first = await store.commit({B: [edit(b"b1"), chat(), edit(b"b3")], A: [edit(b"a1")]})
        assert (dict(first.heads), first.missing) == ({A: 1, B: 3}, frozenset())
        second = await store.commit({B: [edit(b"b4")]})
        assert dict(second.heads) == {B: 4}
        assert [(one.position, one.payload) for one in await edits(store, B)] == [(1, b"b1"), (3, b"b3"), (4, b"b4")]
        assert [(one.position, one.payload) for one in await edits(store, A)] == [(1, b"a1")]

    async def test_rooms_that_are_gone_or_ended_are_said_and_the_others_written(self, store: Store) -> None:
        await add_room(store, A, B)
        await store.end_room(B, 5_000)
        done = await store.commit({C: [edit()], B: [edit()], A: [edit()]})
        assert (dict(done.heads), done.missing) == ({A: 1}, frozenset({B, C}))
        assert len(await edits(store, A)) == 1

    async def test_nothing_to_write_moves_nothing(self, store: Store) -> None:
        await add_room(store, A)
        assert dict((await store.commit({A: [edit()]})).heads) == {A: 1}
        done = await store.commit({A: [], B: []})
        assert (dict(done.heads), done.missing) == ({A: 1}, frozenset({B}))
        empty = await store.commit({})
        assert (dict(empty.heads), empty.missing) == ({}, frozenset())

    async def test_a_batch_of_many_rooms_is_one_commit(self, store: Store) -> None:
        ids = [f"r{number:011d}" for number in range(300)]
        await add_room(store, *ids)
        done = await store.commit({room_id: [edit(room_id.encode()), chat()] for room_id in reversed(ids)})
        assert dict(done.heads) == dict.fromkeys(ids, 2)
        assert [(await edits(store, room_id))[0].payload for room_id in ids[::50]] == [room_id.encode() for room_id in ids[::50]]

    async def test_a_batch_with_a_bad_entry_writes_nothing(self, store: Store) -> None:
        await add_room(store, A, B)
        with pytest.raises(OverflowError):
            await store.commit({A: [edit()], B: [edit(), edit(at_ms=2**70)]})
        assert dict((await store.commit({A: [edit()], B: [edit()]})).heads) == {A: 1, B: 1}

    async def test_every_byte_and_every_size_comes_back(self, store: Store) -> None:
        await add_room(store, A)
        payloads = [b"", bytes(range(256)), b"\x00" * 5_000, bytes(range(256)) * 20_000]
        await store.commit({A: [edit(payload) for payload in payloads]})
        assert [one.payload for one in await edits(store, A)] == payloads

    async def test_tail_gives_the_newest_of_a_kind_oldest_first(self, store: Store) -> None:
        await add_room(store, A, B)
        await store.commit({A: [chat(b"1"), edit(), chat(b"2"), Entry(EntryKind.RUN, b"run", 5), chat(b"3")], B: [chat(b"other")]})
        assert [(one.payload, one.position) for one in await store.tail(A, EntryKind.CHAT, 2)] == [(b"2", 3), (b"3", 5)]
        assert await store.tail(A, EntryKind.RUN, 9) == [StoredEntry(EntryKind.RUN, b"run", 5, position=4)]
        assert [one.position for one in await store.tail(A, EntryKind.EDIT, 9)] == [2]
        assert await store.tail(A, EntryKind.MEMBER, 9) == []

    async def test_a_snapshot_stands_for_the_edits_before_it(self, store: Store) -> None:
        await add_room(store, A)
        await store.commit({A: [edit(b"1"), edit(b"2"), edit(b"3")]})
        await store.write_snapshot(A, Snapshot(2, b"one and two"))
        stored = await store.load(A)
        assert stored is not None
        assert (stored.head, stored.snapshot) == (3, Snapshot(2, b"one and two"))
        assert [one.payload for one in stored.edits] == [b"3"]
        assert len(await store.tail(A, EntryKind.EDIT, 9)) == 3

    async def test_an_older_snapshot_never_replaces_a_newer_one(self, store: Store) -> None:
        await add_room(store, A)
        await store.commit({A: [edit(), edit(), edit()]})
        for position in (1, 3, 2):
            await store.write_snapshot(A, Snapshot(position, str(position).encode()))
        stored = await store.load(A)
        assert stored is not None
        assert stored.snapshot == Snapshot(3, b"3")

    async def test_a_snapshot_of_a_room_that_is_gone_is_passed_over(self, store: Store) -> None:
        await add_room(store, A)
        await store.end_room(A, 5_000)
        await store.write_snapshot(A, Snapshot(0, b"state"))
        await store.write_snapshot(B, Snapshot(0, b"state"))
        assert (await store.load(A), await store.load(B)) == (None, None)

    async def test_a_snapshot_from_the_future_is_refused(self, store: Store) -> None:
        await add_room(store, A)
        await store.commit({A: [edit()]})
        with pytest.raises(Conflict):
            await store.write_snapshot(A, Snapshot(2, b"state"))
        assert len(await edits(store, A)) == 1


class TestTogether:
    async def test_what_was_written_is_there_after_stop_and_start(self, store: Store) -> None:
        invite = Invite(A, Role.HOST, "key")
        await store.create_room(a_room(), ada(), [invite], [edit()])
        await store.commit({A: [edit(b"two")]})
        before = await store.load(A)
        await store.stop()
        await store.start()
        assert await store.load(A) == before
        assert (await store.member(A, "ada"), await store.invites(A)) == (ada(), [invite])

    async def test_two_instances_that_start_at_once_on_nothing_both_work(self, open_store: OpenStore) -> None:
        one, two = await asyncio.gather(open_store(), open_store())
        await add_room(one, A)
        assert await two.room(A) == a_room()

    async def test_two_instances_keep_one_order_and_lose_nothing(self, open_store: OpenStore) -> None:
        stores = [await open_store(), await open_store()]
        await add_room(stores[0], A, B)
        heads: list[tuple[str, int, bytes]] = []

        async def writer(number: int) -> None:
            for turn in range(25):
                batch = {room_id: [edit(f"{number}:{turn}:{part}".encode()) for part in range(2)] for room_id in ((A, B) if turn % 2 else (B, A))}
                done = await stores[number % 2].commit(batch)
                heads.extend((room_id, done.heads[room_id], batch[room_id][-1].payload) for room_id in batch)

        await asyncio.gather(*(writer(number) for number in range(4)))
        for room_id in (A, B):
            held = await edits(stores[0], room_id)
            assert [one.position for one in held] == list(range(1, 201))
            assert held == await edits(stores[1], room_id)
            by_position = {one.position: one.payload for one in held}
            assert all(by_position[head] == last for where, head, last in heads if where == room_id)
            for number in range(4):
                own = [one.payload for one in held if one.payload.startswith(f"{number}:".encode())]
                assert own == [f"{number}:{turn}:{part}".encode() for turn in range(25) for part in range(2)]

    async def test_a_load_beside_commits_sees_one_state(self, open_store: OpenStore) -> None:
        writing, reading = await open_store(), await open_store()
        await add_room(writing, A)
        finished = asyncio.Event()

        async def write() -> None:
            for _ in range(60):
                head = (await writing.commit({A: [edit(), edit()]})).heads[A]
                await writing.write_snapshot(A, Snapshot(head - 1, b"state"))
            finished.set()

        async def read() -> int:
            seen = 0
            while not finished.is_set():
                stored = await reading.load(A)
                assert stored is not None
                start = 0 if stored.snapshot is None else stored.snapshot.position
                assert [one.position for one in stored.edits] == list(range(start + 1, stored.head + 1))
                seen += 1
            return seen

        _, *counts = await asyncio.gather(write(), read(), read())
        assert min(counts) > 0

    async def test_a_room_that_ends_beside_commits_takes_no_more(self, open_store: OpenStore) -> None:
        one, two = await open_store(), await open_store()
        await add_room(one, A)

        async def write() -> bool:
            for _ in range(200):
                if A in (await one.commit({A: [edit()]})).missing:
                    return True
            return False

        refused, _ = await asyncio.gather(write(), two.end_room(A, 5_000))
        assert refused
        assert await one.tail(A, EntryKind.EDIT, 1) == []
