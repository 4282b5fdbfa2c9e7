"""Measures Yjs WebSocket servers side by side on loopback: ours and its peers, in one run; then how ours grows, and how it
opens rooms. `make bench` starts it.

Each round goes through all scenarios and starts a fresh process of every server in turn, so that all meet the same machine. A run
during which others used the machine is repeated. What was measured goes to bench/results/ as JSON after each round, and into the page:
whoever ends it early has the rounds that were done.
"""

import argparse
import datetime
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import cluster, cluster_growth, cluster_table, growth, machine, opening, programs, scenarios, servers, table
from bench.runs import Run, is_disturbed, least_disturbed, lost
from bench.servers import measure, takes_part
from bench.targets import judge, read_targets
from bench.workshop import HERE, CannotMeasure, Workshop, default_home, generated_trace, prepare, require_two_processors
from hatch_build import BuildFailed

RESULTS = HERE / "results"


@dataclass(frozen=True)
class Options:
    """What somebody asked for on the command line."""

    scenarios: list[str]
    servers: list[str]
    rounds: int
    repeat: int
    minutes: float | None
    persist: bool
    data: Path | None
    markdown: Path | None
    growth: bool
    opening: bool
    programs: bool
    cluster: list[str]
    onto: Path | None

    @property
    def everything(self) -> bool:
        return not self.scenarios and not self.growth and not self.opening and not self.programs and not self.cluster


def read_options(words: list[str]) -> Options:
    listed = "\n".join(f"  {name:10}{scenario.title}" for name, scenario in scenarios.SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare",
        description="Compare our server with its peers.",
        epilog=f"Without a scenario or a part, all scenarios with a target and all parts are measured.\n\nscenarios:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    server_names = ",".join(servers.DEFAULT)
    add("scenarios", nargs="?", type=_names(scenarios.SCENARIOS), default=[], help="names with commas, or `all`")
    add("--growth", action="store_true", help="how cost grows with rooms, people, text and history; about six minutes")
    add("--opening", action="store_true", help="opening rooms, seeking in them, and their bytes on disk; about three minutes")
    add("--programs", action="store_true", help="running programs, beside bare processes; about two minutes")
    cluster_names = ",".join(cluster.PARTS)
    add("--cluster", nargs="?", const="all", type=_names(cluster.PARTS), default=[], help=f"several instances: {cluster_names} or all; five minutes a round")
    add("--onto", type=Path, help="go on with the rounds of --cluster that this file of results has")
    add("--servers", type=_names(servers.SERVERS), default=server_names, help=f"of {','.join(servers.SERVERS)} (default: {server_names})")
    add("--rounds", type=int, default=5, help="runs of each; the table has their medians (default: 5)")
    add("--repeat", type=int, default=2, help="how often a disturbed run is repeated (default: 2)")
    add("--minutes", type=float, help="begin no round of scenarios that would not be over by then, as long as rounds took so far; one is always made")
    add("--persist", action="store_true", help="the peers keep documents on disk too, as ours always does")
    add("--data", type=Path, default=os.environ.get("BENCH_DATA"), help="folder with a recorded trace (also BENCH_DATA; default: our own, made from a seed)")
    add("--markdown", type=Path, help="put the tables between the markers of this page, and the plots beside it")
    return Options(**vars(parser.parse_args(words)))


def _names(known: Mapping[str, object]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        names = list(known) if text == "all" else text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(known)}")
        return names

    return read


Results = dict[str, dict[str, list[Run]]]
"""By scenario and server."""


def measure_rounds(options: Options, names: Sequence[str], workshop: Workshop, trace: Path) -> Iterator[Results]:
    """Every scenario against every server, round by round; after each all that was measured so far. It is printed as it comes."""
    results: Results = {name: {server: [] for server in options.servers} for name in names}
    began = time.monotonic()
    for number in range(1, options.rounds + 1):
        print(f"\nround {number} of {options.rounds}", flush=True)
        for name in names:
            scenario = scenarios.SCENARIOS[name]
            print(f"\n{name}: {scenario.title}", flush=True)
            for server in options.servers:
                if takes_part(server, scenario):
                    run = _undisturbed(options, workshop, server, scenario, trace)
                    results[name][server].append(run)
                    print(f"  {server:10}{_line(run, scenario)}", flush=True)
        yield results
        if options.minutes is not None and not has_time_for_another(number, time.monotonic() - began, options.minutes * 60):
            return


def has_time_for_another(rounds: int, passed_seconds: float, limit_seconds: float) -> bool:
    """Whether one more round would be over in time, if it takes as long as so many took on average."""
    return passed_seconds * (rounds + 1) / rounds <= limit_seconds


def _undisturbed(options: Options, workshop: Workshop, server: str, scenario: scenarios.Scenario, trace: Path) -> Run:
    attempts: list[Run] = []
    for _ in range(1 + options.repeat):
        attempts.append(measure(workshop, server, scenario, trace, persist=options.persist))
        if not is_disturbed(attempts[-1]):
            return attempts[-1]
    return least_disturbed(attempts)


def _line(run: Run, scenario: scenarios.Scenario) -> str:
    if "error" in run:
        return f"failed: {run['error']}"
    figures = "; ".join(f"{figure.label} {run[figure.key]:,.{figure.digits}f}" for figure in scenario.figures)
    others = f"; lost {lost([run])}" if lost([run]) else ""
    others += f"; {run['log_errors']} errors in its log" if run.get("log_errors") else ""
    return figures + others + (f"; disturbed: others used {run['foreign']:.2f} processors" if is_disturbed(run) else "")


def main(words: list[str]) -> int:
    options = read_options(words)
    home = default_home()
    try:
        require_two_processors()
        allow_many_connections()
        workshop = prepare(home, peers=any(servers.SERVERS[name].package for name in options.servers))
    except (CannotMeasure, BuildFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    trace = options.data or generated_trace(home)
    described = machine.describe(workshop, options.servers)
    book = Book(datetime.datetime.now(datetime.UTC), described, trace)
    failed = False
    names = scenarios.DEFAULT if options.everything else options.scenarios
    if names:
        shown = ""
        for results in measure_rounds(options, names, workshop, trace):
            failed = any("error" in run for runs in results.values() for rounds in runs.values() for run in rounds)
            book.keep({"loads": {name: scenarios.SCENARIOS[name].load for name in results}, "runs": results})
            shown = table.markdown(results, list(judge(read_targets(), results)), described, _note(options, results))
            _put_into_page(options, "measured", shown)
        print(f"\n{shown}", flush=True)
    if options.opening or options.everything:
        opened = opening.measure(workshop, trace)
        book.keep({"opening": opened})
        _tell(options, "opening", opening.markdown(opened))
    if options.programs or options.everything:
        ran = programs.measure(workshop, trace)
        book.keep({"programs": ran})
        _tell(options, "programs", programs.markdown(ran))
    if options.cluster or options.everything:
        _measure_cluster(options, book, workshop, trace)
    if options.growth or options.everything:
        grown = growth.measure(workshop, trace, options.repeat)
        book.keep({"growth": grown})
        _tell(options, "growth", growth.markdown(grown))
        if options.markdown:
            growth.draw(grown, options.markdown.parent / "plots")
    print(f"\nEvery run: {book.path}")
    return 1 if failed else 0


def _measure_cluster(options: Options, book: "Book", workshop: Workshop, trace: Path) -> None:
    """Round by round; the page has what was measured so far."""
    found: cluster.Found = json.loads(options.onto.read_text())["cluster"] if options.onto else {}
    try:
        for number in range(1, options.rounds + 1):
            print(f"\nseveral instances, round {number} of {options.rounds}", flush=True)
            for part in options.cluster or cluster.PARTS:
                cluster.measure_round(workshop, trace, part, options.repeat, found)
                book.keep({"cluster": found})
                _put_into_page(options, "cluster", cluster_table.markdown(found))
        print(f"\n{cluster_table.markdown(found)}", flush=True)
        given = cluster_growth.parameters(found)
        _tell(options, "instances", cluster_growth.markdown(given))
        if options.markdown:
            cluster_growth.draw(given, options.markdown.parent / "plots")
            table.replace_between_markers(options.markdown.parent / "operations.md", "sizing", cluster_growth.sizing(given))
    except (cluster.CannotCompare, cluster_growth.CannotSay) as error:
        print(f"\nNot measured: {error}", flush=True)


def _tell(options: Options, part: str, text: str) -> None:
    print(f"\n{text}", flush=True)
    _put_into_page(options, part, text)


def _put_into_page(options: Options, part: str, text: str) -> None:
    if options.markdown:
        table.replace_between_markers(options.markdown, part, text)


NEEDED_FILES = 10_500


def allow_many_connections() -> None:
    """Let the servers, which inherit it, open as many sockets as this machine allows at all. Raises `CannotMeasure` for too few."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < NEEDED_FILES:
        raise CannotMeasure(f"10,000 connections need {NEEDED_FILES:,} open files, and {most:,} are allowed here: raise the hard limit (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _note(options: Options, results: Results) -> str:
    disturbed = table.disturbed(results)
    made = max(len(runs) for by_server in results.values() for runs in by_server.values())
    rounds = "One round" if made == 1 else f"Medians of {made} rounds"
    measured = f"{rounds}; in brackets the ratio to {servers.SERVERS[servers.BASE].title}."
    kept = "The peers kept documents on disk too." if options.persist else "Ours kept its journal; the peers kept nothing."
    return f"{measured} {kept}" + (f" {disturbed} runs were disturbed by other processes." if disturbed else "")


class Book:
    """Where everything that was measured is written down, part by part, so that nothing is lost when a later part fails."""

    def __init__(self, time: datetime.datetime, described: dict[str, str], trace: Path) -> None:
        digest = hashlib.sha256((trace / "frames.bin").read_bytes()).hexdigest()
        self.path = RESULTS / f"{time:%Y%m%dT%H%M%SZ}.json"
        self._kept: dict[str, object] = {"measured_at": time.isoformat(timespec="seconds"), "machine": described, "trace_sha256": digest}

    def keep(self, part: dict[str, object]) -> None:
        RESULTS.mkdir(exist_ok=True)
        self._kept |= part
        self.path.write_text(json.dumps(self._kept, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
