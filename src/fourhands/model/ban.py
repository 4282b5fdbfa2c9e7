"""Bans: who is refused everywhere on this server, until when, and by whom."""

from dataclasses import dataclass
from typing import Literal

BanKind = Literal["address", "account"]


@dataclass(frozen=True, slots=True)
class Ban:
    """`subject`: an address or network (`192.0.2.7/32`, `2001:db8::/64`), or an account's id. `until_ms`: None: for good.

    `by`: the name of whoever banned them. Times are milliseconds since the epoch.
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
