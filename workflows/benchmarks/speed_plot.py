"""The speed benchmark as a picture: a bar for each program, molecules per second on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LEFT, WIDTH, RIGHT = 285, 470, 95  # px: names, bars, figures
STEP, THICK = 34, 20  # px: from bar to bar, and a bar
TOP, BOTTOM = 74, 52
OURS, THEIRS, LIMIT = "#1b6e8c", "#a8703a", "#8a8a8a"  # colours


@dataclass(frozen=True, slots=True)
class Bar:
    """One program: its name, molecules per second, and the colour of its kind."""

    title: str
    rate: float
    colour: str


def colour_of(name: str) -> str:
    """By kind of contestant: ours, a peer's, or the limit."""
    if name == "rdkit":
        return LIMIT
    return OURS if name.startswith(("molscreen", "index")) else THEIRS


def bar_plot(bars: Sequence[Bar], *, title: str, subtitle: str) -> str:
    """An SVG of horizontal bars; whoever is fastest stands highest.

    Raises
    ------
    ValueError
        There is no bar, or a rate is not a positive number.
    """
    if not bars or not all(math.isfinite(bar.rate) and bar.rate > 0 for bar in bars):
        raise ValueError("expected bars with positive rates")
    low = math.floor(math.log10(min(bar.rate for bar in bars)) - 1e-9)
    high = math.ceil(math.log10(max(bar.rate for bar in bars)) + 1e-9)
    width, height = LEFT + WIDTH + RIGHT, TOP + STEP * len(bars) + BOTTOM
    floor = TOP + STEP * len(bars)

    def x_of(rate: float) -> float:
        return LEFT + WIDTH * (math.log10(rate) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="system-ui, sans-serif" font-size="13" fill="#222" role="img">',
        f'<title>{escape(title)}</title><rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="28" font-size="17" font-weight="600">{escape(title)}</text>',
        f'<text x="16" y="49" fill="#555">{escape(subtitle)}</text>',
    ]
    for power in range(low, high + 1):
        x = x_of(10.0**power)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{floor}" stroke="#ddd"/>'
            f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle" fill="#555">{10.0**power:,.10g}</text>'
        )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2:.0f}" y="{floor + 40}" text-anchor="middle" fill="#555">'
        "molecules per second, whole call (logarithmic)</text>"
    )
    for place, bar in enumerate(sorted(bars, key=lambda each: -each.rate)):
        y, end = TOP + STEP * place + (STEP - THICK) / 2, x_of(bar.rate)
        middle = y + THICK / 2 + 4.5
        parts.append(
            f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(bar.title)}</text>'
            f'<rect x="{LEFT}" y="{y:.1f}" width="{max(end - LEFT, 1):.1f}" height="{THICK}"'
            f' fill="{bar.colour}"/>'
            f'<text x="{end + 7:.1f}" y="{middle:.1f}" font-weight="600">{bar.rate:,.0f}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])
