"""What PostgreSQL's store has of its own: several at once, merging, and reading from a server that follows. tests/contracts has the rest."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from fourhands.errors import Conflict, Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.room import Room
from fourhands.store.encryption import Encryption
from fourhands.store.rewriting import Rewriting
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql.postgres_store import PostgresStore
from tests import postgres_server
from tests.house import until
from tests.postgres_server import MISSING, PostgresServer
from tests.server import folder_in_memory

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
COMMITS = 40
SEALER = Encryption([bytes([7]) * 32])


def edit(number: int) -> Entry:
    return Entry(EntryKind.EDIT, f"edit {number}".encode(), number, "ada")


@pytest.fixture
async def stores(postgres_url: str, room: Room) -> AsyncIterator[list[PostgresStore]]:
    """Two instances on one database, with a room."""
    both = [PostgresStore(postgres_url, tidy_seconds=0.01, sealer=SEALER) for _ in range(2)]
    for store in both:
        await store.start()
    await both[0].create_room(room, None, [], [])
    yield both
    for store in both:
        await store.stop()


def blocks(postgres: PostgresServer, url: str) -> int:
    return int(postgres.sql("SELECT count(*) FROM blocks", url.rpartition("/")[2]))


async def test_rows_are_merged_while_both_write_and_when_the_room_is_left(
    stores: list[PostgresStore], room: Room, postgres: PostgresServer, postgres_url: str
) -> None:
    for number in range(COMMITS):
        await asyncio.gather(*[store.commit({room.id: [edit(number)]}) for store in stores])
    for store in stores:
        store.rest(room.id)
    await until(lambda: blocks(postgres, postgres_url) == 1)
    kept = await stores[0].load(room.id)
    assert kept is not None
    assert (len(kept.edits), await stores[1].faults(room.id)) == (2 * COMMITS, [])


async def test_both_may_keep_a_snapshot_of_the_same_place(stores: list[PostgresStore], room: Room) -> None:
    await stores[0].commit({room.id: [edit(number) for number in range(9)]})
    await asyncio.gather(*[store.write_snapshot(room.id, Snapshot(9, b"state")) for store in stores])
    assert await asyncio.gather(*[store.add_snapshot(room.id, room.epoch, Snapshot(5, b"s")) for store in stores]) in ([True, False], [False, True])
    with pytest.raises(Conflict):
        await stores[1].write_snapshot(room.id, Snapshot(10, b"state"))


async def test_what_is_rewritten_while_another_commits_is_rewritten_whole_or_not(stores: list[PostgresStore], room: Room) -> None:
    await stores[0].commit({room.id: [edit(number) for number in range(9)]})
    mark = Entry(EntryKind.ROOM, b"{}", 99)
    wanted = Rewriting(9, room.epoch, "e1.2", mark, update=lambda one: b"gone" if one == b"edit 3" else one)
    done = await stores[1].rewrite_room(room.id, wanted)
    assert (done.edits, done.entries, done.snapshots, done.clean) == (1, 0, 0, False)
    kept = await stores[0].load(room.id)
    assert kept is not None
    assert (kept.room.epoch, kept.head, b"gone" in kept.updates, b"edit 3" in kept.updates) == ("e1.2", 10, True, False)
    with pytest.raises(Conflict):
        await stores[0].rewrite_room(room.id, wanted)


async def test_those_that_start_together_give_each_room_one_key(postgres_url: str, room: Room) -> None:
    plain = PostgresStore(postgres_url)
    await plain.start()
    await plain.create_room(room, None, [], [edit(1)])
    await plain.stop()
    several = [PostgresStore(postgres_url, sealer=SEALER) for _ in range(3)]
    await asyncio.gather(*[store.start() for store in several])
    found = await several[2].room(room.id)
    assert found is not None
    assert found.title == room.title
    while await several[0].seal_rows(room.id):
        pass
    assert await several[1].faults(room.id) == []
    for store in several:
        await store.stop()
    other = PostgresStore(postgres_url, sealer=Encryption([base64.b64decode("AAAA" * 10 + "AAA=")]))
    with pytest.raises(Unavailable, match="under a key that is not set"):
        await other.start()


async def test_for_operators(stores: list[PostgresStore], room: Room) -> None:
    await stores[0].commit({room.id: [Entry(EntryKind.CHAT, bytes(range(256)) * 4000, 5)]})
    before = await stores[0].size_bytes()
    await stores[0].end_room(room.id, 9)
    await stores[0].vacuum()
    assert await stores[0].size_bytes() < before
    assert await stores[0].file_faults() == []


async def test_a_follower_that_lags_or_is_away_is_never_seen(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres_server.running() as first, folder_in_memory() as folder:
        Path(folder).chmod(0o755)
        follower = first.standby(Path(folder) / "follower")
        store = PostgresStore(first.url(), read_url=follower.url())
        await store.start()
        await store.create_room(room, None, [], [edit(number) for number in range(1, 6)])
        follower.start()
        try:
            await until(lambda: follower.sql("SELECT count(*) FROM blocks") == "1")
            follower.sql("SELECT pg_wal_replay_pause()")
            served: list[bool] = []
            far = store.database.read_far

            async def counted(work: Callable[[Connection], Any]) -> Any:
                found = await far(work)
                served.append(found is not None)
                return found

            monkeypatch.setattr(store.database, "read_far", counted)
            await store.commit({room.id: [edit(6)]})
            positions = [entry.position for entry in await store.entries(room.id, 0, 99)]
            assert positions == [1, 2, 3, 4, 5, 6], "it lags"
            early = await store.seek(room.id, position=3)
            assert served[-1], "so much it has"
            late = await store.seek(room.id, position=6)
            timed = await store.seek(room.id, at_ms=6)
            assert early is not None
            assert late is not None
            assert timed is not None
            assert (early.head, late.head, timed.head) == (3, 6, 6)
            wanted = Rewriting(6, room.epoch, "e1.2", Entry(EntryKind.ROOM, b"{}", 99), update=lambda one: b"gone" if one == b"edit 2" else one)
            await store.rewrite_room(room.id, wanted)
            assert b"edit 2" not in [entry.payload for entry in await store.entries(room.id, 0, 3)], "it still has what was erased"
        finally:
            follower.stop()
        assert [entry.position for entry in await store.entries(room.id, 0, 3)] == [1, 2, 3], "it is away"
        await store.stop()
