"""One shard's way to Redis: a connection that writes, pipelined, and one that reads, blocked. `redis.py` has a lane for each shard.

    down ──connect both, see where the streams end──> up ──either breaks, or is silent──> down, again after a random pause that grows

All keys of a shard have its number as their hash tag, so that they lie on one node of a Redis Cluster; a lane follows MOVED to that node.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import structlog
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection, parse_url
from redis.exceptions import MovedError, RedisError, ResponseError

from fourhands.bus.port import Hear
from fourhands.bus.stream import COUNT, Stream, entry_id, pack, read_command
from fourhands.bus.wire import Wire
from fourhands.errors import Unavailable
from fourhands.redis_client.ending import require_wanted
from fourhands.redis_client.reasons import reason

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.bus")

SILENT_SECONDS, CONNECT_SECONDS = 5.0, 5.0
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 0.1, 5.0
WAKES_KEPT = 16
PACE_SECONDS, LEAST_PACE_SECONDS, LONGEST_PACE_SECONDS = 5e-6, 0.005, 0.02
"""What is said is sent, and reads begin, no sooner after one another than the least; reads, each of which names all streams and costs both sides some of
this for each of them, than so much for each. What comes after a pause is said and heard at once; where much comes, several together at the cost of a few."""


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
        self._writing: Wire | None = None
        self._due = False  # what waits is written in the next turn of the loop
        self._came: asyncio.Future[Any] | None = None  # what the read that is under way brings
        self._broken: asyncio.Event = asyncio.Event()
        self._reason: Exception | None = None
        self._why = ""  # it is down
        self.up = False

    # ---- asked by the bus ------------------------------------------------------------------------------------------

    def put(self, command: bytes) -> None:
        """Let Redis have it; nobody waits for the answer."""
        if self._waiting_bytes + len(command) > self._backlog_bytes:
            self.drop()
            return  # rooms exchange their states when others are reached again
        self._waiting.append((command, None))
        self._waiting_bytes += len(command)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write all that waits, if that can be done now."""
        self._due = False
        if self._waiting and (wire := self._writing) is not None and not wire.full:
            batch, self._waiting, self._waiting_bytes = self._waiting, deque(), 0
            self._sent.extend(batch)
            wire.write(b"".join([command for command, _ in batch]))

    async def call(self, *arguments: str | bytes | int) -> Any:
        """Redis' answer. Raises `Unavailable`."""
        if not self.up:
            raise Unavailable("The other servers are not reached at the moment.", "redis")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        command = pack(*arguments)
        self._waiting.append((command, answer))
        self._waiting_bytes += len(command)
        self.flush()
        try:
            return await asyncio.wait_for(answer, SILENT_SECONDS)
        except TimeoutError:
            self.drop()
            raise Unavailable("Redis does not answer.", "redis") from None

    def drop(self, reason: Exception | None = None) -> None:
        """Its connections are of no use any more."""
        self._reason = self._reason or reason
        self._broken.set()

    async def listen(self, channel: str, key: bytes, hear: Hear) -> None:
        """Read a stream from its end on; one that is read already goes on where it is. Raises `Unavailable`."""
        if (known := self._streams.get(key)) is not None and self.up:
            known.hear = hear
            return
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
                self._say_broken(reason(error))
            except Exception:  # a lane that ended by a mistake of ours would leave this instance alone for ever
                self._node = None
                log.exception("bus.lane_failed")
            finally:
                pause = 0.0 if self.up else pause
                self._down()
            require_wanted()
            pause = min(LAST_PAUSE_SECONDS, max(FIRST_PAUSE_SECONDS, pause * 2))
            await asyncio.sleep(random.uniform(pause / 4, pause))  # noqa: S311 - so that not all come back in the same moment

    def _say_broken(self, why: str) -> None:
        """Once for each reason, until it was up again."""
        if self.up or why != self._why:
            log.warning("bus.lane_broken", reason=why)
        self._why = why

    async def _live(self) -> None:
        """From one connection to its end. Raises what ended it."""
        self._broken.clear()
        self._reason = None
        connections: list[AbstractConnection] = []
        wires: list[Wire] = []
        tasks: list[asyncio.Task[None]] = []
        try:
            for _ in range(2):
                connections.append(self._connection())
                async with asyncio.timeout(CONNECT_SECONDS):
                    await connections[-1].connect()
            reading, writing = connections
            await self._find_places(reading)
            self._again()
            wires = [Wire(reading, self._brought, self.drop), Wire(writing, self._answered, self.drop, self.flush)]
            self._writing = wires[1]
            tasks = [asyncio.create_task(work) for work in (self._read(wires[0]), self._watch())]
            self.up = True
            self.flush()
            self._on_up(True)
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._writing = None
            for wire in wires:
                wire.close()
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
        raise self._reason or TimeoutError("Redis is silent.")

    def _answered(self, answer: Any) -> None:
        command, waits = self._sent.popleft()
        if isinstance(answer, MovedError):
            self._sent.appendleft((command, waits))  # it is for the other node
            self.drop(answer)
        elif isinstance(answer, Exception) and (waits is None or not isinstance(answer, ResponseError)):
            self.drop(answer)
        elif waits is not None and not waits.done():
            if isinstance(answer, Exception):
                waits.set_exception(Unavailable(f"Redis refused a command: {answer}", "redis"))
            else:
                waits.set_result(answer)

    # ---- reading ---------------------------------------------------------------------------------------------------

    async def _read(self, wire: Wire) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._command is None:
                self._command = read_command(list(self._streams))
            began = loop.time()
            for key, entries in await self._ask(wire, self._command + b"".join([stream.place for stream in self._streams.values()])) or ():
                stream = self._streams.get(key)
                if stream is not None:
                    before = stream.last
                    stream.seen(entries[-1][0])
                    if len(entries) >= COUNT:
                        await self._require_all(wire, stream, before)
                    if stream.take(self._own, entries):
                        self._on_missed(stream.channel)
            pace = min(LONGEST_PACE_SECONDS, max(LEAST_PACE_SECONDS, PACE_SECONDS * len(self._streams)))
            if (left := pace - (loop.time() - began)) > 0:
                await asyncio.sleep(left)

    async def _ask(self, wire: Wire, command: bytes) -> Any:
        """The answer on the connection that reads. Raises `RedisError` and `TimeoutError`."""
        self._came = asyncio.get_running_loop().create_future()
        wire.write(command)
        async with asyncio.timeout(SILENT_SECONDS):
            answer = await self._came
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _brought(self, answer: Any) -> None:
        if self._came is not None and not self._came.done():
            self._came.set_result(answer)

    async def _require_all(self, wire: Wire, stream: Stream, before: bytes) -> None:
        """If the last one seen is older than the first one kept, some between were never seen."""
        first = await self._ask(wire, pack("XRANGE", stream.key, "-", "+", "COUNT", 1))
        if first and entry_id(first[0][0]) > entry_id(before):
            log.warning("bus.missed", channel=stream.channel)
            self._on_missed(stream.channel)

    async def _find_places(self, connection: AbstractConnection) -> None:
        """After a break: a Redis that was begun anew may count from an earlier id than we have seen."""
        for stream in self._streams.values():
            await connection.send_command("XREVRANGE", stream.key, "+", "-", "COUNT", 1, check_health=False)
            newest = await _reply(connection)
            end = newest[0][0] if newest else b"0-0"
            stream.seen(min(stream.last or end, end, key=entry_id))


async def _reply(connection: AbstractConnection) -> Any:
    """The next answer, as bytes. Raises `RedisError`."""
    return cast("Any", await connection.read_response(disable_decoding=True))
