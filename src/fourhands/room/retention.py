"""Deletes what nobody uses any more: rooms past their time, ephemeral ones that a crash left behind, old figures, old lines of the audit log. `app` runs it.

It goes a room at a time, and rests after each for longer than that took, so that writers do not notice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from fourhands.errors import Unavailable
from fourhands.model.clock import Clock
from fourhands.room.registry import Registry
from fourhands.store.port import Store

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.retention")

DAY_MS = 86_400_000
BATCH = 100
FORGOTTEN = 1_000
"""Rows of executions, and of the audit log, that one write deletes."""
REST = 9
"""A deletion is followed by a rest of so many times what it took: a tenth of the writer's time is spent on deletions."""
REST_SECONDS = 0.01
JUMP_MS = 3_600_000
JUMP_LASTS_SECONDS = 86_400.0


class Retention:
    """What is due, and when. A clock that jumps ahead is not believed before it has stood for a day: it would delete everything."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        clock: Clock,
        *,
        days: float,
        idle_seconds: float,
        executions_days: float = 90,
        audit_days: float = 180,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock
        self._days = days
        self._executions_days = executions_days
        self._audit_days = audit_days
        self._rest = rest
        self._left_after = clock.monotonic() + idle_seconds  # who was in them comes back before
        self._seen_ms, self._seen_at = clock.now_ms(), clock.monotonic()

    async def run(self, every_seconds: float) -> None:
        """Delete what is due, for ever."""
        while True:
            try:
                await self.step()
            except Unavailable as error:  # it is tried again
                log.warning("retention.unavailable", reason=str(error))
            except Exception:
                log.exception("retention.failed")
            await asyncio.sleep(every_seconds)

    async def step(self) -> int:
        """Delete all that is due now; how many rooms that were. Raises what the store raises."""
        await self._registry.note_use()
        before_ms = int(self.now_ms() - self._days * DAY_MS)
        count = 0
        while deleted := await self._delete(await self._store.unused_rooms(before_ms, BATCH)):
            count += deleted
        after = ""
        while self._clock.monotonic() >= self._left_after and (left := await self._store.left_rooms(after, BATCH)):
            count += await self._delete(left)
            after = left[-1]
        while await self._store.accounts.forget_logins(self.now_ms(), FORGOTTEN):
            await self._rest(REST_SECONDS)
        while await self._store.forget_executions(int(self.now_ms() - self._executions_days * DAY_MS), FORGOTTEN):
            await self._rest(REST_SECONDS)
        while await self._store.audit.forget(int(self.now_ms() - self._audit_days * DAY_MS), FORGOTTEN):
            await self._rest(REST_SECONDS)
        await self._store.bans.forget(self.now_ms())
        return count

    def now_ms(self) -> int:
        """The time that is believed."""
        now_ms, now = self._clock.now_ms(), self._clock.monotonic()
        believed_ms = self._seen_ms + int((now - self._seen_at) * 1000)
        if now_ms <= believed_ms + JUMP_MS or now - self._seen_at >= JUMP_LASTS_SECONDS:
            believed_ms, self._seen_ms, self._seen_at = now_ms, now_ms, now
        return believed_ms

    async def _delete(self, room_ids: Sequence[str]) -> int:
        """Delete those of them that are not in memory; how many."""
        deleted = 0
        for room_id in room_ids:
            began = self._clock.monotonic()
            if await self._registry.delete_unused(room_id):
                log.info("room.retention_over", room=room_id)
                deleted += 1
                await self._rest(REST_SECONDS + REST * (self._clock.monotonic() - began))
        return deleted
