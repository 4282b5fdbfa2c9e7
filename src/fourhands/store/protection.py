"""The port to what is kept for protection: the audit log, and bans. Parts of `Store`; contract tests in `tests/contracts/test_protection.py`.

Every method may raise `errors.Unavailable(dependency="database")`; nothing was then written.
"""

from collections.abc import Sequence
from typing import Protocol, TypedDict, Unpack

from fourhands.model.audit import Noted
from fourhands.model.ban import Ban


class AuditWanted(TypedDict, total=False):
    """Which lines: all that fit everything given. `what`: the word, or its beginning up to a dot ("room" finds "room.ended").

    `who`: an id of a member or account. `since_ms`, `until_ms`: from the one, before the other.
    """

    what: str
    who: str
    room_id: str
    since_ms: int
    until_ms: int


class AuditStore(Protocol):
    """The audit log. Append-only: no line changes, and none that is younger than a day can be deleted, whoever asks."""

    async def add(self, noted: Noted) -> None:
        """Durable when this returns."""
        ...

    async def newest(self, limit: int, *, before: int | None = None, **wanted: Unpack[AuditWanted]) -> Sequence[Noted]:
        """The newest `limit` lines with an id below `before`, newest first."""
        ...

    async def oldest(self, limit: int, *, after: int = 0, **wanted: Unpack[AuditWanted]) -> Sequence[Noted]:
        """The oldest `limit` lines with an id above `after`, oldest first."""
        ...

    async def forget(self, before_ms: int, limit: int) -> int:
        """Delete at most `limit` lines that are older than that time, and than a day; how many were deleted."""
        ...


class BanStore(Protocol):
    async def add(self, ban: Ban) -> None:
        """Write it; raises `Conflict` if its id exists."""
        ...

    async def remove(self, ban_id: str) -> Ban:
        """Raises `NotFound`."""
        ...

    async def all(self) -> Sequence[Ban]:
        """All, those too whose time is over, oldest first."""
        ...

    async def forget(self, now_ms: int) -> int:
        """Delete those whose time is over; how many."""
        ...
