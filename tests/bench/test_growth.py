"""How runs become points, tables and plots; and that the plots in docs are of the numbers beside them."""

import json
from pathlib import Path

import pytest

from bench import growth

PLOTS = Path(__file__).parents[2] / "docs" / "plots"
RUN = {"cpu_per_100k": 1.234, "p99": 4.567, "rss_mb": 88.88, "missing": 0, "dead": 0, "foreign": 0.1}


def test_a_point_has_its_cost_and_what_went_wrong() -> None:
    assert growth.told(10, RUN) == {"size": 10, "cpu_us": 12.34, "p99_ms": 4.57, "rss_mb": 88.9}
    assert growth.told(10, RUN | {"missing": 2, "dead": 1, "foreign": 0.9}) == {
        "size": 10, "cpu_us": 12.34, "p99_ms": 4.57, "rss_mb": 88.9, "lost": 3, "disturbed": True,
    }  # fmt: skip
    assert growth.told(10, {"error": "timeout"}) == {"size": 10, "error": "timeout"}


def test_a_table_shows_both_servers_and_the_remarks() -> None:
    grown = {
        "people": {"fourhands": [growth.told(2, RUN), {"size": 5, "error": "timeout"}], "crelay": [growth.told(2, RUN | {"foreign": 1}), growth.told(5, RUN)]}
    }
    assert growth.markdown(grown).splitlines()[2:] == [
        "| people in a room | processor us a delivery | 99 % within, ms | resident MB | bare C relay: us | ms |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 2 | 12.34 | 4.57 | 88.9 | 12.34 | 4.57 (disturbed) |",
        "| 5 | failed | | | 12.34 | 4.57 |",
    ]


def test_every_series_grows() -> None:
    for series in growth.SERIES.values():
        sizes = [point.size for point in series.points]
        assert sizes == sorted(set(sizes))
        assert sizes[-1] >= 100 * sizes[0]


@pytest.mark.parametrize("name", growth.SERIES)
def test_the_plots_in_docs_are_of_the_numbers_beside_them(name: str, tmp_path: Path) -> None:
    growth.draw(json.loads((PLOTS / "growth.json").read_text()), tmp_path)
    assert (tmp_path / f"{name}.svg").read_text() == (PLOTS / f"{name}.svg").read_text()
    assert (tmp_path / "growth.json").read_text() == (PLOTS / "growth.json").read_text()


def test_the_page_shows_every_plot() -> None:
    page = (PLOTS.parent / "performance.md").read_text()
    assert all(f"plots/{name}.svg" in page for name in growth.SERIES)
