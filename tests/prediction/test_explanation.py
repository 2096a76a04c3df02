"""One prediction and why, as one object: the same numbers as the rooms below give, and a drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.analogues.analogues import Analogue
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError, UsageError
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.explained.counterfactual import Counterfactual
from molscreen.prediction.explained.explain import attribute
from molscreen.prediction.explanation import Explanation, Neighbour, explain
from molscreen.prediction.table import predict

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
MADE_UP = Explanation(
    key="Clc1ccccc1",
    endpoint=Endpoint(name="logS", unit="log10 mol/L", description="how much <b>dissolves</b>"),
    value=-2.345,
    low=-3.0,
    high=-1.5,
    verdict="edge",
    atoms=np.array([-0.4, 0.0, 0.1, 0.1, 0.1, np.nan, 0.2]),
    neighbours=(Neighbour("<script>alert(1)</script>", 0.5),),
    counterfactuals=(Counterfactual(Analogue("N#Cc1ccccc1", "Cl → CN", 0.83), -2.35, -1.2, better=True),),
)


def test_it_says_what_predict_says(tiny_bundle: Path) -> None:
    """Value, bounds and domain; a salt is explained by its parent, as it is predicted."""
    for smiles in (ASPIRIN, "O=C([O-])c1ccccc1O.[Na+]"):
        said = explain(smiles, bundle=tiny_bundle, endpoint="hERG")
        [row] = predict([smiles], bundles=[tiny_bundle]).to_dict("records")
        assert said.key == row["key"]
        told = [said.value, said.low, said.high]
        assert told == pytest.approx([row["hERG"], row["hERG_low"], row["hERG_high"]], abs=1e-6)
        assert said.in_domain == (said.verdict == "in")
        assert said.endpoint.direction == "lower"


def test_domain_is_that_of_the_activity(tiny_bundle: Path) -> None:
    """The nearest are among those measured for it, and so is the verdict."""
    bundle = load_bundle(tiny_bundle)
    paracetamol = "CC(=O)Nc1ccc(O)cc1"  # a training compound without a pIC50
    names = {}
    for endpoint in ("pIC50", "hERG"):
        said = explain(paracetamol, bundle=bundle, endpoint=endpoint)
        asked = bundle.full_view().restricted_to({endpoint})
        assert said.in_domain == asked.predict([paracetamol]).in_domain[0]
        names[endpoint] = [each.id for each in said.neighbours]
        assert said.measured == {"pIC50": "pIC50", "hERG": ""}[endpoint]
    assert said.neighbours[0] == Neighbour("train-6", 1.0)
    assert "train-6" not in names["pIC50"]


def test_atoms_and_changes_are_those_of_their_rooms(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    said = explain(ASPIRIN, bundle=bundle, endpoint="hERG", count=2)
    [expected] = attribute(bundle.full_view(), [said.key], ["hERG"])
    np.testing.assert_allclose(said.atoms, expected[:, 0], atol=1e-6)
    assert said.elements == tuple("CCOOCCCCCCCOO")
    assert list(said.counterfactuals) == bundle.counterfactuals(said.key, "hERG", count=2)
    assert bundle.drugs is not None
    assert said.drugs_below == pytest.approx(bundle.drugs.percentile(bundle.predict([said.key]).mean)[0, 1])


def test_bundle_without_drugs_says_nothing_of_them(tiny_bundle: Path) -> None:
    bundle = replace(load_bundle(tiny_bundle), drugs=None)
    assert np.isnan(explain(ASPIRIN, bundle=bundle, endpoint="hERG").drugs_below)


def test_drawing_stands_alone() -> None:
    """In a file of its own it is a picture; of another size it is another picture."""
    root = ET.fromstring(MADE_UP.svg())
    assert root.tag.endswith("svg")
    assert MADE_UP.svg((500, 400)) != MADE_UP.svg()
    assert MADE_UP.svg().count("class='note'") == len(MADE_UP.atoms)  # of one digit each
    assert Chem.MolFromSmiles(MADE_UP.key).GetNumAtoms() == len(MADE_UP.atoms) == len(MADE_UP.elements)


def test_notebook_shows_all_of_it_and_no_markup_of_strangers() -> None:
    page = MADE_UP._repr_html_()
    assert page.count('src="data:image/svg+xml;base64,') == 1
    assert "<script" not in page
    assert "dissolves</b>" not in page
    for text in (
        "log10 mol/L (90 % interval -3.00 to -1.50), at the edge",
        "Cl → CN",
        "-2.35 → -1.20",
        "better",
        "atom 1, -0.4 log10 mol/L; full colour from 0.75",
    ):
        assert text in page
    assert "approved drugs" not in page
    assert "lower for 83 % of approved drugs" in replace(MADE_UP, drugs_below=83.2)._repr_html_()
    alone = replace(MADE_UP, neighbours=(), counterfactuals=())._repr_html_()
    assert "<table" not in alone


def test_neighbours_say_what_they_were_measured_for() -> None:
    """A compound of AMES beside a prediction of hERG is no measured hERG."""
    assert MADE_UP.about_neighbours.endswith("of the bundle, not necessarily for logS")
    measured = replace(MADE_UP, measured="CHEMBL204_Ki")
    assert measured.about_neighbours == "nearest training compounds, measured for CHEMBL204_Ki"
    assert all(each.about_neighbours in each._repr_html_() for each in (MADE_UP, measured))


def test_one_line_says_it() -> None:
    """What a tuple of them shows, or a terminal."""
    said = "logS: -2.35 log10 mol/L (90 % interval -3.00 to -1.50), at the edge of the domain"
    assert repr(MADE_UP) == f"<Clc1ccccc1, {said}>"
    label = Endpoint(name="p", kind="classification", unit="probability")
    probability = replace(MADE_UP, endpoint=label, value=0.0214, low=0.0, high=0.0833, verdict="in")
    assert str(probability) == "p: 0.02 (Venn-ABERS bounds 0.00 to 0.08), inside the domain"


def test_what_cannot_be_explained_is_told(tiny_bundle: Path) -> None:
    with pytest.raises(UsageError, match=r"'CC\(C\)\(C\)\(C\)C': carbon with five bonds"):
        explain("CC(C)(C)(C)C", bundle=tiny_bundle, endpoint="hERG")
    with pytest.raises(UsageError, match=r"unknown endpoint 'hERGG'.*Did you mean 'hERG'"):
        explain(ASPIRIN, bundle=tiny_bundle, endpoint="hERGG")
    with pytest.raises(UsageError, match="explain: endpoint is a list, expected str"):
        explain(ASPIRIN, bundle=tiny_bundle, endpoint=["hERG"])  # type: ignore[arg-type]
    with pytest.raises(BundleError, match="no bundle 'no-such'"):
        explain(ASPIRIN, bundle="no-such", endpoint="hERG")
