"""Snapshots as Prometheus reads them, by prometheus_client, which is loaded when somebody asks first (it takes a tenth of a second)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from fourhands.metrics.catalog import CATALOG, Metric
from fourhands.metrics.sample import Series, Snapshot

if TYPE_CHECKING:
    from prometheus_client import Metric as Family

WORKER = "worker"
"""The label that tells the series of several workers apart: their counters begin anew with each of them, which a sum of them would hide."""


@dataclass(frozen=True, slots=True)
class Exposition:
    """What is answered."""

    body: bytes
    media_type: str


def expose(snapshots: Sequence[Snapshot], accept: str) -> Exposition:
    """The text, in the format that `accept` (the request's header) wants. Call it in a thread: with many labels it takes milliseconds."""
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - most servers are never asked
    from prometheus_client.registry import Collector, CollectorRegistry  # noqa: PLC0415

    class Taken(Collector):
        def collect(self) -> Iterator["Family"]:
            yield from families(snapshots)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Taken())
    encode, media_type = choose_encoder(accept)
    return Exposition(encode(registry), media_type)  # pyright: ignore[reportArgumentType] - a registry is what it takes


def families(snapshots: Sequence[Snapshot]) -> Iterator["Family"]:
    """Every metric of the catalog that anybody has a value of."""
    told = [(snapshot.worker, one) for snapshot in snapshots for one in snapshot.series]
    apart = any(snapshot.worker for snapshot in snapshots)  # also while one of them alone answers
    for metric in CATALOG:
        mine = [(worker, one) for worker, one in told if one.metric == metric.name]
        if mine:
            yield _family(metric, mine, apart=apart)


def _family(metric: Metric, told: Iterable[tuple[str, Series]], *, apart: bool) -> "Family":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily  # noqa: PLC0415

    names = (*metric.labels, WORKER) if apart else metric.labels
    if metric.kind == "histogram":
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=names)
        for worker, one in told:
            bounds = [*map(str, metric.buckets), "+Inf"]
            histogram.add_metric(_labels(one, worker, apart), list(zip(bounds, accumulate(map(float, one.counts)), strict=True)), one.value)
        return histogram
    family = (CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily)(metric.name, metric.help, labels=names)
    for worker, one in told:
        family.add_metric(_labels(one, worker, apart), one.value)
    return family


def _labels(one: Series, worker: str, apart: bool) -> tuple[str, ...]:
    return (*one.labels, worker) if apart else one.labels
