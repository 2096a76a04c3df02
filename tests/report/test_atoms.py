"""The atoms behind a prediction, drawn: each map says what its strongest atom is worth."""

from __future__ import annotations

import json
from urllib.parse import unquote

from molscreen.endpoint import Endpoint
from molscreen.report.atoms import draw_attributions

ENDPOINTS = {
    "hERG": Endpoint(name="hERG", kind="classification", unit="probability"),
    "logD": Endpoint(name="logD", unit="logD"),
}


def test_each_map_says_what_its_strongest_atom_is_worth() -> None:
    atoms = {"hERG": [0.001, None, -0.0366], "logD": [0.69, 0.0, 0.1]}
    row = {"key": "CCO", "attributions": json.dumps(atoms), "logD": 0.0, "logD_low": -1.0, "logD_high": 1.0}
    herg, logd = draw_attributions({**row, "hERG": 0.15, "hERG_low": 0.1, "hERG_high": 0.2}, ENDPOINTS)
    assert "; strongest is atom 3, −0.037 (0.19 without it); full colour where the odds" in herg.caption
    assert logd.caption.endswith("; strongest is atom 1, +0.69 logD; full colour from 1 logD")
    assert all(picture.caption.startswith(name) for name, picture in zip(atoms, (herg, logd), strict=True))


def test_colours_of_two_hits_can_be_compared() -> None:
    """Ten times the effect is no paler beside a molecule that has nothing stronger."""
    drawn = []
    for weight in (0.02, 0.2):
        row = {"key": "CCO", "attributions": json.dumps({"hERG": [weight, 0, 0]})}
        said = {"hERG": 0.5, "hERG_low": None, "hERG_high": None}
        [picture] = draw_attributions(row | said, ENDPOINTS)
        drawn.append(unquote(picture.source))
    assert drawn[0] != drawn[1]


def test_row_without_attributions_has_no_map() -> None:
    """A predictor of one's own is not asked for its atoms."""
    assert draw_attributions({"key": "CCO", "attributions": "{}"}, ENDPOINTS) == ()
    assert draw_attributions({"key": "CCO", "attributions": None}, ENDPOINTS) == ()
