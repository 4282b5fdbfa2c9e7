"""The server's metrics at one time, in a form that also goes from one worker to another."""

from msgspec import Struct


class Series(Struct, frozen=True, array_like=True):
    """One metric with these values of its labels. `value`: a counter's or gauge's, or the sum of what a histogram saw; `counts`: a
    histogram's, for each bucket alone, the last one without a bound."""

    metric: str
    labels: tuple[str, ...]
    value: float
    counts: tuple[int, ...] = ()


class Snapshot(Struct, frozen=True, array_like=True):
    """`worker`: which of several, empty where there is one alone."""

    worker: str
    series: tuple[Series, ...]
