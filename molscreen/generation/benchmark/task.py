"""Task: one objective of a benchmark, from a SMILES to a score in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

from rdkit import Chem, rdBase

from molscreen.generation.benchmark.ingredient import Value
from molscreen.generation.benchmark.modifier import Average, Modifier


@dataclass(frozen=True, slots=True)
class Modified:
    """A value made a score.

    Attributes
    ----------
    value : Mol -> float
        In its own unit.
    modifier : float -> float
        From that unit to [0, 1].
    """

    value: Value
    modifier: Modifier

    def __call__(self, mol: Chem.Mol) -> float:
        """The score of a molecule."""
        return self.modifier(self.value(mol))


@dataclass(frozen=True, slots=True)
class Mean:
    """Several scores made one.

    Attributes
    ----------
    average : sequence of float -> float
        See `molscreen.generation.benchmark.modifier`.
    terms : tuple of Mol -> float
        Each in [0, 1].
    """

    average: Average
    terms: tuple[Value, ...]

    def __call__(self, mol: Chem.Mol) -> float:
        """The score of a molecule."""
        return self.average([term(mol) for term in self.terms])


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One objective of a benchmark.

    Attributes
    ----------
    name : str
        As TDC spells it.
    objective : Mol -> float
        Pure, in [0, 1], higher is better; it can be pickled.
    tops : tuple of int
        GuacaMol rates a run by the mean over k in `tops` of the mean of its k best scores, see
        `molscreen.generation.benchmark.curve.guacamol_score`. PMO rates every run by AUC top-10.
    targets : tuple of str
        SMILES of the molecules that the objective compares with; empty where there is none.
    source : str
        DOI of the definition.
    """

    name: str
    objective: Value
    tops: tuple[int, ...]
    targets: tuple[str, ...]
    source: str

    def score(self, smiles: str) -> float:
        """Score of a molecule, in [0, 1]; 0 for a SMILES that RDKit cannot read, and for an empty one.

        Examples
        --------
        >>> from molscreen.generation.benchmark.pmo import PMO
        >>> PMO["isomers_c7h8n2o2"].score("COc1ccc(N)nc1C=O"), PMO["qed"].score("C1CC")
        (1.0, 0.0)
        """
        with rdBase.BlockLogs():
            mol = Chem.MolFromSmiles(smiles)
        if mol is None or mol.GetNumAtoms() == 0:
            return 0.0
        return self.objective(mol)
