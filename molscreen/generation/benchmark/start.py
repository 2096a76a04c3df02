"""Start: the compounds that every run on a task begins with, drawn at random and not by the objective."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rdkit import Chem

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.card import load_card
from molscreen.data.data_folder import locate
from molscreen.errors import ConfigError, LibraryError
from molscreen.generation.benchmark.definition import TASKS
from molscreen.generation.seeds import some_drugs

CARD = "zinc250k"  # the molecules that PMO itself starts from
N_START = 50  # of them; each is a call, and a thousand calls are to be a fair test as well
ZINC = "random molecules of ZINC"
DRUGS = "approved drugs that are like no target (there is no ZINC in the data folder)"
LIKE = 0.6  # Tanimoto similarity (ECFP4) to a target, from which a drug gives the answer away


class Start(NamedTuple):
    """Where the runs of one seed begin.

    Attributes
    ----------
    keys : tuple of str
        Different compound keys, in the order in which they are scored.
    source : str
        What they were drawn from.
    """

    keys: tuple[str, ...]
    source: str


def draw_start(n: int, *, seed: int) -> Start:
    """`n` molecules of ZINC, drawn by `seed`; approved drugs where the data folder has no ZINC.

    Every task of a seed begins with the same ones: nothing of a task is known before its first call. Many
    tasks ask for a drug, so that a drug which is a target of one, or like it, is no drug to start from.

    Examples
    --------
    >>> len(draw_start(5, seed=0).keys)
    5
    """
    if not n:
        return Start((), "")
    found = read_zinc()
    if found is None:
        return Start(some_drugs(n, seed=seed, is_wanted=is_no_answer).keys, DRUGS)
    keys: dict[str, None] = {}
    for place in np.random.default_rng([seed, 0]).permutation(len(found)).tolist():
        if len(keys) == n:
            break
        compound = standardize(found[place])
        if not isinstance(compound, Rejection):
            keys.setdefault(compound.key)
    return Start(tuple(keys), ZINC)


def is_no_answer(mol: Chem.Mol) -> bool:
    """Whether a molecule is neither a target of a task, as whatever isomer, nor `LIKE` one.

    Examples
    --------
    >>> [is_no_answer(Chem.MolFromSmiles(each)) for each in ("CC(=O)Nc1ccc(O)cc1", "CC1(C)C2CCC1(C)C(=O)C2")]
    [True, False]
    """
    key = Chem.MolToSmiles(mol)
    blocks, bits = _answers()
    return inchikey_blocks([key])[0] not in blocks and bool((tanimoto(ecfp_bits([key]), bits) < LIKE).all())


@cache
def _answers() -> tuple[frozenset[str], NDArray[np.uint8]]:
    """Connectivity and fingerprints of all targets."""
    targets = sorted(
        {Chem.MolToSmiles(Chem.MolFromSmiles(target)) for task in TASKS.values() for target in task.targets}
    )
    return frozenset(inchikey_blocks(targets)), ecfp_bits(targets)


def read_zinc() -> list[str] | None:
    """The SMILES of ZINC in the order of the file; None where it is not on this machine."""
    try:
        card = load_card(CARD)
        path = locate(card.files[0])
    except (ConfigError, LibraryError):
        return None
    return [str(each) for each in pd.read_csv(path, usecols=[card.smiles_column])[card.smiles_column]]
