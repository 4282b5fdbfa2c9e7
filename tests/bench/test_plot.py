"""Scales and shapes of the plots."""

from xml.etree import ElementTree

import pytest

from bench import plot
from bench.plot import Panel

SVG = "{http://www.w3.org/2000/svg}"


def test_a_linear_scale_starts_at_zero_and_has_round_steps() -> None:
    assert plot.linear_scale([3, 7.1]).ticks == (0, 2, 4, 6, 8)
    assert plot.linear_scale([0.9]).ticks == (0, 0.25, 0.5, 0.75, 1)
    assert plot.linear_scale([100]).ticks == (0, 25, 50, 75, 100)


@pytest.mark.parametrize("most", [0.013, 1, 3.7, 48, 99.9, 12_345])
def test_every_value_lies_on_its_scale(most: float) -> None:
    for scale in (plot.linear_scale([most / 7, most]), plot.logarithmic_scale([most / 700, most])):
        assert 0 <= scale.at(most / (700 if scale.logarithmic else 7)) < scale.at(most) <= 1
        assert all(0 <= scale.at(tick) <= 1 for tick in scale.ticks)


def test_values_far_apart_get_a_logarithmic_scale() -> None:
    assert plot.value_scale([1, 31]).logarithmic
    assert not plot.value_scale([1, 30]).logarithmic
    assert not plot.value_scale([0, 100]).logarithmic


def test_decades_are_whole() -> None:
    assert plot.logarithmic_scale([1_000, 1_000_000]).ticks == (1_000, 10_000, 100_000, 1_000_000)
    assert plot.logarithmic_scale([0.3, 20]).ticks == (0.1, 1, 10, 100)


def test_sizes_that_were_measured_are_marked() -> None:
    scale = plot.size_scale([10, 5_000, 300, 10])
    assert scale.ticks == (10, 300, 5_000)
    assert (scale.at(10), scale.at(5_000)) == (0, 1)
    assert plot.size_scale([7]).at(7) == 0


def test_large_numbers_are_short() -> None:
    assert [plot.short(value) for value in (0.25, 10, 1_000, 2_500, 10_000_000)] == ["0.25", "10", "1k", "2.5k", "10M"]


def test_the_figure_is_the_same_each_time_and_holds_every_point() -> None:
    panel = Panel("cost & more", "rooms", {"ours": [(10, 1), (100, 2)], "other <": [(10, 3)]})
    text = plot.figure("Title", [panel, panel])
    assert text == plot.figure("Title", [panel, panel])
    root = ElementTree.fromstring(text)
    assert len(root.findall(f".//{SVG}circle")) == 6
    assert len(root.findall(f".//{SVG}polyline")) == 4
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"Title", "ours", "other <", "cost & more", "rooms"} <= set(words)


def test_a_panel_without_points_says_so() -> None:
    assert "not measured" in plot.figure("Title", [Panel("cost", "rooms", {"ours": []})])
