"""What was erased from an update is in none of its bytes, and everything else is as if it had been deleted."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from fourhands.errors import InvalidRequest
from fourhands.model.limits import Limits
from fourhands.protocol.content import read_text
from fourhands.protocol.erasing import Ranges, erase, joined
from fourhands.protocol.pairs import each
from fourhands.protocol.split import write
from fourhands.protocol.structs import Kind, read_needs
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.varint import write_bytes, write_varuint
from fourhands.protocol.walk import walk
from fourhands.room.document import Document
from tests.fuzz.typists import Typist
from tests.protocol.updates import letters, one_of_everything, section, skip, update, writer


def spans(written: bytes, chance: random.Random, often: float) -> list[tuple[int, int, int]]:
    """Some whole letters of that update's texts: client, first clock, the clock behind."""
    found: list[tuple[int, int, int]] = []
    walked = walk(written)
    for client, runs in walked.sections.items():
        for struct in (struct for run in runs for struct in each(written, run, client)):
            if struct.kind == Kind.STRING:
                text, _ = read_text(written, read_needs(written, struct.start + 1, written[struct.start])[2])
                at = struct.clock
                for letter in text:
                    after = at + len(letter.encode("utf-16-le")) // 2
                    if chance.random() < often:
                        found.append((client, at, after))
                    at = after
            elif struct.kind not in (Kind.DELETED, Kind.COLLECTED, Kind.SKIP) and chance.random() < often / 2:
                found.append((client, struct.clock, struct.after))
    return found


def written_by(chance: random.Random) -> list[bytes]:
    """A history of two people."""
    start = Document.with_file(Limits(), "main.py", "python", "").state()
    typists = [Typist(client, start, chance) for client in (1001, 3_000_000_001)]
    history = [start]
    for _ in range(chance.randrange(2, 40)):
        who = chance.choice(typists)
        history.append(who.act())
        if chance.random() < 0.7:
            next(other for other in typists if other is not who).hear(history[-1])
    return history


def shown(updates: list[bytes]) -> tuple[str, list[object], dict[int, int]]:
    document = Document.reading(Limits())
    for one in updates:
        document.apply(one)
    assert not document.waiting
    return document.text(), list(document.files()), dict(read_state_vector(document.state_vector()))


def deleted(ranges: Ranges) -> bytes:
    return write(b"", {}, {client: list(of_client) for client, of_client in ranges.items()})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from([0.05, 0.4, 1.0]))
def test_an_erased_history_shows_the_same_as_one_in_which_that_was_deleted(seed: int, often: float) -> None:
    chance = random.Random(seed)
    history = written_by(chance)
    ranges = joined(span for one in history for span in spans(one, chance, often))
    erased = [erase(one, ranges) for one in history]
    assert shown(erased) == shown([*history, deleted(ranges)])
    assert [erase(one, ranges) for one in erased] == erased
    left = [span for one in erased for span in spans(one, random.Random(0), 2.0)]
    assert not any(start < to and since < end for client, start, end in left for since, to in ranges.get(client, ()))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 32))
def test_it_does_not_matter_how_the_history_was_put_together_or_in_which_order_it_comes(seed: int) -> None:
    chance = random.Random(seed)
    history = written_by(chance)
    ranges = joined(span for one in history for span in spans(one, chance, 0.3))
    wanted = shown([*history, deleted(ranges)])
    whole: Doc[Any] = Doc()
    for one in history:
        whole.apply_update(one)
    assert shown([erase(whole.get_update(), ranges)]) == wanted  # a snapshot, in which structs were merged and collected
    erased = [erase(one, ranges) for one in history]
    merged: Doc[Any] = Doc()
    for one in erased:
        merged.apply_update(one)
    chance.shuffle(erased)
    assert shown(erased) == wanted  # some of it waited
    whole.apply_update(merged.get_update())  # somebody who has all of it hears of the erasure
    assert whole.get("file:main", type=Text).to_py() == wanted[0]
    assert read_state_vector(whole.get_state()) == read_state_vector(merged.get_state())


def test_a_text_is_cut_and_keeps_what_stands_around_it() -> None:
    history = update(section(1, 0, letters("before hunter2 behind")))
    erased = erase(history, {1: [(7, 14)]})
    assert b"hunter2" not in erased
    document = Document(Limits())
    document.apply(erased)
    assert document.state_vector() == b"\x01\x01\x15"
    plain: Doc[Any] = Doc()
    plain.apply_update(erased)
    assert plain.get("t", type=Text).to_py() == "before  behind"
    plain.apply_update(update(section(2, 0, b"\xc4\x01\x0a\x01\x0b" + write_bytes(b"!"))))  # written in the middle of it, and late
    assert plain.get("t", type=Text).to_py() == "before ! behind"


@pytest.mark.parametrize("cut", [(0, 2), (2, 4), (2, 3), (0, 5)])
def test_no_half_of_a_surrogate_pair_is_left(cut: tuple[int, int]) -> None:
    erased = erase(update(section(1, 0, letters("a👩b👩"))), {1: [cut]})
    Document(Limits()).apply(erased)
    text = "".join(
        read_text(erased, read_needs(erased, struct.start + 1, erased[struct.start])[2])[0]
        for run in walk(erased).sections[1]
        for struct in each(erased, run, 1)
        if struct.kind == Kind.STRING
    )
    assert text == {(0, 2): "b👩", (2, 4): "a👩", (2, 3): "ab👩", (0, 5): ""}[cut]


def test_every_kind_of_content_can_go_whole_and_values_one_by_one() -> None:
    doc, sent = writer(5)
    one_of_everything(doc)
    ranges = {5: [(0, 1 << 20)]}
    for one in [*sent, doc.get_update()]:
        for written in (b"plain", b"bold", b"image", b"deep", b"inner", b"class"):
            assert written not in erase(one, ranges) or written == b"class"  # a key that says where the item stands: see below
        Document.reading(Limits()).apply(erase(one, ranges))
    array, listed = writer(6)
    array.get("a", type=Array).extend(["one", "two", "three", "four"])
    (update_of_all,) = listed
    plain: Doc[Any] = Doc()
    plain.apply_update(erase(update_of_all, {6: [(1, 2), (3, 4)]}))
    assert plain.get("a", type=Array).to_py() == ["one", "three"]


def test_what_stands_under_an_erased_name_is_collected_and_what_is_beside_it_with_it() -> None:
    doc, sent = writer(5)
    doc.get("hunter2", type=Text).insert(0, "left")
    doc.get("hunter2", type=Text).insert(4, " and right")
    doc.get("m", type=Map)["hunter2"] = Map({"inner": 1})
    doc.get("m", type=Map)["kept"] = "kept"
    for history in (sent, [doc.get_update()]):
        erased = [erase(one, {}, frozenset({"hunter2"})) for one in history]
        assert b"hunter2" not in b"".join(erased)
        document, plain = Document(Limits()), Doc[Any]()
        for one in erased:
            document.apply(one)
            plain.apply_update(one)
        assert not document.waiting
        assert document.state_vector() == plain.get_state() == doc.get_state()
        assert plain.get("m", type=Map).to_py() == {"kept": "kept"}
        assert b"hunter2" not in plain.get_update()


def test_gaps_and_deletions_stay() -> None:
    history = update(section(1, 3, letters("abc", origin=(1, 2)), skip(2), letters("def", origin=(1, 7))), deletes=b"\x01\x01\x01\x04\x01")
    erased = erase(history, {1: [(0, 9)]})
    assert erased == update(section(1, 3, b"\x81\x01\x02\x03", skip(2), b"\x81\x01\x07\x01", letters("ef", origin=(1, 8))), deletes=b"\x01\x01\x01\x04\x01")
    assert erase(erased, {1: [(0, 9)]}) == erased


def test_an_item_between_two_others_is_cut_into_pieces_that_stay_between_them() -> None:
    item = b"\xc4\x02\x05\x03\x06" + write_bytes(b"abcd")
    assert erase(update(section(1, 7, item)), {1: [(8, 9)]}) == update(
        section(1, 7, b"\xc4\x02\x05\x03\x06" + write_bytes(b"a"), b"\xc1\x01\x07\x03\x06\x01", b"\xc4\x01\x08\x03\x06" + write_bytes(b"cd"))
    )


def test_what_holds_nothing_of_it_stays_byte_for_byte() -> None:
    odd = b"\x01\x01\x81\x00\x00" + letters("abc") + b"\x00"  # the client's number is written longer than need be
    assert erase(odd, {1: [(3, 9)], 2: [(0, 9)]}) is odd


def test_ranges_are_joined_and_in_order() -> None:
    assert joined([(2, 5, 7), (1, 9, 12), (1, 0, 3), (1, 3, 4), (1, 10, 11)]) == {1: [(0, 4), (9, 12)], 2: [(5, 7)]}


def test_what_is_no_update_is_said() -> None:
    with pytest.raises(InvalidRequest):
        erase(b"\x01" + write_varuint(1 << 40), {1: [(0, 1)]})
