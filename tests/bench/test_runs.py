"""Statistics over runs."""

import json

import pytest

from bench import runs
from bench.runs import Run


def p50(*values: float) -> list[Run]:
    return [{"p50": value} for value in values]


def test_a_run_in_several_windows_has_their_medians() -> None:
    windows = [{"p99": 3, "foreign": 0.1}, {"p99": 100, "foreign": 0.2}, {"p99": 5, "foreign": 0.9}]
    run = runs.read_run(json.dumps({"windows": windows, "missing": 1}))
    assert run == {"windows": windows, "p99": 5, "foreign": 0.2, "missing": 1}


def test_a_run_without_windows_is_as_it_was_printed() -> None:
    assert runs.read_run('{"per_s": 5}') == {"per_s": 5}
    with pytest.raises(ValueError, match="Expecting value"):
        runs.read_run("upgrade refused")


def test_a_run_beside_others_is_disturbed() -> None:
    assert not runs.is_disturbed({"foreign": 0.3})
    assert runs.is_disturbed({"foreign": 0.31})
    assert not runs.is_disturbed({"kb_per_conn": 1})


def test_of_several_attempts_the_quietest_that_worked_is_kept() -> None:
    assert runs.least_disturbed([{"error": "timeout"}, {"foreign": 0.9}, {"foreign": 0.4}, {"foreign": 0.5}]) == {"foreign": 0.4}
    assert runs.least_disturbed([{"error": "timeout"}]) == {"error": "timeout"}


def test_the_median_leaves_failed_rounds_out() -> None:
    assert runs.median([*p50(3, 1, 2), {"error": "timeout"}], "p50") == 2
    assert runs.median([{"error": "timeout"}], "p50") is None


def test_a_ratio_is_taken_within_each_round() -> None:
    assert runs.ratio(p50(1, 10, 100), p50(2, 40, 100), "p50") == 0.5


def test_a_round_without_both_has_no_ratio() -> None:
    assert runs.ratio([{"error": "timeout"}, *p50(4)], p50(1, 2), "p50") == 2
    assert runs.ratio(p50(1), p50(0), "p50") is None
    assert runs.ratio(p50(1), [{"error": "timeout"}], "p50") is None
    assert runs.ratio(p50(1), [], "p50") is None


def test_what_never_came_and_what_broke_is_lost() -> None:
    assert runs.lost([{"missing": 2, "dead": 1}, {"dead": 3}, {"error": "timeout"}]) == 6


def test_errors_in_logs_add_up() -> None:
    assert runs.complaints([{"log_errors": 2}, {}, {"log_errors": 1}]) == 3
