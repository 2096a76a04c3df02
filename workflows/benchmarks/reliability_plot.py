"""Reliability of probabilities as a picture: a small square for each endpoint, stated against observed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

SIDE, GAP, HEAD = 120, 34, 58  # px: a square, the space around it, and above them all
ACROSS = 6  # squares in a row
LINE, POINT, GRID = "#8a8a8a", "#1b6e8c", "#dddddd"  # colours
Figures = Mapping[str, Mapping[str, float | None]]  # endpoint to "0.2-0.3" to share of label 1, and to "n"


def reliability_plot(figures: Figures, *, title: str) -> str:
    """An SVG with a square for each endpoint: up, the observed share of label 1; across, what was stated.

    On the diagonal what is said comes true. A tenth with too few measurements has no point.

    Raises
    ------
    ValueError
        There is no endpoint.
    """
    if not figures:
        raise ValueError("no endpoint has a table of reliability: expected a bundle with probabilities")
    rows = math.ceil(len(figures) / ACROSS)
    width, height = GAP + ACROSS * (SIDE + GAP), HEAD + rows * (SIDE + GAP + 14)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{GAP}" y="24" font-size="16">{escape(title)}</text>',
        f'<text x="{GAP}" y="42">observed share of label 1 (up) where this probability was stated (across);'
        " 0 to 1</text>",
    ]
    for place, (endpoint, shares) in enumerate(figures.items()):
        x = GAP + place % ACROSS * (SIDE + GAP)
        y = HEAD + 14 + place // ACROSS * (SIDE + GAP + 14)
        parts.append(_square(endpoint, shares, x, y))
    return "\n".join([*parts, "</svg>\n"])


def _square(endpoint: str, shares: Mapping[str, float | None], x: float, y: float) -> str:
    points = [
        (x + SIDE * _middle(label), y + SIDE * (1 - share))
        for label, share in shares.items()
        if label != "n" and share is not None and not math.isnan(share)
    ]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{POINT}"/>' for a, b in points)
    n = shares.get("n")
    caption = f"{endpoint} ({n:,.0f})" if n else endpoint
    return (
        f'<g><text x="{x}" y="{y - 4}">{escape(caption)}</text>'
        f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{GRID}"/>'
        f'<line x1="{x}" y1="{y + SIDE}" x2="{x + SIDE}" y2="{y}" stroke="{LINE}" stroke-dasharray="3 3"/>'
        f'<polyline points="{path}" fill="none" stroke="{POINT}"/>{dots}</g>'
    )


def _middle(label: str) -> float:
    low, high = label.split("-")
    return (float(low) + float(high)) / 2
