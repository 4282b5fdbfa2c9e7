"""The targets beside what was measured."""

import pytest

from bench.scenarios import DEFAULT, SCENARIOS
from bench.servers import SERVERS
from bench.targets import Judgement, Target, judge, read_targets

HALF = Target("s1", "p50", "yws", at_most=0.5)
TWICE = Target("s6", "per_s", "yws", at_least=2)
SOON = Target("many", "p99", at_most=50)


def test_our_targets_are_of_scenarios_that_are_measured_and_figures_that_are_shown() -> None:
    targets = read_targets()
    assert {target.scenario for target in targets} == set(DEFAULT)
    for target in targets:
        assert target.figure in {figure.key for figure in SCENARIOS[target.scenario].figures}
        assert target.than is None or target.than in SERVERS


@pytest.mark.parametrize(("target", "met", "missed"), [(HALF, 0.5, 0.51), (TWICE, 2, 1.99), (SOON, 50, 50.1)])
def test_the_bound_itself_is_met(target: Target, met: float, missed: float) -> None:
    assert Judgement(target, met, lost=0).verdict == "met"
    assert Judgement(target, missed, lost=0).verdict == "**not met**"


def test_who_loses_something_meets_nothing() -> None:
    assert Judgement(HALF, 0.1, lost=2).verdict == "not met: 2 lost"


def test_a_ratio_or_the_figure_itself_is_judged() -> None:
    results = {
        "s1": {"fourhands": [{"p50": 1}, {"p50": 3}], "yws": [{"p50": 4}, {"p50": 4}]},
        "many": {"fourhands": [{"p99": 7, "dead": 1}], "yws": [{"p99": 1}]},
    }
    assert list(judge([HALF, TWICE, SOON], results)) == [Judgement(HALF, 0.5, 0), Judgement(SOON, 7, 1)]


def test_without_the_other_server_there_is_no_verdict() -> None:
    (judgement,) = judge([HALF], {"s1": {"fourhands": [{"p50": 1}]}})
    assert judgement.measured is None
    assert judgement.verdict == "not measured"


def test_a_run_without_us_is_not_judged() -> None:
    assert list(judge([HALF], {"s1": {"yws": [{"p50": 1}]}})) == []


def test_a_target_has_one_bound() -> None:
    with pytest.raises(ValueError, match="one bound"):
        read_targets('targets = [{ scenario = "s1", figure = "p50" }]')
    with pytest.raises(ValueError, match="one bound"):
        read_targets('targets = [{ scenario = "s1", figure = "p50", at_most = 1, at_least = 1 }]')
