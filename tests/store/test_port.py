"""What the port's own classes do: edits that become entries late."""

from fourhands.model.entry import EntryKind, StoredEntry
from fourhands.store.port import Edits

ENTRIES = [StoredEntry(EntryKind.EDIT, payload, 1, "ada", position=position) for position, payload in ((1, b"a"), (3, b"b"))]


def test_edits_are_made_into_entries_once_and_only_if_somebody_asks() -> None:
    made: list[int] = []

    def make() -> list[StoredEntry]:
        made.append(1)
        return ENTRIES

    edits = Edits([b"a", b"b"], make)
    assert (len(edits), list(edits.updates), made) == (2, [b"a", b"b"], [])
    assert (edits == ENTRIES, edits == ENTRIES[:1], list(edits), edits[1], made) == (True, False, ENTRIES, ENTRIES[1], [1])
