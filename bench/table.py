"""From runs to tables: medians over the rounds, the median of each round's ratio to the base server, and our targets.

Ratios are taken within a round, whose servers met the same state of the machine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.runs import Run, complaints, is_disturbed, lost, median, ratio
from bench.scenarios import SCENARIOS, Figure
from bench.servers import BASE, SERVERS
from bench.targets import Judgement

Runs = Mapping[str, Mapping[str, Sequence[Run]]]
"""Scenario -> server -> one run a round; none where a server does not take part."""


def cell(runs: Mapping[str, Sequence[Run]], server: str, figure: Figure) -> str:
    """`0.33 (0.50x)`: the median, and the ratio to the base. What went wrong stands beside it."""
    if not runs[server]:
        return "-"
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
    if complaints(runs[server]):
        text += f", {complaints(runs[server])} errors in its log"
    return text


def markdown(results: Runs, judgements: Sequence[Judgement], machine: Mapping[str, str], note: str) -> str:
    """What was measured, our targets beside it, the machine, and `note` (how it was measured), as they stand in docs/performance.md."""
    servers = list(next(iter(results.values())))
    measured = [["", *(SERVERS[name].title for name in servers)]]
    for name, runs in results.items():
        scenario = SCENARIOS[name]
        measured += [[f"{scenario.title}: {figure.label}", *(cell(runs, server, figure) for server in servers)] for figure in scenario.figures]
    parts = [grid(measured), note]
    if judgements:
        parts += [grid([["our targets", "target", "measured", ""], *map(_target_row, judgements)])]
    parts += ["\n".join(f"- {what}: {value}" for what, value in machine.items())]
    return "\n\n".join(parts)


def _target_row(judgement: Judgement) -> list[str]:
    target = judgement.target
    scenario = SCENARIOS[target.scenario]
    label = next(figure.label for figure in scenario.figures if figure.key == target.figure)
    other = f"x {SERVERS[target.than].title}" if target.than else ""
    bound = "at most" if target.at_most is not None else "at least"
    measured = "-" if judgement.measured is None else f"{judgement.measured:.2f}{'x' if target.than else ''}"
    return [f"{scenario.title}: {label}", f"{bound} {target.bound:g}{other}", measured, judgement.verdict]


def grid(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join("|" + "".join(f" {cell} |" if cell else " |" for cell in row) for row in lines)


def disturbed(results: Runs) -> int:
    """How many runs were disturbed."""
    return sum(is_disturbed(run) for runs in results.values() for rounds in runs.values() for run in rounds)


def replace_between_markers(page: Path, part: str, text: str) -> None:
    """Put a text between the page's two markers of a part. Raises `ValueError` if they are not there."""
    begin_line, end_line = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, begin, rest = page.read_text().partition(begin_line)
    _, end, after = rest.partition(end_line)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {begin_line} and {end_line}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
