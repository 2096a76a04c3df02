"""Plots on the page: what the eye, the printer and the screen reader are told is the same."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import jinja2
import pytest

from molscreen.report.page import HERE, render
from molscreen.report.reading import read_page


@pytest.fixture(scope="module")
def figures(small_run: Path) -> list[str]:
    """The figures of the distributions, as HTML."""
    section = render(read_page(small_run)).split('id="distributions"')[1].split("</section>")[0]
    return re.findall("<figure>.*?</figure>", section, re.DOTALL)


def test_caption_and_accessible_description_are_one_text(figures: list[str]) -> None:
    """Two wordings once said different things of the marks."""
    assert len(figures) == 3
    for number, figure in enumerate(figures, start=1):
        assert f'aria-labelledby="plot-{number} plot-{number}-words"' in figure
        assert f'<figcaption id="plot-{number}-words">' in figure
        assert figure.count("shortlist") == 1


def test_tallest_count_is_read_without_a_pointer(figures: list[str], small_run: Path) -> None:
    """In print, by touch and by keyboard there are no tooltips."""
    for figure, plot in zip(figures, read_page(small_run).plots, strict=True):
        assert f'<text x="0" y="-6">{plot.tallest}</text>' in figure
        assert f"the tallest bar has {plot.tallest}." in figure


def test_limits_of_the_plan_are_drawn_and_told(figures: list[str], small_run: Path) -> None:
    """What a distribution is to be compared with; the score has no limits."""
    score, potency, herg = figures
    assert "The wish is met" not in score
    assert "The wish is met ≥ 8" in potency
    assert "not met ≤ 4" in potency
    assert "The wish is met ≤ 0.2" in herg
    assert "not met ≥ 0.9" in herg
    for figure, plot in zip(figures, read_page(small_run).plots, strict=True):
        lines = [len(re.findall(f'class="{name}"', figure)) for name in ("limit", "limit unmet")]
        assert lines == [len(plot.met), len(plot.unmet)]
        assert ("(line)" in figure, "(dashes)" in figure) == (bool(plot.met), bool(plot.unmet))


def test_picture_is_well_formed(figures: list[str]) -> None:
    for figure in figures:
        [svg] = re.findall("<svg.*?</svg>", figure, re.DOTALL)
        ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    ("x", "left"), [(0.0, "0.0"), (0.5, "0.0"), (70.9, "70.1"), (99.8, "98.4"), (100.0, "98.4")]
)
def test_marker_of_a_value_lies_whole_on_its_track(x: float, left: str) -> None:
    """Half of it was cut off at the ends, where confident probabilities lie; and 70.9 - 0.8 has 16 digits."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), autoescape=True)
    estimate = SimpleNamespace(value="", interval="", x=x, x_low=None, x_high=None)
    svg = str(environment.get_template("plot.html.j2").module.range_bar(estimate))  # type: ignore[attr-defined]
    assert f'class="point" x="{left}" width="1.6"' in svg
