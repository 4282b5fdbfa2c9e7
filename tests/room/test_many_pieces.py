"""Updates of very many pieces go into pycrdt some at a time, and nobody can tell."""

from collections.abc import Sequence

import pytest

from fourhands.model.limits import Limits
from fourhands.protocol.cutting import MOST_JOINED, MOST_RANGES_AT_ONCE
from fourhands.protocol.update import read_delete_set
from fourhands.protocol.varint import read_varuint, write_varuint
from fourhands.room.document import Document
from fourhands.room.replica import Replica


def new() -> Document:
    return Document.with_file(Limits(), "main.py", "python", "")


def typed_in_a_row(number: int) -> bytes:
    """So many pieces of text, each behind the one before it, as an update that was never joined."""
    structs = [b"\x04\x01\x09file:main\x04abcd", *(b"\x84\x09" + write_varuint(4 * piece - 1) + b"\x04abcd" for piece in range(1, number))]
    return b"\x01" + write_varuint(number) + b"\x09\x00" + b"".join(structs)


NUMBER = 40_000
"""yrs would hold 3 GB to join so many at once."""


@pytest.mark.parametrize("whole", [False, True])
def test_they_come_in_some_at_a_time(monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    given: list[bytes] = []
    apply = Replica.apply

    def note(self: Replica, updates: Sequence[bytes]) -> None:
        given.extend(updates)
        apply(self, updates)

    document = new()
    monkeypatch.setattr(Replica, "apply", note)
    update = typed_in_a_row(NUMBER) + b"\x01\x09\x01\x00\x02"
    applied = document.apply(update, whole=whole)
    assert document.text() == ("abcd" * NUMBER)[2:]
    assert all(read_varuint(piece, 1)[0] * len(piece) < 2 * MOST_JOINED for piece in given)
    other = new()
    for piece in given:
        other.apply(piece)
    told = new()
    told.apply(applied.changed)
    assert told.text() == other.text() == document.text()


def test_of_what_a_step_2_deletes_only_the_new_is_told() -> None:
    document = new()
    document.apply(typed_in_a_row(2000) + b"\x00")
    ranges = [write_varuint(3 * number) + b"\x01" for number in range(2 * MOST_RANGES_AT_ONCE)]
    document.apply(b"\x00\x01\x09\x01" + ranges[0])
    applied = document.apply(b"\x00\x01\x09" + write_varuint(len(ranges)) + b"".join(ranges), whole=True)
    assert read_delete_set(applied.changed) == {9: [(3 * number, 3 * number + 1) for number in range(1, len(ranges))]}
    assert len(document.text()) == 8000 - len(ranges)
