"""Fixtures of several rooms: a bundle of random weights, a library with hostile names, and its run."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from molscreen.endpoint import Endpoint

ENDPOINTS = (
    Endpoint(name="pIC50", unit="-log10(mol/L)", direction="higher", role="activity"),
    Endpoint(name="hERG", kind="classification", unit="probability", direction="lower", role="toxicity"),
)
TRAINING = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
    "CN1CCC[C@H]1c1cccnc1",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "CC(=O)Nc1ccc(O)cc1",
    "O=C(O)c1ccccc1O",
)
UNMEASURED = 6  # the training compound that has no pIC50
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0")
LIBRARY = (  # name, smiles, batch
    ("aspirin", "CC(=O)Oc1ccccc1C(=O)O", "1e5"),
    ("diazepam", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", "00123"),
    (HOSTILE[0], "CC(C)Cc1ccc(C(C)C(=O)O)cc1", HOSTILE[2]),
    (HOSTILE[1], "CN1CCC[C@H]1c1cccnc1", HOSTILE[0]),
    (HOSTILE[2], "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1", ""),
    ("caffeine", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", ""),
    ("no such carbon", "CC(C)(C)(C)C", HOSTILE[0]),
    ("sodium salicylate", "O=C([O-])c1ccccc1O.[Na+]", ""),
    ("aspirin again", "OC(=O)c1ccccc1OC(C)=O", ""),
    ("nonsense", HOSTILE[0], ""),
)
PLAN = """\
name = "two wishes"
description = "Potent, clean & <b>bold</b>."
top = 5
[objective]
[[objective.term]]
endpoint = "pIC50"
curve = "rise"
low = 4
high = 8
[[objective.term]]
endpoint = "hERG"
curve = "fall"
low = 0.2
high = 0.9
weight = 0.5
[[objective.term]]
endpoint = "QED"
curve = "rise"
low = 0.3
high = 0.7
[[filter]]
rule = "brenk"
action = "flag"
"""


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that knows nothing (random weights) and has every part; its numbers mean nothing."""
    import torch

    from molscreen.graphs.features import featurize_batch
    from molscreen.models.network import Network, NetworkSpec
    from molscreen.prediction.blend.blend import Blend
    from molscreen.prediction.blend.council import NETWORKS
    from molscreen.prediction.blend.ensemble import run_networks
    from molscreen.prediction.bundle.bundle import Bundle
    from molscreen.prediction.bundle.bundle_file import save_bundle
    from molscreen.prediction.bundle.drug_reference import DrugReference
    from molscreen.prediction.bundle.manifest import About
    from molscreen.prediction.certainty.calibration import Calibration
    from molscreen.prediction.certainty.domain import EmbeddingDomain
    from molscreen.prediction.certainty.neighbours import NeighbourDomain

    torch.manual_seed(0)
    spec = NetworkSpec(width=16, depth=2, hidden=16, kinds=tuple(endpoint.kind for endpoint in ENDPOINTS))
    networks = tuple(Network(spec).eval() for _ in range(2))
    measured = TRAINING * 5  # enough for a 90 % interval
    graphs = featurize_batch(measured)
    rng = np.random.default_rng(0)
    target = np.column_stack([rng.normal(6, 1, len(measured)), rng.integers(0, 2, len(measured))])
    views = {}
    for name, members in (("wide", networks[:1]), ("full", networks)):
        output = run_networks(members, graphs)
        views[name] = Calibration.fit(
            ENDPOINTS, target=target, mean=output.mean, std=output.std, distance=np.ones((len(measured), 1))
        )
    apart = np.arange(len(TRAINING)) >= 5
    bundle = Bundle(
        about=About(name="tiny", description="Random weights, for tests."),
        endpoints=ENDPOINTS,
        student=networks[0],
        networks=networks,
        experts={},
        blend=Blend((NETWORKS,), np.ones((1, len(ENDPOINTS))), np.zeros(len(ENDPOINTS))),
        wide=views["wide"],
        full=views["full"],
        domain=EmbeddingDomain.fit(output.embedding[:5], output.embedding[5:]),
        neighbours=NeighbourDomain.fit(
            TRAINING,
            [f"train-{i}" for i in range(len(TRAINING))],
            apart,
            measured={"pIC50": np.arange(len(TRAINING)) != UNMEASURED},
        ),
    )
    drugs = DrugReference.fit(bundle.predict(TRAINING).mean)
    directory = tmp_path_factory.mktemp("bundles") / "tiny"
    save_bundle(dataclasses.replace(bundle, drugs=drugs), directory)
    return directory


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten rows: drugs, some named like code, a salt, a duplicate, and two that are no molecule."""
    path = tmp_path_factory.mktemp("library") / "library.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("name", "smiles", "batch"), *LIBRARY])
    return path


@pytest.fixture(scope="session")
def small_plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan over the endpoints of the tiny bundle."""
    path = tmp_path_factory.mktemp("plan") / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_run(tiny_bundle: Path, small_library: Path, small_plan: Path) -> Path:
    """The run folder of that library, plan and bundle, with its report."""
    from molscreen.report.screen import screen

    out = small_plan.parent / "run"
    screen(small_library, plan=small_plan, bundles=[tiny_bundle], out=out, executor="inline")
    return out
