"""Two instances of one installation in one process: rooms of their own over one store, and between them a wire instead of Redis, which carries
words in order, in a later turn of the loop. What goes over the real one is in tests/cluster."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from fourhands.actions.place import Place
from fourhands.errors import Unavailable
from fourhands.room.journal import Journal
from fourhands.room.live import LiveRoom
from fourhands.room.neighbours import Neighbours
from fourhands.room.others import Answers, HearsAll, HearsRoom
from fourhands.room.registry import Registry
from fourhands.room.share import RATE, Counted, Share
from tests.house import House, open_house


@dataclass(eq=False)
class Way:
    """Implements `room.others.Others` for one of them. `cut`: nothing goes out or comes in."""

    instance: str
    ways: list["Way"]
    registry: Registry | None = None
    reached: bool = True
    hears: dict[str, HearsRoom] = field(default_factory=dict[str, HearsRoom])
    hears_all: dict[str, HearsAll] = field(default_factory=dict[str, HearsAll])
    answers: dict[str, Answers] = field(default_factory=dict[str, Answers])
    on_lost: list[Callable[[str], None]] = field(default_factory=list[Callable[[str], None]])
    on_loaded: list[Callable[[LiveRoom, bool], None]] = field(default_factory=list[Callable[[LiveRoom, bool], None]])
    on_mended: list[Callable[[LiveRoom], None]] = field(default_factory=list[Callable[[LiveRoom], None]])
    on_gap: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def others(self) -> list["Way"]:
        return [way for way in self.ways if way is not self and way.reached and self.reached]

    async def living(self) -> Sequence[str]:
        return [self.instance, *(way.instance for way in self.others())]

    async def holders(self, room_id: str) -> Sequence[str]:
        return [way.instance for way in (self, *self.others()) if way.registry is not None and way.registry.live(room_id) is not None]

    def say_all(self, topic: str, payload: bytes) -> None:
        for way in self.others():
            if topic in way.hears_all:
                asyncio.get_running_loop().call_soon(way.hears_all[topic], self.instance, payload)

    async def ask(self, instance: str, topic: str, payload: bytes, seconds: float = 5.0) -> bytes:
        for way in self.others():
            if way.instance == instance:
                return await way.answers[topic](self.instance, payload)
        raise Unavailable("This instance does not answer.", "redis")

    def say_in(self, room_id: str, topic: str, payload: bytes) -> None:
        for way in self.others():
            if way.registry is not None and (room := way.registry.live(room_id)) is not None and topic in way.hears:
                asyncio.get_running_loop().call_soon(way.hears[topic], room, self.instance, payload)

    def end(self) -> None:
        """As by kill -9: the others notice."""
        self.reached = False
        for way in self.ways:
            if way is not self:
                for told in way.on_lost:
                    told(self.instance)


@dataclass(frozen=True)
class InRoom:
    """Implements `room.room_runs.Shared`."""

    way: Way
    room_id: str

    def say(self, topic: str, payload: bytes) -> None:
        self.way.say_in(self.room_id, topic, payload)

    def show(self, update: bytes) -> None:
        """Cursors are no matter here."""

    def said(self, message: object) -> None:
        """Nor is chat."""

    def ours(self, member_ids: Collection[str]) -> int:
        """Nobody is at both."""
        return len(member_ids)

    def count(self, member_id: str, what: str, most: int) -> None:
        self.say(RATE, msgspec.json.encode(Counted(member_id, what, most)))


class SharedRegistry(Registry):
    """A registry whose rooms are other instances' as well."""

    async def get(self, room_id: str) -> LiveRoom:
        known = self.live(room_id)
        room = await super().get(room_id)
        if known is None and room.shared is None and isinstance(self.sharing, Way):
            room.shared = cast("Share", InRoom(self.sharing, room_id))
            held = any(way.registry is not None and way.registry.live(room_id) for way in self.sharing.others())
            for told in self.sharing.on_loaded:
                told(room, held)
        return room


@contextlib.asynccontextmanager
async def two_instances(folder: Path) -> AsyncIterator[tuple[House, House]]:
    """Both over one store."""
    ways: list[Way] = []
    async with open_house(folder) as first, contextlib.AsyncExitStack() as stack:
        houses: list[House] = []
        for name in ("one", "two"):
            journal = Journal(first.store, commit_seconds=0.0, backlog_bytes=first.limits.backlog_bytes)
            registry = SharedRegistry(first.store, journal, first.clock, first.limits, adhoc=False)
            way = Way(name, ways, registry)
            ways.append(way)
            registry.sharing = way
            known = first.place
            place = Place(
                first.store, registry, known.tokens, known.clock, known.limits, known.languages, known.adhoc, accounts=known.accounts, rates=known.rates
            )
            Neighbours(registry, way)
            writing = asyncio.create_task(journal.run())
            stack.callback(writing.cancel)
            houses.append(House(first.store, journal, registry, place, first.clock, first.limits))
        yield houses[0], houses[1]


def way_of(house: House) -> Way:
    """How that instance reaches the other."""
    assert isinstance(house.registry.sharing, Way)
    return house.registry.sharing
