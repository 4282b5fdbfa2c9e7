"""Takes snapshots of rooms: of a busy one now and then, of one that is left, and at a stop. `registry.py` says when."""

import asyncio
import weakref
from collections.abc import Sequence

import structlog

from fourhands.model.clock import Clock
from fourhands.room.checkpoints import Checkpoints
from fourhands.room.journal import Journal
from fourhands.room.live import LiveRoom
from fourhands.room.restoring import parts_to_keep, restore, shown
from fourhands.store.port import Store
from fourhands.store.snapshots import Snapshot

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.registry")

MANY_EDITS = 8000
"""If so many came until there was time for a snapshot, there ought to be others between."""
LARGE_BYTES = 64 * 1024
"""Of larger rooms one is taken at a time, since its state stands in memory several times meanwhile; and a larger state is looked at in a
thread before it is kept: the loop serves others in between."""
BYTES_AN_EDIT = 64
"""What replaying an edit costs, as bytes of a snapshot cost."""


class Snapshotting:
    """Each is kept only if it shows what the document does. `fold_seconds`: after so long, what is committed stands in rows."""

    def __init__(self, store: Store, journal: Journal, clock: Clock, checkpoints: Checkpoints, fold_seconds: float) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._checkpoints = checkpoints
        self._fold_seconds = fold_seconds
        self._large, self._looking = asyncio.Lock(), asyncio.Lock()
        self._seen: weakref.WeakKeyDictionary[LiveRoom, int] = weakref.WeakKeyDictionary()

    def loaded(self, room: LiveRoom, newest: Snapshot | None) -> None:
        """The newest snapshot of a room that has just been read."""
        if room.shared is not None:
            self._seen[room] = 0 if newest is None else newest.position

    async def take(self, room: LiveRoom, *, closed: bool = False, busy: bool = False) -> None:
        """Take one of a room; `closed`: though it is closed. `busy`: people go on, so that one which another instance has taken meanwhile will do."""
        if room.shared is not None:
            async with self._large:
                return await self._take_stored(room, busy=busy)
        if room.document.text_bytes() + room.edits_since_snapshot * BYTES_AN_EDIT <= LARGE_BYTES:
            return await self._take(room, closed=closed)
        async with self._large:
            return await self._take(room, closed=closed)

    async def _take(self, room: LiveRoom, *, closed: bool) -> None:
        """Keep the document, or what came since a snapshot before, so that opening costs by its size and not by its past.

        What waits for missing parents is written into the journal again first, behind the snapshot's position.
        """
        base = await self._store.base(room.room.id)
        if room.closed and not closed:
            return  # meanwhile; nothing that waits is written behind what rewrites its past
        queue, document, edits = room.queue, room.document, room.edits_since_snapshot
        ticket, vector, waiting, told = queue.ticket, document.state_vector(), document.waiting, shown(document)
        state = document.state(None if base is None else base.vector)
        for update in waiting:
            self._journal.put_edit(queue, "", self._clock.now_ms(), update)
        await self._journal.durable(queue)
        if room.closed and not closed:
            return  # ended meanwhile, or its document is not to be trusted
        position = queue.head - (queue.committed - ticket)
        if (kept := await self._look_at(state, base, told)) is not None:
            snapshot = Snapshot(position, kept[-1], None if base is None else base.position, vector, first=kept[:-1])
            await self._store.write_snapshot(room.room.id, snapshot, epoch=room.room.epoch)
        else:  # the journal has it all: opening the room is slower, and right
            log.warning("room.snapshot_unlike", room=room.room.id)
        room.snapshot_edits += edits
        if edits >= MANY_EDITS:
            self._checkpoints.ask(room.room.id, self._fold_seconds * 2)

    async def _take_stored(self, room: LiveRoom, *, busy: bool) -> None:
        """As `_take`, of what the store has: the document here may lack what other instances have committed below its head."""
        queue, room_id, edits = room.queue, room.room.id, room.edits_since_snapshot
        await self._journal.durable(queue)
        base, stored = await self._store.base(room_id), await self._store.load(room_id)
        if stored is None or stored.room.epoch != room.room.epoch:
            return
        if busy and stored.snapshot is not None and stored.snapshot.position > self._seen.get(room, stored.snapshot.position):
            self._seen[room] = stored.snapshot.position
            room.snapshot_edits += edits
            return
        document = await asyncio.to_thread(restore, stored, room.limits)
        for update in document.waiting:
            self._journal.put_edit(queue, "", self._clock.now_ms(), update)
        await self._journal.durable(queue)
        vector, state = document.state_vector(), document.state(None if base is None else base.vector)
        if (kept := await self._look_at(state, base, shown(document))) is not None:
            snapshot = Snapshot(stored.head, kept[-1], None if base is None else base.position, vector, first=kept[:-1])
            await self._store.write_snapshot(room_id, snapshot, epoch=room.room.epoch)
            self._seen[room] = snapshot.position
        else:
            log.warning("room.snapshot_unlike", room=room_id)
        room.snapshot_edits += edits

    async def _look_at(self, state: bytes, base: Snapshot | None, told: object) -> Sequence[bytes] | None:
        """As `parts_to_keep`."""
        if len(state) + (0 if base is None else sum(map(len, base.states))) <= LARGE_BYTES:
            return parts_to_keep(state, base, told)
        async with self._looking:
            return await asyncio.to_thread(parts_to_keep, state, base, told)
