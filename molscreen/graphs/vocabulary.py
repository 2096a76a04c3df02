"""What the networks are told of an atom and of a bond: fixed vocabularies, and their digest."""

from __future__ import annotations

import hashlib
import json
from typing import Final

ATOM_LABELS: Final[dict[str, tuple[str, ...]]] = {
    # the fourteen elements that `standardize` lets through, and one to spare
    "element": ("H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "As", "Se", "Br", "I", "Te", "other"),
    "degree": ("0", "1", "2", "3", "4", "5", "6 or more"),  # neighbours, hydrogens included
    "charge": ("-2 or less", "-1", "0", "+1", "+2 or more"),
    "hydrogens": (
        "0",
        "1",
        "2",
        "3",
        "4 or more",
    ),  # implicit or drawn, as it is where E and Z of an imine rest on it
    "ring": ("none", "ring", "aromatic"),
    "chirality": ("none", "R", "S"),  # CIP, so that the order of atoms does not matter
}
BOND_LABELS: Final[dict[str, tuple[str, ...]]] = {
    "order": ("single", "double", "triple", "aromatic", "other"),
    "stereo": ("none", "E", "Z"),
}

ATOM_FIELDS: Final = tuple((name, len(labels)) for name, labels in ATOM_LABELS.items())
"""(name, number of ids) of every column of `MolGraph.x`."""

BOND_FIELDS: Final = tuple((name, len(labels)) for name, labels in BOND_LABELS.items())
"""(name, number of ids) of every column of `MolGraph.edge_attr`."""

FEATURISER: Final[dict[str, object]] = {
    "version": 1,  # raised whenever the arrays of a molecule without isotopes change
    "atom": [[name, list(labels)] for name, labels in ATOM_LABELS.items()],  # lists: the order counts
    "bond": [[name, list(labels)] for name, labels in BOND_LABELS.items()],
}
"""The featuriser as plain JSON values; stored in every bundle."""


def featuriser_digest() -> str:
    """sha256 of the canonical JSON of `FEATURISER`: equal digests, equal arrays.

    Examples
    --------
    >>> len(featuriser_digest())
    64
    """
    text = json.dumps(FEATURISER, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
