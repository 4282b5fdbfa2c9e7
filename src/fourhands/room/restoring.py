"""A room's document from what is stored of it, whatever somebody has written into it.

Called by `registry.py` and `verify.py`, and where history is read. An edit that was taken once and cannot be replayed is
set aside, never silently: the room opens with all else, and `fourhands journal check` names the edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from fourhands.errors import FourhandsError, InvalidRequest, TooLarge, Unavailable
from fourhands.model.entry import EntryKind, StoredEntry
from fourhands.model.limits import Limits
from fourhands.protocol.cutting import pieces
from fourhands.protocol.joining import join_deleted
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.walk import walk
from fourhands.room.document import Document, DocumentBroken
from fourhands.store.port import Store, Stored
from fourhands.store.snapshots import Snapshot

log: structlog.stdlib.BoundLogger = structlog.get_logger("fourhands.registry")

PART_BYTES = 32 * 1024
PART_STRUCTS = 2048
"""yrs takes 6 ms for so many; more at once take longer for each."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A document, and the positions of the edits that are not in it."""

    document: Document
    set_aside: Sequence[int]


def restore(stored: Stored, limits: Limits) -> Document:
    """The document as stored. Raises `Unavailable` when what is stored cannot be read: never an empty room instead."""
    replayed = replay(stored, limits)
    if replayed.set_aside:
        log.error("room.edits_set_aside", room=stored.room.id, positions=list(replayed.set_aside))
    return replayed.document


def replay(stored: Stored, limits: Limits) -> Replayed:
    """`restore`, and what was set aside for it. Raises `Unavailable`."""
    states = () if stored.snapshot is None else stored.snapshot.states
    try:
        try:
            document = made_of(limits, states)
            for update in stored.updates:
                document.apply(update)
            document.set_limits(limits)
            return Replayed(document, ())
        except (InvalidRequest, DocumentBroken):
            return _replay_one_by_one(limits, states, stored.edits)
    except (FourhandsError, DocumentBroken) as error:
        log.exception("room.damaged", room=stored.room.id)
        raise Unavailable("This room's journal cannot be read. Nothing was changed; ask whoever runs this server to look at its log.", "database") from error


def made_of(limits: Limits, states: Sequence[bytes]) -> Document:
    """A document of a snapshot's states; its bounds begin with `set_limits`. Raises `InvalidRequest` or `DocumentBroken`."""
    document = Document.reading(limits)
    for state in states:  # each in a transaction of its own
        document.load(state)
    return document


def in_parts(state: bytes, vector: bytes = b"\x00") -> Sequence[bytes]:
    """A state, or what came since that state vector, in parts to be loaded one after the other: yrs takes 1,100 ms, and Python's
    lock, for 1.2 MB of 120,000 structs at once, since it moves its list of all for each that it joins; 130 ms in 60 parts. Half as many
    structs say the same."""
    if len(state) < PART_BYTES:
        return [state]
    try:
        walked = walk(state, len(state), len(state))
        if (joined := join_deleted(walked)) is not state:
            walked = walk(joined, len(joined), len(joined))
        return pieces(walked, read_state_vector(vector), PART_STRUCTS)
    except (InvalidRequest, TooLarge):  # yrs 0.28 writes strings of no letters where somebody stood between two surrogates
        return [state]


def parts_to_keep(state: bytes, base: Snapshot | None, told: object) -> Sequence[bytes] | None:
    """What is kept of a state, or of what came since `base`, in parts; None if they do not show what was told of it."""
    parts = in_parts(state, b"\x00" if base is None else base.vector)
    return parts if stands_for([*(() if base is None else base.states), *parts], told) else None


def _replay_one_by_one(limits: Limits, states: Sequence[bytes], edits: Sequence[StoredEntry]) -> Replayed:
    """Raises `InvalidRequest` or `DocumentBroken` when it is not for a few edits."""
    aside: set[int] = set()
    document = made_of(limits, states)
    while not all(_takes(document, edit, aside) for edit in edits if edit.position not in aside):
        document = made_of(limits, states)
        if len(aside) > limits.edits_set_aside:  # each that breaks pycrdt costs one more replay; and where many are wrong, all may be
            break
    if len(aside) > limits.edits_set_aside or (not states and len(aside) == len(edits)):
        raise InvalidRequest("Too many edits cannot be applied: `fourhands journal check` names them.")
    document.set_limits(limits)
    return Replayed(document, sorted(aside))


def _takes(document: Document, edit: StoredEntry, aside: set[int]) -> bool:
    """Whether the document can be used on; an edit that it does not take is put aside."""
    try:
        document.apply(edit.payload)
        document.flush()
    except InvalidRequest:  # nothing was changed
        aside.add(edit.position)
    except DocumentBroken:
        aside.add(edit.position)
        return False
    return True


async def before(store: Store, room_id: str, position: int) -> Stored | None:
    """The room at a position, from an earlier snapshot than the one that stands there."""
    earlier = await store.seek(room_id, position=position - 1)
    if earlier is None:
        return None
    between = [entry for entry in await store.entries(room_id, earlier.head, position - earlier.head) if entry.kind is EntryKind.EDIT]
    return Stored(earlier.room, position, earlier.snapshot, [*earlier.edits, *between])


async def without_snapshot(store: Store, stored: Stored) -> Stored | None:
    """The same from the snapshot before its own, or from the journal's beginning; None if it has none."""
    if stored.snapshot is None:
        return None
    earlier = await before(store, stored.room.id, stored.snapshot.position)
    return None if earlier is None else Stored(stored.room, stored.head, earlier.snapshot, [*earlier.edits, *stored.edits])


def shown(document: Document) -> object:
    """What a document shows, and what its clients' clocks are; but for edits that wait."""
    clocks = {client: clock for client, clock in read_state_vector(document.state_vector()).items() if clock}
    files = document.files()
    return clocks, files, document.text(), [document.text(file.id) for file in files]


def stands_for(states: Sequence[bytes], told: object) -> bool:
    """Whether a document made from those states shows what was told of the one that it was taken from: yrs 0.28 writes some
    of what is only made by hand in such a way that it reads something else."""
    try:
        return shown(made_of(Limits(), states)) == told
    except (FourhandsError, DocumentBroken):
        return False
