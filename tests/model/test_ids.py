"""Ids: unguessable, readable aloud, and understood as people type them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.model.ids import CROCKFORD, is_adhoc_name, is_room_id, new_key, new_member_id, new_room_id, normalize_room_id

ALPHABET = "[0-9abcdefghjkmnpqrstvwxyz]"


def test_letters_that_look_alike_are_not_used() -> None:
    assert len(CROCKFORD) == 32
    assert not set("ilou") & set(CROCKFORD)


@pytest.mark.parametrize(
    ("make", "shape"),
    [(new_room_id, f"{ALPHABET}{{4}}-{ALPHABET}{{4}}-{ALPHABET}{{4}}"), (new_member_id, f"{ALPHABET}{{16}}"), (new_key, f"{ALPHABET}{{26}}")],
)
def test_new_ids_have_their_shape_and_do_not_repeat(make, shape: str) -> None:
    made = {make() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(shape, one) for one in made)


@pytest.mark.parametrize(
    "typed",
    ["k7f3-9q2m-x4tz", "K7F3-9Q2M-X4TZ", "k7f39q2mx4tz", " k7f3 9q2m x4tz\n", "k7f3--9q2m-x4tz", "K7F39Q2M x4tz"],
)
def test_a_code_is_understood_as_people_type_it(typed: str) -> None:
    assert normalize_room_id(typed) == "k7f3-9q2m-x4tz"


def test_letters_that_look_alike_are_understood() -> None:
    assert normalize_room_id("OoIi-lL00-aaaa") == "0011-1100-aaaa"


@pytest.mark.parametrize("typed", ["", "k7f3-9q2m-x4t", "k7f3-9q2m-x4tzz", "k7f3-9q2m-x4tu", "k7f3_9q2m_x4tz", "../etc", "k7f3-9q2m-x4tz/x", "ｋ7f3-9q2m-x4tz"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert normalize_room_id(typed) is None


@given(st.text(max_size=20))
def test_a_code_that_is_understood_is_canonical(typed: str) -> None:
    found = normalize_room_id(typed)
    assert found is None or (is_room_id(found) and normalize_room_id(found) == found)


@pytest.mark.parametrize("text", ["K7F3-9Q2M-X4TZ", "k7f39q2mx4tz", "k7f3-9q2m-x4tz\n", "k7f3-9q2m-x4tl", ""])
def test_only_the_canonical_form_is_an_id(text: str) -> None:
    assert is_room_id("k7f3-9q2m-x4tz")
    assert not is_room_id(text)


@pytest.mark.parametrize(
    ("name", "may"),
    [("a", True), ("Team_1-b", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False), ("a/b", False), ("ä", False), ("a\n", False)],
)
def test_names_of_rooms_that_are_opened_by_joining(name: str, may: bool) -> None:
    assert is_adhoc_name(name) is may
