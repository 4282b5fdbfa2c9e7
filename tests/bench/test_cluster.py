"""What is measured of several instances: the cases, their tables, and what follows from them for many more."""

import random
from pathlib import Path

import pytest

from bench import cluster, cluster_growth, cluster_table, compare
from bench.runs import Run

RUN: Run = {
    "p50": 0.5,
    "p99": 2.0,
    "cpu_per_100k": 3.0,
    "missing": 0,
    "dead": 0,
    "log_errors": 0,
    "foreign": 0.0,
    "rss_mb": 200.0,
    "cpu": 0.5,
    "joined": 10_000,
}
GIVEN = cluster_growth.Parameters(take=50, deliver=10, say=20, hear=15, redis_take=10, redis_read=10, postgres=5, connection_kb=20)


def found() -> cluster.Found:
    """A round of everything: half a millisecond for each, three seconds, and more where more instances hear it."""
    made: cluster.Found = {}
    for name, part in cluster.PARTS.items():
        for case in part.cases:
            for layout in case.layouts:
                made.setdefault(name, {})[f"{case.setup}/{layout}"] = [dict(RUN)]
    costs = {"two/spread": (4.5, 1.0), "three/spread": (5.5, 1.4), "joined/spread": (3.3, 0.5)}
    for case, (servers, redis) in costs.items():
        made["cost"][case][0] |= {"cpu_per_100k": servers, "redis_per_100k": redis, "postgres_per_100k": 0.3}
    made["pairs"]["alone/spread"][0]["cpu_per_100k"] = 5.0
    made["latency"]["two/spread"][0] |= {"p50": 1.2, "p99": 6.0}
    return made


def test_every_case_names_what_there_is() -> None:
    for part in cluster.PARTS.values():
        for case in part.cases:
            assert case.setup in cluster.SETUPS
            assert set(case.layouts) <= set(cluster.LAYOUTS)


def test_latency_is_told_with_what_the_way_between_instances_adds() -> None:
    page = cluster_table.markdown(found())
    assert "| added by the way between two instances | +0.70 | +4.00 | at most 1 and 5: met |" in page
    slow = found()
    slow["latency"]["two/spread"][0]["p50"] = 1.6
    assert "| +1.10 | +4.00 | at most 1 and 5: **not met** |" in cluster_table.markdown(slow)


def test_cost_is_told_apart_and_together_with_the_ratio_to_one_instance() -> None:
    page = cluster_table.markdown(found())
    assert "| two instances, a room's people spread | 4.50 (1.50x) | 1.00 | 0.30 | 5.80 | 0.50 | 2.00 | |" in page
    assert "for two instances is 1.6x: 1.50x, met." in page
    dear = found()
    dear["cost"]["two/spread"][0]["cpu_per_100k"] = 4.9
    assert "1.63x, **not met**." in cluster_table.markdown(dear)


def test_what_went_wrong_stands_beside_the_figures() -> None:
    bad = found()
    bad["many"]["two/spread"] = [dict(RUN) | {"missing": 3, "dead": 1}, {"error": "it did not start"}, dict(RUN) | {"foreign": 0.5}]
    assert "| 4 lost, 1 of 3 failed, 1 of 3 disturbed |" in cluster_table.markdown(bad)


def test_costs_of_a_part_follow_from_differences() -> None:
    given = cluster_growth.parameters(found())
    assert given.deliver == pytest.approx((90 - 50) / 2)
    assert given.take == pytest.approx(50 - 20)
    assert given.say == pytest.approx(99 - 90)
    assert given.hear == pytest.approx((165 - 99) / 2)
    assert (given.redis_read, given.redis_take) == (pytest.approx((42 - 15) / 2), pytest.approx(15 - 13.5))


def test_too_little_is_no_ground_for_a_simulation() -> None:
    part = found()
    del part["pairs"]
    with pytest.raises(cluster_growth.CannotSay, match="pairs alone/spread was not measured"):
        cluster_growth.parameters(part)


def test_rooms_hold_just_so_many_people() -> None:
    rooms = cluster_growth.rooms_of(12_345, random.Random(1))
    assert sum(rooms) == 12_345
    assert rooms == cluster_growth.rooms_of(12_345, random.Random(1))
    assert {1, 2, 4, 30} < set(rooms)


def test_rooms_that_are_kept_together_take_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_growth, "CONNECTIONS", (1_000, 10_000, 30_000))
    rows = cluster_growth.simulate(GIVEN)
    assert rows == cluster_growth.simulate(GIVEN), "the same from the same seed"
    assert all(0 < row["kept_redis"] <= row["spread_redis"] for row in rows)
    assert all(row["kept_instances"] <= row["spread_instances"] for row in rows)
    assert rows[0]["spread_instances"] < rows[1]["spread_instances"] < rows[2]["spread_instances"]
    assert rows[2]["spread_redis"] > 2 * rows[1]["spread_redis"]


def test_the_simulation_is_drawn_and_kept_with_its_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_growth, "CONNECTIONS", (1_000, 3_000, 10_000))
    cluster_growth.draw(GIVEN, tmp_path)
    assert "people spread" in (tmp_path / "cluster.svg").read_text()
    assert '"take": 50' in (tmp_path / "cluster.json").read_text()
    assert "| 10,000 |" in cluster_growth.markdown(GIVEN)
    assert [line.split("|")[1].strip() for line in cluster_growth.sizing(GIVEN).splitlines()[2:]] == ["1,000", "3,000", "10,000"]


def test_parts_are_asked_for_by_name_and_all_without(tmp_path: Path) -> None:
    assert compare.read_options(["--cluster"]).cluster == list(cluster.PARTS)
    assert compare.read_options(["--cluster", "cost,many", "--onto", str(tmp_path)]).cluster == ["cost", "many"]
    assert not compare.read_options(["--cluster"]).everything
    assert compare.read_options([]).everything
