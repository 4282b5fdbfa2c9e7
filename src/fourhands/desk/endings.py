"""Rooms that an administrator ends: everybody in them is warned, and it can be called off until the time is up.

warned ──seconds──> ended: its id is refused, everybody is sent away with 4410, it leaves memory
  │                   └─ the database is away: it is tried again until it is done, or called off
  └──called off──> goes on

They are kept in memory alone, by the instance that was asked: if it stops meanwhile, it has called them off. It tells the others again and again which
there are, so that people and administrators see and call off what is about to end anywhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import msgspec
import structlog

from fourhands.errors import Conflict, NotFound, Unavailable
from fourhands.model.clock import Clock
from fourhands.protocol import events
from fourhands.protocol.close import CloseCode
from fourhands.room.others import Others
from fourhands.room.registry import Registry
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.desk")

RETRY_SECONDS = 1.0
TOPIC, CANCEL = "endings", "endings.cancel"

_decoder: "msgspec.json.Decoder[dict[str, events.RoomEnding]]" = msgspec.json.Decoder(dict[str, events.RoomEnding])

Wait = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Ending:
    """`ends`: monotonic seconds. `problem`: why it has not ended yet although its time is up."""

    told: events.RoomEnding
    ends: float
    problem: str = ""


class Endings:
    """Invariant: `registry.endings` says the same as `_endings` and `_elsewhere`, so that whoever joins is told."""

    def __init__(self, store: Store, registry: Registry, clock: Clock, *, wait: Wait = asyncio.sleep) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._wait = wait
        self._endings: dict[str, Ending] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._now: set[str] = set()
        self._elsewhere: dict[str, dict[str, events.RoomEnding]] = {}  # by instance and room
        self._told = 0
        self.ended: Callable[[str], None] = self._close  # makes everybody leave a room that has ended
        self._others: Others | None = registry.sharing
        if self._others is not None:
            self._others.hears_all[TOPIC] = lambda origin, payload: self._hear(origin, _decoder.decode(payload))
            self._others.answers[CANCEL] = self._cancel_for
            self._others.on_lost.append(lambda origin: self._hear(origin, {}))

    def get(self, room_id: str) -> Ending | None:
        return self._endings.get(room_id)

    def start(self, room_id: str, seconds: float, *, erases: bool, ended: Callable[[], Awaitable[None]]) -> Ending:
        """Warn everybody in it, and end it then; `ended` is awaited once it has. Raises `Conflict` if it is about to be ended already."""
        self.require_free(room_id)
        told = events.RoomEnding(self._clock.now_ms() + int(seconds * 1000), seconds, erases)
        ending = self._endings[room_id] = Ending(told, self._clock.monotonic() + seconds)
        self._warn(room_id, told)
        self.say()
        self._tasks[room_id] = asyncio.create_task(self._run(room_id, seconds, ended), name=f"end {room_id}")
        return ending

    async def cancel(self, room_id: str) -> None:
        """Call it off, wherever it was begun. Raises `NotFound` if there is nothing to call off, `Conflict` in the moment in which it is too late,
        and `Unavailable` if the instance that ends it does not answer."""
        self.require_cancellable(room_id)
        for instance in [instance for instance, endings in self._elsewhere.items() if room_id in endings]:
            if self._others is not None:
                await self._others.ask(instance, CANCEL, room_id.encode())
                if room_id in (endings := self._elsewhere.get(instance, {})):
                    self._hear(instance, {known: ending for known, ending in endings.items() if known != room_id})
        if room_id in self._endings:
            self._cancel(room_id)

    def _cancel(self, room_id: str) -> None:
        """Raises as `require_cancellable`."""
        self.require_cancellable(room_id)
        del self._endings[room_id]
        self._tasks.pop(room_id).cancel()
        self._called_off(room_id)
        self.say()

    def _warn(self, room_id: str, told: events.RoomEnding) -> None:
        self._registry.endings[room_id] = told
        if live := self._registry.live(room_id):
            live.ending = told
            live.announce(told)

    def _called_off(self, room_id: str) -> None:
        self._registry.endings.pop(room_id, None)
        if live := self._registry.live(room_id):
            live.ending = None
            live.announce(events.RoomEndingCancelled())

    # ---- of other instances ----------------------------------------------------------------------------------------

    def say(self) -> None:
        """Tell the others what is about to end by us; nothing while there is nothing to tell."""
        if self._others is not None and (self._endings or self._told):
            self._told = len(self._endings)
            self._others.say_all(TOPIC, msgspec.json.encode({room_id: ending.told for room_id, ending in self._endings.items()}))

    def _hear(self, origin: str, endings: dict[str, events.RoomEnding]) -> None:
        """What is about to end by another instance, all of it: what is not there any more was called off, or has ended."""
        before = self._elsewhere.pop(origin, {})
        if endings:
            self._elsewhere[origin] = endings
        for room_id in endings.keys() - before.keys() - self._endings.keys():
            self._warn(room_id, endings[room_id])
        for room_id in before.keys() - endings.keys() - self._endings.keys():
            self._called_off(room_id)

    async def _cancel_for(self, origin: str, payload: bytes) -> bytes:
        del origin
        self._cancel(payload.decode())
        return b""

    def require_free(self, room_id: str) -> None:
        """Raises `Conflict` for a room that is about to be ended."""
        if room_id in self._registry.endings:
            raise Conflict("This room is about to be ended already.")

    def require_cancellable(self, room_id: str) -> None:
        """Raises as `cancel` does."""
        if room_id not in self._registry.endings:
            raise NotFound("This room is not about to be ended.")
        if room_id in self._now:
            raise Conflict("This room is being ended: it is too late.")

    async def stop(self) -> None:
        """The server stops: nothing more is ended."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, room_id: str, seconds: float, ended: Callable[[], Awaitable[None]]) -> None:
        await self._wait(seconds)
        while not await self._end(room_id, erases=self._endings[room_id].told.erases):
            await self._wait(RETRY_SECONDS)
        for known in (self._registry.endings, self._endings, self._tasks):
            known.pop(room_id, None)
        self.say()
        await ended()

    async def _end(self, room_id: str, *, erases: bool) -> bool:
        """Whether it has ended. Its id goes first: nobody loads it anew when it is left."""
        self._now.add(room_id)
        try:
            await (self._store.end_room if erases else self._store.close_room)(room_id, self._clock.now_ms())
        except NotFound:
            return True  # it was deleted meanwhile
        except Unavailable as error:
            log.warning("ending.unavailable", room=room_id, reason=str(error))
            self._endings[room_id] = replace(self._endings[room_id], problem=str(error))
            return False
        finally:
            self._now.discard(room_id)
        self.ended(room_id)
        log.info("room.ended", room=room_id, by="admin", erased=erases)
        return True

    def _close(self, room_id: str) -> None:
        if live := self._registry.live(room_id):
            live.close(CloseCode.ROOM_ENDED, "This room has ended.")
