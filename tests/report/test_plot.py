"""Plots on the page: what the eye, the printer and the screen reader are told is the same."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from molscreen.report.page import render
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
