"""The audit log as actions write it. Each action notes itself, once it was done; what is read is `desk`'s and the command line's."""

from typing import Any

import structlog

from fourhands.errors import Unavailable
from fourhands.model.audit import Noted, Who
from fourhands.model.clock import Clock
from fourhands.store.protection import AuditStore

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.audit")

ADMIN = "admin."
"""What admins do is done only if it was written down."""
TEXT_CHARACTERS = 200
"""Of anything that is written, what stands behind it is cut: somebody could fill the log by an address or a name."""
DETAILS = 20


class Audit:
    """Writes lines of the log, durable when `note` returns."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, what: str, who: Who, *, room_id: str = "", on: str = "", detail: dict[str, str | int | bool | None] | None = None) -> None:
        """`what`: dotted words such as "room.ended"; `on`: the id or address it was done to; `detail`: a few plain values.

        Never pass passwords, tokens, keys, or what people wrote. A line that cannot be written is logged; of what admins do
        (`what` begins with "admin.") that raises `Unavailable`: note it before you do it.
        """
        told = {name: _cut(value) for name, value in list((detail or {}).items())[:DETAILS]}
        by = Who(who.kind, _cut(who.id), _cut(who.name), _cut(who.address))
        try:
            await self._store.add(Noted(what, by, self._clock.now_ms(), room_id, _cut(on), told))
        except Unavailable as error:
            if what.startswith(ADMIN):
                raise
            log.error("audit.unwritten", what=what, who=who.id, room=room_id, reason=str(error))  # noqa: TRY400 - the reason is all of it


def _cut(value: Any) -> Any:
    return value[:TEXT_CHARACTERS] if isinstance(value, str) else value
