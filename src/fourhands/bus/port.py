"""The port to the other instances. Adapters pass `tests/contracts/test_bus.py`.

A *channel* is a room's id, `EVERYBODY`, or `inbox_of(instance)` (`envelope.py`). What one instance publishes on a channel reaches every other
that subscribed to it before, in that order; where that cannot be kept, `on_missed` says so. Nothing here is durable: what has to stay stands in the store.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from fourhands.bus.messages import Message

Hear = Callable[[str, Sequence[Message]], None]
"""Called in the loop with the sending instance and what it said, in order; never with one's own. It must not raise."""


class Bus(Protocol):
    """The way to the other instances.

        started ──others reached──> reached <──> away (`on_reached` hears both)

    Methods that wait raise `errors.Unavailable(dependency="redis")` while they are not reached.
    """

    on_reached: Callable[[bool], None]
    """Hears whether the others are reached, when that changes. What was missed meanwhile is not sent again: rooms exchange their states."""
    on_missed: Callable[[str], None]
    """Hears of a channel on which something was published that we can no longer be told."""
    on_lost: Callable[[str], None]
    """Hears of an instance whose lease is over: it has stopped, or nobody has heard of it for `lease_seconds`."""

    said: int
    """Messages that were to be sent so far."""

    @property
    def instance(self) -> str:
        """Who we are: 16 letters, others at each start."""
        ...

    @property
    def reached(self) -> bool:
        """Whether others hear us, and we them."""
        ...

    async def start(self, hear: Hear) -> None:
        """Returns at once, reached or not. `hear`: what comes for everybody, and for us alone."""
        ...

    async def stop(self) -> None:
        """Send what waits, and give up our lease."""
        ...

    def publish(self, channel: str, message: Message) -> None:
        """Say it, together with all else that is said within a few milliseconds. Never waits or raises; what can neither be sent nor kept is dropped."""
        ...

    async def subscribe(self, channel: str, hear: Hear) -> None:
        """From now on: what anybody publishes after this returned is heard, and perhaps a little of what was before. Who listens already
        goes on without a gap, and with this `hear`."""
        ...

    def unsubscribe(self, channel: str) -> None:
        """Hear it no more; nothing happens if we did not."""
        ...

    async def living(self) -> frozenset[str]:
        """The instances whose lease holds, our own among them."""
        ...

    async def hold(self, room_id: str) -> Sequence[str] | None:
        """Note that we hold the room; which others do, or None, and nothing is noted, while its gate is shut."""
        ...

    async def let_go(self, room_id: str, *, shut: bool = False) -> bool:
        """Note that we hold it no more; whether nobody else does. `shut`: if so, its gate is shut in the same moment."""
        ...

    async def holders(self, room_id: str) -> Sequence[str]:
        """The living instances that hold the room, ours too."""
        ...

    async def shut(self, room_id: str) -> bool:
        """Let nobody begin to hold the room until `open`, or until we are lost; False if its gate is shut already."""
        ...

    async def open(self, room_id: str) -> None:
        """Open its gate."""
        ...
