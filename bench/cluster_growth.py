"""What many instances would take, up to a million connections: simulated from what two and three were measured to take. `python -m bench.cluster_growth`.

Rooms are drawn from a seed, people are dealt out to instances at random (or room by room, as a proxy can do it), and what each edit costs is added up by
where its room's people are. Nothing here is measured but the parameters; waiting, packet loss and garbage are not in it.
"""

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import plot
from bench.runs import Run, median
from bench.table import grid

SEED = 20240
CONNECTIONS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
ROOM_SIZES = {1: 0.3, 2: 0.3, 3: 0.13, 4: 0.12, 6: 0.07, 10: 0.05, 30: 0.02, 100: 0.008, 300: 0.002}
"""How large rooms are, and the part of all rooms that are so large: a mean of 4.7, and two fifths of all people in rooms of 30 and more."""
TYPING, MOST_TYPING, EDITS_A_SECOND = 0.1, 3.0, 5.0
"""The part of a room's people who type at a moment, how many at the most, and how fast."""
BUSY = 1 / 3
"""Of a processor, so that nobody waits for their turn."""
EDIT_BYTES = 150
"""An edit in a stream, with its head, its id and Redis' framing."""
INSTANCE_MB = 100
"""Of an instance in which nobody is."""
SIZED = 100_000
"""People up to which an operator is told what to have; past it a table is no plan."""
COMMITS_A_SECOND = 2.5
"""Of an instance in which hundreds of rooms are written in."""
MEASURED_ROOM = 4
"""People in a room of the part `cost`."""


class Parameters(NamedTuple):
    """Microseconds of a processor for an edit: to take it in and journal it; for each delivery; to say it to others; to hear it at each other instance;
    of Redis to take it, and for each instance that reads it; of PostgreSQL. `connection_kb`: memory for each person.
    """

    take: float
    deliver: float
    say: float
    hear: float
    redis_take: float
    redis_read: float
    postgres: float
    connection_kb: float


class Needs(NamedTuple):
    """Edits a second, and processors that are busy to `BUSY`. `redis_mb`: MB a second that Redis sends. `streams`: what one read of an instance names."""

    edits: float
    instances: float
    redis: float
    postgres: float
    redis_mb: float
    commits: float
    streams: float


class CannotSay(Exception):
    """Too little was measured; the message says what lacks."""


def parameters(found: Mapping[str, Mapping[str, Sequence[Run]]]) -> Parameters:
    """From medians of the parts `cost`, `pairs` and `many`; a difference that came out below nothing counts as nothing. Raises `CannotSay`."""

    def edit_us(part: str, case: str, key: str, people: int) -> float:
        value = median(found.get(part, {}).get(case, []), key)
        if value is None:
            raise CannotSay(f"{part} {case} was not measured")
        return value * 10 * (people - 1)

    four, two = edit_us("cost", "alone/spread", "cpu_per_100k", MEASURED_ROOM), edit_us("pairs", "alone/spread", "cpu_per_100k", 2)
    deliver = max(0.0, (four - two) / (MEASURED_ROOM - 2))
    joined, over_three = (edit_us("cost", f"{name}/spread", "cpu_per_100k", MEASURED_ROOM) for name in ("joined", "three"))
    redis_joined, redis_three = (edit_us("cost", f"{name}/spread", "redis_per_100k", MEASURED_ROOM) for name in ("joined", "three"))
    read = max(0.0, redis_three - redis_joined) / 2
    many = next((value for case in ("two/spread", "alone/spread") if (value := median(found.get("many", {}).get(case, []), "rss_mb"))), None)
    if many is None:
        raise CannotSay("many was not measured")
    instances = 2 if median(found["many"].get("two/spread", []), "rss_mb") else 1
    return Parameters(  # what nobody costs is in `INSTANCE_MB`
        take=max(0.0, two - deliver),
        deliver=deliver,
        say=max(0.0, joined - four),
        hear=max(0.0, over_three - joined) / 2,
        redis_take=max(0.0, redis_joined - read),
        redis_read=read,
        postgres=edit_us("cost", "two/spread", "postgres_per_100k", MEASURED_ROOM),
        connection_kb=max(0.0, many - instances * INSTANCE_MB) * 1024 / 10_000,
    )


def rooms_of(connections: int, chance: random.Random) -> list[int]:
    """The sizes of rooms that hold so many people together."""
    sizes, weights = list(ROOM_SIZES), list(ROOM_SIZES.values())
    rooms: list[int] = []
    left = connections
    while left > 0:
        for size in chance.choices(sizes, weights, k=min(10_000, max(1, left // 5))):
            rooms.append(min(size, left))
            left -= rooms[-1]
            if left <= 0:
                break
    return rooms


def _instances_of(size: int, instances: int, kept: bool, chance: random.Random) -> int:
    """How many instances a room's people are at."""
    return 1 if kept or instances == 1 else len({chance.randrange(instances) for _ in range(size)})


def edits_of(size: int) -> float:
    """A second, in a room of so many people."""
    return min(size * TYPING, MOST_TYPING) * EDITS_A_SECOND


def load(rooms: Sequence[int], instances: int, given: Parameters, *, kept: bool, seed: int = SEED) -> Needs:
    """What these rooms take of each part, over so many instances."""
    chance = random.Random(f"{seed} {len(rooms)} {instances} {kept}")
    server = redis = sent = held = 0.0
    for size in rooms:
        at = _instances_of(size, instances, kept, chance)
        held += at
        edits = edits_of(size)
        server += edits * (given.take + given.deliver * (size - 1) + given.say + given.hear * (at - 1))
        redis += edits * (given.redis_take + given.redis_read * at)
        sent += edits * at * EDIT_BYTES
    edits, busy = sum(map(edits_of, rooms)), 1e6 * BUSY
    return Needs(edits, server / busy, redis / busy, edits * given.postgres / busy, sent / 1e6, instances * COMMITS_A_SECOND, held / instances)


def needed(connections: int, given: Parameters, *, kept: bool, seed: int = SEED) -> tuple[int, Needs]:
    """As few instances as carry them, and what is needed then: more instances make a room's people stand at more of them, which costs more."""
    rooms = rooms_of(connections, random.Random(f"{seed} {connections}"))
    instances = 1
    while (needs := load(rooms, instances, given, kept=kept, seed=seed)).instances > instances:
        instances = math.ceil(needs.instances)
    return instances, needs


def simulate(given: Parameters) -> list[dict[str, float]]:
    """A row for each number of connections."""
    rows: list[dict[str, float]] = []
    for connections in CONNECTIONS:
        row: dict[str, float] = {"connections": connections}
        for name, kept in (("spread", False), ("kept", True)):
            instances, needs = needed(connections, given, kept=kept)
            row |= {f"{name}_instances": instances} | {f"{name}_{key}": round(value, 3) for key, value in needs._asdict().items() if key != "instances"}
        rows.append(row)
    return rows


def first_full(given: Parameters) -> str:
    """What one of each carries, in a sentence for the page."""
    row = simulate(given)[2]
    people = row["connections"]
    redis, postgres = row["spread_redis"], row["spread_postgres"]

    def most(processors: float) -> str:
        return f"{people / processors:,.0f}" if processors else "any number of"

    return (
        f"A third of a processor then carries, as people are spread at {people:,.0f}: as an instance {people / row['spread_instances']:,.0f} people, as Redis "
        f"{most(redis)}, as PostgreSQL {most(postgres)}."
    )


def markdown(given: Parameters) -> str:
    """Parameters and the table, as they stand in docs/performance.md."""
    names = {
        "take": "to take an edit in and journal it",
        "deliver": "to deliver it to one person",
        "say": "to say it to other instances",
        "hear": "to hear it at another instance",
        "redis_take": "Redis: to take it",
        "redis_read": "Redis: for each instance that reads it",
        "postgres": "PostgreSQL",
    }
    parts = grid([["from the measurements above", "processor us"], *([title, f"{getattr(given, key):.1f}"] for key, title in names.items())])
    head = ["people", "edits/s", "instances: spread", "kept together", "Redis: spread", "kept together", "PostgreSQL", "commits/s", "Redis sends, MB/s"]
    rows = [head, *map(_row, simulate(given))]
    return f"{parts}\n\n{grid(rows)}\n\n{first_full(given)}"


def _row(row: Mapping[str, float]) -> list[str]:
    return [
        f"{row['connections']:,.0f}",
        f"{row['spread_edits']:,.0f}",
        f"{row['spread_instances']:,}",
        f"{row['kept_instances']:,}",
        f"{row['spread_redis']:,.1f}",
        f"{row['kept_redis']:,.1f}",
        f"{row['spread_postgres']:,.1f}",
        f"{row['spread_commits']:,.0f}",
        f"{row['spread_redis_mb']:,.1f}",
    ]


def sizing(given: Parameters) -> str:
    """For docs/operations.md: what to have for so many people."""
    rows = [["people connected", "instances, a processor each", "memory of each, MB", "processors of Redis", "of PostgreSQL"]]
    for row in simulate(given):
        if row["connections"] <= SIZED:
            memory = INSTANCE_MB + row["connections"] / row["spread_instances"] * given.connection_kb / 1024
            processors = (f"{max(1, math.ceil(row[f'spread_{part}'])):,}" for part in ("redis", "postgres"))
            rows.append([f"{row['connections']:,.0f}", f"{row['spread_instances']:,}", f"{memory:,.0f}", *processors])
    return grid(rows)


def draw(given: Parameters, folder: Path) -> None:
    """The plot, and its numbers and parameters beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = simulate(given)
    (folder / "cluster.json").write_text(json.dumps({"parameters": given._asdict(), "simulated": rows}, indent=1) + "\n")

    def panel(title: str, key: str) -> plot.Panel:
        lines = {
            legend: [(row["connections"], row[f"{name}_{key}"]) for row in rows if row[f"{name}_{key}"] > 0]
            for name, legend in (("spread", "people spread"), ("kept", "each room at one instance"))
        }
        return plot.Panel(title, "people connected", {legend: points for legend, points in lines.items() if points})

    panels = [panel("instances, a third of a processor busy", "instances"), panel("processors of Redis, a third busy", "redis")]
    (folder / "cluster.svg").write_text(plot.figure("How many instances and how much of Redis people take (simulated)", panels))


def main() -> None:
    """Draw again from the parameters that were kept."""
    folder = Path(__file__).resolve().parents[1] / "docs/plots"
    given = Parameters(**json.loads((folder / "cluster.json").read_text())["parameters"])
    draw(given, folder)
    print(markdown(given))


if __name__ == "__main__":
    main()
