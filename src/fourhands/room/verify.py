"""Whether a room's journal can be believed: `fourhands journal check`."""

import asyncio
from collections.abc import Sequence

from fourhands.errors import FourhandsError
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.room.past import fault
from fourhands.room.restoring import before, made_of, replay
from fourhands.store.port import Snapshot, Store, Stored

ENTRIES_AT_ONCE = 1000


async def faults(store: Store, room_id: str) -> Sequence[str]:
    """What is wrong, a sentence each: rows that are missing or cannot be read, entries that make no sense, snapshots that are not
    what the edits make.

    Each snapshot is compared with the one before it and the edits between, so that memory stays that of one document.
    """
    found = list(await store.faults(room_id))
    if found:
        return found
    try:
        found += await _illegible(store, room_id)
        after = await store.load(room_id)
        while after is not None and after.snapshot is not None:
            position = after.snapshot.position
            found += await asyncio.to_thread(_set_aside, after)
            earlier = await before(store, room_id, position)
            if earlier is None:
                break
            if await asyncio.to_thread(_differs, earlier, after.snapshot):
                found.append(f"The snapshot at position {position} is not what the edits up to there make.")
            after = earlier
        if after is not None:
            found += await asyncio.to_thread(_set_aside, after)
    except FourhandsError as error:
        found.append(str(error))
    return found


async def _illegible(store: Store, room_id: str) -> Sequence[str]:
    """Chat, runs and changes that cannot be shown; edits have their own test."""
    found: list[str] = []
    after = 0
    while entries := await store.entries(room_id, after, ENTRIES_AT_ONCE):
        found += [said for entry in entries if entry.kind is not EntryKind.EDIT and (said := fault(entry))]
        after = entries[-1].position
    return found


def _set_aside(stored: Stored) -> Sequence[str]:
    return [f"The edit at position {position} cannot be applied; the room opens without it." for position in replay(stored, Limits()).set_aside]


def _differs(earlier: Stored, snapshot: Snapshot) -> bool:
    replayed, kept = replay(earlier, Limits()).document, made_of(Limits(), snapshot.states)
    state = kept.state()
    if replayed.state() == state:
        return False
    return kept.state_vector() != replayed.state_vector() or replayed.would_change(state) or kept.would_change(replayed.state())
