"""The rows of the desk's tables: rooms in memory, and connections in them. Called by `tables.py`, some rooms at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from fourhands.desk.figures import ROOMS_AT_ONCE, Figures
from fourhands.model.clock import Clock
from fourhands.model.room import Member
from fourhands.protocol import events
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry

MEASURED_SECONDS = 20.0
"""How long a document counts as large as it was: to measure it costs by its size."""
ROOM_BYTES, CONNECTION_BYTES, BYTES_OF_TEXT = 24 * 1024, 11 * 1024, 6
"""What a room takes by itself, what each connection does, and how often a text stands in memory with what keeps its history: estimates,
for texts that were typed; nobody is billed by them."""
ROUNDED_BYTES = 1024


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room in memory. Times in milliseconds since the epoch; `used_at`: when something was written in it last; `document_bytes`: of its texts;
    `memory_bytes`: an estimate; `ending_at`: when it will be ended, if it is about to be; `edits`: written since it came into memory."""

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


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A connection: somebody may have several. `id` is the connection's; `rate`: messages that it sends in a second; `page`: it is one of our own
    pages, or another client that hears events."""

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


class Rows:
    """Reads the registry. Invariant: `_sizes` holds rooms in memory alone, `_people` connections in them."""

    def __init__(self, registry: Registry, figures: Figures, clock: Clock) -> None:
        self._registry = registry
        self._figures = figures
        self._clock = clock
        self._sizes: dict[int, tuple[float, int, int]] = {}  # by room object: measured when, behind which entry, bytes
        self._people: dict[int, tuple[Member, float, PersonRow]] = {}  # by connection: of whom, at which rate; most are as they were

    async def rooms(self) -> AsyncIterator[tuple[str, RoomRow]]:
        endings = self._registry.endings
        sizes: dict[int, tuple[float, int, int]] = {}
        for number, room in enumerate(self._registry.rooms()):
            if number % ROOMS_AT_ONCE == ROOMS_AT_ONCE - 1:
                await asyncio.sleep(0)
            if not room.closed:
                sizes[id(room)] = self._size(room)
                yield room.room.id, _room_row(room, sizes[id(room)][2], endings)
        self._sizes = sizes

    async def people(self) -> AsyncIterator[tuple[str, PersonRow]]:
        people: dict[int, tuple[Member, float, PersonRow]] = {}
        for number, room in enumerate(self._registry.rooms()):
            if number % ROOMS_AT_ONCE == ROOMS_AT_ONCE - 1:
                await asyncio.sleep(0)
            for peer in list(room.peers):
                member, rate = peer.member, self._figures.rate(peer)
                known = self._people.get(peer.number)
                if known is None or known[0] is not member or known[1] != rate:
                    known = member, rate, _person_row(room, peer, rate)
                people[peer.number] = known
                yield known[2].id, known[2]
        self._people = people

    def _size(self, room: LiveRoom) -> tuple[float, int, int]:
        now, ticket = self._clock.monotonic(), room.queue.ticket
        known = self._sizes.get(id(room))
        if known is not None and (known[1] == ticket or now - known[0] < MEASURED_SECONDS):
            return known
        document = room.document
        return now, ticket, sum(len(document.text(file.id).encode(errors="replace")) for file in document.files())


def _room_row(room: LiveRoom, document_bytes: int, endings: Mapping[str, events.RoomEnding]) -> RoomRow:
    ending = endings.get(room.room.id)
    memory = ROOM_BYTES + CONNECTION_BYTES * len(room.peers) + BYTES_OF_TEXT * document_bytes
    return RoomRow(
        id=room.room.id,
        title=room.room.title,
        language=room.room.language,
        people=len({peer.author for peer in room.peers}),
        connections=len(room.peers),
        created_at=room.room.created_at_ms,
        used_at=max(room.queue.at_ms, room.room.created_at_ms),
        edits=room.queue.ticket,
        document_bytes=document_bytes,
        memory_bytes=memory // ROUNDED_BYTES * ROUNDED_BYTES,
        ephemeral=room.room.ephemeral,
        programs=room.has_programs,
        ending_at=None if ending is None else ending.at,
    )


def _person_row(room: LiveRoom, peer: Peer, rate: float) -> PersonRow:
    member = peer.member
    return PersonRow(
        id=str(peer.number),
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
    )
