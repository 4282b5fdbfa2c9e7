"""What was measured of several instances, as it stands in docs/performance.md: latency, cost, capacity, many people, hocuspocus beside them."""

from collections.abc import Mapping, Sequence

from bench.cluster import LAYOUTS, PARTS, SETUPS
from bench.runs import Run, complaints, is_disturbed, lost, median
from bench.table import grid

Rounds = Mapping[str, Mapping[str, Sequence[Run]]]
"""Part -> `SETUP/LAYOUT` -> a run of each round."""

MOST_ADDED_MS = {"p50": 1.0, "p99": 5.0}
MOST_TIMES = 1.6
UNIT = "alone/spread"
"""The case that ratios are to: one instance on PostgreSQL, without Redis."""


def title_of(case: str) -> str:
    """A case as people read it."""
    setup, layout = case.split("/")
    title = SETUPS[setup].title
    return title if SETUPS[setup].instances == 1 else f"{title}, {LAYOUTS[layout]}"


def figure(runs: Sequence[Run], key: str, digits: int = 2) -> str:
    """The median, with what went wrong beside it where this is a row's first figure."""
    value = median(runs, key)
    return ("failed" if any("error" in run for run in runs) else "-") if value is None else f"{value:,.{digits}f}"


def _remarks(runs: Sequence[Run]) -> str:
    """What a reader has to know of these runs."""
    parts = [f"{lost(runs)} lost"] if lost(runs) else []
    parts += [f"{complaints(runs)} errors in logs"] if complaints(runs) else []
    failed, disturbed = sum("error" in run for run in runs), sum(map(is_disturbed, runs))
    parts += [f"{failed} of {len(runs)} failed"] if failed else []
    parts += [f"{disturbed} of {len(runs)} disturbed"] if disturbed else []
    return ", ".join(parts)


def markdown(found: Rounds) -> str:
    """All that was measured."""
    tables = {"latency": _latency, "cost": _cost, "capacity": _capacity, "many": _many}
    parts = [f"{PARTS[part].title}:\n\n{table(found[part])}" for part, table in tables.items() if part in found]
    rounds = max((len(runs) for cases in found.values() for runs in cases.values()), default=0)
    return "\n\n".join([*parts, "One round." if rounds == 1 else f"Medians of {rounds} rounds."])


def _latency(cases: Mapping[str, Sequence[Run]]) -> str:
    rows = [["", "half of all edits arrive within, ms", "99 % within, ms", ""]]
    rows += [[title_of(case), figure(runs, "p50"), figure(runs, "p99"), _remarks(runs)] for case, runs in cases.items()]
    for setup in ("two", "hp-two"):
        added = [_added(cases, setup, key) for key in MOST_ADDED_MS]
        if all(value is not None for value in added):
            told = [f"{value:+.2f}" for value in added if value is not None]
            rows.append([f"added by the way between {SETUPS[setup].title}", *told, _verdict(added) if setup == "two" else ""])
    return grid(rows)


def _added(cases: Mapping[str, Sequence[Run]], setup: str, key: str) -> float | None:
    """Between two instances, less what it takes within one of them."""
    apart, together = (median(cases.get(f"{setup}/{layout}", []), key) for layout in ("spread", "first"))
    return None if apart is None or together is None else apart - together


def _verdict(added: Sequence[float | None]) -> str:
    holds = all(value is not None and value <= most for value, most in zip(added, MOST_ADDED_MS.values(), strict=True))
    return f"at most {' and '.join(f'{most:g}' for most in MOST_ADDED_MS.values())}: {'met' if holds else '**not met**'}"


def _cost(cases: Mapping[str, Sequence[Run]]) -> str:
    unit = median(cases.get(UNIT, []), "cpu_per_100k")
    rows = [["processor seconds for 100,000 deliveries", "servers", "Redis", "PostgreSQL", "all", "half within, ms", "99 %", ""]]
    for case, runs in cases.items():
        parts = [median(runs, key) for key in ("cpu_per_100k", "redis_per_100k", "postgres_per_100k")]
        servers = parts[0]
        ratio = f" ({servers / unit:.2f}x)" if servers is not None and unit and case != UNIT and SETUPS[case.split("/")[0]].server == "fourhands" else ""
        rows.append(
            [
                title_of(case),
                f"{figure(runs, 'cpu_per_100k')}{ratio}",
                figure(runs, "redis_per_100k"),
                figure(runs, "postgres_per_100k"),
                f"{sum(part for part in parts if part is not None):.2f}",
                figure(runs, "p50"),
                figure(runs, "p99"),
                _remarks(runs),
            ]
        )
    over = median(cases.get("two/spread", []), "cpu_per_100k")
    if over is None or not unit:
        return grid(rows)
    verdict = "met" if over <= MOST_TIMES * unit else "**not met**"
    return (
        f"{grid(rows)}\n\nIn brackets the ratio to one instance on PostgreSQL. Our target for two instances is {MOST_TIMES:g}x: {over / unit:.2f}x, {verdict}."
    )


def _capacity(cases: Mapping[str, Sequence[Run]]) -> str:
    rows = [["all of it on one processor", "deliveries/s with 99 % below 50 ms", ""]]
    rows += [[title_of(case), figure(runs, "max_deliv_s", 0), _remarks(runs)] for case, runs in cases.items()]
    return grid(rows)


def _many(cases: Mapping[str, Sequence[Run]]) -> str:
    rows = [["", "99 % within, ms", "processors used by servers", "their resident memory, MB", "people who came", ""]]
    for case, runs in cases.items():
        rows.append(
            [title_of(case), figure(runs, "p99"), figure(runs, "cpu"), figure(runs, "rss_mb", 0), figure(runs, "joined", 0), _remarks(runs)],
        )
    return grid(rows)
