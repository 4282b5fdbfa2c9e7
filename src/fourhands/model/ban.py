"""Bans: who is refused everywhere on this server, or in one room, until when, and by whom."""

from dataclasses import dataclass
from typing import Literal

BanKind = Literal["address", "account", "member"]


@dataclass(frozen=True, slots=True)
class Ban:
    """`subject`: an address or network (`192.0.2.7/32`, `2001:db8::/64`), an account's id, or a member of one room (`member_subject`).

    `until_ms`: None: for good. `by`: the name of whoever banned them. Times are milliseconds since the epoch.
    """

    id: str
    kind: BanKind
    subject: str
    reason: str
    by: str
    at_ms: int
    until_ms: int | None

    def holds(self, now_ms: int) -> bool:
        """Whether it is still in force."""
        return self.until_ms is None or now_ms < self.until_ms


def member_subject(room_id: str, member_id: str) -> str:
    """How a ban names somebody in one room."""
    return f"{room_id}/{member_id}"
