"""Which rooms are in memory: loads each once however many join at the same time, and unloads what nobody uses.

A failed load raises; it never becomes an empty room.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from fourhands.errors import Conflict, Gone, NotFound, Unavailable
from fourhands.model.clock import Clock
from fourhands.model.entry import Entry, EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.protocol.close import CloseCode
from fourhands.protocol.events import RoomEnding
from fourhands.room.checkpoints import Checkpoints
from fourhands.room.document import Document
from fourhands.room.executions import Executions
from fourhands.room.gates import Gates
from fourhands.room.joint_room import JointRoom
from fourhands.room.journal import Journal
from fourhands.room.kept import KeptOutput
from fourhands.room.live import LiveRoom
from fourhands.room.memory import Memory, mapped
from fourhands.room.others import Others
from fourhands.room.past import chat_of, runs_of
from fourhands.room.restoring import restore, without_snapshot
from fourhands.room.share import Share
from fourhands.room.sharing import Sharing
from fourhands.room.snapshotting import BYTES_AN_EDIT, Snapshotting
from fourhands.store.port import Store, Stored

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.registry")

SNAPSHOT_EVERY_EDITS = 5000
SNAPSHOT_AT_STOP_EDITS = 500
"""Fewer are replayed at the next start as fast as a snapshot is written now."""
LOADS_AT_ONCE = 8
"""Rooms that are read at a time. More would not be sooner: those who came first would only wait until all are there."""
UNLOADS_AT_ONCE = 8
"""Rooms that leave memory at a time: each waits for the store again and again, and where thousands are left at once, one by one they would stay for minutes."""
RESTORED_AT_ONCE_BYTES = 64 * 1024
"""A larger room is restored in a thread: the loop serves others in between."""
NO_SUCH_ROOM = "There is no such room. Check the link or the code."


def new_epoch() -> str:
    """A fresh mark of a document's identity: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class Registry:
    """The rooms in memory.

    Invariant: at most one `LiveRoom` of an id exists that is not closed.
    """

    def __init__(
        self, store: Store, journal: Journal, clock: Clock, limits: Limits, *, adhoc: bool, fold_seconds: float = 5.0, sharing: Sharing | None = None
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._adhoc = adhoc
        self.checkpoints = Checkpoints(store)
        self.executions = Executions(store)
        self.endings: dict[str, RoomEnding] = {}  # rooms that will be ended, in memory or not: whoever joins one is told
        self._kept = KeptOutput(clock, limits.run_bytes_per_day)
        self._snapshots = Snapshotting(store, journal, clock, self.checkpoints, fold_seconds)
        self._memory = Memory(mapped())
        self._rooms: dict[str, LiveRoom] = {}
        self._loading: dict[str, asyncio.Task[LiveRoom]] = {}
        self._loads = asyncio.Semaphore(LOADS_AT_ONCE)
        self.gates = Gates()
        self.joint = sharing  # the rooms that other instances may have, too
        self.sharing: Others | None = sharing  # what is said to them
        self.left: Callable[[LiveRoom], object] = lambda room: None  # hears of each room that leaves memory

    def live(self, room_id: str) -> LiveRoom | None:
        """The room if it is in memory."""
        room = self._rooms.get(room_id)
        return None if room is None or room.closed else room

    def rooms(self) -> Iterable[LiveRoom]:
        return list(self._rooms.values())

    async def get(self, room_id: str) -> LiveRoom:
        """The room, loaded if need be. Raises `NotFound`, `Gone`, or what the store raises."""
        if room := self.live(room_id):
            if room.empty_since is not None:
                room.empty_since = self._clock.monotonic()  # somebody is about to join: it is not idle
            return room
        task = self._loading.get(room_id)
        if task is None:
            task = asyncio.create_task(self._load(room_id), name=f"load {room_id}")
            self._loading[room_id] = task
            task.add_done_callback(lambda done: self._loading.pop(room_id, None))
        return await asyncio.shield(task)  # one joiner's going away must not fail the others

    async def durable(self, room: LiveRoom) -> None:
        """Wait until all that the room has written is durable."""
        await self._journal.durable(room.queue)

    async def room_for(self, room_id: str) -> Room:
        """The stored room. Raises `NotFound` or `Gone`."""
        live = self.live(room_id)
        room = live.room if live is not None else await self._store.room(room_id)
        if room is None:
            raise NotFound(NO_SUCH_ROOM)
        if room.is_over(self._clock.now_ms()):
            raise Gone("This room has ended.")
        return room

    async def _load(self, room_id: str) -> LiveRoom:
        if closing := self._rooms.get(room_id):
            await self._journal.durable(closing.queue)  # a closed room's last edits are written before it is read again
        if await self.gates.passed(room_id) and (room := self.live(room_id)):
            return room  # it could not be deleted
        room = self._rooms[room_id] = await (self._read(room_id) if self.joint is None else self._join_others(self.joint, room_id))
        return room

    async def _join_others(self, sharing: Sharing, room_id: str) -> LiveRoom:
        """Subscribe, then load, then replay the gap."""
        share, others = await sharing.enter(room_id)
        try:
            if isinstance(room := await self._read(room_id, share, others=others), JointRoom):
                await sharing.begin(room, share, others)
            return room
        except BaseException:
            sharing.leave(share)
            raise

    async def _read(self, room_id: str, share: Share | None = None, *, others: Sequence[str] = ()) -> LiveRoom:
        """The room as the store has it."""
        async with self._loads:
            stored = await self._store.load(room_id)
        if stored is not None and stored.room.closed_at_ms is not None:
            raise Gone("This room has ended.")
        return await self._restored(stored or await self._missing(room_id), share, alone=not others if self.joint else self.sharing is None)

    async def _restored(self, stored: Stored, share: Share | None, *, alone: bool) -> LiveRoom:
        """What is stored, as a room in memory."""
        room_id = stored.room.id
        parts = stored.room, await self._document(stored), self._journal, self._clock, self._limits
        room = LiveRoom(*parts) if share is None else JointRoom(*parts, share=share)
        self._snapshots.loaded(room, stored.snapshot)
        room.room = replace(stored.room, language=room.document.language() or stored.room.language)
        room.executed, room.keeps, room.ending = self.executions.put, partial(self._kept.take, room_id), self.endings.get(room_id)
        room.queue.head, room.queue.at_ms = stored.head, stored.room.last_used_at_ms
        room.edits = len(stored.edits) + sum(map(len, stored.updates)) // BYTES_AN_EDIT
        chat = await self._store.tail(room_id, EntryKind.CHAT, self._limits.chat_kept)
        room.chat = chat_of(room_id, chat)
        if runs := await self._store.tail(room_id, EntryKind.RUN, self._limits.runs_kept * 2):  # one on the server stands there twice
            room.runs.restore(runs_of(room_id, runs), alone=alone)
        log.debug("room.loaded", room=room_id, head=stored.head, edits=len(stored.edits))
        return room

    async def _document(self, stored: Stored) -> Document:
        """The document; where a snapshot cannot be read, from what the journal had before. Raises `Unavailable`."""
        size = len(stored.edits) * BYTES_AN_EDIT + (0 if stored.snapshot is None else len(stored.snapshot.state))
        large = size > RESTORED_AT_ONCE_BYTES
        try:
            return await asyncio.to_thread(restore, stored, self._limits) if large else restore(stored, self._limits)
        except Unavailable:
            if (earlier := await without_snapshot(self._store, stored)) is None:
                raise
            log.warning("room.snapshot_passed_over", room=stored.room.id)
            return await self._document(earlier)

    async def _missing(self, room_id: str) -> Stored:
        """A room that the store does not have: opened where rooms may be opened by joining, refused elsewhere."""
        if await self._store.room(room_id) is None:
            if not self._adhoc:
                raise NotFound(NO_SUCH_ROOM)
            now_ms = self._clock.now_ms()
            with contextlib.suppress(Conflict):
                await self._store.create_room(Room(room_id, "", "plaintext", GuestRole.EDITOR, False, new_epoch(), now_ms, now_ms), None, [], [])
        if (stored := await self._store.load(room_id)) is None:  # it may be another instance that has just opened it
            raise Gone("This room has ended.")
        return stored

    # ---- unloading -------------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Unload rooms that nobody was in for `idle_seconds` and whose edits are all durable; drop closed ones."""
        now = self._clock.monotonic()
        idle: list[LiveRoom] = []
        for room in list(self._rooms.values()):
            room.answers.forget()
            if room.closed and not room.peers and not room.has_programs and room.settled:
                self._forget(room)
            elif self._is_idle(room, now):
                idle.append(room)
            elif room.edits_since_snapshot >= SNAPSHOT_EVERY_EDITS and not room.closed:
                await self._snapshots.take(room, busy=True)
        failures = [failure for at in range(0, len(idle), UNLOADS_AT_ONCE) for failure in await self._unload_some(idle[at : at + UNLOADS_AT_ONCE])]
        await self._memory.give_back(self._clock.monotonic())
        if failures:
            raise failures[0]

    async def _unload_some(self, rooms: Sequence[LiveRoom]) -> Sequence[BaseException]:
        """Together. Returns what went wrong and ought not to: it is not the others'."""
        went = await asyncio.gather(*map(self._unload, rooms), return_exceptions=True)
        left = {room.room.id: self._clock.now_ms() for room, gone in zip(rooms, went, strict=True) if gone is True}
        try:
            if left:
                await self._store.touch_rooms(left)
        except Unavailable as error:  # what was written in them counts as their last use
            log.warning("rooms.touch_failed", reason=str(error))
        await self._memory.give_back(self._clock.monotonic(), freed=bool(left))
        return [failure for failure in went if isinstance(failure, BaseException)]

    def _is_idle(self, room: LiveRoom, now: float) -> bool:
        if room.peers or room.is_awaited or room.empty_since is None or room.has_programs:
            return False
        return now - room.empty_since >= self._limits.idle_seconds and room.settled

    def _forget(self, room: LiveRoom) -> None:
        if self._rooms.get(room.room.id) is room:  # not one that was loaded meanwhile
            del self._rooms[room.room.id]
            self.left(room)
        if self.joint is not None and room.shared is not None:
            self.joint.leave(room.shared)

    async def _unload(self, room: LiveRoom) -> bool:
        """Let a room leave memory; whether it has."""
        room_id = room.room.id
        if self._rooms.get(room_id) is not room or room.closed or not self._is_idle(room, self._clock.monotonic()):
            return False  # others went before it: somebody may have come
        try:
            if room.room.ephemeral:
                room.closed = True
                await self._delete(room_id)
            else:
                if room.edits_since_snapshot:
                    await self._snapshots.take(room)
                await self._keep_language(room)
                self._store.rest(room_id)
        except Unavailable as error:
            room.closed = False
            log.warning("room.unload_failed", room=room_id, reason=str(error))
            return False
        if not room.closed and not self._is_idle(room, self._clock.monotonic()):
            return False  # somebody has come back meanwhile
        self._forget(room)
        log.debug("room.unloaded", room=room_id)
        return True

    async def stop(self) -> None:
        """Send everybody away (they come back to the restarted server) and write what is left."""
        whole = [room for room in self.rooms() if not room.closed]
        for room in whole:
            room.close(CloseCode.RESTART, "The server restarts; you will be connected again in a moment.")
        await self._journal.settled()
        try:
            for room in whole:
                if room.edits_since_snapshot >= SNAPSHOT_AT_STOP_EDITS and not room.room.ephemeral:
                    await self._snapshots.take(room, closed=True)
            await self.executions.write()
            await self._store.touch_rooms({room.room.id: self._clock.now_ms() for room in self.rooms()})
            for room in self.rooms():
                await self._keep_language(room)
        except Unavailable as error:
            log.warning("rooms.touch_failed", reason=str(error))

    async def _keep_language(self, room: LiveRoom) -> None:
        """Let the room's row follow its document, for those who ask about a room that is not in memory."""
        if room.room.language != room.stored_language:
            with contextlib.suppress(NotFound):  # ended meanwhile
                await self._store.change_room(room.room.id, language=room.room.language)
            room.stored_language = room.room.language

    async def note_use(self) -> None:
        """Rooms that somebody is in are in use, also when nobody writes."""
        await self._store.touch_rooms({room.room.id: self._clock.now_ms() for room in self.rooms() if room.peers})

    async def delete_unused(self, room_id: str) -> bool:
        """Delete a room unless it is in memory, here or at another instance; whether it was deleted."""
        return room_id not in self._rooms and room_id not in self._loading and await self._delete(room_id)

    async def _delete(self, room_id: str) -> bool:
        """Who asks for the room meanwhile waits, and then does not find it; whether it was deleted: not if another instance holds it."""
        with self.gates.shut(room_id):
            async with contextlib.nullcontext(True) if self.joint is None else self.joint.deleting(room_id) as alone:
                if alone:
                    await self._store.delete_room(room_id)
                return alone


def first_entries(document: Document, member_id: str, at_ms: int) -> list[Entry]:
    """What a new room's journal starts with."""
    return [Entry(EntryKind.EDIT, document.state(), at_ms, member_id)]
