"""A network between two programs that can be cut, slowed down and left hanging: it stands before a port, in a thread of its own, so that
a test may wait for either end."""

import asyncio
import contextlib
import threading
from typing import Self

CHUNK_BYTES = 1 << 16
STOP_SECONDS = 30.0


class Cable:
    """Forwards TCP from `port` to `target` of this machine, as a context.

    ::

        whole --cut--> cut --mend--> whole        cut: connections are aborted, new ones too
        whole --hang--> hanging --mend--> whole   hanging: nothing gets through, nobody is told; what was sent comes when it is mended

    `delay_seconds`: what every piece takes longer, each way.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.delay_seconds = 0.0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flows: asyncio.Event
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(STOP_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        self._loop.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)

    def hang(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._mend)

    def _cut(self) -> None:
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def _mend(self) -> None:
        self._whole = True
        self._flows.set()

    async def _listen(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()
        self._listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._listening.close()
        self._cut()
        self._flows.set()
        await asyncio.gather(*self._pumps, return_exceptions=True)  # each ends with its connections

    async def _connect(self, reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        self._ends.add(writes)
        other: asyncio.StreamWriter | None = None
        try:
            if self._whole:
                other_reads, other = await asyncio.open_connection("127.0.0.1", self._target)
                self._ends.add(other)
                await asyncio.gather(self._pump(reads, other), self._pump(other_reads, writes))
        except OSError:
            pass  # the other end is away: so is this one
        finally:
            for end in (writes, other):
                if end is not None:
                    self._ends.discard(end)
                    end.transport.abort()
            self._pumps.discard(task)

    async def _pump(self, reads: asyncio.StreamReader, writes: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reads.read(CHUNK_BYTES):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                await self._flows.wait()
                writes.write(data)
                await writes.drain()
        writes.transport.abort()
