"""A prior is what was trained, or it is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from rdkit import Chem, rdBase

from molscreen.errors import BundleError
from molscreen.generation.language.prior import RECORD, load_prior, sample_smiles, save_prior
from molscreen.models.weight_folder import WEIGHTS
from tests.generation.language.small_prior import QUICK, fit, keep, small_prior


@pytest.fixture
def folder(tmp_path):
    prior = small_prior()
    save_prior(
        prior.network(), prior.vocabulary, tmp_path / "prior", name="mine", style=prior.style, about={"a": 1}
    )
    return tmp_path / "prior"


def test_what_was_saved_is_loaded(folder):
    """Its weights went through float16, which they came from."""
    prior = load_prior(folder)
    assert (prior.name, prior.about, prior.vocabulary) == ("mine", {"a": 1}, small_prior().vocabulary)
    for name, tensor in small_prior().weights.items():
        assert torch.equal(prior.weights[name], tensor)


def test_the_same_training_gives_the_same_bytes(tmp_path):
    few = replace(QUICK, epochs=3)
    priors = [keep(fit(tmp_path / f"work{n}", few), tmp_path / f"prior{n}") for n in (1, 2)]
    assert priors[0].digest == priors[1].digest


def test_a_network_of_a_prior_is_its_callers_own(folder):
    """What one search teaches it, another does not know."""
    prior = load_prior(folder)
    with torch.no_grad():
        prior.network().output.bias.zero_()
    assert prior.network().output.bias.abs().sum() > 0


def test_a_directory_is_not_written_over(folder):
    with pytest.raises(BundleError, match="exists; name a new directory"):
        keep(fit(folder.parent / "work", replace(QUICK, epochs=1)), folder)


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(BundleError, match=r"no prior 'zinc250'. Known: zinc250k.* Did you mean 'zinc250k'\?"):
        load_prior("zinc250")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / WEIGHTS).write_bytes(b"\0" * 99), "truncated or changed"),
        (lambda folder: (folder / RECORD).write_text("{"), "damaged, no prior"),
        (lambda folder: _edit(folder, tokens=["C"]), "a vocabulary begins with"),
        (lambda folder: _edit(folder, network={"tokens": 5}), "damaged, no prior"),
    ],
)
def test_a_damaged_prior_is_told(folder, damage, message):
    damage(folder)
    with pytest.raises(BundleError, match=message):
        load_prior(folder)


def _edit(folder, **changes):
    record = json.loads((folder / RECORD).read_text())
    (folder / RECORD).write_text(json.dumps({**record, **changes}))


def test_the_shipped_prior_writes_molecules():
    """Of 300, at least 90 in a hundred; the model card has the figure of 30,000."""
    prior = load_prior()
    with rdBase.BlockLogs():
        mols = [Chem.MolFromSmiles(each) for each in sample_smiles(prior, 300, np.random.default_rng(0))]
    assert sum(mol is not None for mol in mols) >= 270


def test_the_shipped_prior_tells_where_it_comes_from():
    about = load_prior().about
    assert about["data"]["dataset"] == "zinc250k"
    assert about["data"]["licence"]
    assert about["figures"]["validity"] > 0.9
