"""One shard's way to Redis: a connection that writes, pipelined, and one that reads, blocked. `redis.py` has a lane for each shard.

    down ──connect both, see where the streams end──> up ──either breaks, or is silent──> down, again after a random pause that grows

All keys of a shard have its number as their hash tag, so that they lie on one node of a Redis Cluster; a lane follows MOVED to that node.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis
import structlog
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection, parse_url
from redis.exceptions import MovedError, RedisError, ResponseError

from fourhands.bus.envelope import BadParcel, Inbox
from fourhands.bus.messages import Message
from fourhands.bus.port import Hear
from fourhands.errors import Unavailable

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bus")

BLOCK_MS = 2000
"""How long a read waits for something to come; then it is asked anew, which shows that the other side is there."""
SILENT_SECONDS, CONNECT_SECONDS = 5.0, 5.0
COUNT = 500
"""Entries of a stream that one read takes. If so many came there may be more, and some may have been trimmed away before they were read."""
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.1, 5.0
WAKES_KEPT = 16

_pack = cast("Callable[[tuple[str | bytes | int, ...]], bytes]", getattr(hiredis, "pack_command"))  # noqa: B009 - its stub names one argument


class Stream:
    """A channel that is read: the id of the last entry that was seen, and who hears what comes."""

    __slots__ = ("channel", "hear", "inbox", "key", "last")

    def __init__(self, channel: str, key: bytes, hear: Hear, last: bytes = b"") -> None:
        self.channel, self.key, self.hear, self.last = channel, key, hear, last
        self.inbox = Inbox()


class Lane:
    """See above.

    Invariant: `_sent` are the commands that were written and not answered yet, in their order; `_waiting` those that were not written.
    Publications stay in `_waiting` while the lane is down, of at most `backlog_bytes`; whoever asks something is refused then.
    """

    def __init__(self, url: str, control: Stream, *, backlog_bytes: int, on_up: Callable[[bool], None], on_missed: Callable[[str], None]) -> None:
        self._url = url
        self._control = control
        self._own = control.channel[1:].encode()
        self._backlog_bytes = backlog_bytes
        self._on_up, self._on_missed = on_up, on_missed
        self._node: tuple[str, int] | None = None
        self._streams: dict[bytes, Stream] = {control.key: control}
        self._command: bytes | None = None  # the head of the next read: everything but ids; None: which streams there are has changed
        self._waiting: deque[tuple[bytes, asyncio.Future[Any] | None]] = deque()
        self._waiting_bytes = 0
        self._sent: deque[tuple[bytes, asyncio.Future[Any] | None]] = deque()
        self._more = asyncio.Event()
        self._broken: asyncio.Event = asyncio.Event()
        self.up = False

    # ---- asked by the bus ------------------------------------------------------------------------------------------

    def put(self, command: bytes) -> None:
        """Let Redis have it; nobody waits for the answer."""
        if self._waiting_bytes + len(command) > self._backlog_bytes:
            self.drop()
            return  # rooms exchange their states when others are reached again
        self._waiting.append((command, None))
        self._waiting_bytes += len(command)
        self._more.set()

    async def call(self, *arguments: str | bytes | int) -> Any:
        """Redis' answer. Raises `Unavailable`."""
        if not self.up:
            raise Unavailable("The other servers are not reached at the moment.", "redis")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        command = pack(*arguments)
        self._waiting.append((command, answer))
        self._waiting_bytes += len(command)
        self._more.set()
        try:
            return await asyncio.wait_for(answer, SILENT_SECONDS)
        except TimeoutError:
            self.drop()
            raise Unavailable("Redis does not answer.", "redis") from None

    def drop(self) -> None:
        """Its connections are of no use any more."""
        self._broken.set()

    async def listen(self, channel: str, key: bytes, hear: Hear) -> None:
        """Read a stream from its end on. Raises `Unavailable`."""
        newest = await self.call("XREVRANGE", key, "+", "-", "COUNT", 1)
        self._streams[key] = Stream(channel, key, hear, newest[0][0] if newest else b"0-0")
        self._wake()

    def ignore(self, key: bytes) -> None:
        """Read it no more."""
        if self._streams.pop(key, None) is not None:
            self._wake()

    def forget(self, instance: str) -> None:
        """That instance is gone."""
        for stream in self._streams.values():
            stream.inbox.forget(instance)

    def channels(self) -> Sequence[bytes]:
        """The keys of the streams that are read."""
        return list(self._streams)

    def _wake(self) -> None:
        """The read that is under way ends: it names other streams than are to be read."""
        if self._command is not None:
            self._command = None
            self.put(pack("XADD", self._control.key, "MAXLEN", "~", WAKES_KEPT, "*", "m", b""))

    # ---- its life --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Connect, and go on for ever; ends by cancellation."""
        pause = 0.0
        while True:
            try:
                await self._live()
            except MovedError as moved:
                self._node, pause = (str(cast("Any", moved).host) or str(parse_url(self._url).get("host", "localhost")), moved.port), 0.0
            except (RedisError, OSError, TimeoutError) as error:
                self._node = None
                log.warning("bus.lane_broken", reason=f"{type(error).__name__}: {error}"[:200])
            finally:
                pause = 0.0 if self.up else pause
                self._down()
            if (task := asyncio.current_task()) and task.cancelling():  # Redis's client at times makes an error of being told to end
                raise asyncio.CancelledError
            pause = min(LAST_PAUSE_SECONDS, max(FIRST_PAUSE_SECONDS, pause * 2))
            await asyncio.sleep(random.uniform(pause / 4, pause))  # noqa: S311 - so that not all come back in the same moment

    async def _live(self) -> None:
        """From one connection to its end. Raises what ended it."""
        self._broken.clear()
        connections: list[AbstractConnection] = []
        tasks: list[asyncio.Task[None]] = []
        try:
            for _ in range(2):
                connections.append(self._connection())
                async with asyncio.timeout(CONNECT_SECONDS):
                    await connections[-1].connect()
            reading, writing = connections
            await self._find_places(reading)
            self._again()
            tasks = [asyncio.create_task(work) for work in (self._read(reading), self._write(writing), self._answers(writing), self._watch())]
            self.up = True
            self._on_up(True)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for connection in connections:
                await connection.disconnect(nowait=True)

    def _connection(self) -> AbstractConnection:
        values = cast("dict[str, Any]", dict(parse_url(self._url)))
        kind = cast("type[AbstractConnection]", values.pop("connection_class", Connection))
        if self._node is not None and issubclass(kind, (Connection, SSLConnection)) and not issubclass(kind, UnixDomainSocketConnection):
            values["host"], values["port"] = self._node
        values |= {"protocol": 2, "socket_timeout": SILENT_SECONDS, "socket_connect_timeout": CONNECT_SECONDS}
        return kind(**values)

    def _again(self) -> None:
        """What was written and not answered may not have arrived; what came twice is passed over by whoever gets it."""
        unanswered = [(command, answer) for command, answer in self._sent if answer is None]
        self._sent.clear()
        self._waiting.extendleft(reversed(unanswered))
        self._waiting_bytes = sum(len(command) for command, _ in self._waiting)
        if self._waiting:
            self._more.set()

    def _down(self) -> None:
        was_up, self.up = self.up, False
        for _, answer in (*self._sent, *self._waiting):
            if answer is not None and not answer.done():
                answer.set_exception(Unavailable("The other servers are not reached at the moment.", "redis"))
        self._waiting = deque((command, answer) for command, answer in self._waiting if answer is None)
        if was_up:
            self._on_up(False)

    async def _watch(self) -> None:
        await self._broken.wait()
        raise TimeoutError("Redis is silent.")

    async def _write(self, connection: AbstractConnection) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            batch, self._waiting, self._waiting_bytes = self._waiting, deque(), 0
            self._sent.extend(batch)
            await connection.send_packed_command(b"".join([command for command, _ in batch]), check_health=False)

    async def _answers(self, connection: AbstractConnection) -> None:
        while True:
            try:
                answer = await _reply(connection, math.inf)
            except ResponseError as error:
                _, waits = self._sent.popleft()
                if waits is None or isinstance(error, MovedError):
                    raise
                if not waits.done():
                    waits.set_exception(Unavailable(f"Redis refused a command: {error}", "redis"))
                continue
            _, waits = self._sent.popleft()
            if waits is not None and not waits.done():
                waits.set_result(answer)

    # ---- reading ---------------------------------------------------------------------------------------------------

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            if self._command is None:
                self._command = _read_command(list(self._streams))
            ids = b"".join([b"$%d\r\n%b\r\n" % (len(stream.last), stream.last) for stream in self._streams.values()])
            await connection.send_packed_command(self._command + ids, check_health=False)
            for key, entries in await _reply(connection) or ():
                stream = self._streams.get(key)
                if stream is not None:
                    before, stream.last = stream.last, entries[-1][0]
                    if len(entries) >= COUNT:
                        await self._require_all(connection, stream, before)
                    self._take(stream, entries)

    def _take(self, stream: Stream, entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> None:
        for _, fields in entries:
            parcel = fields[1]
            if not parcel or parcel.startswith(self._own, 1):
                continue  # a wake, or our own
            try:
                taken = stream.inbox.take(parcel)
            except BadParcel as error:
                log.warning("bus.bad_parcel", channel=stream.channel, bytes=len(parcel), reason=str(error))
                continue
            if taken is not None:
                self._hear(stream, *taken)
        if stream.inbox.missed:
            stream.inbox.missed = False
            self._on_missed(stream.channel)

    def _hear(self, stream: Stream, sender: str, messages: Sequence[Message]) -> None:
        try:
            stream.hear(sender, messages)
        except Exception:  # a mistake in one room must not end the reading for all
            log.exception("bus.hearing_failed", channel=stream.channel)

    async def _require_all(self, connection: AbstractConnection, stream: Stream, before: bytes) -> None:
        """If the last one seen is older than the first one kept, some between were never seen."""
        await connection.send_command("XRANGE", stream.key, "-", "+", "COUNT", 1, check_health=False)
        first = await _reply(connection)
        if first and _id(first[0][0]) > _id(before):
            log.warning("bus.missed", channel=stream.channel)
            self._on_missed(stream.channel)

    async def _find_places(self, connection: AbstractConnection) -> None:
        """After a break: a Redis that was begun anew may count from an earlier id than we have seen."""
        for stream in self._streams.values():
            await connection.send_command("XREVRANGE", stream.key, "+", "-", "COUNT", 1, check_health=False)
            newest = await _reply(connection)
            end = newest[0][0] if newest else b"0-0"
            stream.last = min(stream.last or end, end, key=_id)


async def _reply(connection: AbstractConnection, seconds: float | None = None) -> Any:
    """The next answer, as bytes. Raises `RedisError`."""
    return cast("Any", await connection.read_response(disable_decoding=True, timeout=seconds))


def pack(*arguments: str | bytes | int) -> bytes:
    """A command as Redis reads it."""
    return _pack(arguments)


def _read_command(keys: Sequence[bytes]) -> bytes:
    """XREAD of these streams, but for the ids."""
    words = [b"XREAD", b"BLOCK", b"%d" % BLOCK_MS, b"COUNT", b"%d" % COUNT, b"STREAMS", *keys]
    return b"*%d\r\n" % (len(words) + len(keys)) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])


def _id(text: bytes) -> tuple[int, int]:
    milliseconds, _, number = text.partition(b"-")
    return int(milliseconds), int(number or 0)
