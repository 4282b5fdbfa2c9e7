"""Puts together what is told of the server to whoever looks after it: metrics, for which it listens where something happens anyway."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Sequence
from typing import get_args

from fourhands.actions.place import Place
from fourhands.desk.desk import Desk
from fourhands.edge.http.metrics import MetricsDoor
from fourhands.edge.ws.hub import Hub
from fourhands.edge.ws.outbox import ConnectionOutbox
from fourhands.edge.ws.sampling import Sampler
from fourhands.errors import Unavailable
from fourhands.metrics import catalog
from fourhands.metrics.gathering import Gathering, Seat
from fourhands.metrics.reading import Reading, one
from fourhands.metrics.sample import Series, Snapshot
from fourhands.metrics.tally import Tally
from fourhands.model.execution import Execution
from fourhands.protocol.runs import RunStatus
from fourhands.room.journal import Journal
from fourhands.room.live import LiveRoom
from fourhands.room.peer import Peer
from fourhands.room.sharing import Sharing
from fourhands.settings import Settings

OTHER = "other"
BUS_SECONDS = 1.0
STATUSES = set(get_args(RunStatus))


class Observing:
    """`door` is for `/metrics`. Made before the server starts, `start` and `stop` go with it. `seat`: which of several workers this is."""

    def __init__(self, settings: Settings, place: Place, journal: Journal, desk: Desk, *, tally: Tally, seat: Seat | None = None) -> None:
        self.tally = tally
        self._desk = desk
        self._clock, self._spans = place.clock, place.spans
        self._languages = {language.id for language in place.languages}
        self._sampler: Sampler | None = None
        self._asked = False
        self._committed = journal.timed
        self._ran = place.registry.executions.heard
        self.reading = Reading(place.registry, journal, place.executor, tally, wire_of=wire_of, backlog_bytes=settings.backlog_bytes)
        self._gathering = None if seat is None else Gathering(seat, self._own)
        self.door = MetricsDoor(settings.metrics, settings.metrics_token, self._take)
        place.registry.executions.heard = self._run_ended
        if settings.metrics != "off":
            self._listen(place, journal)
        if (joint := place.registry.joint) is not None:
            self.reading.more.append(lambda: bus_now(joint))

    async def start(self, hub: Hub) -> None:
        """Hear of connections that end, and of edits that were sampled; tell the other workers when they ask."""
        if self.door.reach == "off":
            return
        if self._gathering is not None:
            await self._gathering.start()
        hub.departed = self._departed
        hub.heard = lambda kind: self.tally.add(catalog.MESSAGES, 1, kind)
        hub.relayed = lambda seconds: self.tally.observe(catalog.RELAY, seconds)
        self._sampler = Sampler(hub)

    async def stop(self) -> None:
        """Send what waits to be sent."""
        await self._spans.stop()
        if self._gathering is not None:
            await self._gathering.stop()

    def _listen(self, place: Place, journal: Journal) -> None:
        tally = self.tally
        journal.timed = self._timed
        place.registry.left = self._room_left
        place.executor.waited = lambda seconds: tally.observe(catalog.PROGRAM_WAIT, seconds)
        self._desk.figures.lagged = self._lagged

    async def _take(self) -> Sequence[Snapshot]:
        return [await self._own()] if self._gathering is None else await self._gathering.all()

    async def _own(self) -> Snapshot:
        self._asked = True  # from now on edits are sampled: before, nobody would see them
        return await self.reading.take("" if self._gathering is None else self._gathering.name)

    def _timed(self, seconds: float, entries: int) -> None:
        self._committed(seconds, entries)
        self.tally.observe(catalog.COMMIT, seconds)
        self.tally.add(catalog.ENTRIES, entries)

    def _lagged(self, seconds: float) -> None:
        self.tally.observe(catalog.LAG, seconds)
        if self._asked and self._sampler is not None:
            self._sampler.choose()

    def _run_ended(self, run: Execution) -> None:
        self._ran(run)
        self._spans.ended(
            "run", at_ms=run.at_ms, duration_ms=run.duration_ms, language=among(run.language, self._languages), where=run.where, status=run.status
        )
        self.tally.observe(catalog.RUN, run.duration_ms / 1000, among(run.language, self._languages), run.where, among(run.status, STATUSES))

    def _room_left(self, room: LiveRoom) -> None:
        self.tally.observe(catalog.ROOM_DURATION, self._clock.monotonic() - room.loaded_at)

    def _departed(self, by: str, code: str, peer: Peer | None) -> None:
        self.tally.add(catalog.CLOSED, 1, by, code)
        if peer is not None:
            self.reading.gone.add(peer.received, wire_of(peer))


async def bus_now(sharing: Sharing, *, seconds: float = BUS_SECONDS) -> Sequence[Series]:
    """How the way to other instances is; no longer than so many seconds."""
    said, heard = one(catalog.BUS_MESSAGES, sharing.bus.said, "said"), one(catalog.BUS_MESSAGES, sharing.heard, "heard")
    began, told = time.perf_counter(), [one(catalog.BUS_REACHED, sharing.bus.reached), said, heard]
    if sharing.bus.reached:
        with contextlib.suppress(Unavailable, TimeoutError):
            instances = len(await asyncio.wait_for(sharing.bus.living(), seconds))
            told += [one(catalog.BUS_LAG, time.perf_counter() - began), one(catalog.BUS_INSTANCES, instances)]
    return told


def wire_of(peer: Peer) -> object:
    """The socket of somebody's connection, None where there is none."""
    return peer.outbox.socket if isinstance(peer.outbox, ConnectionOutbox) else None


def among(value: str, known: Iterable[str]) -> str:
    """The value if it is one of those that are known: what clients say must not become labels without end."""
    return value if value in known else OTHER
