"""Start: the compounds that every run on a task begins with, drawn at random and not by the objective."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from molscreen.chem.compound import Rejection
from molscreen.chem.standardize import standardize
from molscreen.data.card import load_card, locate
from molscreen.errors import ConfigError, LibraryError
from molscreen.generation.seeds import some_drugs

CARD = "zinc250k"  # the molecules that PMO itself starts from
N_START = 50  # of them; each is a call, and a thousand calls are to be a fair test as well


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

    Every task of a seed begins with the same ones: nothing of a task is known before its first call.

    Examples
    --------
    >>> len(draw_start(5, seed=0).keys)
    5
    """
    if not n:
        return Start((), "")
    found = read_zinc()
    if found is None:
        return Start(some_drugs(n, seed=seed).keys, "approved drugs (there is no ZINC in the data folder)")
    keys: dict[str, None] = {}
    for place in np.random.default_rng([seed, 0]).permutation(len(found)).tolist():
        if len(keys) == n:
            break
        compound = standardize(found[place])
        if not isinstance(compound, Rejection):
            keys.setdefault(compound.key)
    return Start(tuple(keys), "random molecules of ZINC")


def read_zinc() -> list[str] | None:
    """The SMILES of ZINC in the order of the file; None where it is not on this machine."""
    try:
        card = load_card(CARD)
        path = locate(card.files[0])
    except (ConfigError, LibraryError):
        return None
    return [str(each) for each in pd.read_csv(path, usecols=[card.smiles_column])[card.smiles_column]]
