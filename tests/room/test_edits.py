"""A large update comes in some at a time: as if it had come at once, and others may go on between."""

import dataclasses
import json
import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, merge_updates

from fourhands.errors import Forbidden, InvalidRequest, TooLarge, Unavailable
from fourhands.model.entry import EntryKind
from fourhands.model.limits import Limits
from fourhands.model.role import Role
from fourhands.protocol.close import CloseCode
from fourhands.protocol.steps import EVERY_BYTES, TakesSteps, finish
from fourhands.protocol.sync import EMPTY_UPDATE, Kind
from fourhands.protocol.update import read_state_vector
from fourhands.protocol.varint import write_varuint
from fourhands.room.applied import Applied
from fourhands.room.document import Document
from fourhands.room.edits import edit, edit_in_steps, refuse_edit
from tests.house import House, open_house
from tests.protocol.test_split import written_by_three
from tests.protocol.updates import text_of
from tests.room.pages import Page, room_of
from tests.room.restored import restored


def scattered(number: int, client: int = 9) -> bytes:
    """So many letters, each behind any one of those before."""
    chance = random.Random(1)
    behind = [b"\x84" + write_varuint(client) + write_varuint(chance.randrange(clock)) + b"\x01a" for clock in range(1, number)]
    return b"\x01" + write_varuint(number) + write_varuint(client) + b"\x00" + b"\x04\x01\x09file:main\x01a" + b"".join(behind) + b"\x00"


def deleted(client: int, number: int) -> bytes:
    ranges = b"".join(write_varuint(2 * place) + b"\x01" for place in range(number))
    return b"\x00\x01" + write_varuint(client) + write_varuint(number) + ranges


def new(limits: Limits = Limits(), text: str = "") -> Document:
    return Document.with_file(limits, "main.py", "python", text)


def shown(document: Document) -> tuple[str, Mapping[int, int]]:
    """Its text, and the clocks of those who wrote it."""
    doc: Doc[Any] = Doc()
    doc.apply_update(document.state())
    clocks = read_state_vector(document.state_vector())
    return str(text_of(doc)), {client: clocks.get(client, 0) for client in (1, 2, 3)}


def in_steps(document: Document, update: bytes, *, whole: bool = False) -> list[Applied]:
    return [applied for applied in document.apply_in_steps(update, whole=whole) if applied is not None]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8), st.booleans(), st.booleans())
def test_as_if_it_had_come_at_once(seed: int, most: int, whole: bool, alone: bool) -> None:
    """Whatever part of it is known already or builds on what is not there; and so it is for everybody who hears of it."""
    chance = random.Random(seed)
    updates, truth = written_by_three(chance)
    known = [one for one in updates if chance.random() < 0.5]
    update = truth.get_update() if not alone else chance.choice(updates)
    at_once, some, told = (restored(Limits(), new().state(), ()) for _ in range(3))
    for document in (at_once, some, told):
        for one in known:
            document.apply(one)
    some._portion.structs = most
    at_once.apply(update, whole=whole)
    for applied in in_steps(some, update, whole=whole):
        for part in (applied.changed, *applied.woken):
            told.apply(part)
    assert shown(some) == shown(at_once) == shown(told)
    for document in (some, at_once):
        for one in updates:
            if one is not update:
                document.apply(one)  # what waited for them comes in
        assert not document.waiting
        assert shown(document)[0] == str(text_of(truth))


def test_it_is_cut_and_each_part_is_told() -> None:
    document = new()
    parts = in_steps(document, scattered(5000))
    assert len(parts) > 2
    assert len(document.text()) == 5000
    gone = in_steps(document, deleted(9, 2000))
    assert len(gone) > 2
    assert len(document.text()) == 3000


def test_what_cannot_be_is_refused_before_anything_is_taken() -> None:
    document = new()
    broken = scattered(1000)[:-1] + b"\x01\x09\x01\x00\x00"  # deletes nothing at its very end
    with pytest.raises(InvalidRequest):
        in_steps(document, broken)
    with pytest.raises(TooLarge, match="900 bytes"):
        in_steps(new(Limits(text_bytes=900)), scattered(1000))
    assert document.text() == ""


@pytest.mark.parametrize("more", [0, 1])
def test_a_text_is_filled_to_the_byte_also_where_others_write_meanwhile(more: int) -> None:
    document = new(Limits(text_bytes=2000))
    document.apply(scattered(900, client=3))
    taking = document.apply_in_steps(scattered(1100))
    while next(taking) is None:
        pass
    document.apply(scattered(more, client=4) if more else EMPTY_UPDATE)
    assert sum(applied is not None for applied in taking) > 0
    assert len(document.text()) == 2000 + more


def test_two_that_fill_a_text_together_do_not_pass_its_limit_by_more_than_a_part() -> None:
    document = new(Limits(text_bytes=2000))
    taking = document.apply_in_steps(scattered(2000))
    while next(taking) is None:
        pass
    document.apply(scattered(1500, client=3))
    with pytest.raises(TooLarge):
        list(taking)
    assert 2000 < len(document.text()) < 2000 + 1500


def test_what_takes_long_is_not_taken_at_once() -> None:
    document = new()
    for update in (scattered(3000), deleted(9, 200)):
        state = document.state()
        with pytest.raises(TakesSteps):
            document.apply(update, at_once=True)
        assert document.state() == state
        in_steps(document, update)
    document.apply(scattered(20, client=3), at_once=True)


def test_the_copy_on_which_a_full_text_is_tried_is_not_made_at_once() -> None:
    document = new(Limits(text_bytes=4100))
    in_steps(document, scattered(4095))
    fits = scattered(5, client=3)
    with pytest.raises(TakesSteps):
        document.apply(scattered(6, client=4), at_once=True)
    document.apply(fits, at_once=True)
    assert len(document.text()) == 4100


class TestInARoom:
    async def test_it_counts_once_and_others_write_between(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        _, lin, other = await house.enter(room_id, "Lin")
        page = Page(1, room.document.state())
        taking = edit_in_steps(room, ada, scattered(3000), whole=False)
        while not other.edits():
            next(taking)
        edit(room, lin, page.type("<between>"), whole=False)
        between = len(screen.edits())
        assert between == 1
        assert finish(taking)
        assert len(other.edits()) > 3
        await house.written()
        assert (screen.saved[-1], other.saved[-1]) == (1, 1)
        assert ada.received == 1
        again = new()
        for entry in await house.store.entries(room_id, 0, 1000):
            again.apply(entry.payload)
        assert again.text() == room.document.text()
        assert "<between>" in again.text()

    async def test_who_may_edit_no_more_midway_is_told_so(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, screen = await house.enter(room_id, "Ada")
        _, _, other = await house.enter(room_id, "Lin")
        taking = edit_in_steps(room, ada, scattered(3000), whole=True)
        while not other.edits():
            next(taking)
        room.member_changed(dataclasses.replace(ada.member, role=Role.VIEWER))
        before = len(room.document.text())
        assert not finish(taking)
        finish(refuse_edit(room, ada, scattered(3000), Forbidden("No."), whole=True))
        await house.written()
        assert (screen.events("error")[-1]["sync"], screen.saved[-1]) == (1, 1)
        assert 0 < before == len(room.document.text()) < 3000
        assert ada.received == 1

    async def test_a_room_that_closes_midway_keeps_what_came_in(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, other = await house.enter(room_id, "Lin")
        taking = edit_in_steps(room, ada, scattered(3000), whole=True)
        while not other.edits():
            next(taking)
        room.close(CloseCode.RESTART, "Come back.")
        finish(taking)
        assert len(other.edits()) == 1
        assert 0 < len(room.document.text()) < 3000

    async def test_where_nothing_can_be_kept_nothing_is_taken(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        room._journal.left_bytes = 100
        with pytest.raises(Unavailable):
            finish(edit_in_steps(room, ada, scattered(3000), whole=True))
        assert room.document.text() == ""


@pytest.mark.parametrize("letter", ["x", "\U0001f680"])
def test_a_text_as_long_as_may_be_gives_way_to_another_and_is_never_beside_it(letter: str) -> None:
    most = 200_000
    document, page = new(Limits(text_bytes=most)), Page(1, b"\x00\x00")
    for other in (letter, "a", letter, "b"):
        text, before = other * (most // len(other.encode())), page.doc.get_state()
        with page.doc.transaction():
            page.text.clear()
            page.text.insert(0, text)
        for applied in document.apply_in_steps(page.doc.get_update(before)):
            assert applied is None or len(document.text().encode()) <= most
        assert document.text() == text


@pytest.mark.parametrize("letter", ["x", "\U0001f680"])
def test_a_large_paste_comes_in_parts_and_nothing_is_looked_at_at_once(letter: str) -> None:
    text = letter * (900_000 // len(letter.encode()))
    document, page = new(), Page(1, b"\x00\x00")
    page.text.insert(0, text)
    steps = [*document.apply_in_steps(page.doc.get_update())]
    told = [applied.changed for applied in steps if applied is not None]
    assert max(map(len, told)) <= 1 << 16
    assert len(steps) > len(text.encode()) // EVERY_BYTES
    assert document.text() == text
    reader = Page(2, b"\x00\x00")
    for update in told:
        reader.doc.apply_update(update)
    assert str(reader.text) == text


class TestEditing:
    async def test_an_edit_reaches_the_others_as_it_came_and_the_journal_with_its_author(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        update = Page(1, room.document.state()).type("hello")
        edit(room, ada, update, whole=False)
        assert (own.edits(), lin.edits()) == ([], [update])
        await house.written()
        assert (await house.edits(room_id))[-1] == ("ada", update)
        assert await house.text(room_id) == "hello"

    async def test_a_step_2_is_kept_and_relayed_as_what_it_changed(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        page = Page(1, room.document.state())
        first = page.type("a")
        edit(room, ada, first, whole=False)
        page.type("b")
        whole = page.doc.get_update()
        edit(room, ada, whole, whole=True)
        assert len(lin.edits()[-1]) < len(whole)
        edit(room, ada, whole, whole=True)
        await house.written()
        assert len(lin.edits()) == 2
        assert len(await house.edits(room_id)) == 3, "the first file, and two edits"
        assert await house.text(room_id) == "ba"

    async def test_what_waits_is_kept_and_nobody_hears_of_it_before_it_fits(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, adas = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        page = Page(1, room.document.state())
        missing, late = page.type("a"), page.type("b")
        edit(room, ada, late, whole=False)
        _, eve, eves = await house.enter(room_id, "Eve")
        room.answer_state(eve, b"\x00")
        await house.written()
        assert (lin.edits(), late in eves.edits(), (await house.edits(room_id))[-1][1]) == ([], False, late)
        edit(room, ada, missing, whole=False)
        await house.written()
        assert (lin.edits(), adas.edits()) == ([missing, late], [late])
        assert (room.document.text(), await house.text(room_id)) == ("ba", "ba")

    async def test_the_part_that_fits_is_relayed_and_the_rest_when_it_does(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        start = room.document.state()
        page, other = Page(1, start), Page(2, start)
        missing, late = page.type("a"), page.type("b")
        both = merge_updates(late, other.type("c"))
        edit(room, ada, both, whole=False)
        copy = Page(9, start)
        for update in lin.edits():
            copy.doc.apply_update(update)
        assert str(copy.text) == "c"
        edit(room, ada, missing, whole=False)
        for update in lin.edits():
            copy.doc.apply_update(update)
        assert str(copy.text) == room.document.text()

    async def test_a_step_2_with_a_part_that_waits_is_kept_whole(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, _ = await house.enter(room_id, "Ada")
        page = Page(1, room.document.state())
        missing, late = page.type("a"), page.type("b")
        edit(room, ada, late, whole=True)
        await house.written()
        assert (await house.edits(room_id))[-1][1] == late
        edit(room, ada, missing, whole=True)
        await house.written()
        assert await house.text(room_id) == "ba"

    async def test_an_edit_that_cannot_be_taken_changes_nothing_for_anybody(self, tmp_path) -> None:
        async with open_house(tmp_path, Limits(text_bytes=50, backlog_bytes=1 << 20)) as house:
            room_id = await room_of(house)
            room, ada, _ = await house.enter(room_id, "Ada")
            _, _, lin = await house.enter(room_id, "Lin")
            before, ticket = room.document.state(), room.queue.ticket
            with pytest.raises(InvalidRequest):
                edit(room, ada, b"rubbish", whole=False)
            with pytest.raises(TooLarge):
                edit(room, ada, Page(1, before).type("x" * 51), whole=False)
            with pytest.raises(Unavailable):
                edit(room, ada, bytes(1 << 21), whole=False)
            assert (room.document.state(), room.queue.ticket, lin.edits()) == (before, ticket, [])

    async def test_a_language_is_said_to_all_and_kept(self, house: House) -> None:
        room_id = await room_of(house)
        room, ada, own = await house.enter(room_id, "Ada")
        _, _, lin = await house.enter(room_id, "Lin")
        edit(room, ada, Page(1, room.document.state()).choose("rust"), whole=False)
        said = {"type": "room.language", "file": "main", "language": "rust", "by": "ada"}
        assert (own.events("room.language"), lin.events("room.language")) == ([said], [said])
        await house.written()
        (entry,) = await house.store.tail(room_id, EntryKind.ROOM, 5)
        assert json.loads(entry.payload) == {"change": "language", "file": "main", "language": "rust", "member": "ada"}


class TestRefusing:
    async def test_a_viewers_edit_is_answered_counted_and_seen_by_nobody(self, house: House) -> None:
        room_id = await room_of(house)
        _, _, ada = await house.enter(room_id, "Ada")
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        before = room.document.state()
        update = Page(1, before).type("x")
        for number, whole in enumerate((False, True), 1):
            finish(refuse_edit(room, lin, update, Forbidden("No."), whole=whole))
            assert screen.messages[-1].kind is Kind.EVENT
            denied = [message.payload for message in screen.messages if message.kind is Kind.AUTH]
            assert denied == [b"No."] * number
            assert screen.events("error")[-1]["sync"] == number
        assert (room.document.state(), ada.edits(), screen.closed) == (before, [], None)
        await house.written()
        assert screen.saved[-1] == 2

    async def test_a_viewers_empty_step_2_is_fine(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, screen = await house.enter(room_id, "Lin", Role.VIEWER)
        for update in (EMPTY_UPDATE, room.document.state()):
            finish(refuse_edit(room, lin, update, Forbidden("No."), whole=True))
        finish(refuse_edit(room, lin, EMPTY_UPDATE, Forbidden("No."), whole=False))
        assert (screen.events("error"), screen.saved) == ([], [1, 2, 3])

    async def test_rubbish_from_a_viewer_is_rubbish(self, house: House) -> None:
        room_id = await room_of(house)
        room, lin, _ = await house.enter(room_id, "Lin", Role.VIEWER)
        with pytest.raises(InvalidRequest):
            finish(refuse_edit(room, lin, b"rubbish", Forbidden("No."), whole=True))
