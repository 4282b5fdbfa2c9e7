"""What all connections share: the place, the heartbeat wheel, and the tasks that admit people and take large updates."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager

import structlog
from picows import WSTransport

from fourhands.actions.place import Place
from fourhands.edge.proxies import Proxies
from fourhands.edge.ws.goodbyes import By, goodbye
from fourhands.edge.ws.heartbeat import Beating, Wheel
from fourhands.guard.bans import matcher
from fourhands.model.ban import Ban, member_subject
from fourhands.protocol.steps import Steps
from fourhands.room.cursors import tell_put_off
from fourhands.room.live import LiveRoom
from fourhands.room.pace import Pace, connection_rates
from fourhands.room.peer import Peer
from fourhands.room.programs import Starter

PUT_OFF_SECONDS = 0.1
"""How long moves of cursors wait that came too fast to be relayed at once."""

STEP_SECONDS = 0.005
"""How long a large update is worked on before others go on."""

LARGE_BYTES = 256 * 1024
LARGE_AT_ONCE, SMALLER_AT_ONCE = 4, 32
"""Updates that are worked on in turn, of all rooms; others wait as the bytes that came, since what is read of one takes ten times that."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.ws")


def _nobody_counts(*_: object) -> None:
    """Where nobody measures."""


class Hub:
    """Made by `app`; knows the loop once the server runs."""

    def __init__(self, place: Place, *, root_path: str, own_origin: str | None, allowed_origins: tuple[str, ...], trusted_proxies: str = "") -> None:
        self.place = place
        self.proxies = Proxies(trusted_proxies)
        self.root_path = root_path
        self.own_origin = own_origin
        self.allowed_origins = allowed_origins
        self.loop = asyncio.get_running_loop()
        self._wheel = Wheel(max(1, round(place.limits.heartbeat_seconds)))
        self.rates = connection_rates(place.limits, place.clock)
        self._put_off: dict[LiveRoom, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._step = asyncio.Lock()
        self._large, self._smaller = asyncio.Semaphore(LARGE_AT_ONCE), asyncio.Semaphore(SMALLER_AT_ONCE)
        self._turns: dict[LiveRoom, _Turn] = {}
        self.departed: Callable[[By, str, Peer | None], object] = _nobody_counts  # hears who ended each connection, with which code
        self.heard: Callable[[str], object] = _nobody_counts  # hears of which kind each event was that somebody sent
        self.relayed: Callable[[float], object] = _nobody_counts  # hears the seconds that sampled edits took
        place.bans.on_added.append(self._banned)

    def add(self, connection: Beating) -> None:
        self._wheel.add(connection)

    def remove(self, connection: Beating, transport: WSTransport | None = None, peer: Peer | None = None) -> None:
        """It is gone; `peer`: who it was, if it was let in."""
        self._wheel.remove(connection)
        if transport is not None:
            self.departed(*goodbye(transport), peer)

    def connections(self) -> Sequence[Beating]:
        """All that there are."""
        return self._wheel.all()

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run something for a connection; a failure that nobody expected is logged, with its traceback."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def work(self, room: LiveRoom, size: int, start: Callable[[], Steps[None]], pace: Pace, given_up: Callable[[], bool]) -> None:
        """Take a message of that size in steps while others go on: one of a room at a time, and one step in each turn of the loop, whosoever
        it is. `pace` is told how long it took; once it is `given_up` the rest is dropped. Raises what the steps raise, and `LimitExceeded`."""
        async with self._turn(room), self._large if size > LARGE_BYTES else self._smaller:
            steps = start()
            try:
                while not given_up():
                    async with self._step:
                        pace.require_patience()
                        began, worked = time.perf_counter(), time.thread_time()
                        try:
                            next(steps)
                            while time.perf_counter() - began < STEP_SECONDS:
                                next(steps)
                        except StopIteration:
                            return
                        finally:
                            pace.worked(time.thread_time() - worked)
                        await asyncio.sleep(0)
            finally:
                steps.close()

    @asynccontextmanager
    async def _turn(self, room: LiveRoom) -> AsyncGenerator[None]:
        turn = self._turns.setdefault(room, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[room]

    def put_off(self, room: LiveRoom) -> None:
        """Let the room tell in a moment what it did not relay at once."""
        if not self._put_off:
            self.loop.call_later(PUT_OFF_SECONDS, self._tell_put_off)
        self._put_off[room] = None

    def _tell_put_off(self) -> None:
        rooms, self._put_off = self._put_off, {}
        for room in rooms:
            tell_put_off(room)

    def _banned(self, ban: Ban) -> None:
        """Who is connected and for whom the ban is goes at once, and so do their programs on the server; who comes now is asked at the door."""
        is_for = matcher(ban)
        for connection in self._wheel.all():
            connection.end_if(is_for)

        def is_theirs(by: Starter) -> bool:
            return is_for(by.address, by.member.account_id, member_subject(by.member.room_id, by.member.id))

        for room in self.place.registry.rooms():
            if room.has_programs:
                room.runs.stop_of(is_theirs)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("connection.task_failed", exc_info=error)

    def beat(self) -> None:
        """Called once a second: the wheel's next spoke."""
        self._wheel.turn()


class _Turn:
    """A room's: who takes a large update into it now, and how many want to."""

    __slots__ = ("lock", "wanted")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.wanted = 0
