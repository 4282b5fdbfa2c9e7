"""Plots as SVG, written by hand: small, the same bytes from the same numbers, legible on light and on dark pages.

The x axis is logarithmic and marks what was measured. The y axis is linear from 0, or logarithmic where the values differ by more than `LINEAR_RATIO`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT = 340, 200
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 58, 40
"""Room around the area of a panel."""

LINEAR_RATIO = 30

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 14px; font-weight: 600; fill: #1f2328 } .panel { fill: #1f2328 }
.grid { stroke: #d8dee4 } .axis { stroke: #8c959f }
.line { fill: none; stroke-width: 2 } .line0 { stroke: #0969da } .line1 { stroke: #8c6a00; stroke-dasharray: 5 4 }
.dot0 { fill: #0969da } .dot1 { fill: #8c6a00 }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 } .title, .panel { fill: #f0f6fc }
  .grid { stroke: #30363d } .axis { stroke: #656c76 }
  .line0 { stroke: #58a6ff } .line1 { stroke: #d4a72c } .dot0 { fill: #58a6ff } .dot1 { fill: #d4a72c }
}
"""


class Panel(NamedTuple):
    """`lines`: a name and its points, by rising x."""

    title: str
    axis: str
    lines: Mapping[str, Sequence[tuple[float, float]]]


class Scale(NamedTuple):
    """Where a value stands, in parts of the axis, and the values that are written at it."""

    low: float
    high: float
    logarithmic: bool
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def size_scale(values: Sequence[float]) -> Scale:
    """Logarithmic, from the least to the greatest, each of them marked."""
    sizes = sorted(set(values))
    return Scale(sizes[0], sizes[-1] if len(sizes) > 1 else sizes[0] * 10, True, tuple(sizes))


def logarithmic_scale(values: Sequence[float]) -> Scale:
    """Whole decades."""
    first = math.floor(math.log10(min(values)) + 1e-9)
    last = max(math.ceil(math.log10(max(values)) - 1e-9), first + 1)
    ticks = tuple(10.0**power for power in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], True, ticks)


def linear_scale(values: Sequence[float]) -> Scale:
    """From 0 to a little over the greatest, with about four round steps."""
    most = max(values)
    rough = most / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= rough)
    count = math.ceil(most / step - 1e-9)
    return Scale(0, step * count, False, tuple(round(step * index, 10) for index in range(count + 1)))


def value_scale(values: Sequence[float]) -> Scale:
    return logarithmic_scale(values) if max(values) > LINEAR_RATIO * min(values) > 0 else linear_scale(values)


def short(value: float) -> str:
    """1,000 as 1k, a million as 1M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def figure(title: str, panels: Sequence[Panel]) -> str:
    """The whole SVG: panels side by side below a title, with the names of the lines if there are several."""
    width = len(panels) * (LEFT + PANEL_WIDTH + RIGHT)
    height = TOP + PANEL_HEIGHT + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>',
    ]
    names = list(panels[0].lines)
    if len(names) > 1:
        parts += _legend(names, width)
    for index, panel in enumerate(panels):
        parts += [f'<g transform="translate({index * (LEFT + PANEL_WIDTH + RIGHT) + LEFT},{TOP})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def _legend(names: Sequence[str], width: int) -> list[str]:
    parts: list[str] = []
    x = width - RIGHT
    for number, name in reversed(list(enumerate(names))):
        x -= 7 * len(name)
        parts += [f'<text x="{x}" y="18">{escape(name)}</text>', f'<line class="line line{number}" x1="{x - 28}" y1="14" x2="{x - 6}" y2="14"/>']
        x -= 44
    return parts


def _panel(panel: Panel) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    parts = [f'<text class="panel" x="0" y="-14">{escape(panel.title)}</text>']
    if not points:
        return [*parts, '<text x="0" y="20">not measured</text>']
    across, up = size_scale([x for x, _ in points]), value_scale([y for _, y in points])
    for tick in up.ticks:
        y = _y(up, tick)
        parts += [f'<line class="grid" x1="0" y1="{y}" x2="{PANEL_WIDTH}" y2="{y}"/>', f'<text x="-7" y="{y + 4:g}" text-anchor="end">{short(tick)}</text>']
    for tick in across.ticks:
        x = _x(across, tick)
        parts += [f'<line class="grid" x1="{x}" y1="0" x2="{x}" y2="{PANEL_HEIGHT}"/>']
        parts += [f'<text x="{x}" y="{PANEL_HEIGHT + 17}" text-anchor="middle">{short(tick)}</text>']
    parts += [f'<line class="axis" x1="0" y1="{PANEL_HEIGHT}" x2="{PANEL_WIDTH}" y2="{PANEL_HEIGHT}"/>']
    parts += [f'<text x="{PANEL_WIDTH / 2:g}" y="{PANEL_HEIGHT + 34}" text-anchor="middle">{escape(panel.axis)}</text>']
    for number, line in enumerate(panel.lines.values()):
        path = " ".join(f"{_x(across, x)},{_y(up, y)}" for x, y in line)
        parts += [f'<polyline class="line line{number}" points="{path}"/>']
        parts += [f'<circle class="dot{number}" cx="{_x(across, x)}" cy="{_y(up, y)}" r="3"/>' for x, y in line]
    return parts


def _x(scale: Scale, value: float) -> str:
    return f"{scale.at(value) * PANEL_WIDTH:.1f}"


def _y(scale: Scale, value: float) -> float:
    return round((1 - scale.at(value)) * PANEL_HEIGHT, 1)
