"""What pycrdt is given comes in, and the others hear of all or of what was new; `test_document.py` has what yrs leaves out at first."""

from typing import Any

import pytest
from pycrdt import Doc

from fourhands.protocol.cutting import pieces
from fourhands.protocol.split import Split, split
from fourhands.protocol.update import read_delete_set
from fourhands.protocol.walk import walk
from fourhands.room.giving import give
from fourhands.room.replica import DocumentBroken, Replica
from tests.protocol.updates import letters, section, text_of, update, writer


def read(*updates: bytes) -> str:
    doc: Doc[Any] = Doc()
    for one in updates:
        doc.apply_update(one)
    return str(text_of(doc))


def typed() -> tuple[bytes, Split]:
    """Three letters of somebody, the last one typed first; and what of the whole lacks after the first."""
    doc, sent = writer(5)
    for letter in "abc":
        text_of(doc).insert(0, letter)
    del text_of(doc)[0:1]
    return sent[0], split(walk(doc.get_update()), {5: 1})


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("most", [1, 100], ids=["in pieces", "at once"])
def test_it_comes_in_and_what_is_told_makes_the_same(whole: bool, most: int) -> None:
    first, part = typed()
    replica = Replica()
    replica.apply([first])
    told = give(replica, part, pieces(walk(part.ready), {5: 1}, most), {5: 1}, whole=whole)
    assert read(replica.state()) == read(first, told) == "ba"


def test_of_a_whole_state_those_deletions_are_told_that_are_new() -> None:
    first, part = typed()
    replica = Replica()
    replica.apply([first, part.ready])
    again = split(walk(update(section(9, 0, letters("x")), deletes=b"\x01\x05\x02\x00\x01\x02\x01")), {5: 3})
    told = give(replica, again, [update(section(9, 0, letters("x"))), b"\x00\x01\x05\x02\x00\x01\x02\x01"], {5: 3}, whole=True)
    assert dict(read_delete_set(update(deletes=told[told.index(b"\x01\x05\x01") :]))) == {5: [(0, 1)]}


def test_what_does_not_come_in_breaks_the_document() -> None:
    _, part = typed()
    with pytest.raises(DocumentBroken, match="leaves out"):
        give(Replica(), part, [part.ready], {5: 1}, whole=False)
