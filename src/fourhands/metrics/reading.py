"""Reads the server when somebody asks: nearly everything stands in counters that are there for another reason."""

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

from fourhands import __version__
from fourhands.execution.executor import Executor
from fourhands.execution.queue import MachineFigures
from fourhands.metrics import catalog
from fourhands.metrics.catalog import Metric
from fourhands.metrics.sample import Series, Snapshot
from fourhands.metrics.tally import Tally
from fourhands.metrics.traffic import Traffic
from fourhands.room.counting import people_counted_here
from fourhands.room.journal import Journal
from fourhands.room.memory import resident_bytes
from fourhands.room.peer import Peer
from fourhands.room.registry import Registry

PEERS_AT_ONCE = 500
"""Connections that are looked at before others go on: about a millisecond."""


class Reading:
    """`gone`: what connections carried that have ended; `wire_of`: a connection's socket, None where it has none; `backlog_bytes`: what may wait for
    the journal. `more`: what others add, each time."""

    def __init__(
        self, registry: Registry, journal: Journal, executor: Executor, tally: Tally, *, wire_of: Callable[[Peer], object], backlog_bytes: int
    ) -> None:
        self.tally = tally
        self.gone = Traffic()
        self.more: list[Callable[[], Awaitable[Iterable[Series]]]] = []
        self._registry, self._journal, self._executor = registry, journal, executor
        self._wire_of = wire_of
        self._backlog_bytes = backlog_bytes
        self._started = time.time()
        tally.add(catalog.ENTRIES, 0)

    async def take(self, worker: str = "") -> Snapshot:
        """Everything as it is now; a few connections at a time, while others go on."""
        rooms = await self._rooms()
        series = [*rooms, *self._journal_now(), *self._programs_now(), *self._process(), *self._counted()]
        for source in self.more:
            series += await source()
        return Snapshot(worker, tuple(series))

    async def _rooms(self) -> list[Series]:
        occupied = empty = connections = people = looked = 0
        gone, traffic = self.gone, Traffic()
        before = gone.copy()
        for room in self._registry.rooms():
            if room.closed:
                continue
            peers = list(room.peers)
            occupied, empty = occupied + bool(peers), empty + (not peers)
            connections += len(peers)
            people += people_counted_here(room)
            for peer in peers:
                traffic.add(peer.received, self._wire_of(peer))
            looked += 1 + len(peers)
            if looked >= PEERS_AT_ONCE:
                looked = 0
                await asyncio.sleep(0)
        carried = (
            (catalog.EDITS, before.edits + traffic.edits),
            (catalog.RECEIVED_BYTES, before.received_bytes + traffic.received_bytes),
            (catalog.SENT_BYTES, before.sent_bytes + traffic.sent_bytes),
            (catalog.RECEIVED_SEGMENTS, before.received_segments + traffic.received_segments),
            (catalog.SENT_SEGMENTS, before.sent_segments + traffic.sent_segments),
        )
        return [
            one(catalog.ROOMS, occupied, "occupied"),
            one(catalog.ROOMS, empty, "empty"),
            one(catalog.CONNECTIONS, connections),
            one(catalog.PEOPLE, people),
            *(one(metric, value) for metric, value in carried),
        ]

    def _journal_now(self) -> Iterator[Series]:
        yield one(catalog.BACKLOG, self._backlog_bytes - self._journal.left_bytes)
        yield one(catalog.BACKLOG_LIMIT, self._backlog_bytes)
        yield one(catalog.FAILING, self._journal.failed)

    def _programs_now(self) -> Iterator[Series]:
        under_way = self._executor.under_way()
        running = sum(run.is_running for run in under_way)
        yield one(catalog.PROGRAMS, running, "running")
        yield one(catalog.PROGRAMS, len(under_way) - running, "waiting")
        yield one(catalog.PROGRAMS_AVAILABLE, not self._executor.why_not())
        for lane, count in self._executor.waiting_lengths().items():
            yield one(catalog.QUEUE, count, lane)
        machines = self._executor.machines()
        if machines:
            yield from runners(machines)

    def _process(self) -> Iterator[Series]:
        yield one(catalog.BUILD_INFO, 1, __version__, platform.python_version())
        yield one(catalog.MEMORY, resident_bytes())
        yield one(catalog.CPU, time.process_time())
        yield one(catalog.STARTED, self._started)

    def _counted(self) -> Iterator[Series]:
        """What was counted as it happened; what has no labels is there from the start, as 0."""
        for metric in catalog.CATALOG:
            if metric.kind == "histogram":
                observed = self.tally.observed(metric)
                for labels, seen in observed.items():
                    yield Series(metric.name, labels, seen.sum, tuple(seen.counts))
                if not observed and not metric.labels:
                    yield Series(metric.name, (), 0.0, (0,) * (len(metric.buckets) + 1))
            else:
                for labels, value in self.tally.counted(metric).items():
                    yield Series(metric.name, labels, value)


def runners(machines: Sequence[MachineFigures]) -> Iterator[Series]:
    """What servers share that runs programs."""
    ready = [machine for machine in machines if machine.ok]
    yield one(catalog.RUNNERS, len(ready), "ready")
    yield one(catalog.RUNNERS, len(machines) - len(ready), "failing")
    counts = (
        (catalog.RUNNER_PLACES, ("batch",), [(machine.batch, machine.batch_slots) for machine in ready]),
        (catalog.RUNNER_PLACES, ("interactive",), [(machine.interactive, machine.interactive_slots) for machine in ready]),
        (catalog.RUNNER_MEMORY, (), [(machine.memory_bytes, machine.memory_most_bytes) for machine in ready]),
    )
    for metric, labels, pairs in counts:
        used = sum(used for used, _ in pairs)
        yield one(metric, used, *labels, "used")
        yield one(metric, sum(most for _, most in pairs) - used, *labels, "free")


def one(metric: Metric, value: float, *labels: str) -> Series:
    """A counter or a gauge."""
    return Series(metric.name, labels, float(value))
