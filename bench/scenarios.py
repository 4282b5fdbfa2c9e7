"""What is measured: the load of each scenario, and the figures of it that the table shows."""

from typing import NamedTuple


class Figure(NamedTuple):
    """A row of the table: a key of what the load generator prints, what it is called, and its digits after the point."""

    key: str
    label: str
    digits: int


class Scenario(NamedTuple):
    """`load`: words for the load generator (`loadgen` without any prints what they mean).

    `document`: only servers that keep documents can take part.
    """

    title: str
    load: str
    figures: tuple[Figure, ...]
    document: bool = False


P50 = Figure("p50", "half of all edits arrive within, ms", 2)
P99 = Figure("p99", "99 % arrive within, ms", 2)
CPU = Figure("cpu_per_100k", "processor seconds for 100,000 deliveries", 2)
BUSY = Figure("cpu", "processors used", 2)
RESIDENT = Figure("rss_mb", "resident memory, MB", 0)

SCENARIOS = {
    "s1": Scenario("1 room, 2 people, 10 edits/s", "run -R 1 -c 2 -r 10 -d 6 -w 0.5", (P50, P99)),
    "s2": Scenario(
        "rooms of 4 at 20 edits/s, more and more",
        "ramp -R 2000 -c 4 -r 20 -d 1.5 -S 120,1.35,11",
        (Figure("max_deliv_s", "deliveries/s with 99 % below 50 ms", 0),),
    ),
    "s2fixed": Scenario("200 rooms of 4 at 10 edits/s", "run -R 200 -c 4 -r 10 -d 3.5 -w 0.7", (CPU, P50, P99)),
    "aware": Scenario("the same with a cursor after every edit", "run -R 200 -c 4 -r 10 -d 3.5 -w 0.7 -A", (CPU, P50, P99)),
    "s3-100": Scenario("1 room of 100, one writes 20 edits/s", "run -R 1 -c 100 -W 1 -r 20 -d 4 -w 0.7", (P50, P99)),
    "s3-300": Scenario("1 room of 300, one writes 20 edits/s", "run -R 1 -c 300 -W 1 -r 20 -d 4 -w 0.7", (P50, P99)),
    "s4-5000": Scenario("5,000 idle people in 50 rooms", "idle -R 50 -c 100", (Figure("kb_per_conn", "KB per connection", 1),)),
    "s4r2-5000": Scenario("5,000 idle people in 2,500 rooms", "idle -R 2500 -c 2", (Figure("kb_per_conn", "KB per connection", 1),)),
    "s5": Scenario(
        "joining 1.4 MB of history",
        "join -N 15",
        (Figure("join_ms_p50", "until the document is there, ms", 1), Figure("grown_mb", "memory for the document, MB", 1)),
        document=True,
    ),
    "s6": Scenario(
        "100,000 updates from one writer, until all are kept",
        "flood -N 100000",
        (Figure("per_s", "updates/s", 0), Figure("missing", "updates lost", 0)),
        document=True,
    ),
    "many": Scenario(
        "10,000 people in 2,500 rooms, 1,000 of them typing 5 edits/s with cursors",
        "run -R 2500 -c 4 -a 1000 -W 1 -r 5 -A -d 8 -w 2",
        (P99, BUSY, RESIDENT),
    ),
}
DEFAULT = ("s1", "s2", "s2fixed", "aware", "s3-300", "s4r2-5000", "s5", "s6", "many")
"""Those that have a target."""
