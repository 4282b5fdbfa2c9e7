"""Several instances in one process, for tests of rooms: a registry, a journal and a bus each, one store and one clock for all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from pycrdt import Doc, Text

from fourhands.bus.memory import Exchange, MemoryBus
from fourhands.bus.port import Bus
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.model.room import Member
from fourhands.protocol import sync
from fourhands.room.edits import edit
from fourhands.room.joint_room import JointRoom
from fourhands.room.journal import Journal
from fourhands.room.mending import mend
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry
from fourhands.room.sharing import Sharing
from tests.house import House, open_house
from tests.room.screen import Screen


async def until(holds: Callable[[], object]) -> None:
    """Let others go on until it holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - rooms tell nobody
            await asyncio.sleep(0.002)


class Person:
    """Somebody connected to one instance, with a copy of the document as a page has it."""

    def __init__(self, room: JointRoom, peer: Peer, screen: Screen, client: int) -> None:
        self.room, self.peer, self.screen = room, peer, screen
        self.doc = Doc(client_id=client)
        self._read = 0

    def pull(self) -> str:
        """Take in what came; the text as they see it."""
        edits = self.screen.edits()
        for update in edits[self._read :]:
            self.doc.apply_update(update)
        self._read = len(edits)
        return str(self.doc.get("file:main", type=Text))

    def write(self, text: str, at: int = 0) -> None:
        self.pull()
        before = self.doc.get_state()
        self.doc.get("file:main", type=Text).insert(at, text)
        self.send(self.doc.get_update(before))

    def erase(self, start: int, end: int) -> None:
        self.pull()
        before = self.doc.get_state()
        del self.doc.get("file:main", type=Text)[start:end]
        self.send(self.doc.get_update(before))

    def send(self, update: bytes) -> None:
        message = sync.update(update)
        if not self.room.update(self.peer, update, message):
            edit(self.room, self.peer, update, whole=False, message=message)

    def catch_up(self) -> None:
        """Step 1 and step 2, as a page that comes back says them."""
        self.room.answer_state(self.peer, self.doc.get_state())
        self.pull()
        edit(self.room, self.peer, self.doc.get_update(), whole=True)


@dataclass
class Instance:
    """One of several."""

    name: str
    bus: Bus
    sharing: Sharing
    journal: Journal
    registry: Registry
    house: House
    writing: asyncio.Task[None]
    people: list[Person] = field(default_factory=list)

    async def enter(self, room_id: str, name: str, client: int, role: Role = Role.EDITOR) -> Person:
        member = Member(name.lower(), room_id, name, "#1d4ed8", role, self.house.clock.now_ms())
        if await self.house.store.member(room_id, member.id) is None:
            await self.house.store.add_member(member)
        room, screen = await self.registry.get(room_id), Screen()
        assert isinstance(room, JointRoom)
        peer = Peer(member, screen, events=True, since_ms=self.house.clock.now_ms())
        room.join(peer)
        person = Person(room, peer, screen, client)
        room.answer_state(peer, b"\x00")
        self.people.append(person)
        return person

    async def written(self) -> None:
        await asyncio.wait_for(self.journal.settled(), 20)

    def kill(self) -> None:
        """As by SIGKILL: nothing more is committed or said."""
        self.writing.cancel()
        assert isinstance(self.bus, MemoryBus)
        self.bus.kill()


@dataclass
class Several:
    """All of them, and what they have in common."""

    house: House
    instances: list[Instance]

    async def converged(self, room_id: str, *people: Person) -> str:
        """Wait until all see the same, which is what the rooms have; what that is."""
        rooms = [room for one in self.instances if one.bus.reached and (room := one.registry.live(room_id)) is not None]

        def same() -> bool:
            return len({person.pull() for person in people} | {room.document.text() for room in rooms}) == 1

        await until(same)
        return people[0].pull()


@contextlib.asynccontextmanager
async def several(folder: Path, count: int = 3, *, limits: Limits | None = None, make_bus: Callable[[str], Bus] | None = None) -> AsyncIterator[Several]:
    """Start them; `make_bus`: of an instance's name, in memory by default."""
    exchange = Exchange()
    async with open_house(folder, limits) as house:
        made: list[Instance] = []
        for number in range(count):
            name = f"instance{number}".ljust(16, "0")
            bus = MemoryBus(exchange, name) if make_bus is None else make_bus(name)
            sharing = Sharing(bus, house.clock, partial(mend, house.store))
            journal = Journal(house.store, commit_seconds=0.0, backlog_bytes=house.limits.backlog_bytes)
            registry = Registry(house.store, journal, house.clock, house.limits, adhoc=False, sharing=sharing)
            made.append(Instance(name, bus, sharing, journal, registry, house, asyncio.create_task(journal.run())))
            await sharing.start()
        await until(lambda: all(one.bus.reached for one in made))
        try:
            yield Several(house, made)
        finally:
            for one in made:
                one.writing.cancel()
                await asyncio.gather(one.writing, return_exceptions=True)
                await one.sharing.stop()


@pytest.fixture
async def three(quick_dir: Path) -> AsyncIterator[Several]:
    """Three instances that share a store."""
    async with several(quick_dir) as made:
        yield made


async def opened(three: Several, **wishes: object) -> str:
    """A new room's id."""
    return (await three.house.open(**wishes)).room.id


def cut(instance: Instance) -> None:
    """It does not reach the others any more."""
    assert isinstance(instance.bus, MemoryBus)
    instance.bus.cut()


def reach(instance: Instance) -> None:
    """It does again."""
    assert isinstance(instance.bus, MemoryBus)
    instance.bus.mend()


def silence(instance: Instance) -> None:
    """Nothing more of it is committed; it is still there."""
    instance.writing.cancel()
