"""So many programs in any minute, by the clock that is handed in; who runs nothing is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourhands.errors import LimitExceeded
from fourhands.execution.admission import SlidingWindow


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def now_ms(self) -> int:
        return int(self.now * 1000)

    def monotonic(self) -> float:
        return self.now


def test_the_eleventh_in_a_minute_waits_until_the_first_is_a_minute_old() -> None:
    clock = Clock()
    window = SlidingWindow(clock)
    for _ in range(10):
        window.require("ada", 10)
        window.take("ada")
        clock.now += 2
    with pytest.raises(LimitExceeded, match=r"10 programs a minute.*Wait 40 seconds") as refused:
        window.require("ada", 10)
    assert refused.value.retry_after_seconds == 40
    window.require("bob", 10)
    clock.now += 40
    window.require("ada", 10)


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from("ab")), max_size=80), st.integers(1, 5))
def test_never_more_than_so_many_in_any_window_and_never_refused_without_cause(steps: list[tuple[float, str]], most: int) -> None:
    clock = Clock()
    window = SlidingWindow(clock, window_seconds=60)
    taken: list[tuple[float, str]] = []
    for pause, who in steps:
        clock.now += pause
        within = [at for at, other in taken if other == who and at > clock.now - 60]
        try:
            window.require(who, most)
        except LimitExceeded as refused:
            wait = refused.retry_after_seconds
            assert len(within) >= most
            assert wait == pytest.approx(within[-most] + 60 - clock.now)
        else:
            assert len(within) < most
            window.take(who)
            taken.append((clock.now, who))


def test_who_runs_nothing_is_forgotten() -> None:
    clock = Clock()
    window = SlidingWindow(clock)
    for number in range(100):
        window.take(f"person {number}")
        clock.now += 1
    window.require("somebody", 1)
    assert len(window) == 59
