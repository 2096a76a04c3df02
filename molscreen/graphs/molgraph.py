"""MolGraph: one molecule as numpy arrays, in PyG's alphabet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.graphs.vocabulary import ATOM_FIELDS, BOND_FIELDS


@dataclass(frozen=True, slots=True, eq=False)
class MolGraph:
    """One molecule of a atoms and b bonds; hydrogens are counted on their atom, not drawn.

    Attributes
    ----------
    x : (a, d_atom) uint8
        One id per field of `ATOM_FIELDS`. Atoms stand in the order of the SMILES.
    edge_index : (2, 2b) int32
        Source and target atom of every directed edge: first every bond once, from the lower
        to the higher atom and sorted by both, then the reverses in the same order.
    edge_attr : (2b, d_bond) uint8
        One id per field of `BOND_FIELDS`.

    Raises
    ------
    ValueError
        The shapes do not belong to one molecule.

    Examples
    --------
    >>> from molscreen.graphs.features import featurize
    >>> ethanol = featurize("CCO")
    >>> ethanol.n_atoms, ethanol.n_bonds
    (3, 2)
    >>> ethanol.edge_index.tolist()
    [[0, 1, 1, 2], [1, 2, 0, 1]]
    """

    x: NDArray[np.uint8]
    edge_index: NDArray[np.int32]
    edge_attr: NDArray[np.uint8]

    def __post_init__(self) -> None:
        edges = self.edge_index.shape[-1]
        for name, shape in (
            ("x", (len(self.x), len(ATOM_FIELDS))),
            ("edge_index", (2, edges)),
            ("edge_attr", (edges, len(BOND_FIELDS))),
        ):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        if edges % 2:
            raise ValueError(f"{edges} directed edges, expected two per bond")

    @property
    def n_atoms(self) -> int:
        """Atoms, a."""
        return len(self.x)

    @property
    def n_bonds(self) -> int:
        """Bonds, b: half the directed edges."""
        return len(self.edge_attr) // 2
