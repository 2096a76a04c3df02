"""Entry: one structure as a store keeps it. Runs in a guard's child: neither torch nor pandas."""

from __future__ import annotations

from typing import NamedTuple

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.prediction.prepare import Prepared, prepare
from molscreen.screening.store.layout import FINGERPRINT


class Entry(NamedTuple):
    """A structure prepared, and its packed fingerprint; empty where there is no compound."""

    prepared: Prepared
    ecfp: bytes


def enter(text: str, recipe: Recipe = DEFAULT) -> Entry:
    """Standardise, featurise and fingerprint one structure: the function that a guard runs.

    Examples
    --------
    >>> enter("OCC").prepared.key, len(enter("OCC").ecfp), len(enter("C(C").ecfp)
    ('CCO', 128, 0)
    """
    prepared = prepare(text, recipe)
    return Entry(prepared, b"" if prepared.key is None else fingerprint(prepared.key))


def fingerprint(key: str) -> bytes:
    """The packed fingerprint of a compound; see `FINGERPRINT`.

    Raises
    ------
    ValueError
        RDKit cannot read `key`.
    """
    return ecfp_bits([key], FINGERPRINT["radius"], FINGERPRINT["bits"]).tobytes()
