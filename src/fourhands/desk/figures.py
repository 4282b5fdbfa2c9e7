"""Figures of the whole server, sampled every few seconds and kept for an hour, in memory alone.

Everything is read from counters that are there for another reason: nothing is counted for the desk when a key is pressed.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fourhands.desk.probe import Probe
from fourhands.desk.programs import Programs
from fourhands.desk.window import Window
from fourhands.model.clock import Clock
from fourhands.room.counting import people_counted_here
from fourhands.room.live import LiveRoom
from fourhands.room.memory import resident_bytes
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry

SAMPLE_SECONDS = 5.0
KEPT_SECONDS = 3600.0
ROOMS_AT_ONCE = 50
"""Rooms that are counted before others go on."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one time. Latencies in milliseconds, of the last minute; None: nothing was measured. `edits_per_second`: what was written into
    journals, `messages_per_second`: sync messages and moves of cursors that came; both since the sample before, as the two counts of programs that
    ended. `cpu_percent`: of one core, of this process."""

    at: int
    rooms: int
    people: int
    connections: int
    edits_per_second: float
    messages_per_second: float
    edit_p50_ms: float | None
    edit_p99_ms: float | None
    commit_p50_ms: float | None
    commit_p99_ms: float | None
    memory_bytes: int
    cpu_percent: float
    programs_running: int
    programs_waiting: int
    programs_ended: int
    programs_failed: int


@dataclass(slots=True)
class _Count:
    """What the rooms' counters say together."""

    rooms: int = 0
    connections: int = 0
    people: int = 0
    edits: float = 0
    messages: float = 0


class Figures:
    """Invariant: `samples` are of the last hour at most, oldest first."""

    def __init__(self, registry: Registry, programs: Programs, clock: Clock, *, cpu_seconds: Callable[[], float] = time.process_time) -> None:
        self._registry = registry
        self._programs = programs
        self._clock = clock
        self._cpu_seconds = cpu_seconds
        self._samples: deque[Sample] = deque(maxlen=round(KEPT_SECONDS / SAMPLE_SECONDS))
        self._edits, self._commits = Window(), Window()
        self.probe = Probe(self._lagged)
        self.lagged: Callable[[float], object] = lambda seconds: None  # hears each probe
        self._tickets: Mapping[int, int] = {}  # by room object: a room that is loaded again counts anew
        self._heard: Mapping[int, tuple[int, int]] = {}
        self._rates: Mapping[int, float] = {}
        self._at, self._cpu = clock.monotonic(), cpu_seconds()
        self._programs_before = programs.counts()
        self.together: Callable[[Sample], Sample] = lambda own: own  # what a sample becomes beside those of other instances

    def _lagged(self, seconds: float) -> None:
        self._edits.add(self._clock.monotonic(), seconds)
        self.lagged(seconds)

    def committed(self, seconds: float, entries: int = 0) -> None:
        """A commit of the journal took so long."""
        del entries
        self._commits.add(self._clock.monotonic(), seconds)

    def rate(self, peer: Peer) -> float:
        """Messages a second that came on a connection between the two last samples."""
        return self._rates.get(peer.number, 0.0)

    def samples(self, after_ms: int = 0) -> Sequence[Sample]:
        """Those later than that time, oldest first."""
        return [sample for sample in self._samples if sample.at > after_ms]

    async def run(self, every_seconds: float = SAMPLE_SECONDS) -> None:
        """Sample for ever."""
        self.probe.start()
        try:
            while True:
                await asyncio.sleep(every_seconds)
                await self.sample()
        finally:
            self.probe.stop()

    async def sample(self) -> Sample:
        """Look at everything now; a few rooms at a time, while others go on."""
        now, cpu = self._clock.monotonic(), self._cpu_seconds()
        seconds = max(now - self._at, 0.001)
        count = await self._count(seconds)
        sample = self.together(self._sample_of(count, now, seconds, cpu - self._cpu))
        self._at, self._cpu, self._programs_before = now, cpu, self._programs.counts()
        self._samples.append(sample)
        return sample

    def _sample_of(self, count: "_Count", now: float, seconds: float, cpu_seconds: float) -> Sample:
        edits, commits = self._edits.percentiles(now), self._commits.percentiles(now)
        (ended, failed), before = self._programs.counts(), self._programs_before
        return Sample(
            at=self._clock.now_ms(),
            rooms=count.rooms,
            people=count.people,
            connections=count.connections,
            edits_per_second=round(count.edits / seconds, 1),
            messages_per_second=round(count.messages / seconds, 1),
            edit_p50_ms=edits.p50,
            edit_p99_ms=edits.p99,
            commit_p50_ms=commits.p50,
            commit_p99_ms=commits.p99,
            memory_bytes=resident_bytes(),
            cpu_percent=round(cpu_seconds / seconds * 100, 1),
            programs_running=self._programs.running(),
            programs_waiting=self._programs.waiting(),
            programs_ended=ended - before[0],
            programs_failed=failed - before[1],
        )

    async def _count(self, seconds: float) -> _Count:
        count = _Count()
        tickets: dict[int, int] = {}
        heard: dict[int, tuple[int, int]] = {}
        rates: dict[int, float] = {}
        for number, room in enumerate(self._registry.rooms()):
            if number % ROOMS_AT_ONCE == ROOMS_AT_ONCE - 1:
                await asyncio.sleep(0)
            if room.closed:
                continue
            count.rooms += 1
            tickets[id(room)] = ticket = room.queue.ticket
            count.edits += ticket - self._tickets.get(id(room), ticket)
            self._count_people(room, count, heard, rates, seconds)
        self._tickets, self._heard, self._rates = tickets, heard, rates
        return count

    def _count_people(self, room: LiveRoom, count: _Count, heard: dict[int, tuple[int, int]], rates: dict[int, float], seconds: float) -> None:
        peers = room.peers
        if not peers:
            return
        count.connections += len(peers)
        count.people += people_counted_here(room)
        for peer in peers:
            moved = 0 if peer.latest is None else peer.latest.clock
            heard[peer.number] = (peer.received, moved)
            received_before, moved_before = self._heard.get(peer.number, (0, moved))
            # a client may set its own clock as far ahead as it likes: a move is one message
            moves = moved - moved_before if 0 <= moved - moved_before < room.limits.messages_per_second * seconds else 0
            if came := peer.received - received_before + moves:
                count.messages += came
                rates[peer.number] = round(came / seconds, 1)
