"""Gives pycrdt what fits of an update, and sees that it came in. Called by `document.py` alone."""

from collections.abc import Mapping, Sequence

from fourhands.protocol.cutting import MOST_CLIENTS_AT_ONCE, deletions, steps, with_deletes
from fourhands.protocol.split import Split
from fourhands.protocol.update import read_delete_set, read_state_vector
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import walk
from fourhands.room.replica import DocumentBroken, Replica


def give(replica: Replica, part: Split, pieces: Sequence[bytes], clocks: Mapping[int, int], *, whole: bool) -> bytes:
    """Give it in those pieces to a replica with those clocks. What others are to be told of it: all, or only what was not known if
    `whole`. Raises `DocumentBroken`."""
    changed = part.ready
    if not whole:
        replica.apply_each(pieces)
    elif len(pieces) == 1:
        changed = replica.change(part.ready)
    else:
        changed = _change_by(replica, part, pieces)
    if _has(replica, part.grown):
        return changed
    _give_in_order(replica, part, clocks)
    return part.ready


def _change_by(replica: Replica, part: Split, pieces: Sequence[bytes]) -> bytes:
    """Give it many pieces; the change: all structs, which are new, and what of the deletions is."""
    deleted: dict[int, list[tuple[int, int]]] = {}
    for piece in pieces:
        if piece[0]:
            replica.apply([piece])
            continue
        for client, ranges in read_delete_set(replica.change(piece)).items():
            deleted.setdefault(client, []).extend(ranges)
    return with_deletes(part.ready, deleted)


def _give_in_order(replica: Replica, part: Split, clocks: Mapping[int, int]) -> None:
    """yrs 0.28 leaves out some of what clients wrote in turn and in one update, until it is told piece by piece, each
    after what it builds on; deletions last. Raises `DocumentBroken` if that does not help."""
    for step in steps(walk(part.ready, len(part.ready), len(part.ready)), clocks):
        replica.apply([step])
    replica.apply_each([*deletions(part.deletes)])
    if not _has(replica, part.grown):
        raise DocumentBroken("pycrdt leaves out what fits.")


def _has(replica: Replica, grown: Mapping[int, int]) -> bool:
    vector = replica.state_vector()
    if len(grown) <= MOST_CLIENTS_AT_ONCE:  # found as bytes: a document may have tens of thousands of clients
        return all(write_varuint(client) + write_varuint(clock) in vector for client, clock in grown.items())
    have = read_state_vector(vector)
    return all(have.get(client, 0) >= clock for client, clock in grown.items())
