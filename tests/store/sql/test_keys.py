"""Keys of rooms in a real database: nobody reads it without them, and nothing in it can be changed unseen."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.role import GuestRole, Role
from fourhands.model.room import Invite, Member, Room
from fourhands.store.encryption import KEY_BYTES, Encryption
from fourhands.store.sealing import PLAIN, Sealer
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import rooms, tables
from fourhands.store.sql.store import SqlStore
from tests.server import folder_in_memory

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
ROOM, OTHER = "k7f3-9q2m-x4tz", "aaaa-bbbb-cccc"
SECRETS = (b"two sum", b"Ada Lovelace", b"def solve", b"hello there", b"Traceback", b"whole text")


@asynccontextmanager
async def store_in(folder: Path, sealer: Sealer) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite:///{folder / 'rooms.db'}", sealer=sealer)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


def edit(text: bytes, at_ms: int = 5) -> Entry:
    return Entry(EntryKind.EDIT, text, at_ms, "ada")


ENTRIES: Sequence[Entry] = (
    edit(b"def solve"),
    edit(b"(): pass"),
    Entry(EntryKind.CHAT, b'{"text": "hello there"}', 6, "ada"),
    Entry(EntryKind.RUN, b'{"output": "Traceback"}', 7, "ada"),
)


async def fill(store: SqlStore, room_id: str = ROOM) -> None:
    """A room with something of each kind in it."""
    room = Room(room_id, "two sum", "python", GuestRole.EDITOR, False, "e", 1, 1)
    await store.create_room(room, Member("ada", room_id, "Ada Lovelace", "#1d4ed8", Role.HOST, 1), [Invite(room_id, Role.HOST, "k")], ENTRIES[:1])
    await store.commit({room_id: ENTRIES[1:]})
    await store.write_snapshot(room_id, Snapshot(2, b"whole text"))


async def seen(store: SqlStore, room_id: str = ROOM) -> object:
    """All that a room holds."""
    room, member, stored = await store.room(room_id), await store.member(room_id, "ada"), await store.load(room_id)
    assert room is not None and member is not None and stored is not None
    return room.title, member.name, stored.snapshot, [(e.kind, e.payload, e.position) for e in await store.entries(room_id, 0, 100)]


FULL = ("two sum", "Ada Lovelace", Snapshot(2, b"whole text"), [(e.kind, e.payload, n) for n, e in enumerate(ENTRIES, 1)])


def files(folder: Path) -> bytes:
    """The bytes of all that SQLite keeps."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("rooms.db*")))


def change(folder: Path, statement: str, *values: object) -> None:
    """What somebody does who may write to the file."""
    with closing(sqlite3.connect(folder / "rooms.db")) as connection, connection:
        connection.execute(statement, values)


class TestSealing:
    async def test_no_plain_text_title_or_name_is_in_the_files(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            with_log = files(tmp_path)
            await store.fold()
            assert await seen(store) == FULL
        for kept in (with_log, files(tmp_path)):
            assert ROOM.encode() in kept
            assert [secret for secret in SECRETS if secret in kept] == []

    async def test_without_keys_all_of_it_is_there(self, tmp_path: Path) -> None:
        """Or the test above would see nothing; blocks and snapshots are compressed, and show less."""
        async with store_in(tmp_path, PLAIN) as store:
            await fill(store)
            kept = files(tmp_path)
        assert {b"two sum", b"Ada Lovelace", b"hello there", b"Traceback"} <= {secret for secret in SECRETS if secret in kept}

    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(st.lists(st.builds(Entry, st.sampled_from(EntryKind), st.binary(max_size=50), st.integers(0, 2**40), st.sampled_from(["", "ada"])), max_size=20))
    async def test_what_is_written_is_read(self, entries: list[Entry]) -> None:
        with folder_in_memory() as folder:
            await self._is_read(folder, entries)

    async def _is_read(self, folder: Path, entries: list[Entry]) -> None:
        async with store_in(folder, Encryption([NEW])) as store:
            await fill(store)
            await store.commit({ROOM: entries})
            expected = [*ENTRIES, *entries]
            for _ in range(2):
                found = await store.entries(ROOM, 0, 100)
                assert found == [StoredEntry(e.kind, e.payload, e.at_ms, e.member, position=n) for n, e in enumerate(expected, 1)]
                await store.fold()


class TestTampering:
    @pytest.mark.parametrize(
        ("statement", "read"),
        [
            ("UPDATE blocks SET payload = CAST(substr(payload, 1, length(payload) - 1) || 'x' AS BLOB)", "entries"),
            ("UPDATE blocks SET payload = CAST('{}' AS BLOB)", "entries"),
            ("UPDATE blocks SET payload = (SELECT payload FROM blocks WHERE room_id = 'aaaa-bbbb-cccc') WHERE room_id = 'k7f3-9q2m-x4tz'", "entries"),
            ("UPDATE blocks SET first = 1 WHERE last = 2", "entries"),
            ("UPDATE journal SET kind = 'run' WHERE kind = 'chat'", "entries"),
            ("UPDATE journal SET payload = CAST('{\"text\": \"forged\"}' AS BLOB) WHERE kind = 'chat'", "entries"),
            ("UPDATE journal SET position = 9 WHERE kind = 'chat'", "tail"),
            ("UPDATE snapshots SET position = 1", "load"),
            ("UPDATE snapshots SET state = CAST('' AS BLOB)", "load"),
            ("UPDATE rooms SET title = CAST('forged' AS BLOB)", "room"),
            ("UPDATE rooms SET key = (SELECT key FROM rooms WHERE id = 'aaaa-bbbb-cccc')", "room"),
            ("UPDATE rooms SET key = NULL", "room"),
            ("UPDATE members SET name = CAST('Eve' AS BLOB)", "member"),
            ("UPDATE members SET id = 'eve'", "eve"),
        ],
    )
    async def test_each_kind_of_row_tells(self, tmp_path: Path, statement: str, read: str) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            await fill(store, OTHER)
            await store.fold()
            change(tmp_path, statement)
            reads = {
                "entries": lambda: store.entries(ROOM, 0, 100),
                "tail": lambda: store.tail(ROOM, EntryKind.CHAT, 9),
                "load": lambda: store.load(ROOM),
                "room": lambda: store.room(ROOM),
                "member": lambda: store.member(ROOM, "ada"),
                "eve": lambda: store.member(ROOM, "eve"),
            }
            with pytest.raises(Unavailable):
                await reads[read]()

    async def test_the_log_tells(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            [(payload,)] = list(rows_in(tmp_path, "SELECT payload FROM log"))
            await store.database.close()  # as after a power cut: nothing is folded
            change(tmp_path, "UPDATE log SET payload = ?", payload[:-1] + bytes([payload[-1] ^ 1]))
        with pytest.raises(Unavailable, match="tampered"):
            await SqlStore(f"sqlite:///{tmp_path / 'rooms.db'}", sealer=Encryption([NEW])).start()


def rows_in(folder: Path, statement: str) -> Iterator[tuple[bytes, ...]]:
    with closing(sqlite3.connect(folder / "rooms.db")) as connection:
        yield from connection.execute(statement).fetchall()


class TestStarting:
    @pytest.mark.parametrize("sealer", [PLAIN, Encryption([OLD])])
    async def test_without_the_key_nothing_starts_and_nothing_is_changed(self, tmp_path: Path, sealer: Sealer) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
        before = list(rows_in(tmp_path, "SELECT * FROM rooms"))
        with pytest.raises(Unavailable, match="FOURHANDS_ENCRYPTION_KEYS"):
            await SqlStore(f"sqlite:///{tmp_path / 'rooms.db'}", sealer=sealer).start()
        assert list(rows_in(tmp_path, "SELECT * FROM rooms")) == before
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert await seen(store) == FULL

    async def test_a_rotation_touches_keys_alone(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, Encryption([OLD])) as store:
            await fill(store)
        before = list(rows_in(tmp_path, "SELECT payload FROM blocks")), list(rows_in(tmp_path, "SELECT title, key FROM rooms"))
        async with store_in(tmp_path, Encryption([NEW, OLD])) as store:
            assert await seen(store) == FULL
        after = list(rows_in(tmp_path, "SELECT payload FROM blocks")), list(rows_in(tmp_path, "SELECT title, key FROM rooms"))
        assert after[0] == before[0]
        assert [(title, key == old) for (title, key), (_, old) in zip(after[1], before[1], strict=True)] == [(before[1][0][0], False)]
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert await seen(store) == FULL

    async def test_more_rooms_than_one_step_are_all_rotated(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fourhands.store.sql.keys.STEP_ROOMS", 2)
        names = [f"room-{number}" for number in range(5)]
        async with store_in(tmp_path, Encryption([OLD])) as store:
            for name in names:
                await fill(store, name)
        async with store_in(tmp_path, Encryption([NEW, OLD])):
            pass
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert [await seen(store, name) for name in names] == [FULL] * 5

    async def test_a_damaged_key_costs_its_room_alone(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            await fill(store, OTHER)
        change(tmp_path, "UPDATE rooms SET key = CAST(substr(key, 1, 75) || 'x' AS BLOB) WHERE id = ?", OTHER)
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert await seen(store) == FULL
            with pytest.raises(Unavailable, match="key of room aaaa"):
                await store.load(OTHER)


class TestTurningOn:
    async def test_old_rows_stay_readable_and_new_ones_are_sealed(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, PLAIN) as store:
            await fill(store)
            await fill(store, OTHER)
            await store.end_room(OTHER, 9)
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert await seen(store) == FULL
            await store.commit({ROOM: [edit(b"NEW SECRET" * 9)]})
            await store.fold()
        kept = files(tmp_path)
        assert b"hello there" in kept, "plain until it is sealed on purpose"
        assert [secret for secret in (b"two sum", b"Ada Lovelace", b"NEW SECRET") if secret in kept] == []
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert (await store.entries(ROOM, 0, 100))[-1].payload == b"NEW SECRET" * 9

    async def test_what_was_plain_is_sealed_on_purpose_and_then_nothing_plain_counts(self, tmp_path: Path) -> None:
        async with store_in(tmp_path, PLAIN) as store:
            await fill(store)
        async with store_in(tmp_path, Encryption([NEW])) as store:
            counts = [await store.seal_rows(ROOM, 1) for _ in range(4)]
            assert counts == [3, 2, 0, 0]
            assert await seen(store) == FULL
            assert await store.seal_rows("no-such-room", 1) == 0
        assert [secret for secret in SECRETS if secret in files(tmp_path)] == []
        change(tmp_path, "UPDATE journal SET payload = CAST('{\"text\": \"forged\"}' AS BLOB) WHERE kind = 'chat'")
        async with store_in(tmp_path, Encryption([NEW])) as store:
            with pytest.raises(Unavailable, match="plain"):
                await store.entries(ROOM, 0, 100)


class TestErasing:
    @pytest.mark.parametrize("how", ["end", "delete"])
    async def test_of_a_room_that_takes_many_steps_the_key_goes_first(self, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fourhands.store.sql.rooms.ERASED_ROWS", 1)
        seen_keys: list[object] = []
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            await store.fold()
            erase = rooms.erase_some

            def watched(connection: Connection, room_id: str) -> bool:
                seen_keys.append(connection.execute(select(tables.rooms.c.key).where(tables.rooms.c.id == room_id)).scalar_one() is None)
                return erase(connection, room_id)

            monkeypatch.setattr(rooms, "erase_some", watched)
            await (store.end_room(ROOM, 9) if how == "end" else store.delete_room(ROOM))
        assert len(seen_keys) > 2
        assert seen_keys == [False, *[True] * (len(seen_keys) - 1)]

    @pytest.mark.parametrize("how", ["end", "delete"])
    async def test_the_key_goes_with_the_room(self, tmp_path: Path, how: str) -> None:
        async with store_in(tmp_path, Encryption([NEW])) as store:
            await fill(store)
            [(key,)] = list(rows_in(tmp_path, "SELECT key FROM rooms"))
            assert key in files(tmp_path)
            await (store.end_room(ROOM, 9) if how == "end" else store.delete_room(ROOM))
            with suppress(Unavailable):
                await store.fold()
            assert [one for one in rows_in(tmp_path, "SELECT key FROM rooms") if one != (None,)] == []
        assert key not in files(tmp_path), "after a stop the write-ahead log is gone too"
        async with store_in(tmp_path, Encryption([NEW])) as store:
            assert await store.load(ROOM) is None
