"""From runs to a table: medians over the rounds, and the median of each round's ratio to the base server.

Ratios are taken within a round, whose servers met the same state of the machine.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.scenarios import SCENARIOS, Figure
from bench.servers import BASE, SERVERS, Run

Runs = Mapping[str, Mapping[str, Sequence[Run]]]
"""Scenario -> server -> one run a round."""

DISTURBED_CPU = 0.3
"""Processors that others used during a run; from here on it is called disturbed."""

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def is_disturbed(run: Run) -> bool:
    """Whether other processes used so much of the machine that the run says little."""
    return run.get("foreign", 0) > DISTURBED_CPU


def median(runs: Sequence[Run], key: str) -> float | None:
    """Over the rounds that have this figure; None without any."""
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else None


def ratio(runs: Sequence[Run], base: Sequence[Run], key: str) -> float | None:
    """The median of the rounds' ratios to the base; None where no round has both, or the base is 0."""
    ratios = [run[key] / other[key] for run, other in zip(runs, base, strict=True) if key in run and other.get(key)]
    return statistics.median(ratios) if ratios else None


def lost(runs: Sequence[Run]) -> int:
    """Deliveries that never came, and connections that broke, in all rounds."""
    return sum(run.get("missing", 0) + run.get("dead", 0) for run in runs)


def cell(runs: Mapping[str, Sequence[Run]], server: str, figure: Figure) -> str:
    """`0.33 (0.50x)`: the median, and the ratio to the base. What went wrong stands beside it."""
    value = median(runs[server], figure.key)
    if value is None:
        return "failed"
    text = f"{value:,.{figure.digits}f}"
    compared = ratio(runs[server], runs[BASE], figure.key) if BASE in runs and server != BASE else None
    if compared is not None:
        text += f" ({compared:.2f}x)"
    failures = sum("error" in run for run in runs[server])
    if failures:
        text += f", {failures} of {len(runs[server])} failed"
    if lost(runs[server]):
        text += f", {lost(runs[server])} lost"
    return text


def markdown(results: Runs, machine: Mapping[str, str], note: str) -> str:
    """The table, the machine, and `note` (how it was measured), as they stand in docs/performance.md."""
    servers = list(next(iter(results.values())))
    rows = [["", *(SERVERS[name].title for name in servers)], ["---"] * (len(servers) + 1)]
    for name, runs in results.items():
        scenario = SCENARIOS[name]
        rows += [[f"{scenario.title}: {figure.label}", *(cell(runs, server, figure) for server in servers)] for figure in scenario.figures]
    lines = ["| " + " | ".join(row).lstrip() + " |" for row in rows]
    told = [f"- {what}: {value}" for what, value in machine.items()]
    return "\n".join([*lines, "", note, "", *told])


def disturbed(results: Runs) -> int:
    """How many runs were disturbed."""
    return sum(is_disturbed(run) for runs in results.values() for rounds in runs.values() for run in rounds)


def replace_between_markers(page: Path, text: str) -> None:
    """Put a text between the page's two markers. Raises `ValueError` if they are not there."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
