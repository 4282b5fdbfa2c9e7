"""Measures Yjs WebSocket servers side by side on loopback: ours and its peers, in one run. `make bench` starts it.

Each round starts a fresh process of every server in turn, so that all meet the same machine. A run during which others
used the machine is repeated. Everything that was measured goes to bench/results/ as JSON.
"""

import argparse
import datetime
import hashlib
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import machine, scenarios, servers, table
from bench.servers import Run, measure
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
    persist: bool
    data: Path | None
    markdown: Path | None


def read_options(words: list[str]) -> Options:
    listed = "\n".join(f"  {name:10}{scenario.title}" for name, scenario in scenarios.SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench.compare",
        description="Compare our server with its peers.",
        epilog=f"scenarios:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    scenario_names, server_names = ",".join(scenarios.DEFAULT), ",".join(servers.DEFAULT)
    add("scenarios", nargs="?", type=_names(scenarios.SCENARIOS), default=scenario_names, help=f"names with commas, or `all` (default: {scenario_names})")
    add("--servers", type=_names(servers.SERVERS), default=server_names, help=f"of {','.join(servers.SERVERS)} (default: {server_names})")
    add("--rounds", type=int, default=3, help="runs of each; the table has their medians (default: 3)")
    add("--repeat", type=int, default=2, help="how often a disturbed run is repeated (default: 2)")
    add("--persist", action="store_true", help="the peers keep documents on disk too, as ours always does")
    add("--data", type=Path, default=os.environ.get("BENCH_DATA"), help="folder with a recorded trace (also BENCH_DATA; default: our own, made from a seed)")
    add("--markdown", type=Path, help="put the table between the markers of this page")
    return Options(**vars(parser.parse_args(words)))


def _names(known: Mapping[str, object]) -> Callable[[str], list[str]]:
    def read(text: str) -> list[str]:
        names = list(known) if text == "all" else text.split(",")
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(known)}")
        return names

    return read


def measure_all(options: Options, workshop: Workshop, trace: Path) -> dict[str, dict[str, list[Run]]]:
    """Every scenario against every server, round by round; what was measured is printed as it comes."""
    results: dict[str, dict[str, list[Run]]] = {}
    for name in options.scenarios:
        scenario = scenarios.SCENARIOS[name]
        print(f"\n{name}: {scenario.title}", flush=True)
        runs = results[name] = {server: [] for server in options.servers}
        for _ in range(options.rounds):
            for server in options.servers:
                run = _undisturbed(options, workshop, server, scenario, trace)
                runs[server].append(run)
                print(f"  {server:10}{_line(run, scenario)}", flush=True)
    return results


def _undisturbed(options: Options, workshop: Workshop, server: str, scenario: scenarios.Scenario, trace: Path) -> Run:
    for _ in range(options.repeat):
        run = measure(workshop, server, scenario, trace, persist=options.persist)
        if not table.is_disturbed(run):
            return run
    return measure(workshop, server, scenario, trace, persist=options.persist)


def _line(run: Run, scenario: scenarios.Scenario) -> str:
    if "error" in run:
        return f"failed: {run['error']}"
    figures = "; ".join(f"{figure.label} {run[figure.key]:,.{figure.digits}f}" for figure in scenario.figures)
    others = f"; lost {table.lost([run])}" if table.lost([run]) else ""
    return figures + others + (f"; disturbed: others used {run['foreign']:.2f} processors" if table.is_disturbed(run) else "")


def main(words: list[str]) -> int:
    options = read_options(words)
    home = default_home()
    try:
        require_two_processors()
        workshop = prepare(home, peers=any(servers.SERVERS[name].package for name in options.servers))
    except (CannotMeasure, BuildFailed) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    trace = options.data or generated_trace(home)
    allow_many_connections()
    described = machine.describe(workshop, options.servers)
    results = measure_all(options, workshop, trace)
    text = table.markdown(results, described, _note(options, table.disturbed(results)))
    print(f"\n{text}")
    _keep(results, described, trace)
    if options.markdown:
        table.replace_between_markers(options.markdown, text)
    return 1 if any("error" in run for runs in results.values() for rounds in runs.values() for run in rounds) else 0


def allow_many_connections() -> None:
    """Let the servers, which inherit it, open as many sockets as this machine allows at all: some scenarios need 8,000."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _note(options: Options, disturbed: int) -> str:
    rounds = "One round" if options.rounds == 1 else f"Medians of {options.rounds} rounds"
    measured = f"{rounds}; in brackets the ratio to {servers.SERVERS[servers.BASE].title}."
    kept = "The peers kept documents on disk too." if options.persist else "Ours kept its journal; the peers kept nothing."
    return f"{measured} {kept}" + (f" {disturbed} runs were disturbed by other processes." if disturbed else "")


def _keep(results: table.Runs, described: dict[str, str], trace: Path) -> None:
    """Write every run down."""
    RESULTS.mkdir(exist_ok=True)
    time = datetime.datetime.now(datetime.UTC)
    path = RESULTS / f"{time:%Y%m%dT%H%M%SZ}.json"
    digest = hashlib.sha256((trace / "frames.bin").read_bytes()).hexdigest()
    loads = {name: scenarios.SCENARIOS[name].load for name in results}
    kept = {"measured_at": time.isoformat(timespec="seconds"), "machine": described, "trace_sha256": digest, "loads": loads, "runs": results}
    path.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\nEvery run: {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
