"""What happened since the start, counted as it happens: nothing here is called when a key is pressed."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from fourhands.metrics.catalog import Metric

Labels = tuple[str, ...]


class Tally:
    """Counters and histograms, by metric and values of its labels."""

    def __init__(self) -> None:
        self._counted: dict[Metric, dict[Labels, float]] = {}
        self._observed: dict[Metric, dict[Labels, Observed]] = {}

    def add(self, metric: Metric, by: float = 1, *labels: str) -> None:
        """Count that many more; `labels`: the values, in the metric's order."""
        counted = self._counted.setdefault(metric, {})
        counted[labels] = counted.get(labels, 0) + by

    def observe(self, metric: Metric, seconds: float, *labels: str) -> None:
        """One more of a histogram."""
        observed = self._observed.setdefault(metric, {})
        if labels not in observed:
            observed[labels] = Observed(metric.buckets)
        observed[labels].add(seconds)

    def counted(self, metric: Metric) -> Mapping[Labels, float]:
        return self._counted.get(metric, {})

    def observed(self, metric: Metric) -> Mapping[Labels, "Observed"]:
        return self._observed.get(metric, {})


class Observed:
    """How many were at most as long as each bound, and longer than the one before. Invariant: `counts` has one more than there are bounds."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self._bounds, seconds)] += 1
        self.sum += seconds
