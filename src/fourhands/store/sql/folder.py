"""Folds the log: writes what it holds into the rooms' own rows, in small steps between commits, and removes it.

A cut at any moment is harmless: a room's rows and its head move in one transaction, rows of the log go only after all of
their rooms have moved, and a start passes over what stands in rows already.
"""

import asyncio
import contextlib

import structlog

from fourhands.errors import Unavailable
from fourhands.store.sql import journal
from fourhands.store.sql.engine import Database
from fourhands.store.sql.log import Log, OpenRoom
from fourhands.store.sql.tidying import Merge, Tidying

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.store")

STEP_ENTRIES = 1000
STEP_ROOMS = 16
STEP_ROWS = 256
HURRY_BYTES = 8 * 1024 * 1024
SCRUB_WAIT_MS = 100  # no commit goes on meanwhile


class Folder:
    """The one that folds, and then has rows merged; `run` is its task."""

    def __init__(self, database: Database, log: Log, merge: Merge) -> None:
        self._database = database
        self._log = log
        self._tidying = Tidying(merge)
        self._left: set[str] = set()  # rooms that were left since the last fold: nothing of them grows any more
        self._hurry = asyncio.Event()
        self._turn = asyncio.Lock()
        self._erasures, self._scrubbed = 1, 0  # a crash may have come between an erasure and its fold

    def hurry(self) -> None:
        """Fold soon: much waits."""
        self._hurry.set()

    def rest(self, room_id: str) -> None:
        """The room was left: its rows are merged for good when there is time."""
        self._left.add(room_id)
        self._tidying.rest(room_id)

    def erased(self, room_id: str) -> None:
        """A room was: the next fold also empties SQLite's own log, which still has it."""
        self._erasures += 1
        self._tidying.forget(room_id)

    @property
    def is_scrubbed(self) -> bool:
        """Whether nothing of what was erased stands in SQLite's own log any more."""
        return self._scrubbed == self._erasures

    async def run(self, every_seconds: float) -> None:
        """Fold for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every_seconds):
                    await self._hurry.wait()
            self._hurry.clear()
            try:
                await self.fold()
                await self._tidying.tidy()
            except Unavailable as error:
                log.warning("journal.not_folded", bytes=self._log.waiting_bytes, reason=str(error))
            except Exception:  # it is tried again
                log.exception("journal.not_folded", bytes=self._log.waiting_bytes)

    async def fold(self) -> None:
        """Fold all that the log holds by now. Raises what went wrong; what was not folded then stays, all else is folded."""
        async with self._turn:
            erasures, left = self._erasures, self._left
            self._left = set()
            mark, heads = await self._database.on_writer(lambda: (self._log.mark(), {room: room.head for room in self._log.unfolded()}))
            failure: Exception | None = None
            waiting = list(heads)
            while waiting:
                step, waiting = _step(waiting)
                try:
                    await self._database.on_writer(lambda step=step: self._fold(step))
                    waiting += [room for room in step if room.entries and room.head - len(room.entries) < heads[room]]
                except Unavailable:
                    raise
                except Exception as error:
                    log.exception("journal.room_not_folded", rooms=[room.id for room in step])
                    failure = error
                    for room in step if len(step) > 1 else ():  # one by one, so that one room does not stop all
                        try:
                            await self._database.on_writer(lambda room=room: self._fold([room]))
                        except Exception:
                            log.exception("journal.room_not_folded", rooms=[room.id])
            for room_id in left:
                self._tidying.settled(room_id)
            if failure is not None:
                raise failure
            while mark and await self._database.on_writer(lambda: self._remove(mark)):
                pass
            if self._scrubbed < erasures and await self._database.on_writer(self._empty_log):
                self._scrubbed = erasures

    def _empty_log(self) -> bool:
        """Bring SQLite's write-ahead log to nothing; False while somebody reads from it (it is tried at the next fold)."""
        with self._database.driver() as driver:
            before = driver.execute("PRAGMA busy_timeout").fetchone()[0]
            driver.execute(f"PRAGMA busy_timeout = {SCRUB_WAIT_MS}")
            try:
                return driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
            finally:
                driver.execute(f"PRAGMA busy_timeout = {before}")

    def _remove(self, mark: int) -> bool:
        with self._database.transaction(synced=False) as connection:
            return self._log.remove(connection, mark, STEP_ROWS)

    def _fold(self, rooms: list[OpenRoom]) -> None:
        """One transaction for a few rooms, in the writer's thread."""
        heads: list[tuple[str, int, int]] = []
        counts: list[tuple[OpenRoom, int]] = []
        rows = journal.Rows([], [])
        for room in rooms:
            if not self._log.is_open(room):
                continue  # ended or deleted meanwhile
            entries = room.entries[:STEP_ENTRIES]
            after = room.head - len(room.entries)
            more = journal.rows_of(room.id, room.box, after, entries)
            rows.blocks.extend(more.blocks)
            rows.others.extend(more.others)
            self._tidying.grew(room.id, len(more.blocks))
            heads.append((room.id, after + len(entries), room.used_at_ms))
            counts.append((room, len(entries)))
        if not heads:
            return
        with self._database.transaction(synced=False) as connection:
            journal.write(connection, rows)
            journal.advance(connection, heads)
        for room, count in counts:
            self._log.folded(room, count)


def _step(waiting: list[OpenRoom]) -> tuple[list[OpenRoom], list[OpenRoom]]:
    """The rooms to fold next, and the rest."""
    size = count = 0
    while count < min(len(waiting), STEP_ROOMS) and size < STEP_ENTRIES:
        size += len(waiting[count].entries)
        count += 1
    return waiting[:count], waiting[count:]
