"""Messages as bytes: what goes in comes out, in order, once; what cannot be read says so and harms nobody."""

import random
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.bus.envelope import MOST_BYTES, PIECE_BYTES, BadParcel, Inbox, decode, parcels
from fourhands.bus.messages import Answer, Claims, Durable, Edit, Message, People, Said, Shows, Shut, Word
from fourhands.model.role import Role
from fourhands.model.room import Member

ADA, LIN = b"ada0000000000000", b"lin0000000000000"
numbers, texts, blobs = st.integers(0, 2**53), st.text(max_size=20), st.binary(max_size=60)
members = st.builds(Member, texts, texts, texts, texts, st.sampled_from(Role), numbers)
messages = st.one_of(
    st.builds(Edit, numbers, texts, numbers, blobs),
    st.builds(Durable, numbers),
    st.builds(Shows, blobs),
    st.builds(Claims, st.lists(numbers, max_size=3), texts, numbers),
    st.builds(People, numbers, st.none() | members, st.none() | texts),
    st.builds(Answer, texts, blobs, numbers, numbers, st.lists(members, max_size=3), blobs, blobs),
    st.builds(Said, blobs),
    st.builds(Shut, st.none() | texts),
    st.builds(Word, texts, blobs),
)


def taken(inbox: Inbox, made: Sequence[bytes]) -> list[Message]:
    return [message for parcel in made if (one := inbox.take(parcel)) for message in one[1]]


@given(st.lists(st.tuples(st.sampled_from([ADA, LIN]), st.lists(messages, min_size=1, max_size=4)), max_size=8), st.randoms(use_true_random=False))
def test_what_goes_in_comes_out_in_order_and_once_however_often_it_comes(said: list[tuple[bytes, list[Message]]], chance: random.Random) -> None:
    inbox, made, sent, counts = Inbox(), list[bytes](), dict[bytes, list[Message]](), dict[bytes, int]()
    for sender, several in said:
        counts[sender] = counts.get(sender, 0) + 1
        made += parcels(sender, counts[sender], several)
        sent.setdefault(sender, []).extend(several)
        if chance.random() < 0.3:
            made += made[-chance.randint(1, 3) :]  # sent again after a connection broke
    heard: dict[bytes, list[Message]] = {}
    for parcel in made:
        if one := inbox.take(parcel):
            heard.setdefault(one[0].encode(), []).extend(one[1])
    assert heard == sent
    assert not inbox.missed


@given(st.binary(max_size=80))
def test_bytes_that_are_no_parcel_are_refused_and_nothing_else_happens(data: bytes) -> None:
    inbox = Inbox()
    for parcel in (data, b"\x01" + data, b"\x01" + ADA + data, b"\x02" + ADA + data):
        try:
            inbox.take(parcel)
        except BadParcel:
            continue
    assert taken(inbox, parcels(LIN, 1, [Durable(7)])) == [Durable(7)]


def test_a_kind_that_is_not_known_is_passed_over() -> None:
    body = msgspec.msgpack.encode([["d", 1], ["from a newer version", 5], ["d", 2, "a newer field"]])
    assert decode(body) == [Durable(1), Durable(2)]


def test_another_version_is_refused() -> None:
    with pytest.raises(BadParcel, match="no version"):
        Inbox().take(b"\x09" + parcels(ADA, 1, [Durable(1)])[0][1:])


def test_a_number_that_was_skipped_is_noticed() -> None:
    inbox = Inbox()
    taken(inbox, parcels(ADA, 5, [Durable(1)]))
    assert not inbox.missed
    taken(inbox, parcels(ADA, 7, [Durable(2)]))
    assert inbox.missed


class TestPieces:
    LARGE = Word("large", bytes(3 * PIECE_BYTES))

    def test_they_are_put_together_though_others_speak_between(self) -> None:
        inbox, large = Inbox(), parcels(ADA, 1, [self.LARGE])
        assert len(large) == 4
        between = [parcel for number, piece in enumerate(large, 1) for parcel in (piece, *parcels(LIN, number, [Durable(number)]))]
        assert taken(inbox, between) == [Durable(1), Durable(2), Durable(3), self.LARGE, Durable(4)]

    def test_whoever_comes_in_the_middle_of_them_has_missed_them(self) -> None:
        inbox = Inbox()
        assert taken(inbox, parcels(ADA, 1, [self.LARGE])[1:]) == []
        assert inbox.missed
        assert taken(inbox, parcels(ADA, 5, [Durable(1)])) == [Durable(1)]

    def test_nobody_gathers_more_than_a_document_may_have(self) -> None:
        inbox = Inbox()
        of = MOST_BYTES // PIECE_BYTES + 2
        head = b"\x02" + ADA + (1).to_bytes(8, "big") + (0).to_bytes(4, "big") + of.to_bytes(4, "big")
        assert inbox.take(head + b"x") is None
        assert inbox.missed

    def test_one_who_is_gone_leaves_nothing(self) -> None:
        inbox, large = Inbox(), parcels(ADA, 1, [self.LARGE])
        taken(inbox, large[:2])
        inbox.forget(ADA.decode())
        assert taken(inbox, large) == [self.LARGE]
