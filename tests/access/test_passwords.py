"""Passwords: their hashes, and which are taken."""

import pytest

from fourhands.access.passwords import PASSWORD_CHARACTERS_MOST, Cost, Passwords, require_good
from fourhands.errors import InvalidRequest

QUICK = Passwords(Cost(memory_bytes=8192, passes=1))


def test_a_hash_is_argon2id_with_its_cost_and_a_salt_of_its_own() -> None:
    one, other = QUICK.hash("correct horse"), QUICK.hash("correct horse")
    assert one.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert one != other
    assert [QUICK.matches(one, text) for text in ("correct horse", "correct horsf", "", "Correct horse")] == [True, False, False, False]


def test_the_default_cost_is_what_is_documented() -> None:
    assert Passwords(Cost()).hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    assert QUICK.matches(QUICK.hash("Zo\u00eb's password"), "Zoe\u0308's password")
    assert QUICK.matches(QUICK.hash("\ud800 lone half"), "\ud800 lone half")


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$", "plain text"])
def test_what_is_no_hash_matches_nothing(hashed: str) -> None:
    assert not QUICK.matches(hashed, "plain text")


def test_a_hash_of_another_cost_still_matches_and_is_renewed() -> None:
    hashed = QUICK.hash("correct horse")
    dearer = Passwords(Cost(memory_bytes=16384, passes=1))
    assert dearer.matches(hashed, "correct horse")
    assert (QUICK.is_outdated(hashed), dearer.is_outdated(hashed)) == (False, True)


def test_length_is_what_counts() -> None:
    require_good("0123456789", 10)
    require_good("pass phrases are fine, even long ones", 10, not_in=("ada",))
    require_good("0123" * (PASSWORD_CHARACTERS_MOST // 4), 10)
    for bad in ("012345678", "aaaaaaaaaaaa", "0123" * (PASSWORD_CHARACTERS_MOST // 4) + "x", "Ada.Lovelace@example.org"):
        with pytest.raises(InvalidRequest):
            require_good(bad, 10, not_in=("ada.lovelace@example.org",))
