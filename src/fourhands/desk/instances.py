"""The instances of an installation as the desk shows them: each says every other second how it is, and one that says nothing is soon no more.

Figures of the last hour are of all of them together, as far as this one was there to hear.
"""

import socket
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import msgspec

from fourhands.desk.figures import Sample
from fourhands.desk.mode import ModeName
from fourhands.model.clock import Clock
from fourhands.room.others import Others
from fourhands.room.registry import Registry

SAYS_SECONDS = 2.0
HEARD_SECONDS = 15.0
"""Whoever has said nothing for so long is shown no more."""
ROOMS_TOLD = 5000
"""Of a room that several instances have, all know that it is one, up to so many rooms of each."""
TOPIC = "desk.instance"


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One of them. `id`: another at each start; `host`: the machine's name. `figures`: its own, None until there are any."""

    id: str
    host: str
    started_at: int
    version: str
    mode: ModeName
    log_level: str
    figures: Sample | None


class Told(msgspec.Struct, array_like=True, frozen=True):
    """What an instance says of itself; `rooms`: four bytes for each that it has."""

    row: InstanceRow
    rooms: bytes = b""


_decoder = msgspec.msgpack.Decoder(Told)


class Instances:
    """Invariant: `_heard` holds what others said, and when (monotonic seconds)."""

    def __init__(self, registry: Registry, clock: Clock, own: Callable[[Sample | None], InstanceRow]) -> None:
        self._registry = registry
        self._clock = clock
        self._own = own
        self._others: Others | None = registry.sharing
        self._figures: Sample | None = None
        self._heard: dict[str, tuple[float, Told]] = {}
        if self._others is not None:
            self._others.hears_all[TOPIC] = self._hear
            self._others.on_lost.append(self._forget)

    def rows(self) -> Sequence[InstanceRow]:
        """All that live, longest there first."""
        return sorted([self._own(self._figures), *(told.row for told in self._told())], key=lambda row: (row.started_at, row.id))

    def say(self) -> None:
        """Tell the others how we are."""
        if self._others is not None:
            self._others.say_all(TOPIC, msgspec.msgpack.encode(Told(self._own(self._figures), self._rooms())))

    def together(self, own: Sample) -> Sample:
        """A sample of ours, and what the others say: one of all. Latencies are those of the slowest."""
        self._figures = own
        told = [one for one in self._told() if one.row.figures is not None]
        if not told:
            return own
        rooms = [self._rooms(), *(one.rooms for one in told)]
        once = len({packed[at : at + 4] for packed in rooms for at in range(0, len(packed), 4)})
        counted = sum(len(packed) // 4 for packed in rooms)
        whole = own
        for one in told:
            if one.row.figures is not None:
                whole = _added(whole, one.row.figures)
        return replace(whole, rooms=whole.rooms - counted + once)

    def _rooms(self) -> bytes:
        rooms = [room.room.id for room in self._registry.rooms() if not room.closed]
        return b"".join(zlib.crc32(room_id.encode()).to_bytes(4) for room_id in rooms[:ROOMS_TOLD])

    def _told(self) -> Sequence[Told]:
        now = self._clock.monotonic()
        return [told for at, told in self._heard.values() if now - at < HEARD_SECONDS]

    def _hear(self, origin: str, payload: bytes) -> None:
        now = self._clock.monotonic()
        self._heard = {known: said for known, said in self._heard.items() if now - said[0] < HEARD_SECONDS}
        self._heard[origin] = now, _decoder.decode(payload)

    def _forget(self, origin: str) -> None:
        self._heard.pop(origin, None)


def _added(one: Sample, other: Sample) -> Sample:
    sums = ("rooms", "people", "connections", "edits_per_second", "messages_per_second", "memory_bytes", "cpu_percent")
    programs = ("programs_running", "programs_waiting", "programs_ended", "programs_failed")
    added = {name: round(getattr(one, name) + getattr(other, name), 1) for name in (*sums, *programs)}
    slowest = {name: _most(getattr(one, name), getattr(other, name)) for name in ("edit_p50_ms", "edit_p99_ms", "commit_p50_ms", "commit_p99_ms")}
    return replace(one, **added, **slowest)


def _most(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def host_name() -> str:
    """The machine's, as an operator knows it."""
    return socket.gethostname()[:64]
