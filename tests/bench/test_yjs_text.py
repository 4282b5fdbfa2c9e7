"""A text written by `SharedText` is the text that another Yjs implementation reads."""

import random

from pycrdt import Doc, Text

from bench.yjs_text import TEXT_NAME, Erased, SharedText, delete_set, varint


def test_any_edits_read_back_as_the_same_text() -> None:
    dice = random.Random(3)
    text, document = SharedText(cursors=2), Doc[Text]()
    clocks = [0, 0]
    for turn in range(1500):
        person = turn & 1
        move = dice.randrange(4)
        if move == 0:
            text.move_to(person, dice.random())
        elif move == 1:
            text.move_by(person, dice.randint(-5, 5))
        elif move == 2 and turn % 20 == 0:
            text.move_to_cursor(person, 1 - person)
        erased = text.erase_before(person, dice.choice((0, 0, 0, 1, 3, 20)))
        written = text.insert(person, 1001 + person, clocks[person], dice.choice(("x", "é→", "several words")))
        clocks[person] += written.length
        document.apply_update(written.update(erased))
    assert str(document.get(TEXT_NAME.decode(), type=Text)) == str(text)
    assert len(str(text)) == text.length


def test_one_update_holds_all_that_a_client_wrote() -> None:
    text = SharedText(cursors=1)
    structs = [text.insert(0, 7, 0, "hello world").encoded]
    text.erase_before(0, 6)
    structs.append(text.insert(0, 7, 11, "!").encoded)
    document = Doc[Text]()
    document.apply_update(text.whole_update(7, structs))
    assert str(document.get(TEXT_NAME.decode(), type=Text)) == str(text) == "hello!"


def test_deleted_neighbours_are_joined() -> None:
    assert delete_set([Erased(1, 5, 1), Erased(1, 3, 2), Erased(1, 9, 1)]) == bytes([1, 1, 2, 3, 3, 9, 1])


def test_numbers_take_seven_bits_a_byte() -> None:
    assert varint(0) == b"\0"
    assert varint(127) == b"\x7f"
    assert varint(128) == b"\x80\x01"
    assert varint(1001) == b"\xe9\x07"
