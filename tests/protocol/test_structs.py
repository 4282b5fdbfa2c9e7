"""A walk over updates: what pycrdt writes is read, what fits is told from what waits, and nothing else passes."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.protocol.structs import MOST_SECTIONS, Split, split, walk
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import MOST_RANGES, read_state_vector
from fourhands.protocol.varint import write_bytes, write_varuint


def text_of(doc: "Doc[Any]") -> Text:
    return doc.get("t", type=Text)


def writer(client: int) -> tuple["Doc[Any]", list[bytes]]:
    doc: Doc[Any] = Doc(client_id=client)
    sent: list[bytes] = []
    doc.observe(lambda event: sent.append(event.update))
    return doc, sent


def one_of_everything(doc: "Doc[Any]") -> None:
    text_of(doc).insert(0, "plain, ünïcode, 林 and 👩‍💻")
    text_of(doc).format(0, 5, {"bold": True})
    text_of(doc).insert_embed(3, {"image": "x.png"})
    doc.get("a", type=Array).extend([1, -70_000, 2**40, 1.5, "s", True, False, None, {"k": [1, {"deep": None}]}, b"\x00\xff"])
    doc.get("m", type=Map)["nested"] = Map({"array": Array([Text("inner")]), "number": 1})
    doc.get("x", type=XmlFragment).children.append(XmlElement("p", {"class": "c"}, [XmlText("hi")]))
    del text_of(doc)[0:3]
    doc.get("m", type=Map)["sub"] = Doc()


def test_everything_that_pycrdt_writes_is_read() -> None:
    doc, sent = writer(5)
    one_of_everything(doc)
    assert walk(doc.get_update()).sections[5][-1].after == read_state_vector(doc.get_state())[5]
    clock = 0
    for update in sent:
        for struct in walk(update).sections.get(5, []):
            assert struct.clock == clock
            clock = struct.after


def test_lengths_are_those_of_javascript() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "aü林👩")
    assert walk(sent[0]).sections[5][0].after == 5


def test_what_a_keystroke_needs_is_seen() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "ac")
    text_of(doc).insert(1, "b")
    (struct,) = walk(sent[1]).sections[5]
    assert (struct.clock, struct.after, struct.needs, struct.skips) == (2, 3, ((5, 0), (5, 1)), False)


def test_what_fits_passes_as_it_is() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "ab")
    assert split(walk(sent[0]), {}) == Split(sent[0], {5: 2}, EMPTY_UPDATE, (), places=frozenset({("t", "")}), fresh=7)
    assert split(walk(sent[0]), {5: 2}) == Split(sent[0], {}, EMPTY_UPDATE, ())


def test_what_does_not_fit_waits_as_it_is_and_says_for_what() -> None:
    doc, sent = writer(5)
    text_of(doc).insert(0, "a")
    text_of(doc).insert(1, "b")
    del text_of(doc)[0:1]
    assert split(walk(sent[1]), {}) == Split(EMPTY_UPDATE, {}, sent[1], ((5, 0),), 1)
    assert split(walk(sent[2]), {}) == Split(EMPTY_UPDATE, {}, sent[2], ((5, 0),), 1)


def test_a_part_fits_and_a_part_waits() -> None:
    ada, ada_sent = writer(1)
    lin, lin_sent = writer(2)
    for letter in "abc":
        text_of(ada).insert(0, letter)
    text_of(lin).insert(0, "xyz")
    del text_of(lin)[1:2]
    lin.apply_update(ada_sent[2])  # waits there for the two before it, or leaves a gap
    whole = lin.get_update()
    part = split(walk(whole), {1: 1})
    assert part.grown == {2: 3}
    reader: Doc[Any] = Doc()
    reader.apply_update(ada_sent[0])
    reader.apply_update(part.ready)
    assert str(text_of(reader)).replace("a", "") == "xz"
    assert lin_sent


def section(client: int, clock: int, *structs: bytes) -> bytes:
    return write_varuint(len(structs)) + write_varuint(client) + write_varuint(clock) + b"".join(structs)


def update(*sections: bytes, deletes: bytes = b"\x00") -> bytes:
    return write_varuint(len(sections)) + b"".join(sections) + deletes


def letters(text: str, *, origin: tuple[int, int] | None = None) -> bytes:
    if origin is None:
        return b"\x04\x01" + write_bytes(b"t") + write_bytes(text.encode())
    return b"\x84" + write_varuint(origin[0]) + write_varuint(origin[1]) + write_bytes(text.encode())


def skip(length: int) -> bytes:
    return b"\x0a" + write_varuint(length)


def test_a_gap_inside_an_update_divides_it() -> None:
    """As Yjs writes it for somebody to whom something has not come yet."""
    whole = update(section(7, 0, letters("ab"), skip(2), letters("e", origin=(7, 3))))
    part = split(walk(whole), {})
    assert part.ready == update(section(7, 0, letters("ab")))
    assert part.rest == update(section(7, 4, letters("e", origin=(7, 3))))
    assert set(part.blocks) == {(7, 3)}
    again = split(walk(whole), {7: 4})
    assert (again.ready, again.grown, again.rest) == (update(section(7, 4, letters("e", origin=(7, 3)))), {7: 5}, EMPTY_UPDATE)


def test_structs_that_build_on_each_other_in_a_circle_fit_nowhere() -> None:
    circle = update(section(1, 0, letters("a", origin=(2, 0))), section(2, 0, letters("b", origin=(1, 0))))
    part = split(walk(circle), {})
    assert (part.ready, part.grown, part.rest) == (EMPTY_UPDATE, {}, circle)


class Counted(dict[int, int]):
    """A state vector that counts how often it is asked."""

    asked = 0

    def get(self, key: int, default: Any = None) -> Any:
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_of_clients_is_walked_in_steps_that_grow_with_its_length(backwards: bool) -> None:
    many = 50_000
    order = range(many, 0, -1) if backwards else range(1, many + 1)
    chain = update(*(section(client, 0, letters("a", origin=None if client == many else (client + 1, 0))) for client in order))
    known = Counted()
    part = split(walk(chain), known)
    assert (part.ready, len(part.grown), part.rest) == (chain, many, EMPTY_UPDATE)
    assert known.asked < 10 * many


def test_waiting_for_many_clocks_of_one_client_is_as_cheap() -> None:
    """Each of many sections waits for a clock of one client, and that one stops for each of them."""
    many = 5_000
    waiters = [section(client, 0, letters("a", origin=(1, client - 2))) for client in range(2, many + 2)]
    first = section(1, 0, letters("a"), *(letters("b", origin=(client, 0)) for client in range(2, many + 1)))
    for sections in ([first, *waiters], [*waiters, first], [*reversed(waiters), first]):
        known = Counted()
        part = split(walk(update(*sections)), known)
        assert (part.rest, len(part.grown)) == (EMPTY_UPDATE, many + 1)
        assert known.asked < 20 * many


def test_what_waits_for_many_clocks_of_a_client_names_the_first() -> None:
    deletes = b"\x01\x07\x03" + b"\x05\x01" + b"\x08\x01" + b"\x0b\x01"
    part = split(walk(update(section(1, 0, letters("a", origin=(7, 9))), deletes=deletes)), {7: 2})
    assert (part.blocks, part.waits) == (((7, 5),), 4)


def test_what_stands_in_something_that_the_update_does_not_bring_is_told() -> None:
    nested = b"\x27\x01\x01m\x01k\x01"  # a map, in the map m
    part = split(walk(update(section(1, 0, nested, b"\x24\x00\x01\x00\x01k\x01x", b"\x24\x00\x07\x03\x01k\x01x"))), {7: 4})
    assert (part.types, part.parents, part.places) == ({(1, 0)}, {(7, 3)}, {("m", "k")})


def test_an_update_deletes_so_many_ranges_and_not_more() -> None:
    def deleting(ranges: int) -> bytes:
        return update(deletes=b"\x01\x07" + write_varuint(ranges) + b"".join(write_varuint(2 * n) + b"\x01" for n in range(ranges)))

    assert len(walk(deleting(MOST_RANGES)).deletes[7]) == MOST_RANGES
    with pytest.raises(TooLarge):
        walk(deleting(MOST_RANGES + 1))
    assert len(walk(deleting(MOST_RANGES + 1), MOST_RANGES + 1).deletes[7]) == MOST_RANGES + 1


def test_an_update_has_so_many_clients_and_not_more() -> None:
    def by(clients: int) -> bytes:
        return update(*(section(client, 0, b"\x00\x01") for client in range(clients)))

    assert len(walk(by(MOST_SECTIONS)).sections) == MOST_SECTIONS
    with pytest.raises(InvalidRequest, match="too many clients"):
        walk(by(MOST_SECTIONS + 1))


@pytest.mark.parametrize("kind", [b"\x00", b"\x0a", b"\x01\x01\x01t"])
def test_clocks_have_32_bits(kind: bytes) -> None:
    last = (1 << 32) - 1
    assert walk(update(section(1, 5, kind + write_varuint(last - 5)))).sections[1][0].after == last
    with pytest.raises(InvalidRequest, match="length"):
        walk(update(section(1, 5, kind + write_varuint(last - 4))))


def test_clocks_that_are_deleted_have_32_bits() -> None:
    last = (1 << 32) - 1
    assert walk(update(deletes=b"\x01\x07\x01\x05" + write_varuint(last - 5))).deletes == {7: [(5, last)]}
    with pytest.raises(InvalidRequest):
        walk(update(deletes=b"\x01\x07\x01\x05" + write_varuint(last - 4)))


REFUSED = {
    "nothing": b"",
    "no delete set": b"\x00",
    "a section without structs": update(section(1, 0)),
    "a client twice": update(section(1, 0, letters("a")), section(1, 1, letters("b"))),
    "more structs than there are": b"\x01\xff\xff\xff\xff\x0f\x01\x00" + letters("a") + b"\x00",
    "more clients than there are": b"\xff\xff\xff\xff\x0f" + section(1, 0, letters("a")) + b"\x00",
    "bytes left over": update(section(1, 0, letters("a"))) + b"\x00",
    "a text of no letters": update(section(1, 0, letters(""))),
    "a skip of nothing": update(section(1, 0, skip(0), letters("a"))),
    "a skip with flags": update(section(1, 0, b"\x8a\x01\x00\x01", letters("a"))),
    "a text that is not UTF-8": update(section(1, 0, b"\x04\x01\x01t\x01\xff")),
    "its own origin": update(section(1, 0, letters("a", origin=(1, 0)))),
    "an origin of its own future": update(section(1, 0, letters("a", origin=(1, 5)))),
    "an unknown kind": update(section(1, 0, b"\x0b\x01\x01t\x00")),
    "an unknown type": update(section(1, 0, b"\x07\x01\x01t\x07")),
    "an unknown value": update(section(1, 0, b"\x08\x01\x01t\x01\x10")),
    "a parent of no kind": update(section(1, 0, b"\x04\x02\x01t\x01a")),
    "a clock past every number": update(section(1, (1 << 53) - 1, letters("ab"))),
    "a value without an end": update(section(1, 0, b"\x08\x01\x01t\x01\x7d" + b"\xff" * 9)),
    "a value nested too deeply": update(section(1, 0, b"\x08\x01\x01t\x01" + b"\x75\x01" * 5000 + b"\x7e")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_update_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        walk(REFUSED[name])


@given(st.binary(max_size=80))
def test_any_bytes_are_walked_or_refused_and_nothing_else(data: bytes) -> None:
    for read in (walk, lambda data: walk(b"\x01\x01\x07\x00" + data)):
        try:
            read(data)
        except InvalidRequest:
            continue


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_ready_parts_leave_no_gap_and_with_the_rest_they_are_all(seed: int) -> None:
    """Updates of three writers in any order: whatever the order, the ready parts fit, and in the end nothing is left."""
    chance = random.Random(seed)
    updates, truth = written_by_three(chance)
    chance.shuffle(updates)
    known: dict[int, int] = {}
    reader: Doc[Any] = Doc()
    waiting = list(updates)
    while waiting:
        before = len(waiting), dict(known)
        for number, data in enumerate(waiting):
            part = split(walk(data), known)
            if part.ready != EMPTY_UPDATE:
                reader.apply_update(part.ready)
                known.update(part.grown)
            assert read_state_vector(reader.get_state()) == {client: clock for client, clock in known.items() if clock}
            waiting[number] = part.rest
        waiting = [rest for rest in waiting if rest != EMPTY_UPDATE]
        assert (len(waiting), known) != before, "something moves until nothing waits"
    assert str(text_of(reader)) == str(text_of(truth))
    assert known == read_state_vector(truth.get_state())


def written_by_three(chance: random.Random) -> tuple[list[bytes], "Doc[Any]"]:
    docs, updates = [writer(client) for client in (1, 2, 3)], list[bytes]()
    for _ in range(14):
        (doc, sent), (other, _) = chance.sample(docs, 2)
        text, before = text_of(doc), len(sent)
        length = len(str(text))
        match chance.choices(("insert", "delete", "hear"), (5, 3, 3))[0]:
            case "insert":
                text.insert(chance.randrange(length + 1), chance.choice(("x", "yy")))
            case "delete" if length:
                start = chance.randrange(length)
                del text[start : min(length, start + 3)]
            case _:
                doc.apply_update(other.get_update(doc.get_state()))
                continue
        updates += sent[before:]
    truth: Doc[Any] = Doc(client_id=9)
    for doc, _ in docs:
        truth.apply_update(doc.get_update(truth.get_state()))
    return updates, truth
