"""Charges: one way to draw them, and none that hydrogens can take away."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from importlib import resources

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

_ACIDS = (  # oxygen that loses its hydrogen, strongest acid first
    "[O;-1,H1;$(OS(=O)=O)]",
    "[O;-1,H1;$(OP=O)]",
    "[O;-1,H1;$(O[CX3]=O)]",
)
_SECOND_OF_PHOSPHATE = len(_ACIDS)  # weaker than any first one


def neutral_form(mol: Chem.Mol) -> Chem.Mol:
    """Without the charges that hydrogens can take away; the others are drawn one way.

    A charge of an imide's anion is moved to its nitrogen first, so that the sodium salt of phenytoin ends as
    phenytoin and not as its imidic acid. RDKit's ``Cleanup`` writes sulfoxides with separated charges; here
    they end as ``S=O``, the form that vendors draw and that leaves an ordinary molecule without formal
    charges. So do phosphine oxides and sulfides, sulfoximines and azides. A cation that no hydrogen can
    neutralise is balanced by its own strongest acids: carnitine and its hydrochloride are one zwitterion.

    Parameters
    ----------
    mol : Mol
        Sanitised, one fragment or more.

    Examples
    --------
    >>> Chem.MolToSmiles(neutral_form(Chem.MolFromSmiles("C[N+](C)(C)CC(=O)O")))
    'C[N+](C)(C)CC(=O)[O-]'
    """
    if not mol.HasSubstructMatch(_pattern("[!+0]")):
        return mol
    mol = _uncharger().uncharge(_drawn_forms().normalize(mol))
    return _balanced(mol) if mol.HasSubstructMatch(_pattern("[+;!$(*~[-])]")) else mol


@functools.cache
def _drawn_forms() -> rdMolStandardize.Normalizer:
    table = (
        resources.files("molscreen.chem.cleaning").joinpath("charge_forms.tsv").read_text(encoding="utf-8")
    )
    return rdMolStandardize.NormalizerFromData(table, rdMolStandardize.CleanupParameters())


@functools.cache
def _uncharger() -> rdMolStandardize.Uncharger:
    return rdMolStandardize.Uncharger()  # kept: making one takes 0.2 ms


@functools.cache
def _pattern(smarts: str) -> Chem.Mol:
    return Chem.MolFromSmarts(smarts)


def _balanced(mol: Chem.Mol) -> Chem.Mol:
    """With its strongest acids as anions, as many as there are permanent cations to balance."""
    acids = [[atom for (atom,) in mol.GetSubstructMatches(_pattern(smarts))] for smarts in _ACIDS]
    if not any(acids):
        return mol
    balanced = Chem.RWMol(mol)
    for atom in (balanced.GetAtomWithIdx(index) for group in acids for index in group):
        _protonate(atom, 1)
    balanced.UpdatePropertyCache()
    rank = Chem.CanonicalRankAtoms(balanced)
    order = sorted(_strengths(balanced, acids), key=lambda each: (each[0], rank[each[1]]))
    for _, index in order[: max(Chem.GetFormalCharge(balanced), 0)]:
        _protonate(balanced.GetAtomWithIdx(index), 0)
    balanced.UpdatePropertyCache()
    return balanced.GetMol()


def _protonate(atom: Chem.Atom, hydrogens: int) -> None:
    atom.SetFormalCharge(hydrogens - 1)
    atom.SetNoImplicit(False)
    atom.SetNumExplicitHs(0)


def _strengths(mol: Chem.Mol, acids: Iterable[list[int]]) -> list[tuple[int, int]]:
    """(strength, atom) of each acid, 0 the strongest; a phosphate's second hydrogen comes last."""
    rank = Chem.CanonicalRankAtoms(mol)
    found = []
    of_centre: dict[int, int] = defaultdict(int)
    for strength, group in enumerate(acids):
        for index in sorted(group, key=lambda each: rank[each]):
            centre = mol.GetAtomWithIdx(index).GetNeighbors()[0]
            second = of_centre[centre.GetIdx()] > 0 and centre.GetAtomicNum() != 6
            found.append((_SECOND_OF_PHOSPHATE if second else strength, index))
            of_centre[centre.GetIdx()] += 1
    return found
