"""The arithmetic of the result table."""

from pathlib import Path

import pytest

from bench import table
from bench.runs import Run
from bench.scenarios import DEFAULT, SCENARIOS, Figure
from bench.servers import BASE, SERVERS
from bench.servers import DEFAULT as DEFAULT_SERVERS
from bench.targets import Judgement, Target

P50 = Figure("p50", "half", 2)


def runs(*values: float) -> list[Run]:
    return [{"p50": value} for value in values]


def test_a_cell_shows_value_and_ratio_and_what_went_wrong() -> None:
    results = {"fourhands": [{"p50": 1.0, "missing": 2, "dead": 1}, {"error": "timeout"}], BASE: runs(4, 4)}
    assert table.cell(results, "fourhands", P50) == "1.00 (0.25x), 1 of 2 failed, 3 lost"
    assert table.cell(results, BASE, P50) == "4.00"
    assert table.cell({"fourhands": runs(1)}, "fourhands", P50) == "1.00"
    assert table.cell({"fourhands": [{"error": "timeout"}]}, "fourhands", P50) == "failed"
    assert table.cell({"fourhands": [{"p50": 1.0, "log_errors": 3}]}, "fourhands", P50) == "1.00, 3 errors in its log"


def test_who_does_not_take_part_has_an_empty_cell() -> None:
    assert table.cell({"crelay": [], BASE: runs(4)}, "crelay", P50) == "-"
    assert table.cell({"fourhands": runs(2), BASE: []}, "fourhands", P50) == "2.00"


def test_large_numbers_are_grouped() -> None:
    assert table.cell({"fourhands": runs(43600)}, "fourhands", P50._replace(digits=0)) == "43,600"


def test_the_table_has_a_row_for_every_figure_and_every_target() -> None:
    results = {"s1": {"fourhands": [{"p50": 1, "p99": 3}], BASE: [{"p50": 2, "p99": 3}]}}
    judgements = [
        Judgement(Target("s1", "p50", BASE, at_most=0.55), 0.5, lost=0),
        Judgement(Target("s1", "p99", at_most=2), 3, lost=0),
        Judgement(Target("s1", "p50", "hp", at_least=5), None, lost=0),
    ]
    text = table.markdown(results, judgements, {"kernel": "Linux 6"}, "A note.")
    assert text.splitlines() == [
        "| | fourhands | @y/websocket-server |",
        "| --- | --- | --- |",
        "| 1 room, 2 people, 10 edits/s: half of all edits arrive within, ms | 1.00 (0.50x) | 2.00 |",
        "| 1 room, 2 people, 10 edits/s: 99 % arrive within, ms | 3.00 (1.00x) | 3.00 |",
        "",
        "A note.",
        "",
        "| our targets | target | measured | |",
        "| --- | --- | --- | --- |",
        "| 1 room, 2 people, 10 edits/s: half of all edits arrive within, ms | at most 0.55x @y/websocket-server | 0.50x | met |",
        "| 1 room, 2 people, 10 edits/s: 99 % arrive within, ms | at most 2 | 3.00 | **not met** |",
        "| 1 room, 2 people, 10 edits/s: half of all edits arrive within, ms | at least 5x hocuspocus | - | not measured |",
        "",
        "- kernel: Linux 6",
    ]


def test_disturbed_runs_are_counted() -> None:
    quiet: Run = {"foreign": 0.1}
    loud: Run = {"foreign": 0.9}
    assert table.disturbed({"s1": {"fourhands": [quiet, loud], BASE: [loud]}}) == 2


def test_only_what_lies_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<!-- a: begin -->\nold\n<!-- a: end -->\n\n<!-- b: begin -->\nother\n<!-- b: end -->\nThe end.\n")
    table.replace_between_markers(page, "a", "new")
    table.replace_between_markers(page, "a", "newer")
    assert page.read_text() == "# Title\n\n<!-- a: begin -->\nnewer\n<!-- a: end -->\n\n<!-- b: begin -->\nother\n<!-- b: end -->\nThe end.\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n")
    with pytest.raises(ValueError, match="has no lines"):
        table.replace_between_markers(page, "a", "new")
    assert page.read_text() == "# Title\n"


@pytest.mark.parametrize("part", ["measured", "opening", "growth"])
def test_the_page_that_the_benchmark_fills_has_its_markers(part: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text()
    assert page.index(f"<!-- {part}: begin -->") < page.index(f"<!-- {part}: end -->")


def test_the_defaults_exist() -> None:
    assert set(DEFAULT) <= set(SCENARIOS)
    assert {BASE, *DEFAULT_SERVERS} <= set(SERVERS)
