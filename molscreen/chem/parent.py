"""The full recipe: from a molecule as drawn to its neutral, normalised parent."""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from molscreen.chem.compound import Note
from molscreen.chem.refusal import Fault, element_name

ELEMENTS: frozenset[int] = frozenset((1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 33, 34, 35, 53))
"""Atomic numbers that the networks know: H B C N O F Si P S Cl As Se Br I."""

_COUNTER_METALS = frozenset((3, 11, 19, 37, 55, 12, 20, 38, 56, 13, 30))  # Li–Cs, Mg–Ba, Al, Zn
_SALT_METALS = frozenset((3, 11, 19, 37, 55, 12, 20, 38, 56))  # bound to O or a halogen: a salt as drawn
_SALT_PARTNERS = frozenset((8, 9, 17, 35, 53))
_CLUSTER_BONDS = 3  # B–B bonds from which boron is a cluster
_COMPARABLE = 0.5  # of the parent's heavy atoms: the other part is no counter-ion any more
_NEUTRAL_SULFOXIDE = "// Name\tSMIRKS\nsulfoxide to S=O\t[S+1;X3:1]-[O-1;X1:2]>>[S+0:1]=[O+0:2]\n"


@dataclass(frozen=True, slots=True)
class _Fragment:
    mol: Chem.Mol
    key: str
    name: str  # of a known counter-ion or solvent, else empty
    organic: bool  # holds carbon
    heavy: int


def find_parent(mol: Chem.Mol, *, largest: bool, tautomer: bool) -> tuple[Chem.Mol, tuple[Note, ...]] | Fault:
    """Clean up, keep the parent of a salt or solvate, take charges away where hydrogens can.

    RDKit's ``Cleanup`` writes sulfoxides with separated charges; here they end as ``S=O``, the
    form that vendors draw and that leaves an ordinary molecule without formal charges.

    Parameters
    ----------
    mol : Mol
        Sanitised.
    largest : bool
        Of a mixture, keep the largest part; otherwise a mixture is a `Fault`.
    tautomer : bool
        End with RDKit's canonical tautomer, which costs some 5 ms.

    Returns
    -------
    (Mol, tuple of Note) or Fault
        The parent with what was removed from it, or why there is none: "mixture", or a metal that is
        no counter-ion ("element_outside_training").
    """
    if fault := _foreign_metal(mol):
        return fault
    mol = _clean(mol)
    notes: tuple[Note, ...] = ()
    parts = Chem.GetMolFrags(mol, asMols=True)
    if len(parts) > 1:
        chosen = _choose([_describe(part) for part in parts], largest)
        if isinstance(chosen, Fault):
            return chosen
        mol, notes = chosen
    mol = _neutral(mol)
    if tautomer:
        mol = _tautomers().Canonicalize(mol)
    return mol, notes


def _clean(mol: Chem.Mol) -> Chem.Mol:
    """RDKit's ``Cleanup``, unless it leaves a molecule that RDKit itself cannot read.

    It does so with mesoionic rings: it moves the charges of a sydnone together, as if the ring had
    a form without them. Such molecules stay as they were drawn.
    """
    try:
        cleaned = rdMolStandardize.Cleanup(mol)
    except Chem.MolSanitizeException:
        return mol
    return mol if Chem.MolFromSmiles(Chem.MolToSmiles(cleaned)) is None else cleaned


@functools.cache
def _sulfoxides() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.NormalizerFromData(_NEUTRAL_SULFOXIDE, rdMolStandardize.CleanupParameters())


@functools.cache
def _uncharger() -> rdMolStandardize.Uncharger:
    return rdMolStandardize.Uncharger()  # kept: making one takes 0.2 ms


@functools.cache
def _tautomers() -> rdMolStandardize.TautomerEnumerator:
    return rdMolStandardize.TautomerEnumerator()  # kept: making one takes 3 ms


@functools.cache
def _named(file: str) -> Mapping[str, str]:
    """Flat canonical SMILES of the neutral form -> name, from a table of this room."""
    table = resources.files("molscreen.chem").joinpath(file).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {_flat(_neutral(Chem.MolFromSmiles(smiles))): name for smiles, name in rows}


def _flat(mol: Chem.Mol) -> str:
    return str(Chem.MolToSmiles(mol, isomericSmiles=False))


def _neutral(mol: Chem.Mol) -> Chem.Mol:
    """Without the charges that hydrogens can take away, or that `Cleanup` drew into a sulfoxide."""
    return _sulfoxides().normalize(_uncharger().uncharge(mol))


def _foreign_metal(mol: Chem.Mol) -> Fault | None:
    """Metals that are more than the counter-ion of a salt; `Cleanup` would cut their bonds."""
    for atom in mol.GetAtoms():
        number = atom.GetAtomicNum()
        if number in ELEMENTS or number == 0:
            continue
        salt = number in _SALT_METALS and all(n.GetAtomicNum() in _SALT_PARTNERS for n in atom.GetNeighbors())
        if not (salt or (number in _COUNTER_METALS and atom.GetDegree() == 0)):
            return _outside(atom)
    return None


def foreign_element(mol: Chem.Mol) -> Fault | None:
    """Refuse a parent with an element outside `ELEMENTS`, or with a cluster of boron."""
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0:
            return Fault("unsupported", "dummy_atom", f"attachment point at atom {atom.GetIdx() + 1}")
        if atom.GetAtomicNum() not in ELEMENTS:
            return _outside(atom)
    bonds = sum(b.GetBeginAtom().GetAtomicNum() == b.GetEndAtom().GetAtomicNum() == 5 for b in mol.GetBonds())
    if bonds >= _CLUSTER_BONDS:
        reason = f"a boron cluster ({bonds} boron-boron bonds) is unlike anything the models have seen"
        return Fault("unsupported", "element_outside_training", reason)
    return None


def _outside(atom: Chem.Atom) -> Fault:
    name = element_name(atom.GetAtomicNum())
    reason = (
        f"{name} ({atom.GetSymbol()}) at atom {atom.GetIdx() + 1} is an element that the models do not know"
    )
    return Fault("unsupported", "element_outside_training", reason)


def _describe(mol: Chem.Mol) -> _Fragment:
    neutral = _neutral(mol)
    flat = _flat(neutral)
    return _Fragment(
        mol=mol,
        key=Chem.MolToSmiles(neutral),
        name=_named("counter_ions.tsv").get(flat) or _named("solvents.tsv").get(flat, ""),
        organic=any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms()),
        heavy=mol.GetNumHeavyAtoms(),
    )


def _choose(fragments: list[_Fragment], largest: bool) -> tuple[Chem.Mol, tuple[Note, ...]] | Fault:
    """The parent is the largest organic fragment that is no known counter-ion or solvent, if there is one."""
    organic = [f for f in fragments if f.organic] or fragments
    candidates = [f for f in organic if not f.name] or organic
    parent = max(candidates, key=lambda f: (f.heavy, f.key))
    rivals = {
        f.key: f
        for f in candidates
        if f.organic and f.key != parent.key and f.heavy > _COMPARABLE * parent.heavy
    }
    if rivals and not largest:
        listed = ", ".join(f"'{key}' ({f.heavy} heavy atoms)" for key, f in sorted(rivals.items()))
        reason = f"a mixture: beside '{parent.key}' ({parent.heavy} heavy atoms) there is {listed}"
        return Fault("unsupported", "mixture", reason)
    removed = [f for f in fragments if f.key != parent.key]
    if not removed:
        return parent.mol, (Note("repeated", f"{len(fragments)} copies of the same molecule, one is scored"),)
    return parent.mol, _account_for(removed, rivals)


def _account_for(removed: Iterable[_Fragment], rivals: Container[str]) -> tuple[Note, ...]:
    """What was left out, and why: first the rest of a mixture, then of a salt, then solvents."""
    names: dict[str, set[str]] = {"mixture_largest": set(), "salt_stripped": set(), "solvent_stripped": set()}
    for fragment in removed:
        if fragment.key in rivals:
            names["mixture_largest"].add(fragment.name or fragment.key)
        elif solvent := _solvent(fragment.mol):
            names["solvent_stripped"].add(solvent)
        else:
            names["salt_stripped"].add(fragment.name or fragment.key)
    told = {code: ", ".join(sorted(listed)) for code, listed in names.items() if listed}
    kind = {"solvent_stripped": "solvent: "}
    return tuple(Note(code, f"scored without {kind.get(code, '')}{listed}") for code, listed in told.items())


def _solvent(mol: Chem.Mol) -> str:
    """The name of a known solvent; empty for anything else, and for its anion, such as hydroxide."""
    return "" if Chem.GetFormalCharge(mol) < 0 else _named("solvents.tsv").get(_flat(_neutral(mol)), "")
