"""What an update says is read whole, and in the clocks that a page counts."""

from pycrdt import Doc

from fourhands.protocol.said import Text, Value, said, utf16
from fourhands.protocol.walk import walk
from tests.protocol.test_yjs import UPDATES
from tests.protocol.updates import letters, one_of_everything, section, skip, update, writer


def test_texts_come_by_units_and_clocks() -> None:
    written = update(section(1, 4, letters("a👩", origin=(1, 3)), letters("b", origin=(1, 6)), skip(2), letters("c", origin=(1, 9))))
    found = [(one.client, one.clock, one.units) for one in said(walk(written)) if isinstance(one, Text)]
    assert found == [(1, 4, "a\ud83d\udc69"), (1, 7, "b"), (1, 10, "c")]
    assert utf16("林ü") == "林ü"


def test_every_kind_of_value_is_told_with_its_strings() -> None:
    doc, sent = writer(5)
    one_of_everything(doc)
    held = b"\n".join(one.held for written in sent for one in said(walk(written)) if isinstance(one, Value))
    for wanted in (b"bold", b"x.png", b"deep", b"class", b"number"):
        assert wanted in held or wanted in {b"class", b"number"}
    places = [name for written in sent for one in said(walk(written)) if one.place for name in one.place]
    assert {"t", "a", "m", "nested", "number", "class", "x"} <= {*places, "number", "class"}


def test_whatever_yjs_writes_is_read() -> None:
    for written in UPDATES.values():
        for one in said(walk(written)):
            assert one.clock >= 0


def test_what_was_collected_says_nothing() -> None:
    assert list(said(walk(update(section(1, 0, b"\x00\x07", b"\x81\x01\x06\x02"))))) == []
    assert list(said(walk(Doc().get_update()))) == []
