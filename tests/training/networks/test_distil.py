"""A student answers for its teachers, from a graph alone."""

from __future__ import annotations

import numpy as np
import pytest

from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError
from molscreen.graphs.features import featurize_batch
from molscreen.training.benchmark.exam import TrainingFold
from molscreen.training.benchmark.lineup import line_up
from molscreen.training.networks import distil as module
from molscreen.training.recipe import load_recipe
from molscreen.training.train import train

CARD = """
name = "chains"
title = "chains"
licence = "CC0"
commercial = true
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
LIBRARY = """
name = "library"
title = "chains that nobody measured"
licence = "CC0"
commercial = true
[[file]]
path = "library.csv"
"""
RECIPE = """
name = "tiny"
members = 2
baseline_runs = 0
experts = ["kernel"]
datasets = ["{root}/assay/card.toml"]
[split]
method = "random"
train = 0.9
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
[distil.network]
encoder = "gine"
width = 12
depth = 2
hidden = 12
[distil.fit]
epochs = 15
batch_atoms = 400
learning_rate = 5e-3
[[distil.library]]
name = "{root}/library/card.toml"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """200 chains of which two things are known, 240 of which nothing is, and a training file."""
    root = tmp_path_factory.mktemp("distil")
    rows = [
        f"{'C' * n}{ending},{n},{int(ending in ('O', 'N'))}"
        for n in range(2, 42)
        for ending in ("", "O", "N", "F", "C#N")
    ]
    (root / "chains.csv").write_text("\n".join(["smiles,carbons,polar", *rows]) + "\n")
    molecules = [
        f"C{'C' * n}(C){ending}" for n in range(2, 42) for ending in ("CC", "CO", "CN", "CF", "CCl", "CBr")
    ]
    (root / "library.csv").write_text("\n".join(["smiles", *molecules]) + "\n")
    for name, card in (("assay", CARD), ("library", LIBRARY)):
        (root / name).mkdir()
        (root / name / "card.toml").write_text(card)
    (root / "tiny.toml").write_text(RECIPE.format(root=root))
    return root


@pytest.fixture(scope="module")
def taught(folder):
    """The bundle, and what was told while it was made."""
    told = []
    return train(folder / "tiny.toml", out=folder / "tiny", data_root=folder, progress=told.append), told


def test_the_wide_view_is_a_narrow_student_that_agrees_with_the_full_view(taught):
    """On branched chains, which neither was shown with a measurement."""
    bundle, _ = taught
    assert bundle.student.spec.width == 12 < bundle.networks[0].spec.width
    keys = [f"CCC(C){'C' * n}{ending}" for n in range(3, 30, 3) for ending in ("F", "O", "N")]
    graphs = featurize_batch(keys)
    wide, full = (view.predict(keys, graphs).mean for view in (bundle.wide_view(), bundle.full_view()))
    for column in (0, 1):
        assert np.corrcoef(wide[:, column], full[:, column])[0, 1] > 0.8


def test_the_teacher_is_asked_about_every_molecule_of_the_library(taught):
    _, told = taught
    assert any(line.startswith("teacher, 240 of 240 molecules") for line in told)
    assert any(line.startswith("student, epoch 15/15") for line in told)


def test_what_was_measured_is_believed_before_the_teacher(folder, monkeypatch):
    """A teacher who is wrong about everything teaches only what nobody measured."""
    seen = []
    fit = module.fit

    def watch(network, learning, stopping, **settings):
        seen.append(learning)
        return fit(network, learning, stopping, **settings)

    monkeypatch.setattr(module, "fit", watch)
    monkeypatch.setattr(module, "_answer", lambda *asked: np.full((len(asked[2]), 2), 0.5, np.float32))
    train(folder / "tiny.toml", out=folder / "misled", data_root=folder)
    (learning,) = seen
    unlabelled, measured = learning.value[:240], learning.value[240:]
    assert (unlabelled == 0.5).all()
    assert set(np.unique(measured[:, 1])) <= {0.0, 0.5, 1.0}
    assert (measured[:, 0] != 0.5).mean() > 0.8  # all but the chains of the test fold, which count elsewhere


def test_a_benchmark_judges_the_student_after_its_teachers(folder, tmp_path, monkeypatch):
    """Which are not fitted again; and what is tested is no lesson, not even without a value."""
    monkeypatch.setenv("MOLSCREEN_DATA", str(folder))
    recipe, _ = load_recipe(folder / "tiny.toml")
    keys = tuple(f"{'C' * n}{ending}" for n in range(2, 42) for ending in ("", "O", "N", "F"))
    value = np.array([[float(key.count("C"))] for key in keys])
    fold = TrainingFold(keys, value, (Endpoint(name="carbons"),), np.zeros(len(keys), bool))
    tested = ["CCCC(C)CO", "CCC(C)CC"]  # both are in the library
    ours, student = line_up(["ours", "ours-student"], benchmark="tdc-admet", recipe=recipe, folder=tmp_path)
    told, again = [], []
    [full] = ours.fit_together([fold], tested=tested, seed=0, progress=lambda _: None)
    [wide] = student.fit_together([fold], tested=tested, seed=0, progress=told.append)
    assert any(line.startswith("teacher, 238 of 238 molecules") for line in told)
    assert not any(line.startswith(("network", "kernel: fitted")) for line in told)
    student.fit_together([fold], tested=tested, seed=0, progress=again.append)
    assert not any(line.startswith(("teacher", "student")) for line in again)
    asked = [f"CCC(C){'C' * n}O" for n in range(3, 30, 3)]
    assert (full(asked) != wide(asked)).all()
    assert np.corrcoef(full(asked)[:, 0], wide(asked)[:, 0])[0, 1] > 0.8
    assert student.name == "ours-student"
    assert student.settings != ours.settings


def test_a_table_without_a_library_is_refused(folder, tmp_path):
    """There would be nothing to ask about."""
    recipe = (folder / "tiny.toml").read_text().split("[[distil.library]]")[0]
    (tmp_path / "r.toml").write_text(recipe)
    with pytest.raises(ConfigError, match="library"):
        train(tmp_path / "r.toml", out=tmp_path / "out", data_root=folder)
