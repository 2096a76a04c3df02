"""A training file becomes a bundle that predicts what was measured."""

import numpy as np
import pytest

from molscreen.data.user_card import UserColumns
from molscreen.errors import UsageError
from molscreen.prediction.bundle import load_bundle
from molscreen.training.train import train

RECIPE = """
name = "tiny"
description = "how many carbons a chain has"
members = 2
baseline_runs = 1
datasets = ["{card}"]
[split]
method = "random"
train = 0.6
validation = 0.1
calibration = 0.2
test = 0.1
[network]
encoder = "gine"
width = 24
depth = 2
hidden = 24
[fit]
epochs = 12
batch_atoms = 400
learning_rate = 5e-3
"""
CARD = """
name = "chains"
title = "chains"
licence = "CC0"
commercial = true
id_column = "name"
[[file]]
path = "chains.csv"
[[endpoint]]
column = "carbons"
name = "carbons"
unit = "atoms"
[[endpoint]]
column = "polar"
name = "polar"
kind = "classification"
unit = "probability"
"""


@pytest.fixture
def chains(tmp_path):
    """200 chains of 1 to 40 carbons with five endings, their card and a training file."""
    rows = [
        f"c{n}{ending},{'C' * (n + 1)}{ending},{n},{int(ending in ('O', 'N'))}"
        for n in range(1, 41)
        for ending in ("", "O", "N", "F", "C#N")
    ]
    (tmp_path / "chains.csv").write_text("\n".join(["name,smiles,carbons,polar", *rows]) + "\n")
    (tmp_path / "card.toml").write_text(CARD)
    (tmp_path / "tiny.toml").write_text(RECIPE.format(card=tmp_path / "card.toml"))
    return tmp_path


def test_a_training_file_becomes_a_bundle_that_has_learnt(chains):
    """From measurements to a loaded bundle: it predicts, knows its domain and carries its figures."""
    lines = []
    bundle = train(chains / "tiny.toml", out=chains / "tiny", data_root=chains, progress=lines.append)
    assert bundle.digest == load_bundle(chains / "tiny").digest
    said = bundle.predict(["C" * 6, "C" * 31])
    assert said.mean[1, 0] > said.mean[0, 0] + 5
    assert bool(np.all(said.low[:, 0] < said.mean[:, 0]))
    figures = bundle.about.metrics
    assert any(title.endswith("ensemble") for title in figures)
    assert any("ECFP forests" in title for title in figures)
    assert any("member 2/2, epoch 12/12" in line for line in lines)
    assert "carbons" in (chains / "tiny" / "MODEL_CARD.md").read_text()


def test_training_is_repeatable(chains):
    """The same file, settings and seed give the same weights."""
    first = train(chains / "tiny.toml", out=chains / "one", data_root=chains)
    second = train(chains / "tiny.toml", out=chains / "two", data_root=chains)
    for name, tensor in first.networks[0].state_dict().items():
        assert tensor.equal(second.networks[0].state_dict()[name]), name


def test_an_existing_output_is_refused_before_any_work(chains):
    """Hours of training must not end in 'the folder exists'."""
    with pytest.raises(UsageError, match="exists; name a new directory"):
        train(chains / "chains.csv", out=chains, columns=UserColumns(targets=("carbons",)))


def test_a_missing_target_lists_the_columns(chains):
    """A typo in a column name is the commonest mistake."""
    with pytest.raises(UsageError, match=r"no column 'carbon'.*Did you mean 'carbons'\?"):
        train(chains / "chains.csv", out=chains / "x", columns=UserColumns(targets=("carbon",)))
