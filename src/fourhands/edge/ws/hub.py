"""What all connections share: the place, the heartbeat wheel, and the tasks that admit people."""

import asyncio
from collections.abc import Coroutine, Generator

import structlog

from fourhands.actions.place import Place
from fourhands.edge.ws.heartbeat import Beating, Wheel
from fourhands.protocol.walk import Walked
from fourhands.room.live import LiveRoom
from fourhands.room.pace import connection_rates

PUT_OFF_SECONDS = 0.1
"""How long moves of cursors wait that came too fast to be relayed at once."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.ws")


class Hub:
    """Made by `app`; knows the loop once the server runs."""

    def __init__(self, place: Place, *, root_path: str, own_origin: str | None, allowed_origins: tuple[str, ...]) -> None:
        self.place = place
        self.root_path = root_path
        self.own_origin = own_origin
        self.allowed_origins = allowed_origins
        self.loop = asyncio.get_running_loop()
        self._wheel = Wheel(max(1, round(place.limits.heartbeat_seconds)))
        self.rates = connection_rates(place.limits, place.clock)
        self._put_off: dict[LiveRoom, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._walking = asyncio.Lock()

    def add(self, connection: Beating) -> None:
        self._wheel.add(connection)

    def remove(self, connection: Beating) -> None:
        self._wheel.remove(connection)

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run something for a connection; a failure that nobody expected is logged, with its traceback."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def walk(self, steps: Generator[None, None, Walked]) -> Walked:
        """Read a large update while others go on. One at a time: many would hold the loop together. Raises what they raise."""
        async with self._walking:
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    return end.value
                await asyncio.sleep(0)

    def put_off(self, room: LiveRoom) -> None:
        """Let the room tell in a moment what it did not relay at once."""
        if not self._put_off:
            self.loop.call_later(PUT_OFF_SECONDS, self._tell_put_off)
        self._put_off[room] = None

    def _tell_put_off(self) -> None:
        rooms, self._put_off = self._put_off, {}
        for room in rooms:
            room.tell_put_off()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("connection.task_failed", exc_info=error)

    def beat(self) -> None:
        """Called once a second: the wheel's next spoke."""
        self._wheel.turn()
