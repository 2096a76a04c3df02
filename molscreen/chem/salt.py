"""Which part of a salt, solvate or mixture is the molecule that is meant."""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from rdkit import Chem

from molscreen.chem.charges import neutral_form
from molscreen.chem.compound import Note
from molscreen.chem.refusal import Fault

_COMPARABLE = 0.5  # of the parent's heavy atoms: the other part is no counter-ion any more


@dataclass(frozen=True, slots=True)
class _Fragment:
    mol: Chem.Mol
    key: str
    name: str  # of a known counter-ion or solvent, else empty
    organic: bool  # holds carbon
    heavy: int


@functools.cache
def _named(file: str) -> Mapping[str, str]:
    """Flat canonical SMILES of the neutral form -> name, from a table of this room."""
    table = resources.files("molscreen.chem").joinpath(file).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {_flat(neutral_form(Chem.MolFromSmiles(smiles))): name for smiles, name in rows}


def _flat(mol: Chem.Mol) -> str:
    return str(Chem.MolToSmiles(mol, isomericSmiles=False))


def _describe(mol: Chem.Mol) -> _Fragment:
    neutral = neutral_form(mol)
    flat = _flat(neutral)
    return _Fragment(
        mol=mol,
        key=Chem.MolToSmiles(neutral),
        name=_named("counter_ions.tsv").get(flat) or _named("solvents.tsv").get(flat, ""),
        organic=any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms()),
        heavy=mol.GetNumHeavyAtoms(),
    )


def choose_part(parts: Sequence[Chem.Mol], *, largest: bool) -> tuple[Chem.Mol, tuple[Note, ...]] | Fault:
    """The parent is the largest organic fragment that is no known counter-ion or solvent, if there is one."""
    fragments = [_describe(part) for part in parts]
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
    return "" if Chem.GetFormalCharge(mol) < 0 else _named("solvents.tsv").get(_flat(neutral_form(mol)), "")
