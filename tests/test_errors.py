"""The error family; that every edge knows each of them is checked by tests/architecture/test_errors.py."""

import re

import pytest

from fourhands.errors import FourhandsError, LimitExceeded, Unavailable


@pytest.mark.parametrize("kind", FourhandsError.__subclasses__())
def test_a_code_is_a_stable_word(kind: type[FourhandsError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)


def test_some_say_more_than_a_sentence() -> None:
    assert (str(LimitExceeded("Slowly.", 2.5)), LimitExceeded("Slowly.", 2.5).retry_after_seconds) == ("Slowly.", 2.5)
    assert (str(Unavailable("Away.", "database")), Unavailable("Away.", "database").dependency) == ("Away.", "database")
