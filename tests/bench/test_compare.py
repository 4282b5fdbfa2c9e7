"""Rounds of scenarios: each is shown when it is done, and none begins that would not end in time."""

from pathlib import Path

import pytest

from bench import compare
from bench.runs import Run
from bench.workshop import Workshop

NAMES = ["s1", "s5"]


def rounds(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[list[compare.Results], list[tuple[str, str]]]:
    """What was shown after each round, and what was measured, in its order."""
    made: list[tuple[str, str]] = []

    def measure(workshop: Workshop, server: str, scenario: object, trace: Path, *, persist: bool) -> Run:
        made.append((server, next(name for name, one in compare.scenarios.SCENARIOS.items() if one is scenario)))
        return {"p50": float(len(made)), "p99": 1.0, "join_ms_p50": 1.0, "grown_mb": 1.0}

    monkeypatch.setattr(compare, "measure", measure)
    options = compare.read_options(["s1,s5", "--servers", "fourhands,crelay", *words])
    shown = [
        {name: {server: list(runs) for server, runs in by_server.items()} for name, by_server in results.items()}
        for results in compare.measure_rounds(options, NAMES, Workshop(Path(), None), Path())
    ]
    return shown, made


def test_a_round_goes_through_all_scenarios_and_is_shown_when_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, made = rounds(monkeypatch, "--rounds", "3")
    assert made == [("fourhands", "s1"), ("crelay", "s1"), ("fourhands", "s5")] * 3, "the relay has no documents"
    assert [len(results["s1"]["fourhands"]) for results in shown] == [1, 2, 3]
    assert shown[-1]["s5"]["crelay"] == []


def test_no_round_begins_that_would_not_end_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, _ = rounds(monkeypatch, "--minutes", "0")
    assert len(shown) == 1, "one is always made"
    assert len(rounds(monkeypatch, "--minutes", "60")[0]) == 5
    assert compare.has_time_for_another(4, 400, 500)
    assert not compare.has_time_for_another(4, 401, 500)
