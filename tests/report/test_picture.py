"""SVG drawings as data URIs."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from molscreen.report.picture import data_uri

IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"


@pytest.fixture
def svg() -> str:
    drawing = rdMolDraw2D.MolDraw2DSVG(280, 220)
    drawing.DrawMolecule(Chem.MolFromSmiles(IMATINIB), legend="<script>alert(1)</script>")
    drawing.FinishDrawing()
    return str(drawing.GetDrawingText())


def test_picture_is_still_the_drawing(svg: str) -> None:
    """Every stroke of the molecule survives, at the tenth of a pixel."""
    small = ElementTree.fromstring(unquote(data_uri(svg).partition(",")[2]))
    large = ElementTree.fromstring(svg)
    paths = [len(list(tree.iter("{http://www.w3.org/2000/svg}path"))) for tree in (small, large)]
    assert paths[0] == paths[1] > 30


def test_picture_has_no_style_for_a_policy_to_refuse(svg: str) -> None:
    assert "style=" in svg
    assert "style=" not in unquote(data_uri(svg))
    assert "stroke=" in unquote(data_uri(svg))


def test_picture_needs_no_escaping_in_html(svg: str) -> None:
    """Autoescape would blow up every quote to five characters."""
    assert not set(data_uri(svg)) & set("<>&'\"#%") - {"%"}


def test_picture_is_small(svg: str) -> None:
    assert len(data_uri(svg)) < len(svg)
