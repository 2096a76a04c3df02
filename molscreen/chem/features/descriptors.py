"""Molecular descriptors by name, each with its unit and its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors, rdMolDescriptors
from rdkit.Chem.QED import qed as _qed

from molscreen.chem.label import without_labels
from molscreen.errors import UsageError, did_you_mean

Descriptor = tuple[str, Callable[[Chem.Mol], float]]
"""Unit, and the function from a sanitised molecule to the number; dimensionless units are ``"1"``."""


def qed(mol: Chem.Mol) -> float:
    """Quantitative estimate of drug-likeness, from 0 to 1, higher is more like an oral drug.

    Half of ChEMBL's approved drugs lie between 0.43 and 0.75 (1,188 drugs, median 0.62).

    References
    ----------
    Bickerton et al., Nat. Chem. 4, 90 (2012), doi:10.1038/nchem.1243, with its mean weights.

    Examples
    --------
    >>> round(qed(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")), 2)  # aspirin, 0.55
    0.55
    """
    return float(_qed(mol))  # type: ignore[no-untyped-call]


def sa_score(mol: Chem.Mol) -> float:
    """Synthetic accessibility, from 1 (easy) to 10 (very hard).

    Nine in ten of ChEMBL's approved drugs lie between 1.9 and 5.0 (1,188 drugs, median 2.9). Computed by
    RDKit's own contribution, which ships in its wheel with the fragment table.

    References
    ----------
    Ertl & Schuffenhauer, J. Cheminform. 1, 8 (2009), doi:10.1186/1758-2946-1-8.

    Examples
    --------
    >>> sa_score(Chem.MolFromSmiles("CC(=O)Oc1ccccc1C(=O)O")) < 2  # aspirin: one step from salicylic acid
    True
    """
    from rdkit.Contrib.SA_Score import sascorer  # reads a table of 4 MB at its first use

    return float(sascorer.calculateScore(mol))


def _of_elements(function: Callable[[Chem.Mol], float]) -> Callable[[Chem.Mol], float]:
    """The same of a molecule without isotopes: a methyl is no bond that turns because it has deuterium."""
    return lambda mol: function(without_labels(mol))


_BY_RDKIT: dict[str, Descriptor] = {
    "MolWt": ("g/mol", Descriptors.MolWt),  # type: ignore[attr-defined]
    "HeavyAtomCount": ("atoms", Chem.Mol.GetNumHeavyAtoms),
    "MolLogP": ("log10", Crippen.MolLogP),  # type: ignore[attr-defined]
    "MolMR": ("cm3/mol", Crippen.MolMR),  # type: ignore[attr-defined]
    "TPSA": ("angstrom2", rdMolDescriptors.CalcTPSA),
    "NumHDonors": ("groups", rdMolDescriptors.CalcNumHBD),
    "NumHAcceptors": ("groups", rdMolDescriptors.CalcNumHBA),
    "NumRotatableBonds": ("bonds", rdMolDescriptors.CalcNumRotatableBonds),
    "NumHeteroatoms": ("atoms", rdMolDescriptors.CalcNumHeteroatoms),
    "RingCount": ("rings", rdMolDescriptors.CalcNumRings),
    "NumAromaticRings": ("rings", rdMolDescriptors.CalcNumAromaticRings),
    "NumAliphaticRings": ("rings", rdMolDescriptors.CalcNumAliphaticRings),
    "NumBridgeheadAtoms": ("atoms", rdMolDescriptors.CalcNumBridgeheadAtoms),
    "NumSpiroAtoms": ("atoms", rdMolDescriptors.CalcNumSpiroAtoms),
    "FractionCSP3": ("1", rdMolDescriptors.CalcFractionCSP3),
    "FormalCharge": ("e", Chem.GetFormalCharge),
    "QED": ("1", qed),
    "SA_score": ("1", sa_score),
}

DESCRIPTORS: Mapping[str, Descriptor] = MappingProxyType(
    {
        name: (unit, function if name == "MolWt" else _of_elements(function))
        for name, (unit, function) in _BY_RDKIT.items()
    }
)
"""Name -> (unit, function). Names are RDKit's where it has one. The weight alone is that of isotopes.

Those that are more than a count:

- MolLogP, MolMR: Wildman & Crippen, J. Chem. Inf. Comput. Sci. 39, 868 (1999), doi:10.1021/ci990307l
- TPSA: Ertl et al., J. Med. Chem. 43, 3714 (2000), doi:10.1021/jm000942e; N and O only
- NumRotatableBonds: RDKit's strict definition: amide, ester and ring-joining bonds do not count
- FractionCSP3: Lovering et al., J. Med. Chem. 52, 6752 (2009), doi:10.1021/jm901241e
- QED: Bickerton et al., Nat. Chem. 4, 90 (2012), doi:10.1038/nchem.1243
- SA_score: Ertl & Schuffenhauer, J. Cheminform. 1, 8 (2009), doi:10.1186/1758-2946-1-8
"""


def describe(mol: Chem.Mol, names: Sequence[str] = tuple(DESCRIPTORS)) -> tuple[float, ...]:
    """The named descriptors of one compound, in the units of `DESCRIPTORS`.

    What RDKit keeps with a molecule, such as its Crippen contributions, is computed once for all of them.

    Parameters
    ----------
    mol : Mol
        Sanitised.
    names : sequence of str

    Returns
    -------
    tuple of float
        In the order of `names`. NaN where RDKit gives no number.

    Raises
    ------
    UsageError
        A name is unknown.

    Examples
    --------
    >>> describe(Chem.MolFromSmiles("CCO"), ["MolWt", "NumHDonors"])
    (46.069, 1.0)
    """
    for name in names:
        if name not in DESCRIPTORS:
            known = ", ".join(DESCRIPTORS)
            raise UsageError(f"unknown descriptor '{name}'. Known: {known}.{did_you_mean(name, DESCRIPTORS)}")
    return tuple(float(DESCRIPTORS[name][1](mol)) for name in names)
