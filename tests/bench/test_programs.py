"""The tables of what programs take."""

from bench.programs import markdown

FOUND = {
    "bare_first": 10.0,
    "bare_end": 20.0,
    **{
        f"{name}_{key}": value
        for name, factor in (("cold", 2.0), ("warm", 0.5))
        for key, value in (("first", 10 * factor), ("end", 20 * factor), ("http", 30 * factor))
    },
    "cold_together": 1234.5,
    "warm_together": 1000.0,
    "edits_empty_p50": 0.2,
    "edits_full_p50": 0.22,
    "edits_empty_p99": 1.0,
    "edits_full_p99": 0.9,
}


def test_ratios_are_to_the_same_part_of_a_bare_process() -> None:
    lines = markdown(FOUND).splitlines()
    assert any("first byte | 10.0 | 20.0 (2.00x) | 5.0 (0.50x) |" in line for line in lines)
    assert any("whole request | 20.0 | 60.0 (3.00x) | 15.0 (0.75x) |" in line for line in lines)
    assert any("1,234 | 1,000 |" in line for line in lines)
    assert "| half | 0.20 | 0.22 | +10 % |" in lines
    assert "| 99 % | 1.00 | 0.90 | -10 % |" in lines


def test_where_none_run_it_is_said_why() -> None:
    assert markdown("There is no bubblewrap.") == "Not measured here: There is no bubblewrap."


def test_a_runner_elsewhere_stands_beside_our_own_where_it_was_measured() -> None:
    shared = {f"shared_{key}": 7.0 for key in ("first", "end", "http", "together")}
    lines = markdown({**FOUND, **shared}).splitlines()
    assert "| in a room, to the first byte | 5.0 | 7.0 |" in lines
    assert len(lines) == len(markdown(FOUND).splitlines()) + 7
