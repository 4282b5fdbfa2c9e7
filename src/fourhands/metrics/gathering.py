"""Several workers behind one port: whichever is asked for metrics asks the others, each at a socket in a folder that they share.

A connection gets one snapshot as JSON and is closed. Nobody else can reach the folder: the supervisor made it with mode 700.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from fourhands.metrics.sample import Snapshot

ANSWER_SECONDS = 2.0
"""A worker that takes longer is left out of this answer."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.metrics")


@dataclass(frozen=True, slots=True)
class Seat:
    """Which worker this is, counted from 0, of how many; `folder` is theirs together."""

    number: int
    count: int
    folder: Path

    def socket_of(self, number: int) -> Path:
        return self.folder / f"worker{number}.sock"


class Gathering:
    """`take`: this worker's own metrics."""

    def __init__(self, seat: Seat, take: Callable[[], Awaitable[Snapshot]]) -> None:
        self.name = str(seat.number)
        self._seat = seat
        self._take = take
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Answer the others. Raises `OSError`."""
        path = self._seat.socket_of(self._seat.number)
        path.unlink(missing_ok=True)  # of the one before, which was killed
        self._server = await asyncio.start_unix_server(self._answer, path)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def all(self) -> Sequence[Snapshot]:
        """Everybody's who answers in time, this one's among them, in the order of their numbers."""
        others = [number for number in range(self._seat.count) if number != self._seat.number]
        answers = await asyncio.gather(*map(self._ask, others))
        found = [await self._take(), *(answer for answer in answers if answer is not None)]
        return sorted(found, key=lambda snapshot: int(snapshot.worker))

    async def _ask(self, number: int) -> Snapshot | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self._seat.socket_of(number))
                with contextlib.closing(writer):
                    return msgspec.json.decode(await reader.read(-1), type=Snapshot)
        except (OSError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("metrics.worker_silent", worker=number, reason=str(error) or "it did not answer in time")
            return None

    async def _answer(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            writer.write(msgspec.json.encode(await self._take()))
            await writer.drain()
