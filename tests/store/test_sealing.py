"""Without keys nothing is sealed, and what was sealed is not taken for plain."""

import pytest

from fourhands.errors import Unavailable
from fourhands.store.sealing import PLAIN


def test_plain_bytes_stay_as_they_are() -> None:
    assert PLAIN.new_key("room") is None
    box = PLAIN.box("room", None)
    assert box.open("edits", 1, box.seal("edits", 1, b"hello")) == b"hello"


def test_a_room_with_a_key_does_not_open_without_one() -> None:
    with pytest.raises(Unavailable):
        PLAIN.box("room", b"wrapped")
