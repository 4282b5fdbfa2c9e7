"""A run that this machine took: the program that came with it, carried, and told by two streams."""

import asyncio
from collections.abc import Callable

import msgspec

from fourhands.errors import ProtocolViolation, Unavailable
from fourhands.execution.carried import Carried, carry
from fourhands.execution.cluster.asking import ttl_ms
from fourhands.execution.cluster.channel import Channel, Inflow
from fourhands.execution.cluster.keys import Keys
from fourhands.execution.cluster.reader import Fields, Reader
from fourhands.execution.cluster.sender import Sender
from fourhands.execution.cluster.words import Offer, Packed
from fourhands.execution.frames import FrameReader
from fourhands.execution.link import Ended, Ping, Refused, Said, SetLogLevel, Start, ToRunner, join_job
from fourhands.execution.port import Backend, Error, Job, Limits
from fourhands.execution.remote_run import LOST

MOST_WINDOW_BYTES = 16 * 1024 * 1024

_DECODER = msgspec.json.Decoder(ToRunner)
_NO_JOB = Job(id="-", language="-", limits=Limits())


def unpack(data: bytes) -> Job:
    """The program that a server left. Raises `ProtocolViolation` if it is none."""
    frames = FrameReader()
    try:
        (head, body), *_ = frames.feed(data)
        return join_job(msgspec.json.decode(head, type=Packed).job, body)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ProtocolViolation(f"A program was left that is none: {error}.") from error


class TakenRun:
    """`begin` once the program was taken. `ended` is called once nothing more is said.

    Invariant: whatever it still says when its asker or Redis is gone goes nowhere, and the program is killed.
    """

    def __init__(self, keys: Keys, sender: Sender, reader: Reader, offer: Offer, *, coalesce_seconds: float) -> None:
        self.offer = offer
        self._sender = sender
        self._reader = reader
        self._to, self._from = keys.to_run(offer.run), keys.from_run(offer.run)
        self._coalesce_seconds = coalesce_seconds
        self._inflow = Inflow(sender, self._to, _DECODER)
        self._carried: Carried | None = None
        self._early: list[tuple[ToRunner, bytes]] = []
        self._channel: Channel | None = None
        reader.add(self._to, self._take)

    def begin(self, backend: Backend, job: Job, *, doubted: Callable[[], None]) -> "asyncio.Task[None]":
        """Start it, and carry it to its end."""
        channel = self._open(job)
        window = min(self.offer.window, MOST_WINDOW_BYTES)
        carried = self._carried = Carried(channel, 1, window, self._coalesce_seconds)
        task = carried.begin(self._carry(carried, backend, job, doubted))
        for message, body in self._early:
            self._hear(carried, message, body)
        return task

    def refuse(self, why: str) -> None:
        """It was taken, or may have been, and cannot be started."""
        self._open(_NO_JOB).send(Refused(1, Unavailable.code, why))
        self.forget()

    def _open(self, job: Job) -> Channel:
        self._channel = Channel(self._sender, self._from, ttl_ms(job), self.abandon)
        return self._channel

    async def _carry(self, carried: Carried, backend: Backend, job: Job, doubted: Callable[[], None]) -> None:
        try:
            await carry(carried, backend, job, doubted=doubted)
        finally:
            self.forget()

    def forget(self) -> None:
        """Read nothing more that is said to it."""
        self._reader.remove(self._to)

    def say_lost(self) -> None:
        """This runner ends: the server need not wait for a lease to know."""
        if self._channel is not None:
            self._channel.send(Said(1, Error(message=LOST)))
            self._channel.send(Ended(1))

    def abandon(self) -> None:
        """Nobody hears of it any more: kill it."""
        if self._channel is not None:
            self._channel.mute()
        if self._carried is not None:
            self._carried.abandon()

    def _take(self, entry: bytes, fields: Fields) -> None:
        try:
            said = self._inflow.take(entry, fields)
            if said is None:
                return
            if self._carried is None:
                self._early.append(said)
            else:
                self._hear(self._carried, *said)
        except ProtocolViolation:
            self.abandon()

    def _hear(self, carried: Carried, message: ToRunner, body: bytes) -> None:
        if isinstance(message, Start | Ping | SetLogLevel):
            raise ProtocolViolation("A run is told nothing of that kind.")
        carried.take(message, body)
