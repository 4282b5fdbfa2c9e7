"""The journal's writer: one queue a room, one group commit for all rooms, and "saved" only after it.

put ──> queue ──(100 ms after the first)──> one transaction ──ok──> tickets are committed, callbacks run
                    ^                           │
                    └── back in front, back-off ┴─failed──> rooms are told that nothing is being saved
"""

import asyncio
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from fourhands.errors import Unavailable
from fourhands.model.entry import Entry, EntryKind
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.journal")

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.25, 5.0
ROOMS_THAT_DOUBLE, MOST_TIMES = 100, 4
"""What a commit costs is its rooms, not their edits: each room in it puts the next off a little, up to so many times the usual wait."""

NOT_SAVED = "Not saved: the server cannot write at the moment. Your text is safe in this page; keep it open."

OnPosition = Callable[[int], None]

_EDIT = EntryKind.EDIT


class Writes(Protocol):
    """What a room hears from its queue."""

    def committed(self, ticket: int) -> None:
        """All up to that ticket is durable. Said while the queue is `awaited`."""

    def storage(self, ok: bool, message: str) -> None:
        """Whether the journal can be written; said when it changes."""

    def gone(self) -> None:
        """The room's row is not there any more, or has ended: nothing more of it is written."""


class _Nobody(Writes):
    """A room that nobody has any more: there is no one to tell."""


NOBODY = _Nobody()


class Queue:
    """What one room has to write. A ticket is the number of an entry, counted from 1; `committed` is the last durable one.

    Invariant: `committed <= ticket`; what lies between is in `waiting` or in the commit under way. `head`: the position
    of the entry with the ticket `committed`. Times of a room never go back, also when the clock does: none is before `at_ms`.
    `awaited`: whether `writes` wants to hear of commits; nothing of a room in which nobody does is called for one.
    """

    __slots__ = ("_writes", "at_ms", "awaited", "callbacks", "committed", "dirty", "head", "room_id", "ticket", "waiting")

    def __init__(self, room_id: str, writes: Writes) -> None:
        self.room_id = room_id
        self._writes = weakref.ref(writes)  # it has us: both ways, rooms would wait for the garbage collector
        self.ticket = 0
        self.committed = 0
        self.head = 0
        self.at_ms = 0
        self.waiting: list[Entry] = []
        self.callbacks: list[tuple[int, OnPosition]] = []  # few: edits have none
        self.dirty = False
        self.awaited = True

    @property
    def writes(self) -> Writes:
        """The room, for as long as anybody has it."""
        return self._writes() or NOBODY

    @property
    def settled(self) -> bool:
        """Whether all that was put is durable."""
        return self.committed == self.ticket


_Taken = Sequence[tuple[Queue, list[Entry]]]
"""What each queue gives to a commit."""


class Journal:
    """Takes entries from many rooms and commits them together. `run` is its one task."""

    def __init__(self, store: Store, *, commit_seconds: float, backlog_bytes: int) -> None:
        self._store = store
        self._commit_seconds = commit_seconds
        self._wait_seconds = commit_seconds  # until the next commit
        self._backlog_bytes = backlog_bytes
        self.left_bytes = backlog_bytes  # so many more may wait
        self._writing = 0  # bytes in the commit under way
        self._dirty: list[Queue] = []  # a room that is loaded again has a queue beside its old one
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False  # a commit is under way, or the pause after it: no timer is needed
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._next_commit = asyncio.Event()
        self.timed: Callable[[float, int], object] = lambda seconds, entries: None  # hears how long each commit took, and of how much
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
        if size_bytes > self.left_bytes:
            raise Unavailable("Nothing can be saved at the moment, and too much waits for it already. Your text is safe in this page.", "database")

    def put_edit(self, queue: Queue, member_id: str, at_ms: int, update: bytes) -> None:
        """Queue an update. Called for every keystroke, in whose tick nothing else of the journal runs."""
        if at_ms > queue.at_ms:
            queue.at_ms = at_ms
        else:
            at_ms = queue.at_ms
        queue.ticket += 1
        queue.waiting.append(Entry(_EDIT, update, at_ms, member_id))
        self.left_bytes -= len(update)
        if not queue.dirty:
            self._mark(queue)

    def put_entry(self, queue: Queue, entry: Entry, on_position: OnPosition | None = None) -> None:
        """Queue anything else; `on_position` is called once it is durable."""
        if entry.at_ms >= queue.at_ms:
            queue.at_ms = entry.at_ms
        else:
            entry = Entry(entry.kind, entry.payload, queue.at_ms, entry.member)
        queue.ticket += 1
        queue.waiting.append(entry)
        self.left_bytes -= len(entry.payload)
        if on_position is not None:
            queue.callbacks.append((queue.ticket, on_position))
        if not queue.dirty:
            self._mark(queue)

    def _mark(self, queue: Queue) -> None:
        queue.dirty = True
        self._dirty.append(queue)
        if self._timer is None and not self._busy:
            self._idle.clear()
            self._timer = asyncio.get_running_loop().call_later(self._wait_seconds, self._wake.set)

    async def settled(self) -> None:
        """Wait until nothing waits to be written; it is written at once."""
        if self._dirty and not self._busy:
            self._wake.set()
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
            if self._timer is not None:
                self._timer.cancel()
            self._busy, self._timer = True, None
            self._wake.clear()
            started = loop.time()
            try:
                back_off = 0.0 if await self._commit() else min(LAST_RETRY_SECONDS, max(FIRST_RETRY_SECONDS, back_off * 2))
                if self._dirty:
                    await asyncio.sleep(max(0.0, back_off or self._wait_seconds - (loop.time() - started)))
            finally:
                self._busy = False
                if self._dirty:
                    self._wake.set()
                else:
                    self._idle.set()

    async def _commit(self) -> bool:
        """One transaction with all that waits; whether it was written."""
        taken, batches = self._take()
        began = time.perf_counter()
        try:
            done = await self._store.commit(batches)
        except BaseException as error:
            self._put_back(taken)
            if not isinstance(error, Exception):
                raise  # cancelled: what waits stays in the queues
            self._say_failed(error, len(batches))
            return False
        self.left_bytes += self._writing
        self.timed(time.perf_counter() - began, sum(map(len, batches.values())))
        self._wait_seconds = self._commit_seconds * wait_times(len(batches))
        if self._failed:
            self._failed = False
            told, self._told = self._told, {}
            log.info("journal.recovered", rooms=len(told))
            for queue in told.values():
                queue.writes.storage(True, "Everything is saved again.")
        self._finish(taken, _ends(taken, done.heads) if len(batches) < len(taken) else [done.heads.get(queue.room_id) for queue, _ in taken])
        self._next_commit.set()
        self._next_commit = asyncio.Event()
        return True

    def _take(self) -> tuple[_Taken, dict[str, Sequence[Entry]]]:
        """What waits, by queue and by room; a room that was loaded again may have two queues."""
        dirty, self._dirty = self._dirty, []
        self._writing = self._backlog_bytes - self.left_bytes
        taken: list[tuple[Queue, list[Entry]]] = []
        batches: dict[str, Sequence[Entry]] = {}
        for queue in dirty:
            entries = queue.waiting
            queue.waiting = []
            queue.dirty = False
            taken.append((queue, entries))
            if batches.setdefault(queue.room_id, entries) is not entries:
                batches[queue.room_id] = [*batches[queue.room_id], *entries]
        return taken, batches

    def _put_back(self, taken: _Taken) -> None:
        """In front of what came meanwhile, in the order in which it was."""
        back = {queue for queue, _ in taken}
        later = [queue for queue in self._dirty if queue not in back]
        for queue, entries in taken:
            queue.waiting[:0] = entries
            queue.dirty = True
        self._dirty = [*(queue for queue, _ in taken), *later]

    def _finish(self, taken: _Taken, ends: Sequence[int | None]) -> None:
        """Let the queues know; `ends`: the position at which the entries of each end, None if its room is gone."""
        for (queue, entries), end in zip(taken, ends, strict=True):
            queue.committed += len(entries)
            if end is None:  # settled as well: nothing more can become of it
                log.warning("journal.room_gone", room=queue.room_id)
                queue.callbacks.clear()
                queue.writes.gone()
                continue
            queue.head = end
            if queue.callbacks:
                self._call_back(queue)
            if queue.awaited:
                self._tell(queue, queue.writes.committed, queue.committed)

    def _call_back(self, queue: Queue) -> None:
        due = [one for one in queue.callbacks if one[0] <= queue.committed]
        del queue.callbacks[: len(due)]
        for ticket, on_position in due:
            self._tell(queue, on_position, queue.head - (queue.committed - ticket))

    def _tell(self, queue: Queue, what: Callable[[int], None], number: int) -> None:
        try:
            what(number)
        except Exception:  # a mistake in one room must not end the writing for all, nor keep the rest from being told
            log.exception("journal.telling_failed", room=queue.room_id)

    def _say_failed(self, error: Exception, rooms: int) -> None:
        if isinstance(error, Unavailable):
            log.warning("journal.unavailable", rooms=rooms, reason=str(error))
        else:
            log.error("journal.failed", rooms=rooms, exc_info=error)
        self._failed = True
        for queue in self._dirty:
            if id(queue) in self._told:
                continue
            self._told[id(queue)] = queue
            queue.writes.storage(False, NOT_SAVED)


def wait_times(rooms: int) -> float:
    """How many times the usual wait follows a commit of so many rooms: once after one or a few, 4 times after 300 and more."""
    return min(MOST_TIMES, 1 + rooms / ROOMS_THAT_DOUBLE)


def _ends(taken: _Taken, heads: Mapping[str, int]) -> Sequence[int | None]:
    """Where the entries of each queue end, of several for the same room too."""
    heads, ends = dict(heads), list[int | None]()
    for queue, entries in reversed(taken):
        end = heads.get(queue.room_id)
        ends.append(end)
        if end is not None:
            heads[queue.room_id] = end - len(entries)
    return ends[::-1]
