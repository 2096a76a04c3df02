"""MoleculeNet through DeepChem's loaders; with `molscreen.data.splits` the door to DeepChem."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.compound import Compound, Rejection
from molscreen.chem.recipe import Recipe
from molscreen.data.assay_table import EQUAL, AssayTable
from molscreen.data.measurements import standardize_all
from molscreen.data.splits import quiet_deepchem
from molscreen.endpoint import Direction, Endpoint, Kind, Role
from molscreen.errors import ConfigError, LibraryError, did_you_mean


@dataclass(frozen=True, slots=True)
class MoleculeNetSet:
    """One set of MoleculeNet: DeepChem's loader, the raw file it reads, and what is measured."""

    loader: str
    raw_file: str
    kind: Kind
    unit: str
    direction: Direction
    role: Role


def _labels(loader: str, raw_file: str, direction: Direction, role: Role) -> MoleculeNetSet:
    return MoleculeNetSet(loader, raw_file, "classification", "probability", direction, role)


MOLECULENET: dict[str, MoleculeNetSet] = {
    "bbbp": _labels("load_bbbp", "BBBP.csv", "none", "property"),
    "clintox": _labels("load_clintox", "clintox.csv.gz", "none", "toxicity"),
    "esol": MoleculeNetSet(
        "load_delaney", "delaney-processed.csv", "regression", "log10 mol/L", "higher", "property"
    ),
    "freesolv": MoleculeNetSet("load_sampl", "SAMPL.csv", "regression", "kcal/mol", "none", "property"),
    "hiv": _labels("load_hiv", "HIV.csv", "higher", "activity"),
    "lipophilicity": MoleculeNetSet(
        "load_lipo", "Lipophilicity.csv", "regression", "logD", "none", "property"
    ),
    "muv": _labels("load_muv", "muv.csv.gz", "higher", "activity"),
    "sider": _labels("load_sider", "sider.csv.gz", "lower", "toxicity"),
    "tox21": _labels("load_tox21", "tox21.csv.gz", "lower", "toxicity"),
    "toxcast": _labels("load_toxcast", "toxcast_data.csv.gz", "lower", "toxicity"),
}


def load_moleculenet(
    name: str, data_dir: str | Path, *, download: bool = False, recipe: Recipe | None = None
) -> AssayTable:
    """A set of MoleculeNet as DeepChem reads it, before any split or scaling.

    Parameters
    ----------
    name : str
        One of `MOLECULENET`.
    data_dir : path
        The folder with the raw file, under DeepChem's name for it.
    download : bool
        Let DeepChem fetch the raw file into `data_dir` when it is not there. It checks no digest.
    recipe : Recipe, optional
        How structures are standardised; without it the recipe that screening uses.

    Returns
    -------
    AssayTable
        Without official folds: MoleculeNet's are made by a splitter (`molscreen.data.splits`).
        Structures that DeepChem cannot read are rejections, like those that we refuse.

    Raises
    ------
    ConfigError
        The name is unknown.
    LibraryError
        The raw file is missing and `download` is False.
    """
    if name not in MOLECULENET:
        raise ConfigError(
            f"unknown MoleculeNet set '{name}'. Known: {', '.join(MOLECULENET)}."
            f"{did_you_mean(name, MOLECULENET)}"
        )
    known = MOLECULENET[name]
    raw_file = Path(data_dir) / known.raw_file
    if not raw_file.is_file() and not download:
        raise LibraryError(f"{raw_file}: no such file. Put it there, or pass download=True to fetch it")
    tasks, smiles, value = _load(known, Path(data_dir))
    return _tabulate(f"moleculenet/{name}", known, tasks, smiles, value, recipe or Recipe())


def _load(known: MoleculeNetSet, data_dir: Path) -> tuple[list[str], list[str], NDArray[np.float32]]:
    """Endpoint names, n structures as written, and (n, t) values with NaN = not measured."""
    with quiet_deepchem() as deepchem:
        tasks, (dataset,), _ = getattr(deepchem.molnet, known.loader)(
            featurizer=deepchem.feat.DummyFeaturizer(),
            splitter=None,
            transformers=[],
            reload=False,
            data_dir=str(data_dir),
        )
        try:
            smiles = [str(text) for text in dataset.ids]
            value = np.where(dataset.w > 0, dataset.y, np.nan).astype(np.float32)  # (n, t)
        finally:
            shutil.rmtree(dataset.data_dir)  # DeepChem leaves its copy in the folder for temporary files
    return list(tasks), smiles, value


def _tabulate(
    source: str,
    known: MoleculeNetSet,
    tasks: Sequence[str],
    smiles: Sequence[str],
    value: NDArray[np.float32],
    recipe: Recipe,
) -> AssayTable:
    results = standardize_all(smiles, recipe)
    ids = [f"{source}:{row + 1}" for row in range(len(smiles))]
    kept = [row for row, result in enumerate(results) if isinstance(result, Compound)]
    shape = len(kept), len(tasks)
    return AssayTable(
        keys=tuple(result.key for result in results if isinstance(result, Compound)),
        endpoints=tuple(
            Endpoint(name=t, kind=known.kind, unit=known.unit, direction=known.direction, role=known.role)
            for t in tasks
        ),
        value=value[kept],
        relation=np.full(shape, EQUAL, np.int8),
        split=np.zeros(shape, "<U5"),
        time=np.full(len(kept), np.nan),
        ids=tuple(ids[row] for row in kept),
        rejections=tuple(
            dataclasses.replace(result, source=where)
            for where, result in zip(ids, results, strict=True)
            if isinstance(result, Rejection)
        ),
    )
