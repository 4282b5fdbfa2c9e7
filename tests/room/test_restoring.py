"""Restoring a document: all that can be replayed, and the positions of what cannot."""

import pytest

from fourhands.errors import Unavailable
from fourhands.model.entry import EntryKind, StoredEntry
from fourhands.model.limits import Limits
from fourhands.model.role import GuestRole
from fourhands.model.room import Room
from fourhands.room.document import Document
from fourhands.room.restoring import replay, shown, stands_for
from fourhands.store.port import Stored
from fourhands.store.snapshots import Snapshot
from tests.typist import typed

ROOM = Room("room", "", "python", GuestRole.EDITOR, False, "0" * 16, 1, 1)
EMBED = bytes.fromhex("0101630005010966696c653a6d61696e0137" + "00")  # a 7 in the text, at (99, 0)
IN_EMBED = bytes.fromhex("010163010400630001" + "61" + "00")  # a letter that says to stand in it: pycrdt breaks on that


def stored(*updates: bytes, snapshot: bytes | None = None) -> Stored:
    edits = [StoredEntry(EntryKind.EDIT, update, 1, "", position=position) for position, update in enumerate(updates, 11)]
    return Stored(ROOM, 10 + len(updates), None if snapshot is None else Snapshot(10, snapshot), edits)


def test_what_breaks_pycrdt_is_set_aside_wherever_it_stands() -> None:
    honest = [one.payload for one in typed(30)]
    whole = replay(stored(*honest), Limits())
    part = replay(stored(EMBED, *honest[:10], IN_EMBED, *honest[10:20], b"rubbish", IN_EMBED, *honest[20:]), Limits())
    assert list(part.set_aside) == [22, 33, 34]
    assert (part.document.text(), whole.set_aside) == (whole.document.text(), ())


@pytest.mark.parametrize("most", [0, 3, 64])
def test_so_many_may_be_wrong(most: int) -> None:
    first = typed(1)[0].payload
    assert len(replay(stored(first, *[b"rubbish"] * most), Limits(edits_set_aside=most)).set_aside) == most
    with pytest.raises(Unavailable):
        replay(stored(first, *[b"rubbish"] * (most + 1)), Limits(edits_set_aside=most))


def test_a_journal_of_which_nothing_can_be_replayed_is_no_empty_room() -> None:
    with pytest.raises(Unavailable):
        replay(stored(b"rubbish"), Limits())


def test_bounds_begin_when_all_is_replayed() -> None:
    letters = [one.payload for one in typed(50)]
    assert replay(stored(*letters, b"rubbish"), Limits(text_bytes=1)).document.text() == replay(stored(*letters), Limits()).document.text()


def test_a_state_stands_for_what_it_was_taken_from_alone() -> None:
    document = Document.with_file(Limits(), "main.py", "python", "kept")
    told = shown(document)
    assert stands_for([document.state()], told)
    assert not stands_for([Document.with_file(Limits(), "main.py", "python", "lost").state()], told)
    assert not stands_for([b"rubbish"], told)
