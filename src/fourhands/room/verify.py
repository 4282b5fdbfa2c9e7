"""Whether a room's journal can be believed: `fourhands journal check`."""

import asyncio
from collections.abc import Sequence

from fourhands.errors import FourhandsError
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.room.document import Document
from fourhands.room.registry import restore
from fourhands.store.port import Store, Stored


async def faults(store: Store, room_id: str) -> Sequence[str]:
    """What is wrong, a sentence each: rows that are missing or cannot be read, snapshots that are not what the edits make.

    Each snapshot is compared with the one before it and the edits between, so that memory stays that of one document.
    """
    found = list(await store.faults(room_id))
    if found:
        return found
    try:
        after = await store.load(room_id)
        while after is not None and after.snapshot is not None:
            position = after.snapshot.position
            await asyncio.to_thread(restore, after, Limits())  # the edits after it can be applied
            before = await _before(store, room_id, position)
            if before is None:
                break
            if await asyncio.to_thread(_differs, before, after.snapshot.state):
                found.append(f"The snapshot at position {position} is not what the edits up to there make.")
            after = before
        if after is not None:
            await asyncio.to_thread(restore, after, Limits())
    except FourhandsError as error:
        found.append(str(error))
    return found


async def _before(store: Store, room_id: str, position: int) -> Stored | None:
    """The room at a position, from an earlier snapshot than the one that stands there."""
    earlier = await store.seek(room_id, position=position - 1)
    if earlier is None:
        return None
    between = [entry for entry in await store.entries(room_id, earlier.head, position - earlier.head) if entry.kind is EntryKind.EDIT]
    return Stored(earlier.room, position, earlier.snapshot, [*earlier.edits, *between])


def _differs(before: Stored, state: bytes) -> bool:
    replayed = restore(before, Limits())
    if replayed.state() == state:
        return False
    kept = Document.restored(Limits(), state, ())
    return kept.state_vector() != replayed.state_vector() or replayed.would_change(state) or kept.would_change(replayed.state())
