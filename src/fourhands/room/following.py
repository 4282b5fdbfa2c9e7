"""What becomes of members and of rooms themselves, effective at every instance: whoever changes them in the store says so here.

Between instances not what was changed is told but that it was: each reads the store, one after the other for a room, so that all come to what was
written there last, whatever overtook what. Without others nothing is read.
"""

import asyncio
import contextlib
import weakref
from collections.abc import Coroutine
from dataclasses import replace

import msgspec
import structlog

from fourhands.errors import Unavailable
from fourhands.model.room import Member, Room
from fourhands.protocol.close import CloseCode
from fourhands.room.doors import member_moved
from fourhands.room.live import LiveRoom
from fourhands.room.registry import Registry
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.following")

MEMBER, ROOM, ENDED = "member", "room", "ended"
ENDED_TEXT = "This room has ended."
AGAIN_SECONDS = 1.0
"""How long it takes until the store is asked again that did not answer."""
ALONE_SECONDS = 10.0
"""While the others are not reached the store is asked so often what they have changed."""


class Moved(msgspec.Struct, array_like=True, frozen=True):
    """A member is another now, by somebody's word."""

    member: Member
    by: str | None


class Changed(msgspec.Struct, array_like=True, frozen=True):
    """A room is another now, or has ended."""

    room: str
    by: str | None


class Following:
    """Invariant: of a room one answer of the store is applied at a time, in the order in which it was asked."""

    def __init__(self, registry: Registry, store: Store) -> None:
        self._registry = registry
        self._store = store
        self._turns: weakref.WeakKeyDictionary[LiveRoom, asyncio.Lock] = weakref.WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._others = registry.sharing
        self._gap = asyncio.Event()
        if (others := self._others) is not None:
            others.hears_all[MEMBER] = lambda origin, payload: self._keep(self._member(msgspec.json.decode(payload, type=Moved)))
            others.hears_all[ROOM] = lambda origin, payload: self._keep(self._room(msgspec.json.decode(payload, type=Changed)))
            others.hears_all[ENDED] = lambda origin, payload: self._ended(msgspec.json.decode(payload, type=Changed))
            others.on_gap.append(self._gap.set)

    # ---- said here -------------------------------------------------------------------------------------------------

    async def member(self, member: Member, by: str | None) -> None:
        """The store has this member otherwise now: let in, of another role or name, refused, removed; `by` a host's word. Live connections follow at once."""
        if self._others is None:
            if live := self._registry.live(member.room_id):
                member_moved(live, member, by)
            return
        moved = Moved(member, by)
        self._others.say_all(MEMBER, msgspec.json.encode(moved))
        await self._member(moved)

    async def room(self, live: LiveRoom, room: Room, by: str | None) -> None:
        """The store has it otherwise now, as `room` says."""
        if self._others is None:
            live.room_changed(replace(room, language=live.room.language), by)  # the stored one may lag behind the document
            return
        changed = Changed(room.id, by)
        self._others.say_all(ROOM, msgspec.json.encode(changed))
        await self._room(changed)

    def ended(self, room_id: str, by: str | None) -> None:
        """The store says that it has ended: everybody is sent away. `by`: a host, or None for the time that it was given, or an administrator."""
        changed = Changed(room_id, by)
        if self._others is not None:
            self._others.say_all(ENDED, msgspec.json.encode(changed))
        self._ended(changed)

    # ---- said anywhere ---------------------------------------------------------------------------------------------

    async def _member(self, moved: Moved) -> None:
        if (live := self._registry.live(moved.member.room_id)) is None:
            return
        async with self._turn(live):
            try:
                member = await self._store.member(live.room.id, moved.member.id)
            except Unavailable:
                member = None
                self._keep(self._again(live))
            if not live.closed:
                member_moved(live, member or moved.member, moved.by)  # a guest of a room that was opened by joining is kept nowhere

    async def _room(self, changed: Changed) -> None:
        if (live := self._registry.live(changed.room)) is None:
            return
        async with self._turn(live):
            try:
                room = await self._store.room(changed.room)
            except Unavailable:
                self._keep(self._again(live))
                return
            if room is not None and not live.closed and room.closed_at_ms is None and room.ended_at_ms is None:
                live.room_changed(replace(room, language=live.room.language), changed.by)

    def _ended(self, changed: Changed) -> None:
        if live := self._registry.live(changed.room):
            live.close(CloseCode.ROOM_ENDED, ENDED_TEXT, ended_by=changed.by)

    async def _again(self, live: LiveRoom) -> None:
        await asyncio.sleep(AGAIN_SECONDS)
        await self.look(live)

    async def look(self, live: LiveRoom) -> None:
        """What became of a room and of those who are in it, where we may not have been told. Tells nobody what they know already."""
        try:
            await self._look(live)
        except Unavailable:
            self._keep(self._again(live))

    async def _look(self, live: LiveRoom) -> None:
        """Raises `Unavailable`."""
        room = await self._store.room(live.room.id)
        if room is not None and (room.ended_at_ms is not None or room.closed_at_ms is not None):
            self._ended(Changed(room.id, None))
        elif room is not None and replace(room, language=live.room.language, last_used_at_ms=live.room.last_used_at_ms) != live.room:
            await self._room(Changed(room.id, None))
        for known in {peer.member.id: peer.member for peer in live.peers}.values():
            member = await self._store.member(live.room.id, known.id)
            if member is not None and member != known:
                await self._member(Moved(member, None))

    async def run(self) -> None:
        """While the others are not reached, and whenever a word of theirs may have been lost, look at all rooms, one after the other; without
        others there is nothing to do."""
        while (others := self._others) is not None:
            if self._gap.is_set() or not others.reached:
                self._gap.clear()
                for live in self._registry.rooms():
                    if not live.closed:
                        await self.look(live)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS if others.reached else ALONE_SECONDS):
                    await self._gap.wait()

    def _turn(self, live: LiveRoom) -> asyncio.Lock:
        return self._turns.setdefault(live, asyncio.Lock())

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
