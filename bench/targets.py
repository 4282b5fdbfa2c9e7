"""What our server ought to reach: a bound on a figure, or on its ratio to another server's. They stand in targets.toml."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.runs import Run, lost, median, ratio
from bench.workshop import HERE

FILE = HERE / "targets.toml"
OURS = "fourhands"


@dataclass(frozen=True)
class Target:
    """A figure of a scenario and its bound, one of `at_most` and `at_least`; `than`: the server whose figure is the unit."""

    scenario: str
    figure: str
    than: str | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def bound(self) -> float:
        bounds = [bound for bound in (self.at_most, self.at_least) if bound is not None]
        if len(bounds) != 1:
            raise ValueError(f"{self.scenario}, {self.figure}: a target has one bound")
        return bounds[0]

    def holds(self, measured: float) -> bool:
        return measured <= self.bound if self.at_most is not None else measured >= self.bound


@dataclass(frozen=True)
class Judgement:
    """What was measured of a target; None if it was not. `lost`: of our server, in that scenario; who loses anything misses every target."""

    target: Target
    measured: float | None
    lost: int

    @property
    def verdict(self) -> str:
        if self.measured is None:
            return "not measured"
        if self.lost:
            return f"not met: {self.lost} lost"
        return "met" if self.target.holds(self.measured) else "**not met**"


def read_targets(text: str | None = None) -> list[Target]:
    """The targets of a TOML text, or ours. Raises `ValueError` or `TypeError` for what is no target."""
    targets = [Target(**entry) for entry in tomllib.loads(FILE.read_text() if text is None else text)["targets"]]
    for target in targets:
        _ = target.bound
    return targets


def judge(targets: Sequence[Target], results: Mapping[str, Mapping[str, Sequence[Run]]]) -> Iterator[Judgement]:
    """Those targets whose scenario was measured."""
    for target in targets:
        runs = results.get(target.scenario, {})
        if ours := runs.get(OURS):
            measured = ratio(ours, runs.get(target.than, []), target.figure) if target.than else median(ours, target.figure)
            yield Judgement(target, measured, lost(ours))
