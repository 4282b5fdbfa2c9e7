"""What rooms, actions and the desk need of the other instances; `sharing.py` does it over the bus."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from fourhands.room.live import LiveRoom

HearsRoom = Callable[[LiveRoom, str, bytes], None]
"""Is told in the loop what another instance (its name) says into a room that we have, too."""
HearsAll = Callable[[str, bytes], None]
Answers = Callable[[str, bytes], Awaitable[bytes]]


class Others(Protocol):
    """Words of one instance reach another in the order in which they were said into a room, or to all."""

    hears: dict[str, HearsRoom]
    hears_all: dict[str, HearsAll]
    answers: dict[str, Answers]
    on_lost: list[Callable[[str], None]]
    on_loaded: list[Callable[[LiveRoom, bool], None]]
    on_mended: list[Callable[[LiveRoom], None]]
    on_gap: list[Callable[[], None]]

    @property
    def instance(self) -> str:
        """What this one is called."""
        ...

    @property
    def reached(self) -> bool:
        """Whether the others are."""
        ...

    async def living(self) -> Sequence[str]:
        """All instances that live, this one too. Raises `Unavailable`."""
        ...

    async def holders(self, room_id: str) -> Sequence[str]:
        """The instances that have that room, this one too if it does. Raises `Unavailable`."""
        ...

    def say_all(self, topic: str, payload: bytes) -> None:
        """To every other instance."""
        ...

    async def ask(self, instance: str, topic: str, payload: bytes, seconds: float = 5.0) -> bytes:
        """Raises `Unavailable`, or what the other side raised."""
        ...
