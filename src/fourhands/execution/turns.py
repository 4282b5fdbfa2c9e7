"""The queue in this process: who runs next, decided at once whenever somebody comes or leaves.

Each lane has a ring of rooms that wait. A room whose program is granted goes to the ring's end, so that one with many
programs does not hold up the others, and nobody is passed by for ever.

Invariants: no more run in a lane, of a room, of a person, and in memory than the limits say; nobody waits who could run.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Literal, Protocol

from fourhands.errors import InvalidRequest, LimitExceeded
from fourhands.execution.queue import Ask, Lane, MachineFigures, QueueLimits

AGAIN_SECONDS = 5.0
"""When somebody who found no place is told to come back: about what a run takes."""


class Left(Protocol):
    """What hears that somebody has left."""

    def remove(self, place: "Ticket") -> None: ...


class Ticket:
    """See `queue.Turn`."""

    def __init__(self, queue: "Left", ask: Ask) -> None:
        self.ask = ask
        self.position = 0
        self.is_granted = False
        self.has_left = False
        self._queue = queue
        self._changed = asyncio.Event()

    async def positions(self) -> AsyncIterator[int]:
        told = 0
        while not (self.is_granted or self.has_left):
            if self.position != told:
                told = self.position
                yield told
            else:
                self._changed.clear()
                await self._changed.wait()

    def leave(self) -> None:
        if not self.has_left:
            self.has_left = True
            self._queue.remove(self)
            self._changed.set()

    def grant(self) -> None:
        self.is_granted, self.position = True, 0
        self._changed.set()

    def move(self, position: int) -> None:
        if position != self.position:
            self.position = position
            self._changed.set()


class _Lane:
    """Those of one lane who run and wait."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.running: set[Ticket] = set()
        self.of_rooms: Counter[str] = Counter()
        self.of_people: Counter[str] = Counter()
        self.ring: OrderedDict[str, deque[Ticket]] = OrderedDict()

    def waiting(self) -> Iterator[Ticket]:
        """In the order of their turns, as far as it is known now: everybody's first, everybody's second."""
        places = [(depth, number, place) for number, places in enumerate(self.ring.values()) for depth, place in enumerate(places)]
        return (place for _, _, place in sorted(places, key=lambda entry: entry[:2]))

    def count(self, place: Ticket, by: int) -> None:
        for counter, key in ((self.of_rooms, place.ask.room), (self.of_people, place.ask.person)):
            counter[key] += by
            if not counter[key]:
                del counter[key]


def require_memory(ask: Ask, most: int) -> None:
    """Raises `InvalidRequest` for a program that could never run."""
    if ask.memory_bytes > most:
        raise InvalidRequest(f"This program may use {ask.memory_bytes:,} bytes of memory; this server has {most:,} for one of its kind.")


def full_sentence(of: Literal["waiting", "room", "person"], limits: QueueLimits) -> str:
    """Why there is no place: for anybody, for the room, or for the person."""
    if of == "waiting":
        return f"{limits.waiting} programs wait already. Try again in a moment."
    whose = "of this room" if of == "room" else "of yours"
    return f"{limits.queued} programs {whose} wait already. Stop one, or try again in a moment."


class Turns:
    """See `queue.Queue`. All of it happens in one loop; nothing waits inside."""

    def __init__(self, limits: QueueLimits) -> None:
        self._limits = limits
        self._lanes: dict[Lane, _Lane] = {"batch": _Lane(limits.batch), "interactive": _Lane(limits.interactive)}

    @property
    def limits(self) -> QueueLimits:
        return self._limits

    def running(self, lane: Lane) -> list[Ticket]:
        """Those who run."""
        return list(self._lanes[lane].running)

    def waiting(self, lane: Lane) -> list[Ticket]:
        """Those who wait, by their position."""
        return list(self._lanes[lane].waiting())

    def machines(self) -> Sequence[MachineFigures]:
        return ()

    def memory_of(self) -> Mapping[str, int]:
        return {}

    def waiting_lengths(self) -> Mapping[Lane, int]:
        return {name: sum(1 for _ in lane.waiting()) for name, lane in self._lanes.items()}

    async def enter(self, ask: Ask) -> Ticket:
        return self.put(ask)

    def put(self, ask: Ask) -> Ticket:
        """Take a place: granted at once if it can be. Raises `LimitExceeded` and `InvalidRequest`."""
        require_memory(ask, self._limits.most_bytes(ask.lane))
        lane, place = self._lanes[ask.lane], Ticket(self, ask)
        lane.ring.setdefault(ask.room, deque()).append(place)
        self._grant()
        if not place.is_granted and (full := self._why_full(lane, ask)):
            place.leave()
            raise LimitExceeded(full, AGAIN_SECONDS)
        self._tell()
        return place

    def remove(self, place: Ticket) -> None:
        """Whoever has left, while waiting or after running."""
        lane = self._lanes[place.ask.lane]
        if place in lane.running:
            lane.running.remove(place)
            lane.count(place, -1)
        else:
            places = lane.ring[place.ask.room]
            places.remove(place)
            if not places:
                del lane.ring[place.ask.room]
        self._grant()
        self._tell()

    def _why_full(self, lane: _Lane, ask: Ask) -> str:
        """Why somebody who is in it already may not stay, or nothing."""
        if sum(self.waiting_lengths().values()) > self._limits.waiting:
            return full_sentence("waiting", self._limits)
        if not ask.limited:
            return ""
        waiting = list(lane.waiting())
        if sum(place.ask.room == ask.room for place in waiting) > self._limits.queued:
            return full_sentence("room", self._limits)
        if sum(place.ask.person == ask.person for place in waiting) > self._limits.queued:
            return full_sentence("person", self._limits)
        return ""

    def _grant(self) -> None:
        for lane in self._lanes.values():
            while len(lane.running) < lane.slots and (place := self._next(lane)) is not None:
                places = lane.ring[place.ask.room]
                places.remove(place)
                if places:
                    lane.ring.move_to_end(place.ask.room)
                else:
                    del lane.ring[place.ask.room]
                lane.running.add(place)
                lane.count(place, 1)
                place.grant()

    def _next(self, lane: _Lane) -> Ticket | None:
        """Whose turn it is. One whose memory is not free yet is waited for: smaller ones would pass it for ever."""
        for places in lane.ring.values():
            for place in places:
                if self._may_run(lane, place.ask):
                    return place if self._fits(place.ask) else None
        return None

    def _may_run(self, lane: _Lane, ask: Ask) -> bool:
        most = self._limits.running
        return not ask.limited or (lane.of_rooms[ask.room] < most and lane.of_people[ask.person] < most)

    def _fits(self, ask: Ask) -> bool:
        used = {name: sum(place.ask.memory_bytes for place in lane.running) for name, lane in self._lanes.items()}
        if ask.lane == "interactive" and used["interactive"] + ask.memory_bytes > self._limits.most_bytes("interactive"):
            return False
        return sum(used.values()) + ask.memory_bytes <= self._limits.memory_bytes

    def _tell(self) -> None:
        for lane in self._lanes.values():
            for position, place in enumerate(lane.waiting(), 1):
                place.move(position)
