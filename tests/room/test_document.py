"""A room's document, with pycrdt documents as its clients."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map, Text

from fourhands.errors import InvalidRequest, TooLarge
from fourhands.model.limits import Limits
from fourhands.model.room import File
from fourhands.protocol.split import split
from fourhands.protocol.sync import EMPTY_UPDATE
from fourhands.protocol.update import MOST_RANGES, read_state_vector
from fourhands.protocol.varint import write_varuint
from fourhands.protocol.walk import walk, walk_in_steps
from fourhands.room.document import PLAIN, Document, DocumentBroken
from fourhands.room.replica import Replica
from fourhands.room.waiting import MOST_PIECES_WAITING
from tests.room.restored import restored

Json = dict[str, Any]


class Client:
    """Somebody's copy; `sent` are the updates that it made."""

    def __init__(self, client_id: int, start: bytes = EMPTY_UPDATE) -> None:
        self.doc: Doc[Any] = Doc(client_id=client_id)
        self.doc.apply_update(start)
        self.text = self.doc.get("file:main", type=Text)
        self.files = self.doc.get("files", type=Map)
        self.sent: list[bytes] = []
        self._noting = self.doc.observe(lambda event: self.sent.append(event.update))

    def make(self, change) -> bytes:
        """What `change(self)` sends."""
        self.sent.clear()
        with self.doc.transaction():
            change(self)
        assert len(self.sent) == 1
        return self.sent[0]

    def insert(self, at: int, what: str) -> bytes:
        return self.make(lambda self: self.text.insert(at, what))

    def delete(self, start: int, end: int) -> bytes:
        def change(self: Client) -> None:
            del self.text[start:end]

        return self.make(change)

    def choose(self, language: str) -> bytes:
        def change(self: Client) -> None:
            self.files["main"]["language"] = language

        return self.make(change)

    def hear(self, update: bytes) -> None:
        self.doc.apply_update(update)

    def lacks(self, vector: bytes) -> bytes:
        """Step 2."""
        return self.doc.get_update(vector)


def new(limits: Limits = Limits(), text: str = "") -> Document:
    return Document.with_file(limits, "main.py", "python", text)


def client_of(document: Document, client_id: int = 1) -> Client:
    return Client(client_id, document.state())


def rebuilt(updates: Sequence[bytes]) -> Document:
    document = Document(Limits())
    for update in updates:
        document.apply(update)
    return document


def reverse(updates: Sequence[bytes]) -> Sequence[bytes]:
    return list(updates)[::-1]


class TestApplying:
    def test_a_new_room_has_one_file(self) -> None:
        document = new(text="print(1)")
        assert (document.text(), document.language()) == ("print(1)", "python")
        assert (document.text_bytes(), new(text="\u00fc").text_bytes(), Document(Limits()).text_bytes()) == (8, 2, 0)
        files = client_of(document).files.to_py()
        assert files == {"main": {"name": "main.py", "language": "python", "order": 0.0}}

    def test_an_edit_is_its_own_change(self) -> None:
        document = new()
        update = client_of(document).insert(0, "hello")
        applied = document.apply(update, whole=True)
        assert (applied.changed, applied.waiting, document.text()) == (update, EMPTY_UPDATE, "hello")

    def test_the_fast_way_takes_keystrokes_that_nothing_waits_for_and_leaves_all_else(self) -> None:
        document = new()
        ada = client_of(document)
        first, second, third, fourth = (ada.insert(place, letter) for place, letter in enumerate("heyo"))
        assert not document.take(first)  # nobody wrote into this file before: its type is named
        document.apply(first)
        assert (document.take(third), document.take(EMPTY_UPDATE)) == (False, False)
        assert document.take(second)
        document.apply(fourth)
        document.apply(Client(2, document.state()).insert(0, "!"))
        assert document.waiting
        assert not document.take(third)
        assert list(document.apply(third).woken) == [fourth]
        assert document.text() == "!heyo"

    def test_what_is_known_changes_nothing(self) -> None:
        document = new()
        ada = client_of(document)
        for update in (ada.insert(0, "hello"), ada.delete(1, 2)):
            document.apply(update)
            assert document.apply(update, whole=True).changed in (b"", EMPTY_UPDATE)
        assert document.apply(ada.doc.get_update(), whole=True).changed in (b"", EMPTY_UPDATE)

    def test_a_step_2_is_what_it_changed_not_its_bytes(self) -> None:
        document = new()
        ada = client_of(document)
        document.apply(ada.insert(0, "x" * 2000))
        for _ in range(200):
            document.apply(ada.delete(0, 1))
            ada.insert(5, "y")
            ada.delete(5, 6)
        late = ada.insert(0, "new")
        whole = ada.lacks(document.state_vector())
        changed = document.apply(whole, whole=True).changed
        assert len(changed) < len(whole)
        assert Client(9, new().state()).text is not None
        assert document.text() == str(ada.text)
        assert late

    @pytest.mark.parametrize("update", [b"", b"\x00", b"\x01", b"hello world", b"\xff" * 20, b"\x01\x01\x05", b"\x00\x01"])
    def test_what_is_no_update_changes_nothing_and_is_refused(self, update: bytes) -> None:
        document = new(text="kept")
        before = document.state()
        for refuse in (document.apply, document.would_change):
            with pytest.raises(InvalidRequest):
                refuse(update)
        assert document.state() == before

    def test_any_damage_to_an_update_is_refused_taken_or_known_as_broken_and_nothing_else(self) -> None:
        ada = client_of(new(), 70_000)
        good = [ada.insert(0, "hello"), ada.delete(1, 3), ada.insert(1, "y"), ada.choose("rust"), ada.doc.get_update()]
        chance = random.Random(1)
        document = new(text="kept")
        for _ in range(4000):
            update = bytearray(chance.choice(good))
            for _ in range(chance.randrange(1, 4)):
                place = chance.randrange(len(update)) if update else 0
                match chance.randrange(4):
                    case 0:
                        update[place : place + 1] = bytes([chance.randrange(128)])
                    case 1:
                        del update[place:]
                    case 2:
                        update.insert(place, chance.randrange(128))
                    case _:
                        del update[place : place + 1]
            before = document.state()
            try:
                document.would_change(bytes(update))
                document.apply(bytes(update))
            except (InvalidRequest, TooLarge):
                assert document.state() == before
            except DocumentBroken:
                document = new(text="kept")

    def test_a_state_that_pycrdt_takes_in_half_is_told_apart(self) -> None:
        """A letter as the parent of a letter: well-formed, and impossible."""
        with pytest.raises(DocumentBroken):
            Document(Limits()).load(b"\x01\x02\x09\x00" + b"\x04\x01\x01t\x02ab" + inside(9, 0) + b"\x00")

    def test_a_state_vector_that_cannot_be_read_is_refused(self) -> None:
        with pytest.raises(InvalidRequest):
            new().state(b"\xff\xff")

    def test_top_level_types_of_any_kind_are_taken_also_under_the_names_of_files(self) -> None:
        document = new(Limits(text_bytes=60))
        ada = client_of(document)

        def change(self: Client) -> None:
            self.doc.get("file:odd", type=Map)["key"] = "value"
            self.doc.get("monaco", type=Text).insert(0, "other people's")

        document.apply(ada.make(change))
        document.apply(ada.insert(0, "x"))
        assert document.text("odd") == ""
        again = Client(5, document.state())
        assert str(again.doc.get("monaco", type=Text)) == "other people's"
        assert again.doc.get("file:odd", type=Map).to_py() == {"key": "value"}


class TestKeystrokes:
    def test_one_is_plain_and_seen_by_whoever_reads(self) -> None:
        for read in (
            lambda document: document.text(),
            lambda document: str(Client(9, document.state()).text),
            lambda document: str(Client(9, document.state(b"\x00")).text),
        ):
            document = new()
            ada = client_of(document, 3_000_000_001)
            document.apply(ada.insert(0, "a"))
            for number, letter in enumerate("bcdef", 1):
                assert document.apply(ada.insert(number, letter)) is PLAIN
                assert document.state_vector() == ada.doc.get_state()
            assert document.apply(ada.delete(3, 4)) is PLAIN
            assert not document.would_change(ada.doc.get_update())
            assert document.apply(ada.insert(3, "X")) is PLAIN
            assert read(document) == "abcXef"

    def test_many_wait_for_pycrdt_and_not_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        applied: list[int] = []
        apply = Replica.apply

        def counted(replica: Replica, updates: Sequence[bytes]) -> None:
            applied.append(len(updates))
            apply(replica, updates)

        document = new()
        ada = client_of(document)
        document.apply(ada.insert(0, "a"))
        monkeypatch.setattr(Replica, "apply", counted)
        for number in range(1, 201):
            document.apply(ada.insert(number, "b"))
        assert applied == [64, 64, 64]
        assert len(document.text()) == 201

    def test_one_may_be_what_something_waited_for(self) -> None:
        document = new()
        ada = client_of(document)
        lin = client_of(document, 2)
        document.apply(ada.insert(0, "a"))
        second, third = ada.insert(1, "b"), ada.insert(2, "c")
        lin.hear(ada.doc.get_update())
        answer = lin.insert(3, "!")
        assert document.apply(answer).waiting == answer
        document.apply(second)
        assert document.waiting
        document.apply(third)
        assert (document.text(), list(document.waiting)) == ("abc!", [])

    def test_one_at_the_edge_of_a_text_is_measured(self) -> None:
        document = new(Limits(text_bytes=60))
        ada = client_of(document)
        with pytest.raises(TooLarge):
            for number in range(100):
                document.apply(ada.insert(number, "x"))
        assert document.text() == "x" * 60

    def test_a_room_in_which_nobody_wrote_needs_no_replica(self) -> None:
        document = restored(Limits(), None, [])
        assert (document.state(), document.state_vector(), document.text(), document.files()) == (EMPTY_UPDATE, b"\x00", "", [])
        assert (document.language(), list(document.waiting), document.would_change(EMPTY_UPDATE)) == (None, [], False)
        with pytest.raises(InvalidRequest):
            document.state(b"\xff")
        assert document._made is None  # pyright: ignore[reportPrivateUsage]

    def test_what_was_stored_is_read_in_one_go(self) -> None:
        document = new(text="begun: ")
        state = document.state()
        ada = client_of(document)
        updates = [ada.insert(7 + number, "x") for number in range(500)]
        updates.append(ada.delete(0, 3))
        again = restored(Limits(text_bytes=100), state, updates)
        assert again.text() == str(ada.text)
        with pytest.raises(TooLarge):
            again.apply(ada.insert(0, "y"))
        with pytest.raises(InvalidRequest):
            restored(Limits(), b"\x05", [])


class TestStandingInside:
    """pycrdt breaks on what stands in something that is no type."""

    @pytest.mark.parametrize("content", [b"\x04\x01\x01t\x02ab", b'\x05\x01\x01t\x07{"a":1}', b"\x09\x01\x01t\x04guid\x76\x00", b"\x08\x01\x01t\x01\x7e"])
    def test_a_letter_an_embed_a_document_or_a_value_is_no_parent(self, content: bytes) -> None:
        document = new(text="kept")
        ada = client_of(document)
        with pytest.raises(InvalidRequest, match="no type"):
            document.apply(b"\x01\x02\x09\x00" + content + inside(9, 0) + b"\x00")
        document.apply(b"\x01\x01\x09\x00" + content + b"\x00")
        before = document.state_vector()
        with pytest.raises(InvalidRequest, match="no type"):
            document.apply(b"\x01\x01\x08\x00" + inside(9, 0) + b"\x00")
        assert document.state_vector() == before
        document.apply(ada.insert(0, "and goes on, "))
        assert document.text() == "and goes on, kept"

    def test_one_that_waited_is_dropped_and_whoever_let_it_in_is_not_refused(self) -> None:
        document = new()
        bad = b"\x01\x01\x08\x00" + inside(9, 0) + b"\x00"
        assert document.apply(bad).waiting == bad
        document.apply(b"\x01\x01\x09\x00" + b"\x04\x01\x01t\x02ab" + b"\x00")
        assert list(document.waiting) == []
        assert 8 not in read_state_vector(document.state_vector())

    def test_one_that_waited_with_the_letter_it_stands_in_is_dropped_too(self) -> None:
        document = new()
        bad = b"\x01\x02\x08\x00" + b"\x84\x09\x00\x01x" + inside(8, 0) + b"\x00"
        assert document.apply(bad).waiting == bad
        document.apply(b"\x01\x01\x09\x00" + b"\x04\x01\x01t\x02ab" + b"\x00")
        assert list(document.waiting) == []
        assert read_state_vector(document.state_vector()).get(9) == 2

    def test_what_was_deleted_may_be_a_parent(self) -> None:
        document = new()
        document.apply(b"\x01\x01\x09\x00" + b"\x04\x01\x01t\x02ab" + b"\x01\x09\x01\x00\x02")
        document.apply(b"\x01\x01\x08\x00" + inside(9, 0) + b"\x00")
        assert read_state_vector(document.state_vector())[8] == 1

    def test_a_type_may_be_one_and_is_looked_up_once_at_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        begun = new()
        document = Document(Limits())
        document.load(begun.state())
        document.set_limits(Limits())
        ada = client_of(document)

        def name(key: str):
            def change(self: Client) -> None:
                self.files["main"][key] = "value"

            return change

        def nest(self: Client) -> None:
            self.files["two"] = Map({"name": "two.py", "language": "rust", "order": 1.0})

        document.apply(ada.make(name("one key")))  # its map is older than this document in memory
        looked: list[object] = []
        monkeypatch.setattr("fourhands.room.replica.Replica.may_hold", lambda *where: looked.append(where))
        for update in (ada.make(name("another key")), ada.choose("rust"), ada.make(nest), ada.insert(0, "x"), ada.insert(1, "y"), ada.delete(0, 1)):
            document.apply(update)
        assert (document.language(), document.language("two"), document.text(), looked) == ("rust", "rust", "y", [])


class TestPairs:
    BESIDE_HALF = b"\x01\x01\x08\x00\x84\x09\x00\x01x\x00"
    """A letter behind the first clock of client 9."""

    @staticmethod
    def smile() -> bytes:
        return b"\x01\x01\x09\x00\x04\x01\x09file:main\x04" + "👩".encode() + b"\x00"

    @pytest.mark.parametrize("again", [False, True])
    @pytest.mark.parametrize("cut", [BESIDE_HALF, b"\x00\x01\x09\x01\x00\x01", b"\x00\x01\x09\x01\x01\x01"])
    def test_whoever_cuts_one_is_refused_also_after_a_restart(self, cut: bytes, again: bool) -> None:
        document = new()
        document.apply(self.smile())
        if again:
            document = restored(Limits(), document.state())
        before = document.state()
        with pytest.raises(InvalidRequest, match="cuts a character in two"):
            document.apply(cut)
        assert (document.state(), document.text()) == (before, "👩")
        document.apply(b"\x00\x01\x09\x01\x00\x02")
        assert document.text() == ""
        document.apply(cut)
        assert document.text() == ("x" if cut is self.BESIDE_HALF else ""), "what is deleted has no halves"

    def test_one_that_waited_and_cuts_a_pair_is_dropped(self) -> None:
        document = new()
        document.apply(self.BESIDE_HALF)
        assert len(document.waiting) == 1
        applied = document.apply(self.smile())
        assert (document.text(), list(document.waiting), list(applied.woken)) == ("👩", [], [])


class TestNesting:
    @staticmethod
    def chain(client: int, first: int, deep: int) -> bytes:
        """Maps in each other: the first at the top or in the one before it."""
        structs = [
            b"\x27\x00" + write_varuint(client) + write_varuint(clock - 1) + b"\x01k\x01" if clock else b"\x27\x01\x01m\x01k\x01"
            for clock in range(first, first + deep)
        ]
        return b"\x01" + write_varuint(deep) + write_varuint(client) + write_varuint(first) + b"".join(structs) + b"\x00"

    def test_types_too_deep_in_each_other_are_refused_also_in_small_steps_and_after_a_restart(self) -> None:
        document = new()
        for first in range(0, 500, 50):
            document.apply(self.chain(1, first, 50))
            if first == 250:
                document = restored(Limits(), document.state(), [])
        before = document.state()
        with pytest.raises(TooLarge, match="deep"):
            document.apply(self.chain(1, 500, 1))
        assert document.state() == before
        document.apply(b"\x00\x01\x01\x01\x00\x01")

    def test_one_that_waited_and_is_too_deep_is_dropped(self) -> None:
        document = new()
        document.apply(self.chain(1, 1, 500))
        document.apply(self.chain(1, 0, 1))
        assert (list(document.waiting), read_state_vector(document.state_vector())[1]) == ([], 1)


class TestLanguages:
    def test_a_choice_is_noticed(self) -> None:
        document = new()
        applied = document.apply(client_of(document).choose("rust"))
        assert (list(applied.languages), document.language()) == ([("main", "rust")], "rust")

    def test_typing_is_no_choice(self) -> None:
        document = new()
        assert list(document.apply(client_of(document).insert(0, "x")).languages) == []

    def test_a_new_file_is_a_choice_and_a_new_name_is_none(self) -> None:
        document = new()
        ada = client_of(document)

        def add(self: Client) -> None:
            self.files["two"] = Map({"name": "b.rs", "language": "rust", "order": 1.0})

        def rename(self: Client) -> None:
            self.files["main"]["name"] = "other.py"

        assert list(document.apply(ada.make(add)).languages) == [("two", "rust")]
        assert list(document.apply(ada.make(rename)).languages) == []

    def test_files_are_listed_in_their_order_whatever_clients_wrote(self) -> None:
        document = new()
        ada = client_of(document)
        odd = {"b": Map({"name": "b.py", "language": "python", "order": -1}), "c": Map({"name": 3, "order": float("nan")}), "d": "no file"}

        def change(self: Client) -> None:
            for key, value in odd.items():
                self.files[key] = value

        document.apply(ada.make(change))
        assert document.files() == [File("b", "b.py", "python"), File("c", "c", "plaintext"), File("main", "main.py", "python")]

    @pytest.mark.parametrize("seed", range(60))
    def test_choices_of_several_people_in_any_order_are_read_without_harm(self, seed: int) -> None:
        """pycrdt's own deep observer panics on some of these."""
        chance = random.Random(seed)
        document = new()
        clients = [client_of(document, 1), client_of(document, 2), client_of(document, 3)]
        updates: list[bytes] = []
        for _ in range(12):
            who, other = chance.sample(clients, 2)
            if chance.random() < 0.7:
                updates.append(who.choose(chance.choice("abcd")))
            else:
                who.hear(other.lacks(who.doc.get_state()))
        chance.shuffle(updates)
        for update in updates:
            document.apply(update)
        truth = Client(9, clients[0].lacks(b"\x00"))
        for client in clients:
            truth.hear(client.lacks(truth.doc.get_state()))
        assert document.language() == truth.files["main"]["language"]

    @pytest.mark.parametrize("odd", [7, None, True, {"a": 1}])
    def test_a_language_that_is_no_text_is_none(self, odd: object) -> None:
        document = new()

        def change(self: Client) -> None:
            self.files["main"]["language"] = odd

        document.apply(client_of(document).make(change))
        assert document.language() is None
        broken = new()

        def replace(self: Client) -> None:
            self.files["main"] = odd

        broken.apply(client_of(broken).make(replace))
        assert broken.language() is None


class TestWaiting:
    def test_an_edit_waits_for_what_it_builds_on(self) -> None:
        document = new()
        ada = client_of(document)
        first, second, third = ada.insert(0, "a"), ada.insert(1, "b"), ada.insert(2, "c")
        assert document.apply(third).waiting == third
        assert document.apply(second).waiting == second
        assert (document.text(), list(document.waiting)) == ("", [third, second])
        assert document.apply(first).waiting == EMPTY_UPDATE
        assert (document.text(), list(document.waiting)) == ("abc", [])

    def test_a_deletion_waits_for_what_it_deletes(self) -> None:
        document = new()
        ada = client_of(document)
        insert, delete = ada.insert(0, "abc"), ada.delete(1, 2)
        assert document.apply(delete).waiting == delete
        assert list(document.waiting) == [delete]
        document.apply(insert)
        assert (document.text(), list(document.waiting)) == ("ac", [])

    def test_updates_that_waited_together_all_come_in(self) -> None:
        """yrs 0.28 leaves the third letter out here, until it is told again."""
        document = Document(Limits())
        ada = Client(2)
        updates = [ada.insert(0, "a"), ada.insert(1, "b"), ada.insert(2, "c"), ada.insert(0, "d")]
        for number in (0, 2, 3, 1):
            document.apply(updates[number])
        assert (document.text(), list(document.waiting)) == ("dabc", [])
        assert read_state_vector(document.state_vector()) == {2: 4}

    def test_what_waits_is_bounded(self) -> None:
        document = new(Limits(waiting_bytes=200))
        ada = client_of(document)
        updates = [ada.insert(0, "x")] + [ada.insert(n, "y" * 30) for n in range(1, 9)]
        with pytest.raises(InvalidRequest, match="never came"):
            for update in updates[1:]:
                document.apply(update)

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**32), st.floats(0, 1))
    def test_edits_in_any_order_with_any_cut_are_the_same_text(self, seed: int, cut: float) -> None:
        """`state()` and what waits rebuild everything, wherever the order is cut."""
        chance = random.Random(seed)
        document = new()
        clients = [client_of(document, 1), client_of(document, 2)]
        updates = interleaved(chance, clients, 12)
        chance.shuffle(updates)
        middle = int(cut * len(updates))
        for update in updates[:middle]:
            document.apply(update)
        copy = rebuilt([document.state(), *document.waiting])
        truth = merged(clients)
        for one in (document, copy):
            for update in updates[middle:]:
                one.apply(update)
            assert (one.text(), list(one.waiting)) == (str(truth.text), [])
            assert read_state_vector(one.state_vector()) == read_state_vector(truth.doc.get_state())
            assert one.language() == truth.files["main"]["language"]

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**32))
    def test_what_others_are_told_fits_at_once_and_is_all_in_the_end(self, seed: int) -> None:
        chance = random.Random(seed)
        document = new()
        other = Client(9, document.state())
        clients = [client_of(document, 1), client_of(document, 2)]
        updates = interleaved(chance, clients, 14)
        chance.shuffle(updates)
        for update in updates:
            whole = chance.random() < 0.3
            applied = document.apply(update, whole=whole)
            for told in [update] if applied is PLAIN else [applied.changed, *applied.woken]:
                known = read_state_vector(other.doc.get_state())
                assert split(walk(told), known).rest == EMPTY_UPDATE
                other.hear(told)
            assert read_state_vector(other.doc.get_state()) == read_state_vector(document.state_vector())
            assert str(other.text) == document.text()
        assert str(other.text) == str(merged(clients).text)

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**32), st.floats(0, 1))
    def test_the_journal_of_changes_rebuilds_the_document(self, seed: int, kept: float) -> None:
        """Some edits never came; then both people answer step 1. The journal holds edits as sent, and of a step 2 what it changed."""
        chance = random.Random(seed)
        document = new()
        clients = [client_of(document, 1), client_of(document, 2)]
        journal = [document.state()]
        updates = [update for update in interleaved(chance, clients, 12) if chance.random() < kept]
        chance.shuffle(updates)
        for update in updates:
            would = document.would_change(update)
            applied = document.apply(update, whole=True)
            assert would or applied.changed in (b"", EMPTY_UPDATE)
            journal.append(update)
        for client in clients:
            whole = client.lacks(document.state_vector())
            applied = document.apply(whole, whole=True)
            journal += [change for change in (applied.changed, applied.waiting) if change not in (b"", EMPTY_UPDATE)]
        truth = str(merged(clients).text)
        again = rebuilt(journal)
        assert (document.text(), again.text()) == (truth, truth)
        assert (list(document.waiting), list(again.waiting)) == ([], [])

    def test_a_deletion_of_what_is_still_to_be_written_waits_for_each_of_its_pieces(self) -> None:
        document = new()
        ada = client_of(document, 7)
        deletes = b"\x00\x01\x07\x03" + b"\x00\x01" + b"\x02\x01" + b"\x04\x01"
        assert document.apply(deletes).waiting == deletes
        for number in range(6):
            document.apply(ada.insert(number, str(number)))
        assert (document.text(), list(document.waiting)) == ("135", [])

    def test_the_pieces_that_wait_are_bounded_and_those_that_were_stored_are_not(self) -> None:
        def deleting(ranges: int) -> bytes:
            return b"\x00\x01\x07" + write_varuint(ranges) + b"".join(write_varuint(2 * n) + b"\x01" for n in range(ranges))

        document = new()
        document.apply(deleting(MOST_PIECES_WAITING - 1))
        document.apply(deleting(1))
        with pytest.raises(InvalidRequest, match="never came"):
            document.apply(deleting(1))
        stored = Document(Limits())
        stored.apply(deleting(MOST_RANGES + 1))
        assert len(stored.waiting) == 1

    def test_who_writes_on_does_not_wake_what_waits_for_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = new()
        ada = client_of(document)
        document.apply(b"\x00\x01\x07\x01\x00\x01")
        document.apply(b"\x00\x01\x01\x01\x63\x01")
        document.apply(ada.insert(0, "x"))
        monkeypatch.setattr("fourhands.room.document.walk", None)  # nothing is read again
        for number in range(20):
            document.apply(ada.insert(1 + number, "y"))
        assert len(document.waiting) == 2

    def test_a_step_2_with_more_deleted_than_one_edit_may_is_taken_when_it_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = new(text="x" * 1000)
        ada = client_of(document)
        for number in range(300):
            document.apply(ada.delete(number, number + 1))
        monkeypatch.setattr("fourhands.protocol.walk.MOST_RANGES", 1)
        monkeypatch.setattr("fourhands.room.document.MOST_RANGES", 1)
        monkeypatch.setattr("fourhands.room.document.walk_in_steps", lambda update, most=1: walk_in_steps(update, most))
        assert not document.would_change(ada.lacks(document.state_vector()))
        assert document.apply(ada.lacks(document.state_vector()), whole=True).changed in (b"", EMPTY_UPDATE)
        with pytest.raises(TooLarge):
            document.apply(b"\x00\x01\x07\xae\x02" + b"".join(write_varuint(2 * n) + b"\x01" for n in range(302)))


class TestFiles:
    @staticmethod
    def file(number: int):
        def change(self: Client) -> None:
            self.files[str(number)] = Map({"name": f"{number}.py", "language": "python", "order": 1.0})
            self.doc.get(f"file:{number}", type=Text).insert(0, "x")

        return change

    def test_a_room_has_64_files_and_no_65th(self) -> None:
        document = new()
        ada = client_of(document)
        for number in range(63):
            document.apply(ada.make(self.file(number)))
        document.apply(ada.insert(0, "written on"))
        before = document.state()
        for change in (
            self.file(64),
            lambda self: self.files.update({"64": "no map"}),
            lambda self: self.doc.get("file:64", type=Text).insert(0, "x"),
        ):
            with pytest.raises(TooLarge, match="64 files"):
                document.apply(client_of(document, 2).make(change))
        assert document.state() == before
        document.apply(ada.insert(0, "and is "))
        document.apply(ada.choose("rust"))
        assert document.apply(ada.doc.get_update(), whole=True).changed in (b"", EMPTY_UPDATE)

    def test_many_in_one_update_are_counted_together(self) -> None:
        def change(self: Client) -> None:
            for number in range(3):
                self.doc.get(f"file:{number}", type=Text).insert(0, "x")

        document = new(Limits(files_per_room=4))
        document.apply(client_of(document, 1).make(change))
        document = new(Limits(files_per_room=3))
        with pytest.raises(TooLarge):
            document.apply(client_of(document, 1).make(change))

    def test_those_that_wait_are_counted(self) -> None:
        document = new(Limits(files_per_room=2))
        ada, lin = client_of(document, 1), client_of(document, 2)
        ada.insert(0, "never sent")
        document.apply(ada.make(self.file(1)))
        with pytest.raises(TooLarge):
            document.apply(lin.make(self.file(2)))

    def test_a_deleted_entry_makes_room_for_another(self) -> None:
        document = new(Limits(files_per_room=2))
        ada = client_of(document)

        def add(key: str):
            def change(self: Client) -> None:
                self.files[key] = Map({"name": key})

            return change

        def remove(self: Client) -> None:
            del self.files["a"]

        document.apply(ada.make(add("a")))
        document.apply(ada.make(remove))
        document.apply(ada.make(add("b")))
        with pytest.raises(TooLarge):
            document.apply(ada.make(add("c")))

    def test_what_was_stored_is_read_whatever_the_limit_and_stays(self) -> None:
        document = new(Limits(files_per_room=9))
        ada = client_of(document)
        updates = [document.state(), *(ada.make(self.file(number)) for number in range(8))]
        again = Document(Limits(files_per_room=2))
        for update in updates:
            again.apply(update)
        again.set_limits(Limits(files_per_room=2))
        again.apply(client_of(again, 3).insert(0, "x"))
        with pytest.raises(TooLarge):
            again.apply(client_of(again, 3).make(self.file(9)))


class TestLooking:
    def test_an_empty_update_or_one_that_is_known_would_change_nothing(self) -> None:
        document = new()
        ada = client_of(document)
        for update in (ada.insert(0, "hello"), ada.delete(1, 3)):
            assert document.would_change(update)
            document.apply(update)
            assert not document.would_change(update)
        assert not document.would_change(EMPTY_UPDATE)
        assert not document.would_change(ada.doc.get_update())
        assert not document.would_change(ada.lacks(document.state_vector()))

    def test_a_deletion_alone_would_change_something(self) -> None:
        document = new(text="hello")
        ada = client_of(document)
        ada.delete(0, 1)
        assert document.would_change(ada.lacks(document.state_vector()))

    def test_looking_changes_nothing(self) -> None:
        document = new()
        ada = client_of(document)
        before = document.state()
        document.would_change(ada.insert(0, "hello"))
        assert document.state() == before


class TestLimits:
    def test_a_text_may_be_full_to_the_byte_and_not_over(self) -> None:
        document = new(Limits(text_bytes=100))
        ada = client_of(document)
        document.apply(ada.insert(0, "ü" * 50))
        with pytest.raises(TooLarge, match="100 bytes"):
            document.apply(ada.insert(0, "x"))
        assert len(document.text().encode()) == 100

    def test_one_paste_into_an_empty_text_is_measured_too(self) -> None:
        document = new(Limits(text_bytes=100))
        before = document.state()
        with pytest.raises(TooLarge):
            document.apply(client_of(document).insert(0, "x" * 101))
        assert document.state() == before

    def test_a_full_text_can_be_shortened_and_replaced(self) -> None:
        document = new(Limits(text_bytes=100))
        ada = client_of(document)
        document.apply(ada.insert(0, "x" * 100))
        document.apply(ada.delete(0, 10))
        document.apply(ada.insert(0, "y" * 10))

        def replace(self: Client) -> None:
            del self.text[0:100]
            self.text.insert(0, "z" * 100)

        document.apply(ada.make(replace))
        assert document.text() == "z" * 100

    def test_a_step_2_with_nothing_new_is_taken_into_a_full_text(self) -> None:
        document = new(Limits(text_bytes=100))
        ada = client_of(document)
        for _ in range(60):
            document.apply(ada.insert(0, "ab"))
            document.apply(ada.insert(1, "-"))
            document.apply(ada.delete(0, 3))
        document.apply(ada.insert(0, "x" * 95))
        whole = ada.doc.get_update()
        assert len(whole) > 100
        assert document.apply(whole, whole=True).changed in (b"", EMPTY_UPDATE)

    def test_the_document_is_bounded_whatever_its_types_are_called(self) -> None:
        document = new(Limits(document_bytes=5000))
        ada = client_of(document)

        def change(self: Client) -> None:
            self.doc.get("elsewhere", type=Text).insert(0, "x" * 600)

        with pytest.raises(TooLarge, match="5,000 bytes"):
            for _ in range(10):
                document.apply(ada.make(change))
        assert len(document.state()) <= 5000

    def test_a_full_document_can_still_be_shortened(self) -> None:
        document = new(text="x" * 300)
        ada = client_of(document)
        document.set_limits(Limits(document_bytes=len(document.state())))
        document.apply(ada.delete(150, 151))
        assert len(document.text()) == 299
        with pytest.raises(TooLarge):
            document.apply(ada.insert(0, "y" * 40))

    def test_what_is_there_already_stays_when_limits_fall(self) -> None:
        document = new(text="x" * 200)
        document.set_limits(Limits(text_bytes=100))
        ada = client_of(document)
        document.apply(ada.delete(0, 50))
        with pytest.raises(TooLarge):
            document.apply(ada.insert(0, "y" * 60))
        assert len(document.text()) == 150

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 120)), max_size=25))
    def test_no_edit_leads_past_the_limit_and_none_within_it_is_refused(self, steps: list[tuple[int, int]]) -> None:
        document = new(Limits(text_bytes=100))
        ada = client_of(document)
        for cut, add in steps:
            end = min(cut, len(str(ada.text)))
            if end:
                document.apply(ada.delete(0, end))
            fits = len(document.text()) + add <= 100
            try:
                if add:
                    document.apply(ada.insert(0, "x" * add))
            except TooLarge:
                assert not fits
                ada = client_of(document, ada.doc.client_id + 1)
            else:
                assert fits
            assert len(document.text()) <= 100


def inside(client: int, clock: int) -> bytes:
    """A letter under the key k of what is at that clock."""
    return b"\x24\x00" + bytes((client, clock)) + b"\x01k\x01x"


def interleaved(chance: random.Random, clients: Sequence[Client], steps: int) -> list[bytes]:
    """Two people write, delete, choose languages, and hear of each other now and then; all that they sent."""
    updates: list[bytes] = []
    for _ in range(steps):
        who, other = chance.sample(clients, 2)
        length = len(str(who.text))
        match chance.choices(("insert", "delete", "choose", "hear"), (5, 3, 1, 3))[0]:
            case "insert":
                updates.append(who.insert(chance.randrange(length + 1), chance.choice(("x", "yy", "zzz"))))
            case "delete" if length:
                start = chance.randrange(length)
                updates.append(who.delete(start, min(length, start + chance.randrange(1, 4))))
            case "choose":
                updates.append(who.choose(chance.choice("abc")))
            case _:
                who.hear(other.lacks(who.doc.get_state()))
    return updates


def merged(clients: Sequence[Client]) -> Client:
    """What everybody wrote, put together in an order that leaves nothing waiting."""
    truth = Client(99, clients[0].doc.get_update())
    for client in clients[1:]:
        truth.hear(client.lacks(truth.doc.get_state()))
    return truth
