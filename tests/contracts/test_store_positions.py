"""Any sequence of commits, snapshots, endings and restarts, against a model that is a list a room."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourhands.model.entry import Entry, EntryKind, StoredEntry
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.store.port import Store
from fourhands.store.snapshots import Snapshot

OpenStore = Callable[[], Awaitable[Store]]

ROOMS = ("r0", "r1", "r2")
_example = itertools.count()


@dataclass(frozen=True)
class Commit:
    """`batches`: room -> entries. Room `unknown` is never there."""

    batches: dict[str, list[Entry]]


@dataclass(frozen=True)
class TakeSnapshot:
    """A snapshot at `share` of the room's head."""

    room: str
    share: float


@dataclass(frozen=True)
class End:
    room: str


@dataclass(frozen=True)
class Restart:
    pass


Step = Commit | TakeSnapshot | End | Restart

entries = st.lists(
    st.builds(Entry, kind=st.sampled_from([EntryKind.EDIT, EntryKind.EDIT, EntryKind.CHAT]), payload=st.binary(max_size=8), at_ms=st.integers(0, 2**53)),
    max_size=4,
)
steps = st.lists(
    st.one_of(
        st.builds(Commit, st.dictionaries(st.sampled_from([*ROOMS, "unknown"]), entries, max_size=4)),
        st.builds(Commit, st.dictionaries(st.sampled_from(ROOMS), entries, min_size=1, max_size=3)),
        st.builds(TakeSnapshot, st.sampled_from(ROOMS), st.floats(0, 1)),
        st.builds(End, st.sampled_from(ROOMS)),
        st.builds(Restart),
    ),
    max_size=15,
)


@dataclass
class Model:
    """What the store should hold."""

    journal: dict[str, list[StoredEntry]] = field(default_factory=lambda: {room: [] for room in ROOMS})
    snapshots: dict[str, int] = field(default_factory=dict[str, int])
    ended: set[str] = field(default_factory=set[str])

    def open(self, room: str) -> bool:
        return room in self.journal and room not in self.ended


async def take(step: Step, store: Store, model: Model, name: Callable[[str], str]) -> None:
    """Do one step in both and compare what was said."""
    match step:
        case Commit(batches):
            done = await store.commit({name(room): batch for room, batch in batches.items()})
            for room, batch in batches.items():
                if model.open(room):
                    held = model.journal[room]
                    start = len(held) + 1
                    held.extend(
                        StoredEntry(entry.kind, entry.payload, entry.at_ms, entry.member, position=position) for position, entry in enumerate(batch, start)
                    )
            assert dict(done.heads) == {name(room): len(model.journal[room]) for room in batches if model.open(room)}
            assert done.missing == {name(room) for room in batches if not model.open(room)}
        case TakeSnapshot(room, share):
            position = int(len(model.journal[room]) * share)
            await store.write_snapshot(name(room), Snapshot(position, str(position).encode()))
            if model.open(room):
                model.snapshots[room] = max(position, model.snapshots.get(room, -1))
        case End(room):
            await store.end_room(name(room), 1)
            model.ended.add(room)
        case Restart():
            await store.stop()
            await store.start()


async def compare(store: Store, model: Model, name: Callable[[str], str]) -> None:
    for room, held in model.journal.items():
        stored = await store.load(name(room))
        if not model.open(room):
            assert stored is None
            continue
        assert stored is not None
        after = model.snapshots.get(room)
        assert stored.head == len(held)
        assert stored.snapshot == (None if after is None else Snapshot(after, str(after).encode()))
        assert stored.edits == [one for one in held if one.kind is EntryKind.EDIT and one.position > (after or 0)]
        assert await store.tail(name(room), EntryKind.CHAT, 3) == [one for one in held if one.kind is EntryKind.CHAT][-3:]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(taken=steps)
async def test_any_sequence_gives_each_room_one_order_without_gaps(open_store: OpenStore, taken: list[Step]) -> None:
    store, other = await open_store(), await open_store()
    prefix, model = f"x{next(_example)}-", Model()

    def name(room: str) -> str:
        return prefix + room

    for room in ROOMS:
        await store.create_room(Room(name(room), "", "python", GuestRole.EDITOR, False, "e", 1, 1), None, [], [])
    for number, step in enumerate(taken):
        await take(step, (store, other)[number % 2], model, name)
        await compare((other, store)[number % 2], model, name)
