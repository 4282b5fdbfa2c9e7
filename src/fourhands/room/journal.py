"""The journal's writer: one queue a room, one group commit for all rooms, and "saved" only after it.

put ──> queue ──(every 20 ms at the most)──> one transaction ──ok──> tickets are committed, callbacks run
                    ^                              │
                    └───── back in front, back-off ┴─failed──> rooms are told that nothing is being saved
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.protocol.edits import Edit, encode
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.journal")

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.25, 5.0
NOT_SAVED = "Not saved: the server cannot write at the moment. Your text is safe in this page; keep it open."
EDITS_PER_ROW = 4096
BYTES_PER_ROW = 4 * 1024 * 1024

OnPosition = Callable[[int], None]


class Writes(Protocol):
    """What a room hears from its queue."""

    def committed(self, ticket: int) -> None:
        """All up to that ticket is durable."""
        ...

    def storage(self, ok: bool, message: str) -> None:
        """Whether the journal can be written; said when it changes."""
        ...

    def gone(self) -> None:
        """The room's row is not there any more, or has ended: nothing more of it is written."""
        ...


@dataclass(slots=True)
class _Waiting:
    item: Edit | Entry
    ticket: int
    on_position: OnPosition | None = None

    @property
    def size(self) -> int:
        return len(self.item.update if isinstance(self.item, Edit) else self.item.payload)


@dataclass(slots=True)
class Queue:
    """What one room has to write. Tickets count from 1; `committed` is the last durable one.

    Invariant: `committed <= ticket`; what lies between is in `waiting` or in the commit under way.
    """

    room_id: str
    writes: Writes
    ticket: int = 0
    committed: int = 0
    head: int = 0
    waiting: list[_Waiting] = field(default_factory=list[_Waiting])

    @property
    def settled(self) -> bool:
        """Whether all that was put is durable."""
        return self.committed == self.ticket


class Journal:
    """Takes entries from many rooms and commits them together. `run` is its one task."""

    def __init__(self, store: Store, *, commit_seconds: float, backlog_bytes: int) -> None:
        self._store = store
        self._commit_seconds = commit_seconds
        self._backlog_bytes = backlog_bytes
        self._bytes = 0
        self._dirty: dict[int, Queue] = {}  # by identity: a room that is loaded again has a queue beside its old one
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._next_commit = asyncio.Event()
        self._failed = False
        self._told: dict[int, Queue] = {}

    @property
    def failed(self) -> bool:
        """Whether the last commit failed."""
        return self._failed

    def is_failing(self, queue: Queue) -> bool:
        """Whether somebody who joins now is to be told that nothing is saved; the room then hears when that is over."""
        if self._failed:
            self._told[id(queue)] = queue
        return self._failed

    def require_space(self, size_bytes: int) -> None:
        """Raises `Unavailable` when too much waits already; asked before anything is applied, so that nothing is half taken."""
        if self._bytes + size_bytes > self._backlog_bytes:
            raise Unavailable("Nothing can be saved at the moment, and too much waits for it already. Your text is safe in this page.", "database")

    def put_edit(self, queue: Queue, edit: Edit) -> None:
        """Queue an update."""
        self._put(queue, _Waiting(edit, queue.ticket + 1))

    def put_entry(self, queue: Queue, entry: Entry, on_position: OnPosition | None = None) -> None:
        """Queue anything else; `on_position` is called once it is durable."""
        self._put(queue, _Waiting(entry, queue.ticket + 1, on_position))

    def _put(self, queue: Queue, waiting: _Waiting) -> None:
        queue.ticket = waiting.ticket
        queue.waiting.append(waiting)
        self._bytes += waiting.size
        self._dirty[id(queue)] = queue
        self._idle.clear()
        self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing waits to be written."""
        await self._idle.wait()

    async def durable(self, queue: Queue) -> None:
        """Wait until all that this room has put so far is written, or the room is gone."""
        ticket = queue.ticket
        while queue.committed < ticket:
            await self._next_commit.wait()

    async def run(self) -> None:
        """Commit for ever; ends by cancellation, between commits or after the one under way was rolled back."""
        loop = asyncio.get_running_loop()
        back_off = 0.0
        while True:
            await self._wake.wait()
            started = loop.time()
            back_off = 0.0 if await self._commit() else min(LAST_RETRY_SECONDS, max(FIRST_RETRY_SECONDS, back_off * 2))
            pause = back_off or self._commit_seconds - (loop.time() - started)
            if pause > 0:
                await asyncio.sleep(pause)

    async def _commit(self) -> bool:
        """One transaction with all that waits; whether it was written."""
        self._wake.clear()
        queues, self._dirty = self._dirty, {}
        parts = [_Part(queue, _take(queue)) for queue in queues.values()]
        batches: dict[str, list[Entry]] = {}
        for part in parts:
            batches.setdefault(part.queue.room_id, []).extend(entry for entry, _ in part.rows)
        try:
            done = await self._store.commit(batches)
        except BaseException as error:
            for part in parts:
                part.queue.waiting[:0] = part.taken
            self._dirty = {**queues, **self._dirty}
            self._wake.set()
            if not isinstance(error, Exception):
                raise  # cancelled: what waits stays in the queues
            self._say_failed(error, len(batches))
            return False
        if self._failed:
            self._failed = False
            told, self._told = self._told, {}
            log.info("journal.recovered", rooms=len(told))
            for queue in told.values():
                queue.writes.storage(True, "Everything is saved again.")
        self._finish(parts, {room_id: head - len(batches[room_id]) for room_id, head in done.heads.items()})
        self._next_commit.set()
        self._next_commit = asyncio.Event()
        if not self._dirty:
            self._idle.set()
        return True

    def _finish(self, parts: Sequence["_Part"], heads: dict[str, int]) -> None:
        """Let each queue know; `heads`: where each room's journal ended before, those that are gone left out."""
        for part in parts:
            queue = part.queue
            self._bytes -= sum(waiting.size for waiting in part.taken)
            queue.committed = part.taken[-1].ticket
            before = heads.get(queue.room_id)
            if before is None:  # settled as well: nothing more can become of it
                log.warning("journal.room_gone", room=queue.room_id)
                queue.writes.gone()
                continue
            queue.head = heads[queue.room_id] = before + len(part.rows)
            try:
                part.tell(before)
            except Exception:  # a mistake in one room must not end the writing for all
                log.exception("journal.telling_failed", room=queue.room_id)

    def _say_failed(self, error: Exception, rooms: int) -> None:
        if isinstance(error, Unavailable):
            log.warning("journal.unavailable", rooms=rooms, reason=str(error))
        else:
            log.error("journal.failed", rooms=rooms, exc_info=error)
        self._failed = True
        for queue in self._dirty.values():
            if id(queue) in self._told:
                continue
            self._told[id(queue)] = queue
            queue.writes.storage(False, NOT_SAVED)


class _Part:
    """What one queue gives to a commit."""

    def __init__(self, queue: Queue, taken: Sequence[_Waiting]) -> None:
        self.queue = queue
        self.taken = taken
        self.rows = _rows(taken)

    def tell(self, before: int) -> None:
        """Let a room know what is durable now; its first entry of these stands behind `before`."""
        for position, (_, on_position) in enumerate(self.rows, before + 1):
            if on_position is not None:
                on_position(position)
        self.queue.writes.committed(self.queue.committed)


def _take(queue: Queue) -> list[_Waiting]:
    waiting, queue.waiting = queue.waiting, []
    return waiting


def _rows(waiting: Sequence[_Waiting]) -> list[tuple[Entry, OnPosition | None]]:
    """Entries in their order, neighbouring edits made one row."""
    rows: list[tuple[Entry, OnPosition | None]] = []
    edits: list[Edit] = []
    size = 0

    def close_row() -> None:
        nonlocal edits, size
        if edits:
            rows.append((Entry(EntryKind.EDITS, encode(edits), edits[-1].at_ms), None))
            edits, size = [], 0

    for one in waiting:
        if isinstance(one.item, Edit):
            if len(edits) >= EDITS_PER_ROW or size > BYTES_PER_ROW:
                close_row()
            edits.append(one.item)
            size += one.size
        else:
            close_row()
            rows.append((one.item, one.on_position))
    close_row()
    return rows
