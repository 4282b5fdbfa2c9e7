"""The arithmetic of the result table."""

from pathlib import Path

import pytest

from bench import table
from bench.scenarios import DEFAULT, SCENARIOS, Figure
from bench.servers import BASE, SERVERS, Run
from bench.servers import DEFAULT as DEFAULT_SERVERS

P50 = Figure("p50", "half", 2)


def runs(*values: float) -> list[Run]:
    return [{"p50": value} for value in values]


def test_the_median_leaves_failed_rounds_out() -> None:
    assert table.median([*runs(3, 1, 2), {"error": "timeout"}], "p50") == 2
    assert table.median([{"error": "timeout"}], "p50") is None


def test_a_ratio_is_taken_within_each_round() -> None:
    assert table.ratio(runs(1, 10, 100), runs(2, 40, 100), "p50") == 0.5


def test_a_round_without_both_has_no_ratio() -> None:
    assert table.ratio([{"error": "timeout"}, *runs(4)], runs(1, 2), "p50") == 2
    assert table.ratio(runs(1), runs(0), "p50") is None
    assert table.ratio(runs(1), [{"error": "timeout"}], "p50") is None


def test_a_cell_shows_value_and_ratio_and_what_went_wrong() -> None:
    results = {"fourhands": [{"p50": 1.0, "missing": 2, "dead": 1}, {"error": "timeout"}], BASE: runs(4, 4)}
    assert table.cell(results, "fourhands", P50) == "1.00 (0.25x), 1 of 2 failed, 3 lost"
    assert table.cell(results, BASE, P50) == "4.00"
    assert table.cell({"fourhands": runs(1)}, "fourhands", P50) == "1.00"
    assert table.cell({"fourhands": [{"error": "timeout"}]}, "fourhands", P50) == "failed"


def test_large_numbers_are_grouped() -> None:
    assert table.cell({"fourhands": runs(43600)}, "fourhands", P50._replace(digits=0)) == "43,600"


def test_the_table_has_a_row_for_every_figure() -> None:
    results = {"s1": {"fourhands": [{"p50": 1, "p99": 3}], BASE: [{"p50": 2, "p99": 3}]}}
    text = table.markdown(results, {"kernel": "Linux 6"}, "A note.")
    assert text.splitlines() == [
        "| | fourhands | @y/websocket-server |",
        "| --- | --- | --- |",
        "| 1 room, 2 people, 10 edits/s: half of all edits arrive within, ms | 1.00 (0.50x) | 2.00 |",
        "| 1 room, 2 people, 10 edits/s: 99 % arrive within, ms | 3.00 (1.00x) | 3.00 |",
        "",
        "A note.",
        "",
        "- kernel: Linux 6",
    ]


def test_a_run_beside_others_is_disturbed() -> None:
    quiet: Run = {"foreign": 0.1}
    loud: Run = {"foreign": 0.9}
    assert table.is_disturbed(loud)
    assert not table.is_disturbed(quiet)
    assert not table.is_disturbed({"kb_per_conn": 1})
    assert table.disturbed({"s1": {"fourhands": [quiet, loud], BASE: [loud]}}) == 2


def test_only_what_lies_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{table.BEGIN}\nold\n{table.END}\n\nThe end.\n")
    table.replace_between_markers(page, "new")
    table.replace_between_markers(page, "newer")
    assert page.read_text() == f"# Title\n\n{table.BEGIN}\nnewer\n{table.END}\n\nThe end.\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n")
    with pytest.raises(ValueError, match="has no lines"):
        table.replace_between_markers(page, "new")
    assert page.read_text() == "# Title\n"


def test_the_page_that_the_benchmark_fills_has_its_markers() -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    assert page.index(table.BEGIN) < page.index(table.END)


def test_the_defaults_exist() -> None:
    assert set(DEFAULT) <= set(SCENARIOS)
    assert {BASE, *DEFAULT_SERVERS} <= set(SERVERS)
