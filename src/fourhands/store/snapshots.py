"""The part of the port to durable storage that keeps snapshots of rooms' documents, and rewrites what is stored of one. `store.port` has the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fourhands.store.rewriting import Rewriting, Rewritten


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document that holds all edits up to and including `position`: Yjs v1 updates, to be applied in order.

    `state`: the whole, or what was not yet in the snapshot at `base`. `vector`: the document's state vector, for the next
    one to build on; empty if it is not known. `first`: parts of this snapshot that come before `state`, where it was cut
    because it is large. `before`: all that comes before `state`; only told, not written.
    """

    position: int
    state: bytes
    base: int | None = None
    vector: bytes = b""
    before: Sequence[bytes] = ()
    first: Sequence[bytes] = ()

    @property
    def states(self) -> Sequence[bytes]:
        """All that makes the document, in order."""
        return [*self.before, *self.first, self.state]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a room's journal that is long without a snapshot: it begins with the snapshot at `after` (0: perhaps none).

    `places`: where snapshots are missing, rising. `epoch`: of the room, so that none is written into a later one of its id.
    """

    after: int
    places: Sequence[int]
    epoch: str


class SnapshotStore(Protocol):
    async def base(self, room_id: str) -> Snapshot | None:
        """The snapshot that the next one is to build on; None if that is to be a whole one."""
        ...

    async def rewrite_room(self, room_id: str, rewriting: Rewriting) -> Rewritten:
        """Rewrite all that is stored of a room, its snapshots too, in one transaction: durable when this returns, or nothing of it is there.

        Nothing of what it was is in the store's files then. Raises `NotFound`, also for a room that has ended, and `Conflict` if it
        stands at another head or in another epoch.
        """
        ...

    async def write_snapshot(self, room_id: str, snapshot: Snapshot, *, epoch: str | None = None) -> None:
        """Keep the snapshot, unless there is one as new; the newest goes if it stood too close to the one before.

        Passed over if the room is gone or of another `epoch` than that, or `base` is not there any more. Raises `Conflict` past the head.
        """
        ...

    async def stretches(self, room_id: str) -> Sequence[Stretch]:
        """Where going back in the room would replay long, because many edits came at once; none if it is not there."""
        ...

    async def add_snapshot(self, room_id: str, epoch: str, snapshot: Snapshot) -> bool:
        """Keep a snapshot in one of the `stretches`; whether it was kept: not if the room or `base` is gone, there is one at
        its position, or it would take more than the edits since the one before."""
        ...
