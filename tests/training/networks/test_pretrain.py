"""An encoder learns from molecules alone, and never from those it is tested on later."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from safetensors.torch import load_file

from molscreen.data.data_folder import DATA_VARIABLE
from molscreen.errors import ConfigError, UsageError
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.pretrained import RECORD, load_encoder
from molscreen.models.weight_folder import WEIGHTS
from molscreen.training.networks.pretrain import pretrain

RECIPE = """
name = "tiny"
n_bits = 32
validation = 0.2
leave_out = ["{root}/assay/card.toml"]
[[library]]
name = "{root}/library/card.toml"
[network]
encoder = "gine"
width = 16
depth = 2
hidden = 16
dropout = 0.0
[fit]
epochs = 3
batch_atoms = 200
"""
LIBRARY_CARD = """
name = "library"
title = "chains and nicotines"
licence = "CC0"
commercial = true
[[file]]
path = "library.csv"
"""
ASSAY_CARD = """
name = "assay"
title = "one test compound, one for training"
licence = "CC0"
commercial = true
split_column = "fold"
[[file]]
path = "assay.csv"
[[endpoint]]
column = "y"
name = "y"
"""
CHAINS = [f"{'C' * n}{ending}" for n in range(2, 14) for ending in ("O", "N", "C(=O)O", "c1ccccc1", "C#N")]
NICOTINES = ["CN1CCC[C@H]1c1cccnc1", "CN1CCC[C@@H]1c1cccnc1", "CN1CCCC1c1cccnc1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """60 chains, three nicotines, a row that is no molecule; an assay in which (S)-nicotine is tested."""
    root = tmp_path_factory.mktemp("pretrain")
    rows = [*CHAINS, *NICOTINES, "no molecule"]
    (root / "library.csv").write_text("\n".join(["smiles", *rows]) + "\n")
    (root / "assay.csv").write_text(f"smiles,y,fold\n{NICOTINES[0]},1,test\n{CHAINS[0]},2,train\n")
    for name, card in (("library", LIBRARY_CARD), ("assay", ASSAY_CARD)):
        (root / name).mkdir()
        (root / name / "card.toml").write_text(card)
    (root / "tiny.toml").write_text(RECIPE.format(root=root))
    return root


@pytest.fixture(scope="module")
def encoder(folder):
    """What the command at the head of ``workflows/pretraining`` writes, unbroken."""
    command = [sys.executable, "-m", "molscreen", "pretrain", folder / "tiny.toml", "--out", folder / "tiny"]
    environment = os.environ | {DATA_VARIABLE: str(folder)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "epoch 3/3" in done.stderr
    return folder / "tiny"


def test_test_compounds_are_left_out_whatever_their_stereo(encoder):
    """All three nicotines; a training compound of the same assay stays, and so does everything else."""
    about = json.loads((encoder / RECORD).read_text())["about"]
    assert about["molecules"] == len(CHAINS)


def test_a_network_can_start_from_it(encoder):
    spec = NetworkSpec(encoder="gine", width=16, depth=2, hidden=16, kinds=("regression",))
    network, loaded = Network(spec), load_encoder(encoder)
    loaded.start(network)
    for name, tensor in loaded.weights.items():
        assert network.state_dict()[name].equal(tensor), name
    held_out = loaded.about["held out"]
    assert held_out["descriptors, median R2"] <= 1
    assert 0 <= held_out["bits, median AUROC"] <= 1


def test_a_killed_call_is_continued_by_the_same(folder, encoder):
    """The same encoder to the last bit; neither molecules nor finished epochs are done again."""
    shutil.copytree(folder / "tiny.training", folder / "killed.training")
    (folder / "killed.training" / "member-0.safetensors").unlink()

    def kill(line):
        if line.startswith("epoch 2/3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(folder / "tiny.toml", out=folder / "killed", data_root=folder, progress=kill)
    assert not (folder / "killed").exists()
    told = []
    pretrain(folder / "tiny.toml", out=folder / "killed", data_root=folder, progress=told.append)
    assert [line.split(":")[0] for line in told] == ["epoch 3/3"]
    once, twice = (load_file(path / WEIGHTS) for path in (encoder, folder / "killed"))
    assert once.keys() == twice.keys()
    assert all(once[name].equal(twice[name]) for name in once)


def test_molecules_of_another_recipe_are_not_taken_for_its_own(folder, encoder):
    """The same folder, but nothing is left out any more."""
    recipe = (folder / "tiny.toml").read_text().replace("leave_out", "# leave_out")
    (folder / "more.toml").write_text(recipe.replace("epochs = 3", "epochs = 1"))
    shutil.copytree(folder / "tiny.training", folder / "more.training")
    (folder / "more.training" / "member-0.safetensors").unlink()
    pretrain(folder / "more.toml", out=folder / "more", data_root=folder)
    assert load_encoder(folder / "more").about["molecules"] == len(CHAINS) + len(NICOTINES)


def test_an_existing_output_is_refused_before_any_work(folder):
    with pytest.raises(UsageError, match="exists; name a new directory"):
        pretrain(folder / "tiny.toml", out=folder)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("hidden = 1.0", "hidden must be between 0 and 1, got 1.0"),
        ("validaton = 0.1", "unknown key 'validaton'.*Did you mean 'validation'"),
        ("[network]\nkinds = ['regression']", "kinds is not yours to set"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(tmp_path, line, message):
    path = tmp_path / "r.toml"
    path.write_text(f'name = "r"\nlibrary = [{{name = "zinc250k"}}]\n{line}\n')
    with pytest.raises(ConfigError, match=message):
        pretrain(path, out=tmp_path / "out")
