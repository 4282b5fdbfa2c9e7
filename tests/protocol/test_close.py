"""Close codes, and how each failure leaves as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import FourhandsError, LimitExceeded, Unavailable
from fourhands.protocol.close import CLOSE_CODES, REASON_BYTES, CloseCode, close_code, fit_reason, may_be_received


def make(kind: type[FourhandsError]) -> FourhandsError:
    if kind is LimitExceeded:
        return LimitExceeded("Slowly.", 3)
    return Unavailable("Away.", "database") if kind is Unavailable else kind("No.")


@pytest.mark.parametrize("kind", FourhandsError.__subclasses__())
def test_every_failure_has_its_code(kind: type[FourhandsError]) -> None:
    assert close_code(make(kind)) is CLOSE_CODES[kind]


def test_no_two_failures_share_a_code() -> None:
    assert len(set(CLOSE_CODES.values())) == len(CLOSE_CODES)


def test_those_who_may_come_back_are_outside_of_4400_to_4499() -> None:
    final = {code for code in CloseCode if 4400 <= code <= 4499}
    assert {code.name for code in final} == {"INVALID", "UNAUTHENTICATED", "FORBIDDEN", "NO_SUCH_ROOM", "CONFLICT", "ROOM_ENDED", "TOO_LARGE"}
    assert not final & {CloseCode.UNAVAILABLE, CloseCode.TOO_SLOW, CloseCode.TOO_FAST, CloseCode.RESTART}


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999])
def test_codes_that_may_be_received(code: int) -> None:
    assert may_be_received(code)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_codes_that_may_not(code: int) -> None:
    assert not may_be_received(code)


@given(st.text())
def test_a_reason_fits_and_stays_text(text: str) -> None:
    fitted = fit_reason(text)
    assert len(fitted) <= REASON_BYTES
    assert text.startswith(fitted.decode())
    assert len(fitted) > REASON_BYTES - 4 or fitted.decode() == text
