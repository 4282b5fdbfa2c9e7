"""A text is found wherever it stood together, however it came there; what never stood together is told as pieces."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Array, Assoc, Doc, Map, Text

from fourhands.errors import TooLarge
from fourhands.model.limits import Limits
from fourhands.protocol.erasing import erase
from fourhands.room import finding
from fourhands.room.document import Document
from fourhands.room.finding import Found, Search

SECRET = "hunter2"


class Writer:
    """Somebody who writes into `file:main`; `history` has what all of them sent."""

    def __init__(self, history: list[bytes], client: int) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        for one in history:
            self.doc.apply_update(one)
        self.text = self.doc.get("file:main", type=Text)
        self.history = history

    def does(self, act: Callable[[Text], object], *, hears: bool = True) -> "Writer":
        if hears:
            self.hear()
        before = self.doc.get_state()
        with self.doc.transaction():
            act(self.text)
        self.history.append(self.doc.get_update(before))
        return self

    def hear(self) -> None:
        for one in self.history:
            self.doc.apply_update(one)

    def types(self, letters: str, at: int) -> "Writer":
        for number, letter in enumerate(letters):
            self.does(lambda text, number=number, letter=letter: text.insert(at + number, letter))
        return self

    def deletes(self, start: int, end: int) -> "Writer":
        return self.does(lambda text: text.__delitem__(slice(start, end)))


def search(history: list[bytes], wanted: str = SECRET) -> Found:
    looking = Search(wanted)
    looking.take(history)
    return looking.found()


def standing(document: Document, wanted: str) -> set[tuple[int, int]]:
    """The clocks of the letters that stand in it now, as a page would send a cursor beside each."""
    doc: Doc[Any] = Doc()
    doc.apply_update(document.state())
    text, found = doc.get("file:main", type=Text), set[tuple[int, int]]()
    shown = text.to_py() or ""
    for start in range(len(shown)):
        if shown.startswith(wanted, start):
            for place in range(start, start + len(wanted)):  # all of it is ASCII
                item = text.sticky_index(place, Assoc.AFTER).to_json()["item"]
                found.add((int(item["client"]), int(item["clock"])))
    return found


def left(history: list[bytes], found: Found) -> tuple[bytes, str]:
    """The erased history's bytes, and the text that it comes to."""
    erased = [erase(one, found.ranges, found.names) for one in history]
    document = Document.reading(Limits())
    for one in erased:
        document.apply(one)
    return b"".join(erased), document.text()


def test_a_pasted_text_is_found_and_what_stands_around_it_stays() -> None:
    history: list[bytes] = []
    Writer(history, 1).does(lambda text: text.insert(0, f"password = '{SECRET}'\n"))
    found = search(history)
    assert (found.ranges, found.texts, found.now, found.pieces, found.clocks) == ({1: [(12, 19)]}, {"main": 1}, 1, 0, 7)
    assert left(history, found)[1] == "password = ''\n"


def test_it_is_found_in_pieces_by_two_people_out_of_order_and_with_a_slip() -> None:
    history: list[bytes] = []
    ada, lin = Writer(history, 1), Writer(history, 2)
    ada.types("x = hnter", 0)
    lin.types("u", 5)
    ada.types("3", 10).deletes(10, 11).types("2", 10)
    assert ada.text.to_py() == "x = hunter2"
    found = search(history)
    assert (found.texts, found.now) == ({"main": 1}, 1)
    assert left(history, found)[1] == "x = "
    assert {client: sum(end - start for start, end in of) for client, of in found.ranges.items()} == {1: 6, 2: 1}


def test_every_place_that_it_was_moved_to_is_found_and_it_need_not_stand_there_now() -> None:
    history: list[bytes] = []
    ada = Writer(history, 1)
    ada.does(lambda text: text.insert(0, f"a {SECRET} b")).deletes(2, 9)
    ada.does(lambda text: text.insert(4, SECRET)).does(lambda text: text.insert(0, f"<{SECRET}>")).deletes(0, 20)
    found = search(history)
    assert (found.texts, found.now) == ({"main": 3}, 0)
    assert SECRET.encode() not in left(history, found)[0]


def test_letters_that_were_part_of_it_at_any_time_are_all_found() -> None:
    history: list[bytes] = []
    ada = Writer(history, 1).types(SECRET, 0)
    for place, letter in enumerate(SECRET[:-1]):
        ada.deletes(place, place + 1).types(letter, place)
    found = search(history)
    assert found.clocks == 13
    assert not set(SECRET.encode()) - set(b"2") & set(left(history, found)[0].replace(b"file:main", b"").replace(b"t", b""))


def test_among_equal_letters_the_one_that_stood_in_it_is_found() -> None:
    history: list[bytes] = []
    ada = Writer(history, 1).types("aab", 0)
    Writer(history, 2).does(lambda text: text.insert(2, "a"))
    ada.deletes(0, 1)
    found = search(history, "aab")
    assert found.ranges == {1: [(0, 3)], 2: [(0, 1)]}


def test_what_was_written_and_deleted_in_one_update_is_found() -> None:
    history: list[bytes] = []
    page: Doc[Any] = Doc(client_id=1, skip_gc=True)
    text = page.get("file:main", type=Text)
    text += f"say {SECRET} "
    del text[0:12]
    history.append(page.get_update())
    assert SECRET.encode() in history[0]
    found = search(history)
    assert (found.texts, found.now) == ({"": 1}, 0)
    assert SECRET.encode() not in left(history, found)[0]


def test_names_of_files_formats_embeds_values_and_nested_texts_are_searched() -> None:
    history: list[bytes] = []
    doc: Doc[Any] = Doc(client_id=1)
    doc.observe(lambda event: history.append(event.update))
    doc.get("files", type=Map)["main"] = Map({"name": f"{SECRET}.py", "language": "python"})
    doc.get("file:main", type=Text).insert(0, "linked")
    doc.get("file:main", type=Text).format(0, 3, {"link": f'https://x?"{SECRET}'})
    doc.get("file:main", type=Text).insert_embed(2, {"image": [SECRET]})
    doc.get("list", type=Array).extend(["kept", {SECRET: 1}, b"\xff" + SECRET.encode()])
    doc.get("m", type=Map)["inner"] = Text(f"in a {SECRET}")
    found = search(history)
    assert found.values == 5
    written, _ = left(history, found)
    assert SECRET.encode() not in written
    assert b"kept" in written


def test_an_embedded_object_parts_it_and_does_not_move_what_is_found() -> None:
    history: list[bytes] = []
    ada = Writer(history, 1)
    ada.does(lambda text: text.insert(0, f"hun ter2 ü👩 {SECRET} 林")).does(lambda text: text.insert_embed(3, {"x": 1}))
    ada.deletes(4, 5)
    ada.does(lambda text: text.insert(0, "林"))
    found = search(history)
    assert found.texts == {"main": 1}
    assert left(history, found)[1].replace("\0", "") == "林hunter2 ü👩  林"


@pytest.mark.parametrize("value", [b"\x03\x02xy", b"\x08\x01\x7d\x05", b"\x09\x01g\x76\x00"])
def test_a_value_that_no_editor_puts_into_a_text_does_not_move_what_is_found(value: bytes) -> None:
    history: list[bytes] = []
    Writer(history, 1).does(lambda text: text.insert(0, "ab"))
    history.append(b"\x01\x01\x05\x00" + bytes([0xC0 | value[0]]) + b"\x01\x00\x01\x01" + value[1:] + b"\x00")  # behind the a, where it is not seen
    ada = Writer(history, 2)
    ada.does(lambda text: text.insert(3, "hunt2")).does(lambda text: text.insert(7, "er"))  # in pieces, and with a letter between
    found = search(history)
    assert found.texts == {"main": 1}
    assert left(history, found)[1] == "ab"


def test_a_name_that_holds_it_is_told() -> None:
    history: list[bytes] = []
    doc: Doc[Any] = Doc(client_id=1)
    doc.observe(lambda event: history.append(event.update))
    doc.get(f"file:{SECRET}", type=Text).insert(0, "some text")
    found = search(history)
    assert found.names == {f"file:{SECRET}"}
    assert SECRET.encode() not in left(history, found)[0]


def test_what_came_before_what_it_builds_on_is_found() -> None:
    history: list[bytes] = []
    Writer(history, 1).types(f"={SECRET}=", 0)
    found = search(history[::-1])
    assert (found.texts, found.clocks) == ({"main": 1}, 7)


def test_longer_pieces_that_never_stood_together_are_counted_and_stay() -> None:
    history: list[bytes] = []
    ada = Writer(history, 1).types("hunte", 0)
    ada.does(lambda text: text.insert(0, "unter2 and ")).types("un", 0)
    found = search(history)
    assert (found.texts, found.ranges, found.pieces) == ({}, {}, 2)


def test_letters_outside_the_first_plane_are_found_whole() -> None:
    history: list[bytes] = []
    Writer(history, 1).does(lambda text: text.insert(0, "👩 k👩y👩 👩"))
    found = search(history, "k👩y👩")
    assert found.ranges == {1: [(3, 9)]}
    assert left(history, found)[1] == "👩  👩"


def test_what_stands_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_PLACES", 3)
    history: list[bytes] = []
    Writer(history, 1).does(lambda text: text.insert(0, "once twice thrice "))
    assert search(history, "ce ").texts == {"main": 3}
    Writer(history, 2).does(lambda text: text.insert(0, "hence "))
    with pytest.raises(TooLarge, match="more than 3 places"):
        search(history, "ce ")


@pytest.mark.parametrize("seed", range(25))
def test_whatever_was_typed_each_letter_that_ever_stood_in_it_is_found(seed: int) -> None:
    chance = random.Random(seed)
    history: list[bytes] = []
    people = [Writer(history, client) for client in (1, 2)]
    for _ in range(60):
        who = chance.choice(people)
        if chance.random() < 0.8:
            who.hear()
        size = len(who.text)
        if size and chance.random() < 0.3:
            start = chance.randrange(size)
            end = min(size, start + chance.choice((1, 1, 2)))
            who.does(lambda text, start=start, end=end: text.__delitem__(slice(start, end)), hears=False)
        else:
            at = chance.randint(0, size)
            who.does(lambda text, at=at: text.insert(at, chance.choice(("a", "b", "ab", "ba", "c"))), hears=False)
    found = search(history, "abab")
    truth = Document.reading(Limits())
    gone = {(client, clock) for client, of in found.ranges.items() for start, end in of for clock in range(start, end)}
    for one in history:
        truth.apply(one)
        if "abab" in truth.text():
            assert gone.issuperset(standing(truth, "abab"))
