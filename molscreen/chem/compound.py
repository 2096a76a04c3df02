"""Compound, the molecule that is scored, and Rejection, the record that is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # bundles are read without RDKit
    from rdkit import Chem

RECIPE_VERSION = 2
"""Of standardisation: raised in a release in which a key, note or refusal may differ."""

Status = Literal[
    "ok",  # scored
    "warning",  # scored, and something about the input is worth a look
    "invalid",  # not a molecule as written
    "unsupported",  # a molecule that the models cannot judge
    "filtered",  # refused by a hard rule of the plan
    "timeout",  # took longer than the limit
    "crashed",  # ended the process that worked on it
    "out_of_memory",
    "error",  # the model gave no usable number
]
SCORED: tuple[str, ...] = ("ok", "warning")


@dataclass(frozen=True, slots=True)
class Note:
    """Something done to, or seen in, a structure that was accepted: a short code and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Compound:
    """A standardised parent molecule.

    Attributes
    ----------
    key : str
        Canonical isomeric SMILES of the parent, written by RDKit and re-canonicalised to a
        fixed point: two records are the same compound when their keys are equal.
    received : str
        The structure text as the user wrote it.
    notes : tuple of Note
        What standardisation did (a salt stripped, a charge moved) or saw (undefined stereo).
        Notes whose code is in `molscreen.chem.cleaning.standardize.WARNINGS` make the status "warning".
    source, source_id : str
        ``file:line`` and the user's own id; empty for a bare SMILES.
    """

    key: str
    received: str
    notes: tuple[Note, ...] = ()
    source: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was refused: a value that is counted and written, never an exception.

    Attributes
    ----------
    source : str
        ``file:line``, or empty for a bare SMILES.
    raw : str
        The exact text that was refused.
    stage : str
        Where: "read", "standardize", "filter" or "predict".
    status : Status
    code : str
        Machine-readable reason, for example "valence"; lower case, stable between versions.
    reason : str
        The sentence a chemist reads, for example "carbon with five bonds at atom 3".
    source_id : str
    """

    source: str
    raw: str
    stage: str
    status: Status
    code: str
    reason: str
    source_id: str = ""


def read_key(key: str) -> Chem.Mol:
    """The molecule of a key.

    Raises
    ------
    ValueError
        The key is no SMILES.
    """
    from rdkit import Chem

    mol = Chem.MolFromSmiles(key)
    if mol is None:
        raise ValueError(f"'{key}' is no SMILES; standardize it first")
    return mol
