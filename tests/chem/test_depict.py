"""Drawings are well-formed, honest in colour, and cannot carry foreign markup."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from molscreen.chem.depict import diverging_colour, draw_svg

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.mark.parametrize(
    "legend", ["", "aspirin", "<script>alert(1)</script> & \"quotes\" 'too'", "a\x00\x1bb"]
)
def test_any_legend_gives_well_formed_svg_without_scripts(legend):
    """A compound's name comes from a stranger's file and ends in a page."""
    svg = draw_svg(ASPIRIN, size=(200, 150), legend=legend)
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert root.get("width") == "200px"
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    if legend.isprintable() and legend:
        assert [e.text for e in root.iter() if e.tag.endswith("text")] == [legend]


def _fills(svg: str) -> set[str]:
    return {
        part.split(";")[0].split("'")[0].upper() for part in svg.split("fill:")[1:] if part.startswith("#")
    }


def test_largest_weight_has_the_strongest_colour():
    """Orange raises, blue lowers, whatever the scale of the weights."""
    weights = [0.0] * 13
    weights[0], weights[5] = 1e-6, -0.5e-6
    fills = _fills(draw_svg(ASPIRIN, atom_weights=weights))
    full, half = (
        "#" + "".join(f"{int(255 * channel):02X}" for channel in diverging_colour(value))
        for value in (1.0, -0.5)
    )
    assert {full, half} <= fills


@pytest.mark.parametrize("weights", [[0.0] * 13, [math.nan] * 13])
def test_nothing_to_say_is_not_coloured(weights):
    assert draw_svg(ASPIRIN, atom_weights=weights) == draw_svg(ASPIRIN)


def test_colour_scale_is_symmetric_in_lightness():
    """Equal effects must look equally strong: luminance differs by less than a tenth between the arms."""

    def luminance(value: float) -> float:
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in diverging_colour(value)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    steps = [i / 10 for i in range(11)]
    for value in steps:
        assert luminance(value) == pytest.approx(luminance(-value), abs=0.1)
    for side in (1, -1):
        falling = [luminance(side * value) for value in steps]
        assert falling == sorted(falling, reverse=True)


@pytest.mark.parametrize(
    ("key", "weights", "message"),
    [
        ("C1CC", None, "'C1CC' is no SMILES; standardize it first"),
        ("CCO", [0.1], "1 weights for 3 atoms of 'CCO'"),
        ("C" * 300, None, "300 atoms, at most 250 are drawn"),
    ],
)
def test_wrong_calls_are_refused(key, weights, message):
    with pytest.raises(ValueError, match=message):
        draw_svg(key, atom_weights=weights)
