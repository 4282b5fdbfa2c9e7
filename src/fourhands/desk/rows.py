"""The rows of the desk's tables: rooms in memory, and connections in them. Called by `tables.py`, some rooms at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fourhands.desk.figures import ROOMS_AT_ONCE, Figures
from fourhands.model.clock import Clock
from fourhands.model.room import Member
from fourhands.protocol import events
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry

MEASURED_SECONDS = 20.0
"""How long a document counts as large as it was, and as much again for each `MEASURED_BYTES` of it: to measure it costs by its size."""
MEASURED_BYTES = 128 * 1024
EMPTY_BYTES = len(EMPTY_UPDATE)
STEP_BYTES = 256 * 1024
"""Of documents that are measured before others go on."""
ROOM_BYTES, CONNECTION_BYTES, DOCUMENT_BYTES, BYTES_OF_PLACES, BYTES_OF_OTHERS = 7 * 1024, 8 * 1024, 12 * 1024, 30, 7
"""What a room takes by itself, what each connection does and what a document that anything was written into; what a byte takes that says where letters stand,
beside the letters themselves, and what any byte of a document takes whose texts are no files. As `bench/room_memory.py` finds it: docs/performance.md
says how far that is off, and nobody is billed by it."""
ROUNDED_BYTES = 1024


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room in memory. Times in milliseconds since the epoch; `used_at`: when something was written in it last; `document_bytes`: as newcomers get it;
    `memory_bytes`: an estimate; `ending_at`: when it will be ended, if it is about to be; `edits`: written since it came into memory;
    `instances`: which have it, where there are several."""

    id: str
    title: str
    language: str
    people: int
    connections: int
    created_at: int
    used_at: int
    edits: int
    document_bytes: int
    memory_bytes: int
    ephemeral: bool
    programs: bool
    ending_at: int | None
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A connection: somebody may have several. `id` is the connection's; `rate`: messages that it sends in a second; `page`: it is one of our own
    pages, or another client that hears events; `instance`: where it is, if there are several."""

    id: str
    member: str
    name: str
    color: str
    role: str
    room: str
    since: int
    address: str
    account: str | None
    rate: float
    page: bool
    instance: str = ""


class Rows:
    """Reads the registry. Invariant: `_sizes` holds rooms in memory alone, `_people` connections in them."""

    def __init__(self, registry: Registry, figures: Figures, clock: Clock) -> None:
        self._registry = registry
        self._instance = registry.sharing.instance if registry.sharing is not None else ""
        self._figures = figures
        self._clock = clock
        self._sizes: dict[int, Size] = {}  # by room object
        self._rooms: dict[int, tuple[object, RoomRow]] = {}  # by room object, made of what
        self._people: dict[int, tuple[Member, float, PersonRow]] = {}  # by connection: of whom, at which rate; most are as they were

    async def rooms(self) -> AsyncIterator[tuple[str, RoomRow]]:
        endings = self._registry.endings
        sizes: dict[int, Size] = {}
        rows: dict[int, tuple[object, RoomRow]] = {}
        done = 0
        for room in self._registry.rooms():
            if done >= STEP_BYTES:
                await asyncio.sleep(0)
                done = 0
            if not room.closed:
                known = self._sizes.get(id(room))
                sizes[id(room)] = size = self._size(room, known)
                done += STEP_BYTES // ROOMS_AT_ONCE + (0 if size is known else size.document_bytes)
                rows[id(room)] = made = self._row(room, size, endings)
                yield made[1].id, made[1]
        self._sizes, self._rooms = sizes, rows

    def _row(self, room: LiveRoom, size: "Size", endings: Mapping[str, events.RoomEnding]) -> tuple[object, RoomRow]:
        """The row, and what it is made of: who is in a room is told by how many and the newest of them, since connections come in their order."""
        peers = room.peers
        ending = endings.get(room.room.id)
        of = room.room, room.queue.ticket, room.queue.at_ms, len(peers), peers[-1].number if peers else 0, room.has_programs, ending, size
        known = self._rooms.get(id(room))
        return known if known is not None and known[0] == of else (of, _room_row(room, size, ending, self._instance))

    async def people(self) -> AsyncIterator[tuple[str, PersonRow]]:
        people: dict[int, tuple[Member, float, PersonRow]] = {}
        for number, room in enumerate(self._registry.rooms()):
            if number % ROOMS_AT_ONCE == ROOMS_AT_ONCE - 1:
                await asyncio.sleep(0)
            for peer in list(room.peers):
                member, rate = peer.member, self._figures.rate(peer)
                known = self._people.get(peer.number)
                if known is None or known[0] is not member or known[1] != rate:
                    known = member, rate, _person_row(room, peer, rate, self._instance)
                people[peer.number] = known
                yield known[2].id, known[2]
        self._people = people

    def _size(self, room: LiveRoom, known: "Size | None") -> "Size":
        now, ticket = self._clock.monotonic(), room.queue.ticket
        if known is not None and (known.ticket == ticket or now - known.at < MEASURED_SECONDS * (1 + known.document_bytes / MEASURED_BYTES)):
            return known
        return Size(now, ticket, len(room.document.state()), room.document.text_bytes())


class Size(NamedTuple):
    """A document as it was `at` that time (monotonic seconds), behind so many entries: its bytes as newcomers get it, and those of its files' texts."""

    at: float
    ticket: int
    document_bytes: int
    text_bytes: int

    @property
    def memory_bytes(self) -> int:
        """What it takes in memory, roughly: an item of Yjs takes far more there than in an update."""
        if self.document_bytes <= EMPTY_BYTES:
            return 0
        if not self.text_bytes:
            return DOCUMENT_BYTES + BYTES_OF_OTHERS * self.document_bytes
        return DOCUMENT_BYTES + self.text_bytes + BYTES_OF_PLACES * max(0, self.document_bytes - self.text_bytes)


def _room_row(room: LiveRoom, size: Size, ending: events.RoomEnding | None, instance: str) -> RoomRow:
    memory = ROOM_BYTES + CONNECTION_BYTES * len(room.peers) + size.memory_bytes
    return RoomRow(
        id=room.room.id,
        title=room.room.title,
        language=room.room.language,
        people=len({peer.author for peer in room.peers}),
        connections=len(room.peers),
        created_at=room.room.created_at_ms,
        used_at=max(room.queue.at_ms, room.room.created_at_ms),
        edits=room.queue.ticket,
        document_bytes=size.document_bytes,
        memory_bytes=memory // ROUNDED_BYTES * ROUNDED_BYTES,
        ephemeral=room.room.ephemeral,
        programs=room.has_programs,
        ending_at=None if ending is None else ending.at,
        instances=(instance,) if instance else (),
    )


def joined(rows: Sequence[RoomRow]) -> RoomRow:
    """One room at several instances."""
    first = rows[0]
    return replace(
        first,
        people=sum(row.people for row in rows),
        connections=sum(row.connections for row in rows),
        used_at=max(row.used_at for row in rows),
        edits=sum(row.edits for row in rows),
        document_bytes=max(row.document_bytes for row in rows),
        memory_bytes=sum(row.memory_bytes for row in rows),
        programs=any(row.programs for row in rows),
        ending_at=next((row.ending_at for row in rows if row.ending_at is not None), None),
        instances=tuple(sorted(name for row in rows for name in row.instances)),
    )


def _person_row(room: LiveRoom, peer: Peer, rate: float, instance: str) -> PersonRow:
    member = peer.member
    return PersonRow(
        id=f"{instance}-{peer.number}" if instance else str(peer.number),
        member=member.id,
        name=member.name,
        color=member.color,
        role=member.role.value,
        room=room.room.id,
        since=peer.since_ms,
        address=peer.address,
        account=peer.account_id,
        rate=rate,
        page=peer.events,
        instance=instance,
    )
