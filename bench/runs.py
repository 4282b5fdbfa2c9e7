"""What one run of the load generator printed, and the statistics over several."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

Run = dict[str, Any]
"""What the load generator printed, or `{"error": why}`."""

DISTURBED_CPU = 0.3
"""Processors that others used during a run; from here on it is called disturbed."""


def read_run(printed: str) -> Run:
    """A run from the load generator's JSON. Measured in several windows, its figures are the medians of them. Raises `ValueError`."""
    run: Run = json.loads(printed)
    windows: Sequence[Run] = run.get("windows", [])
    return {key: statistics.median(window[key] for window in windows) for key in windows[0]} | run if windows else run


def is_disturbed(run: Run) -> bool:
    """Whether other processes used so much of the machine that the run says little."""
    return run.get("foreign", 0) > DISTURBED_CPU


def least_disturbed(runs: Sequence[Run]) -> Run:
    """Of several attempts at one run, the one to keep: one that did not fail, with the least use of the machine by others."""
    return min(runs, key=lambda run: ("error" in run, run.get("foreign", 0)))


def median(runs: Sequence[Run], key: str) -> float | None:
    """Over the rounds that have this figure; None without any."""
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else None


def ratio(runs: Sequence[Run], base: Sequence[Run], key: str) -> float | None:
    """The median of the rounds' ratios to the base; None where no round has both, or the base is 0."""
    ratios = [run[key] / other[key] for run, other in zip(runs, base, strict=False) if key in run and other.get(key)]
    return statistics.median(ratios) if ratios else None


def lost(runs: Sequence[Run]) -> int:
    """Deliveries and updates that never came, and connections that broke, in all rounds."""
    return sum(run.get("missing", 0) + run.get("dead", 0) for run in runs)


def complaints(runs: Sequence[Run]) -> int:
    """Errors that the server wrote into its log, in all rounds."""
    return sum(run.get("log_errors", 0) for run in runs)
