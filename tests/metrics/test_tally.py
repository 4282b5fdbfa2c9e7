"""What is counted, by its labels."""

from fourhands.metrics.catalog import CLOSED, COMMIT, RUN
from fourhands.metrics.tally import Observed, Tally


def test_counts_are_kept_for_each_set_of_labels() -> None:
    tally = Tally()
    tally.add(CLOSED, 1, "client", "1001")
    tally.add(CLOSED, 2, "client", "1001")
    tally.add(CLOSED, 1, "server", "1012")
    assert tally.counted(CLOSED) == {("client", "1001"): 3, ("server", "1012"): 1}
    assert tally.counted(COMMIT) == {}


def test_what_was_observed_falls_into_the_bucket_of_the_first_bound_that_it_does_not_pass() -> None:
    seen = Observed((1.0, 2.0))
    for seconds in (0.5, 1.0, 1.5, 2.0, 9.0):
        seen.add(seconds)
    assert (seen.counts, seen.sum) == ([2, 2, 1], 14.0)


def test_a_histogram_is_kept_for_each_set_of_labels() -> None:
    tally = Tally()
    tally.observe(RUN, 0.01, "python", "server", "ok")
    tally.observe(RUN, 1000, "python", "server", "error")
    observed = tally.observed(RUN)
    assert observed["python", "server", "ok"].counts[0] == 1
    assert observed["python", "server", "error"].counts[-1] == 1
