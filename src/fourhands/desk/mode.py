"""Whom the server takes in: everybody, nobody new, or nobody. Asked where rooms are opened, joined and connected to.

open ──> maintenance: nobody new, those who are in go on ──> open
  └────> drain: not ready, everybody is sent away to come back, which brings them to another server or to this one restarted ──> open
"""

from typing import Literal

from fourhands.errors import Unavailable
from fourhands.model.clock import Clock

ModeName = Literal["open", "maintenance", "drain"]

MAINTENANCE = "This server takes in nobody new at the moment: it is being looked after. Try again later."
DRAINED = "This server is being stopped; come back in a moment."


class Mode:
    """Invariant: `message` is what is said to those who are refused, and empty while the server is open."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.name: ModeName = "open"
        self.message = ""
        self.since_ms = clock.now_ms()

    def set(self, name: ModeName, message: str = "") -> bool:
        """Be that from now on; whether it was another before. `message`: for those who are refused; without one it is ours."""
        changed = name != self.name
        if changed:
            self.since_ms = self._clock.now_ms()
        self.name = name
        self.message = "" if name == "open" else message or (MAINTENANCE if name == "maintenance" else DRAINED)
        return changed

    def require_newcomers(self) -> None:
        """Whether rooms may be opened, and joined by those who were not in them. Raises `Unavailable`."""
        if self.name != "open":
            raise Unavailable(self.message, "server")

    def require_connections(self) -> None:
        """Whether anybody may be connected, whoever it is. Raises `Unavailable`."""
        if self.name == "drain":
            raise Unavailable(self.message, "server")

    def require_ready(self) -> None:
        """Whether a load balancer may send people here. Raises `Unavailable`."""
        self.require_connections()
