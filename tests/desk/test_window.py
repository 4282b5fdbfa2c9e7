"""Percentiles of what was measured last."""

from fourhands.desk.window import FRESH_SECONDS, KEPT, Percentiles, Window


def test_nothing_was_measured() -> None:
    assert Window().percentiles(0) == Percentiles(None, None)


def test_the_nearest_rank() -> None:
    window = Window()
    for number in reversed(range(1, 101)):
        window.add(0, number / 1000)
    assert window.percentiles(0) == Percentiles(50, 99)
    window.add(0, 1)
    assert window.percentiles(0) == Percentiles(51, 100)


def test_what_is_older_than_a_minute_counts_no_more() -> None:
    window = Window()
    window.add(0, 9)
    window.add(30, 0.002)
    assert window.percentiles(FRESH_SECONDS + 1) == Percentiles(2, 2)
    assert window.percentiles(FRESH_SECONDS + 31) == Percentiles(None, None)


def test_only_the_newest_are_kept() -> None:
    window = Window()
    for _ in range(KEPT):
        window.add(0, 9)
    for _ in range(KEPT):
        window.add(0, 0.001)
    assert window.percentiles(0) == Percentiles(1, 1)
