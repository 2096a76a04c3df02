"""What the benchmarks see in a molecule: similarities, descriptors and substructures.

Every ingredient is a frozen value that maps a molecule to a number; it can be compared, printed and pickled.
What it needs of RDKit is made when it is first asked, once a process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from rdkit import Chem, DataStructs
from rdkit.Chem import QED, GraphDescriptors, rdFingerprintGenerator, rdMolDescriptors

Value = Callable[[Chem.Mol], float]
Kind = Literal["ecfp4", "ecfp6", "fcfp4", "atom pairs", "pharmacophore"]
Name = Literal["logp", "tpsa", "bertz", "qed", "rings", "aromatic rings"]

ATOM_PAIR_BONDS = 10  # at most so many between the two atoms


@dataclass(frozen=True, slots=True)
class Similarity:
    """Tanimoto similarity to a target, in [0, 1]; 1 for the target itself, and blind to stereochemistry.

    Substructures are counted and not folded, but the pharmacophores, which are there or not.

    Attributes
    ----------
    target : str
        SMILES.
    kind : str
        ``ecfp4``, ``ecfp6``: circular substructures of radius 2, 3. ``fcfp4``: of radius 2, atoms told apart
        by what they do. ``atom pairs``: two atoms and at most `ATOM_PAIR_BONDS` bonds between them.
        ``pharmacophore``: two or three of Gobbi and Poppinger's features and their distances; milliseconds
        for a drug, a second for one with dozens of donors and acceptors.

    References
    ----------
    Rogers & Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t (ECFP, FCFP).
    Carhart et al., J. Chem. Inf. Comput. Sci. 25, 64 (1985), doi:10.1021/ci00046a002 (atom pairs).
    Gobbi & Poppinger, Biotechnol. Bioeng. 61, 47 (1998),
    doi:10.1002/(SICI)1097-0290(199824)61:1<47::AID-BIT9>3.0.CO;2-Z (pharmacophores).

    Examples
    --------
    >>> Similarity("OCC", "ecfp4")(Chem.MolFromSmiles("CCO"))
    1.0
    """

    target: str
    kind: Kind

    def __call__(self, mol: Chem.Mol) -> float:
        """Similarity of a molecule."""
        target = _target_fingerprint(self.target, self.kind)
        return float(DataStructs.TanimotoSimilarity(_fingerprinter(self.kind)(mol), target))


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A property of the whole molecule.

    Attributes
    ----------
    name : str
        ``logp``: Crippen's octanol-water log P. ``tpsa``: topological polar surface area, in Å², of nitrogen
        and oxygen. ``bertz``: Bertz's complexity. ``qed``: drug-likeness, in [0, 1]. ``rings``,
        ``aromatic rings``: their number.

    References
    ----------
    Wildman & Crippen, J. Chem. Inf. Comput. Sci. 39, 868 (1999), doi:10.1021/ci990307l (log P).
    Ertl et al., J. Med. Chem. 43, 3714 (2000), doi:10.1021/jm000942e (TPSA).
    Bertz, J. Am. Chem. Soc. 103, 3599 (1981), doi:10.1021/ja00402a071.
    Bickerton et al., Nat. Chem. 4, 90 (2012), doi:10.1038/nchem.1243 (QED).

    Examples
    --------
    >>> Descriptor("aromatic rings")(Chem.MolFromSmiles("c1ccc2ccccc2c1"))
    2.0
    """

    name: Name

    def __call__(self, mol: Chem.Mol) -> float:
        """The property of a molecule."""
        return float(_DESCRIPTORS[self.name](mol))


@dataclass(frozen=True, slots=True)
class Departure:
    """By how much a descriptor exceeds the target's, in the descriptor's unit.

    Attributes
    ----------
    name : str
        See `Descriptor`.
    target : str
        SMILES.

    Examples
    --------
    >>> Departure("rings", "c1ccccc1")(Chem.MolFromSmiles("CCO"))
    -1.0
    """

    name: Name
    target: str

    def __call__(self, mol: Chem.Mol) -> float:
        """The difference of a molecule."""
        return Descriptor(self.name)(mol) - _target_descriptor(self.target, self.name)


@dataclass(frozen=True, slots=True)
class Substructure:
    """1 for a molecule that has a substructure, 0 for one without; the other way round where it is unwanted.

    Attributes
    ----------
    smarts : str
    wanted : bool

    Examples
    --------
    >>> Substructure("[OX2H]", wanted=False)(Chem.MolFromSmiles("CCO"))
    0.0
    """

    smarts: str
    wanted: bool = True

    def __call__(self, mol: Chem.Mol) -> float:
        """1 or 0 for a molecule."""
        return float(mol.HasSubstructMatch(_pattern(self.smarts)) == self.wanted)


_DESCRIPTORS: Mapping[Name, Value] = MappingProxyType(
    {
        "logp": lambda mol: float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0]),
        "tpsa": rdMolDescriptors.CalcTPSA,
        "bertz": GraphDescriptors.BertzCT,
        "qed": QED.qed,
        "rings": rdMolDescriptors.CalcNumRings,
        "aromatic rings": rdMolDescriptors.CalcNumAromaticRings,
    }
)


@functools.cache
def _fingerprinter(kind: Kind) -> Callable[[Chem.Mol], Any]:
    """From a molecule to its fingerprint."""
    if kind == "pharmacophore":
        from rdkit.Chem.Pharm2D import Generate, Gobbi_Pharm2D

        return functools.partial(Generate.Gen2DFingerprint, sigFactory=Gobbi_Pharm2D.factory)
    if kind == "atom pairs":
        generator = rdFingerprintGenerator.GetAtomPairGenerator(
            maxDistance=ATOM_PAIR_BONDS, countSimulation=False
        )
    elif kind == "fcfp4":
        features = rdFingerprintGenerator.GetMorganFeatureAtomInvGen()
        generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, atomInvariantsGenerator=features)
    else:
        generator = rdFingerprintGenerator.GetMorganGenerator(radius={"ecfp4": 2, "ecfp6": 3}[kind])
    return generator.GetSparseCountFingerprint


@functools.cache
def _target_fingerprint(smiles: str, kind: Kind) -> Any:
    return _fingerprinter(kind)(Chem.MolFromSmiles(smiles))


@functools.cache
def _target_descriptor(smiles: str, name: Name) -> float:
    return Descriptor(name)(Chem.MolFromSmiles(smiles))


@functools.cache
def _pattern(smarts: str) -> Chem.Mol:
    return Chem.MolFromSmarts(smarts)
