"""A run that another process carries: what it said and is not read yet, and what is said to it. Made by `client`."""

import asyncio
from collections import deque

from fourhands.errors import FourhandsError, InvalidRequest, ProtocolViolation, Unavailable
from fourhands.execution.link import CloseInput, Credit, Output, Resize, Said, SendSignal, Shown, Started, Stop, Taken, Way, Write
from fourhands.execution.port import SIGNALS, Data, Error, Event, Picture

LARGEST_BYTES = 16 * 1024 * 1024
"""Most of the one message that may pass a run's window: a picture."""
WRITE_BYTES = 32 * 1024

LOST = "The runner ended while this ran, so the run is lost. Start it again."


class RemoteRun:
    """A run at the other end of a link. Invariant: it holds no more than its window and one message of data."""

    def __init__(self, link: Way, number: int, window_bytes: int) -> None:
        self._link = link
        self._number = number
        self._window_bytes = window_bytes
        self._events: deque[Event] = deque()
        self._more = asyncio.Event()
        self._started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended = False
        self._unread_bytes = 0
        self._owed_bytes = 0
        self._writing = asyncio.Lock()
        self._taken: asyncio.Future[None] | None = None
        self._held: dict[str, Resize | SendSignal] = {}
        self._telling: asyncio.Task[None] | None = None

    async def started(self) -> None:
        """Wait until the runner has started it. Raises why it did not."""
        await asyncio.shield(self._started)

    # ---- what the runner says ----

    def take(self, message: "Started | Output | Shown | Said | Taken", body: bytes) -> None:
        """Raises `ProtocolViolation` for more data than was asked for."""
        match message:
            case Started():
                if not self._started.done():
                    self._started.set_result(None)
            case Taken():
                self._be_taken()
            case Output(stream=stream):
                self._keep(Data(stream, body), len(body))
            case Shown():
                self._keep(Picture(body), len(body))
            case Said(event=event):
                self._keep(event, 0)

    def end(self, error: FourhandsError | None) -> None:
        """Nothing more comes; `error` is why it was not started, or did not come to its end."""
        self._ended = True
        if self._started.done():
            if error is not None:
                self._events.append(Error(message=str(error)))
        else:
            self._started.set_exception(error or Unavailable(LOST, "runner"))
            self._started.exception()  # looked at: whoever asked may be gone
        self._be_taken()
        self._more.set()

    def _keep(self, event: Event, size: int) -> None:
        self._unread_bytes += size
        if self._unread_bytes > self._window_bytes + LARGEST_BYTES:
            raise ProtocolViolation("The runner sent more of a run's output than it was asked for.")
        self._events.append(event)
        self._more.set()

    def _be_taken(self) -> None:
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(None)

    # ---- Run ----

    def __aiter__(self) -> "RemoteRun":
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._ended:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        event = self._events.popleft()
        if isinstance(event, Data | Picture):
            self._read(len(event.data))
        return event

    def _read(self, size: int) -> None:
        self._unread_bytes -= size
        self._owed_bytes += size
        if self._owed_bytes * 2 >= self._window_bytes and not self._ended:
            self._link.send(Credit(self._number, self._owed_bytes))
            self._owed_bytes = 0

    async def write(self, data: bytes) -> None:
        async with self._writing:
            for at in range(0, len(data), WRITE_BYTES):
                await self._last_taken()
                if self._ended:
                    return
                self._give(Write(self._number), data[at : at + WRITE_BYTES])
            await self._last_taken()

    def _give(self, message: Write | CloseInput, body: bytes = b"") -> None:
        self._taken = asyncio.get_running_loop().create_future()
        self._link.send(message, body)

    async def _last_taken(self) -> None:
        """Also of a write whose writer did not wait for it."""
        if self._taken is not None:
            await asyncio.shield(self._taken)

    async def close_input(self) -> None:
        async with self._writing:
            await self._last_taken()
            if not self._ended:
                self._give(CloseInput(self._number))

    def resize(self, columns: int, rows: int) -> None:
        self._tell_in_time("size", Resize(self._number, columns, rows))

    def signal(self, name: str) -> None:
        if name not in SIGNALS:
            raise InvalidRequest(f"{name[:20]!r} is no signal that can be sent to a run. These can: {', '.join(SIGNALS)}.")
        self._tell_in_time(name, SendSignal(self._number, name))

    def stop(self) -> None:
        self._tell(Stop(self._number))

    def _tell_in_time(self, what: str, message: Resize | SendSignal) -> None:
        """What people may say without end: while the link is full the newest of each waits."""
        if self._ended:
            return
        if self._telling is None and not self._link.is_full:
            self._link.send(message)
            return
        self._held[what] = message
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_held())

    async def _tell_held(self) -> None:
        await self._link.drain()
        self._telling = None
        held, self._held = self._held, {}
        for message in held.values():
            self._tell(message)

    def _tell(self, message: Resize | SendSignal | Stop) -> None:
        if not self._ended:
            self._link.send(message)
