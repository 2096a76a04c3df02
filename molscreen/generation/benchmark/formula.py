"""What the benchmarks see in a molecular formula: the number of atoms of an element, and isomers.

Implicit hydrogens count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from molscreen.generation.benchmark.modifier import Gaussian, geometric_mean

ATOM_SIGMA = 1.0  # atoms of one element
TOTAL_SIGMA = 2.0  # atoms of any element

_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d*)")


@dataclass(frozen=True, slots=True)
class AtomCount:
    """The number of atoms of an element, implicit hydrogens included.

    Examples
    --------
    >>> AtomCount("H")(Chem.MolFromSmiles("CCO"))
    6.0
    """

    element: str

    def __call__(self, mol: Chem.Mol) -> float:
        """The number in a molecule."""
        return float(count_atoms(rdMolDescriptors.CalcMolFormula(mol)).get(self.element, 0))


@dataclass(frozen=True, slots=True)
class Isomer:
    """How near a molecule is to a molecular formula: 1 for an isomer, in [0, 1].

    The geometric mean of a Gaussian of sigma `ATOM_SIGMA` for each element of the formula, and one of sigma
    `TOTAL_SIGMA` for the number of all atoms, hydrogens included. TDC has it so since version 0.4; before, it
    took the letters of the SMILES for the number of atoms.

    Attributes
    ----------
    formula : str
        Such as ``C7H8N2O2``.

    References
    ----------
    Brown et al., J. Chem. Inf. Model. 59, 1096 (2019), doi:10.1021/acs.jcim.8b00839.

    Examples
    --------
    >>> Isomer("C2H6O")(Chem.MolFromSmiles("COC"))
    1.0
    """

    formula: str

    def __call__(self, mol: Chem.Mol) -> float:
        """The score of a molecule."""
        wanted = count_atoms(self.formula)
        found = count_atoms(rdMolDescriptors.CalcMolFormula(mol))
        total = Gaussian(sum(wanted.values()), TOTAL_SIGMA)(sum(found.values()))
        each = (Gaussian(n, ATOM_SIGMA)(found.get(element, 0)) for element, n in wanted.items())
        return geometric_mean([total, *each])


def count_atoms(formula: str) -> dict[str, int]:
    """Atoms of each element in a molecular formula; charges are passed over.

    Examples
    --------
    >>> count_atoms("C2H5ClO+")
    {'C': 2, 'H': 5, 'Cl': 1, 'O': 1}
    """
    return {element: int(number or 1) for element, number in _ELEMENT.findall(formula)}
