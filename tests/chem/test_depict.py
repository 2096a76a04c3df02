"""Drawings are well-formed, honest in colour, and cannot carry foreign markup."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from molscreen.chem import depict
from molscreen.chem.depict import INK, MAX_DRAWN_ATOMS, Shading, diverging_colour, draw_svg, placeholder_svg

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def test_a_drawing_is_well_formed():
    root = ElementTree.fromstring(draw_svg(ASPIRIN, size=(200, 150)))
    assert root.tag.endswith("svg")
    assert root.get("width") == "200px"


def _fills(svg: str) -> set[str]:
    return {
        part.split(";")[0].split("'")[0].upper() for part in svg.split("fill:")[1:] if part.startswith("#")
    }


def test_largest_weight_has_the_strongest_colour():
    """Orange raises, blue lowers, whatever the scale of the weights."""
    weights = [0.0] * 13
    weights[0], weights[5] = 1e-6, -0.5e-6
    fills = _fills(draw_svg(ASPIRIN, shading=Shading(tuple(weights))))
    full, half = (
        "#" + "".join(f"{int(255 * channel):02X}" for channel in diverging_colour(value))
        for value in (1.0, -0.5)
    )
    assert {full, half} <= fills


def test_small_effect_is_pale_beside_a_scale():
    """By one scale the same colour says the same; beyond its end the colour stays the strongest."""

    def colour(weight: float) -> tuple[float, float, float]:
        return Shading((0.0, weight), full=0.2).colours[1]

    assert colour(0.02) == pytest.approx(diverging_colour(0.1))
    assert colour(-0.1) == pytest.approx(diverging_colour(-0.5))
    assert colour(0.2) == colour(5.0) == diverging_colour(1.0)


def test_strongest_atom_has_its_number_and_each_has_where_wanted():
    """Counted from 1, as sentences about atoms count; of two alike the first."""
    weights = (0.1, -0.4, math.nan, 0.4)
    assert Shading(weights).numbers == {1: "2"}
    assert Shading(weights, are_numbered=True).numbers == {0: "1", 1: "2", 2: "3", 3: "4"}
    plain, numbered = (
        draw_svg("CCOF", shading=Shading(weights, full=1.0, are_numbered=flag)) for flag in (False, True)
    )
    notes = [set(re.findall(r"class='(note[^']*)'", svg)) for svg in (plain, numbered)]
    assert notes == [{"note"}, {"note"}]
    assert numbered.count("class='note'") > plain.count("class='note'") > 0


@pytest.mark.parametrize("weights", [(0.0,) * 13, (math.nan,) * 13])
def test_nothing_to_say_is_not_coloured(weights):
    assert draw_svg(ASPIRIN, shading=Shading(weights)) == draw_svg(ASPIRIN)


def _luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance of WCAG 2."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_colour_scale_is_symmetric_in_lightness():
    """Equal effects must look equally strong: luminance differs by less than a tenth between the arms."""

    def luminance(value: float) -> float:
        return _luminance(*diverging_colour(value))

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
        ("C" * 300, [0.1], "1 weights for 300 atoms"),
    ],
)
def test_wrong_calls_are_refused(key, weights, message):
    with pytest.raises(ValueError, match=message):
        draw_svg(key, shading=None if weights is None else Shading(tuple(weights)))


def _text(svg: str) -> list[str | None]:
    return [element.text for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]


def test_element_symbols_are_readable_on_paper():
    """RDKit's own cyan F and yellow S have a contrast of 2; WCAG asks for 4.5."""
    colours = set(re.findall("#[0-9A-F]{6}", draw_svg("FC(Cl)(Br)CSP(=O)(O)OCNI")))
    for colour in colours:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        assert 1.05 / (_luminance(red, green, blue) + 0.05) >= 4.5, colour
    assert len(colours) > len(INK)


@pytest.mark.parametrize("shading", [None, Shading((0.1,) * 300)])
def test_molecule_too_large_to_draw_says_so(shading):
    """One such hit must not cost the report, nor a notebook its table."""
    assert _text(draw_svg("C" * 300, shading=shading)) == ["300 heavy atoms: too large to draw"]
    assert len(_text(draw_svg("C" * MAX_DRAWN_ATOMS))) == 0


def test_hydrogens_do_not_make_a_molecule_too_large():
    deuterated = "C([2H])([2H])" * 200
    assert "too large" not in draw_svg(deuterated)


@pytest.mark.parametrize("error", [RuntimeError("Invariant Violation"), ValueError("Can't kekulize mol")])
def test_failure_of_rdkit_to_draw_says_so(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(depict, "_draw", fail)
    assert _text(draw_svg(ASPIRIN)) == ["13 heavy atoms: RDKit failed to draw them"]


def test_placeholder_fits_its_frame_and_carries_no_markup():
    """A letter is about 0.55 of the size of its font wide."""
    root = ElementTree.fromstring(placeholder_svg("<script>" * 6, size=(200, 150)))
    [text] = [element for element in root.iter() if element.tag.endswith("text")]
    assert text.text == "<script>" * 6
    assert 48 * 0.55 * float(text.get("font-size", "")) < 200
