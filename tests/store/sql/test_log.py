"""Any sequence of commits, folds, merges, snapshots, ends, deletions and crashes, against a model that is a list a room."""

import asyncio
import copy
import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.snapshots import Snapshot
from fourhands.store.sql import compaction, folder, journal, rooms, snapshots
from fourhands.store.sql.store import SqlStore

ROOMS = ("r0", "r1", "r2")
EXAMPLES = 10 if settings().derandomize else 100
"""Each opens a database several times; the same few every time, and others in full runs."""
_example = itertools.count()


@dataclass(frozen=True)
class Do:
    """One step. `verb`: what to do with the room; `share`: of its head, or of the bytes of SQLite's log that a crash leaves."""

    verb: str
    room: str = ""
    share: float = 1.0
    entries: Sequence[Entry] = ()


entries = st.lists(
    st.builds(
        Entry,
        st.sampled_from([EntryKind.EDIT, EntryKind.EDIT, EntryKind.EDIT, EntryKind.CHAT]),
        st.binary(max_size=12),
        st.integers(0, 50),
        st.sampled_from(["ada", "lin"]),
    ),
    min_size=1,
    max_size=6,
)
steps = st.lists(
    st.one_of(
        st.builds(Do, st.just("commit"), st.sampled_from(ROOMS), st.just(1.0), entries),
        st.builds(Do, st.just("commit"), st.sampled_from(ROOMS), st.just(1.0), entries),
        st.builds(Do, st.sampled_from(["snapshot", "end", "delete", "create", "compact", "merge", "fold"]), st.sampled_from(ROOMS), st.floats(0, 1)),
        st.builds(Do, st.sampled_from(["fold", "restart", "crash"])),
        st.builds(Do, st.just("crash"), st.just(""), st.floats(0, 1)),
    ),
    max_size=25,
)


@dataclass
class Model:
    """Entries by room; None: it has ended; no such key: there is none."""

    journal: dict[str, list[StoredEntry] | None] = field(default_factory=dict[str, list[StoredEntry] | None])

    def open(self, room: str) -> list[StoredEntry] | None:
        return self.journal.get(room)


async def shown(store: SqlStore) -> dict[str, list[StoredEntry] | None]:
    """What the store holds, as a model does."""
    found: dict[str, list[StoredEntry] | None] = {}
    for room_id in ROOMS:
        room = await store.room(room_id)
        if room is not None:
            found[room_id] = None if room.ended_at_ms is not None else list(await store.entries(room_id, 0, 10_000))
    return found


class World:
    """A store, what it should hold, and all that it held before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.turn = 0
        self.model = Model()
        self.past: list[dict[str, list[StoredEntry] | None]] = [{}]
        self.store = self._store()

    def _store(self) -> SqlStore:
        return SqlStore(f"sqlite:///{self.folder / str(self.turn) / 'rooms.db'}", fold_seconds=1000)

    async def do(self, step: Do) -> None:
        held = self.model.open(step.room)
        match step.verb:
            case "create" if step.room not in self.model.journal:
                first = [Entry(EntryKind.EDIT, b"first", 1, "ada")]
                await self.store.create_room(Room(step.room, "", "python", GuestRole.EDITOR, False, "e", 1, 1), None, [], first)
                self.model.journal[step.room] = [StoredEntry(EntryKind.EDIT, b"first", 1, "ada", position=1)]
            case "commit":
                done = await self.store.commit({step.room: step.entries, "unknown": step.entries})
                assert "unknown" in done.missing
                assert (step.room in done.heads) == (held is not None)
                if held is not None:
                    held += [StoredEntry(one.kind, one.payload, one.at_ms, one.member, position=at) for at, one in enumerate(step.entries, len(held) + 1)]
                    assert done.heads[step.room] == len(held)
            case "snapshot" if held:
                position = round(len(held) * step.share)
                await self.store.write_snapshot(step.room, Snapshot(position, b"state %d" % position))
            case "end" if step.room in self.model.journal:
                await self.store.end_room(step.room, 7)
                self.model.journal[step.room] = None
            case "delete":
                await self.delete(step.room)
            case "compact":
                await self.store.compact(step.room)
            case "merge":
                await self.store._merge(step.room, thorough=False)
            case "fold":
                await self.store.fold()
            case "restart":
                await self.store.stop()
                await self.store.start()
            case "crash":
                await self.crash(step.share)
            case _:
                pass
        await self.compare()
        self.past.append(copy.deepcopy(self.model.journal))

    async def delete(self, room: str) -> None:
        """What takes several steps stands as ended between them."""
        await self.store.delete_room(room)
        if self.model.journal.pop(room, None) is not None:
            self.past.append(copy.deepcopy({**self.model.journal, room: None}))

    async def crash(self, share: float) -> None:
        """Go on with a copy of the files as they are, SQLite's log cut."""
        here, there = self.folder / str(self.turn), self.folder / str(self.turn + 1)
        there.mkdir()
        shutil.copy(here / "rooms.db", there)
        log = (here / "rooms.db-wal").read_bytes() if (here / "rooms.db-wal").exists() else b""
        (there / "rooms.db-wal").write_bytes(log[: round(len(log) * share)])
        await self.store.stop()
        self.turn += 1
        self.store = self._store()
        await self.store.start()
        found = await shown(self.store)
        if share == 1:
            assert found == self.model.journal
        assert found in self.past, "a cut leaves what was there at some moment, of all rooms together"
        self.model.journal = copy.deepcopy(found)

    async def compare(self) -> None:
        assert await shown(self.store) == self.model.journal
        for room, held in self.model.journal.items():
            stored = await self.store.load(room)
            assert (stored is None) == (held is None)
            if held is None or stored is None:
                continue
            assert stored.head == len(held)
            assert not await self.store.faults(room)
            assert await self.store.tail(room, EntryKind.CHAT, 3) == [one for one in held if one.kind is EntryKind.CHAT][-3:]
            assert await self.store.tail(room, EntryKind.EDIT, 3) == [one for one in held if one.kind is EntryKind.EDIT][-3:]
            assert await self.store.entries(room, len(held) // 2, 3) == held[len(held) // 2 :][:3]
            middle = max((one.at_ms for one in held), default=0) // 2
            until = next((one.position - 1 for one in held if one.at_ms > middle), len(held))
            for asked, expected in (({}, len(held)), ({"position": len(held) // 2}, len(held) // 2), ({"at_ms": middle}, until)):
                seen = await self.store.seek(room, **asked)
                assert seen is not None
                assert seen.head == expected
                after = 0 if seen.snapshot is None else seen.snapshot.position
                assert seen.snapshot is None or (after <= expected and seen.snapshot.state == b"state %d" % after)
                assert seen.edits == [one for one in held if one.kind is EntryKind.EDIT and after < one.position <= expected]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few entries are many."""
    monkeypatch.setattr(compaction, "SMALL_ROWS", 2)
    monkeypatch.setattr(compaction, "SMALL_EDITS", 8)
    monkeypatch.setattr(compaction, "EDITS_PER_BLOCK", 12)
    monkeypatch.setattr(journal, "EDITS_PER_BLOCK", 5)
    monkeypatch.setattr(folder, "STEP_ENTRIES", 4)
    monkeypatch.setattr(folder, "STEP_ROOMS", 2)
    monkeypatch.setattr(folder, "STEP_ROWS", 1)
    monkeypatch.setattr(rooms, "ERASED_ROWS", 2)
    monkeypatch.setattr(snapshots, "CLOSEST_EDITS", 4)


@pytest.mark.usefixtures("small_steps")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(taken=steps)
@example([Do("commit", "r0", 1.0, [Entry(EntryKind.EDIT, b"of the room before", 1)] * 3), Do("delete", "r0"), Do("create", "r0"), Do("crash")])
@example(
    [
        *(Do(verb, "r0", 1.0, [Entry(EntryKind.EDIT, b"", 0, "ada")]) for verb in ("commit", "snapshot", "snapshot", "restart", "commit", "delete", "commit")),
        Do("crash", share=0.8661845642083532),
    ]
)
async def test_whatever_happens_the_journal_is_what_was_committed(quick_dir: Path, taken: list[Do]) -> None:
    world = World(quick_dir / f"x{next(_example)}")
    await world.store.start()
    try:
        for step in [*(Do("create", room) for room in ROOMS), *taken]:
            await world.do(step)
    finally:
        await world.store.stop()


async def test_a_log_that_cannot_be_folded_takes_no_more_and_says_so(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.stop()
    again = SqlStore(str(store.database._file.address).replace("file:", "sqlite:///"), log_bytes=1000)
    await again.start()

    def fail(*_: object, small: bool) -> None:
        raise RuntimeError("a mistake of ours")

    big = Entry(EntryKind.EDIT, bytes(600), 1)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "pack", fail)
        for _ in range(2):
            await again.commit({room.id: [big]})
            with pytest.raises(RuntimeError):
                await again.fold()
        with pytest.raises(Unavailable, match="log is full"):
            await again.commit({room.id: [big]})
        assert len(await again.entries(room.id, 0, 9)) == 2
    await again.fold()
    assert (await again.commit({room.id: [big]})).heads == {room.id: 3}
    await again.stop()


async def test_one_room_that_cannot_be_folded_stops_no_other(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.create_room(Room("other", "", "python", room.guest_role, False, "e", 1, 1), None, [], [])
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"bad", 1)], "other": [Entry(EntryKind.EDIT, b"good", 1)]})
    pack = journal.pack

    def picky(edits: Sequence[Entry], *, small: bool = False) -> bytes:
        if edits[0].payload == b"bad":
            raise RuntimeError("a mistake of ours")
        return pack(edits, small=small)

    with monkeypatch.context() as patched:
        patched.setattr(journal, "pack", picky)
        with pytest.raises(RuntimeError):
            await store.fold()
    assert set(store._log._rooms[room.id].entries[0].payload) == set(b"bad")
    assert store._log._rooms["other"].entries == []
    await store.stop()
    await store.start()
    assert [one.payload for one in await store.entries(room.id, 0, 9)] == [b"bad"]


async def test_a_commit_that_fails_half_way_is_nowhere(store: SqlStore, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"one", 1)]})
    append = store._log._append

    def cut_off(driver: object, payload: bytes) -> None:
        raise Unavailable("The disk is full.", "database")

    monkeypatch.setattr(store._log, "_append", cut_off)
    with pytest.raises(Unavailable):
        await store.commit({room.id: [Entry(EntryKind.EDIT, b"lost", 1)]})
    monkeypatch.setattr(store._log, "_append", append)
    assert (await store.commit({room.id: [Entry(EntryKind.EDIT, b"two", 1)]})).heads == {room.id: 2}
    assert [one.payload for one in await store.entries(room.id, 0, 9)] == [b"one", b"two"]


async def test_what_is_committed_while_a_fold_goes_on_is_not_removed_with_what_it_folded(store: SqlStore, room: Room) -> None:
    """The table is empty after a fold; a row that comes then must not stand below the mark of the next."""
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"one", 1)]})
    await store.fold()
    mark = store._log.mark()
    await store.commit({room.id: [Entry(EntryKind.EDIT, b"two", 1)]})
    await store.database.write(lambda connection: store._log.remove(connection, mark, 1))
    left = await store.database.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM log").scalar_one())
    assert left == 1


async def test_commits_and_folds_side_by_side_lose_nothing(store: SqlStore, room: Room, path: Path, tmp_path: Path) -> None:
    async def fold() -> None:
        for _ in range(40):
            await store.fold()

    async def commit() -> None:
        for number in range(120):
            await store.commit({room.id: [Entry(EntryKind.EDIT, b"%d" % number, number)]})

    folding = asyncio.create_task(fold())
    await commit()
    copied = tmp_path / "copied.db"
    for name in (path.name, path.name + "-wal"):
        shutil.copy(path.with_name(name), copied.with_name(name.replace(path.name, copied.name)))
    await folding
    again = SqlStore(f"sqlite:///{copied}")
    await again.start()
    assert [one.payload for one in await again.entries(room.id, 0, 999)] == [b"%d" % number for number in range(120)]
    await again.stop()
