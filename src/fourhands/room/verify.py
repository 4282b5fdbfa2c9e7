"""Whether a room's journal can be believed: `fourhands journal check`."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from fourhands.errors import FourhandsError
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.room.past import fault
from fourhands.room.restoring import before, made_of, replay
from fourhands.store.port import Store, Stored
from fourhands.store.snapshots import Snapshot

ENTRIES_AT_ONCE = 1000

MOST_NAMED = 256
"""Edits that cannot be applied and are named, if no more are allowed: for each all may have to be replayed once more."""


async def faults(store: Store, room_id: str, most_set_aside: int) -> Sequence[str]:
    """What is wrong, a sentence each: rows that are missing or cannot be read, entries that make no sense, snapshots that are not
    what the edits make.

    A room opens without `most_set_aside` edits.

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
            found += await asyncio.to_thread(_set_aside, after, most_set_aside)
            earlier = await before(store, room_id, position)
            if earlier is None:
                break
            if await asyncio.to_thread(_differs, earlier, after.snapshot, most_set_aside):
                found.append(f"The snapshot at position {position} is not what the edits up to there make.")
            after = earlier
        if after is not None:
            found += await asyncio.to_thread(_set_aside, after, most_set_aside)
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


def _set_aside(stored: Stored, most: int) -> Sequence[str]:
    """Raises `Unavailable` if there are more than can be named."""
    aside = replay(stored, _patient(most)).set_aside
    if len(aside) <= most:
        return [f"The edit at position {position} cannot be applied; the room opens without it." for position in aside]
    refused = f"{len(aside)} edits cannot be applied: the room does not open unless FOURHANDS_EDITS_SET_ASIDE ({most}) is that high."
    return [refused, *(f"The edit at position {position} cannot be applied." for position in aside)]


def _patient(most_set_aside: int) -> Limits:
    return replace(Limits(), edits_set_aside=max(most_set_aside, MOST_NAMED))


def _differs(earlier: Stored, snapshot: Snapshot, most_set_aside: int) -> bool:
    replayed, kept = replay(earlier, _patient(most_set_aside)).document, made_of(Limits(), snapshot.states)
    state = kept.state()
    if replayed.state() == state:
        return False
    return kept.state_vector() != replayed.state_vector() or replayed.would_change(state) or kept.would_change(replayed.state())
