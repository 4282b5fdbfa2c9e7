"""A run that a runner elsewhere has, or is to have, as the server that asked for it knows it: offered once, taken once, told by two streams."""

import asyncio
from collections.abc import Callable

import msgspec

from fourhands import errors
from fourhands.errors import FourhandsError, ProtocolViolation, Unavailable
from fourhands.execution.cluster.channel import Channel, Inflow
from fourhands.execution.cluster.keys import Keys, new_name
from fourhands.execution.cluster.reader import Fields, Reader
from fourhands.execution.cluster.sender import Sender
from fourhands.execution.cluster.words import Offer, Packed
from fourhands.execution.frames import pack_frame
from fourhands.execution.link import Credit, Ended, FromRunner, Pong, Refused, State, Stop, encode, split_job
from fourhands.execution.port import Job
from fourhands.execution.remote_run import LOST, RemoteRun

UNTAKEN_MS = 120_000
"""How long a program that nobody takes lies in Redis: longer than any server waits for it."""
MARGIN_SECONDS = 300
"""How long after the last moment of a run its streams are gone, whatever happened."""

REFUSALS: dict[str, Callable[[str], FourhandsError]] = {
    error.code: error for error in (errors.InvalidRequest, errors.NotFound, errors.TooLarge, errors.Conflict)
}

_DECODER = msgspec.json.Decoder(FromRunner)


def refusal(refused: Refused) -> FourhandsError:
    """Why it was not started, as the error that the runner had."""
    make = REFUSALS.get(refused.code)
    return make(refused.message) if make is not None else Unavailable(refused.message, "runner")


def ttl_ms(job: Job) -> int:
    """How long a run's streams may be there."""
    return int((job.limits.wall_seconds + job.limits.compile_wall_seconds + MARGIN_SECONDS) * 1000)


class AskedRun:
    """One offer to one runner. `name` is known to that runner alone. `ended` is called once nothing more comes.

    ::

        offered ──Started──> running ──Ended──> over
           │  └──Refused──────────────────────> over
           └──withdrawn before anybody took it─> over, and may be offered anew under another name
    """

    def __init__(self, keys: Keys, sender: Sender, reader: Reader, job: Job, *, runner: str, version: int, window_bytes: int) -> None:
        self.runner = runner
        self.version = version
        self.name = new_name()
        self.over = asyncio.Event()
        self.is_taken = False
        self.is_withdrawn = False
        self._keys = keys
        self._sender = sender
        self._reader = reader
        self._job = job
        self._window_bytes = window_bytes
        self._to, self._from = keys.to_run(self.name), keys.from_run(self.name)
        self._channel = Channel(sender, self._to, ttl_ms(job), lambda: self.lose(LOST))
        self._inflow = Inflow(sender, self._from, _DECODER)
        self.run = RemoteRun(self._channel, 1, window_bytes)

    def offer(self, asker: str) -> None:
        """Have its runner take it."""
        head, body = split_job(self._job)
        self._reader.add(self._from, self._take)
        self._sender.put("XADD", self._keys.notices(asker), "MAXLEN", "~", 10_000, "*", "wake", "1")  # what reads learns of the stream
        self._sender.put("SET", self._keys.job(self.name), pack_frame(encode(Packed(head)), body), "PX", UNTAKEN_MS)
        offer = encode(Offer(self.name, asker, self._window_bytes))
        self._sender.put("XADD", self._keys.offers(self.runner), "NOMKSTREAM", "*", "offer", offer, missing=self.withdrawn)

    def _take(self, entry: bytes, fields: Fields) -> None:
        try:
            said = self._inflow.take(entry, fields)
            if said is None:
                return
            message, body = said
            self.is_taken = True
            match message:
                case State() | Pong():
                    self.lose(f"{LOST} Its runner says what makes no sense.")
                case Ended():
                    self._end(None)
                case Refused():
                    self._end(refusal(message))
                case _:
                    self.run.take(message, body)
        except ProtocolViolation as error:
            self.lose(f"{LOST} {error}")

    def withdrawn(self) -> None:
        """Nobody has taken it, and nobody can any more: it may be offered to another."""
        self.is_withdrawn = not self.over.is_set() and not self.is_taken
        self._end(Unavailable(LOST, "runner"))

    def lose(self, why: str) -> None:
        """It is not known how it goes on: it is lost, and ends wherever it is."""
        if not self.over.is_set():
            self._channel.send(Stop(1))
            self._channel.send(Credit(1, 1 << 40))  # what it still says is not read: it must not wait for that
            self._end(Unavailable(why, "runner"), keep_ms=UNTAKEN_MS)

    def _end(self, error: FourhandsError | None, *, keep_ms: int = 0) -> None:
        """`keep_ms`: a runner that comes back has so long to read that it is over."""
        if self.over.is_set():
            return
        self.over.set()
        self._reader.remove(self._from)
        self._channel.mute()
        self._sender.put("DEL", self._from, self._keys.job(self.name))
        self._sender.put(*(("PEXPIRE", self._to, keep_ms) if keep_ms else ("DEL", self._to)))
        self.run.end(error)
