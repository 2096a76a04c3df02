"""Which part of a salt, solvate or mixture is the molecule that is meant."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from rdkit import Chem

from molscreen.chem.cleaning.charges import neutral_form
from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note

_LIKE_SODIUM, _LIKE_MAGNESIUM = frozenset((3, 11, 19, 37, 55)), frozenset((12, 20, 38, 56))
SALT_PARTNERS: Mapping[int, frozenset[int]] = {
    **dict.fromkeys(_LIKE_SODIUM, frozenset((7, 8, 9, 16, 17, 35, 53))),
    **dict.fromkeys(_LIKE_MAGNESIUM, frozenset((8, 9, 16, 17, 35, 53))),  # Mg–N is chlorophyll
    **dict.fromkeys((13, 30), frozenset((8,))),  # Al, Zn
}
"""Metal that drugs are made into salts with -> what a salt may be drawn bound to; atomic numbers."""

_COMPARABLE = 0.5  # of the parent's heavy atoms: the other part is no counter-ion any more
_MINERAL = frozenset(("carbonate", "thiocyanate"))  # counter-ions with carbon that are no organic part
_MARK = re.compile("@@?")


@dataclass(frozen=True, slots=True)
class _Fragment:
    mol: Chem.Mol
    key: str
    name: str  # of a known counter-ion or solvent, else empty
    kind: Literal["molecule", "counter-ion", "solvent"]
    organic: bool  # holds carbon
    heavy: int


def choose_part(parts: Sequence[Chem.Mol], *, largest: bool) -> tuple[Chem.Mol, tuple[Note, ...]] | Fault:
    """The largest organic part that is no known counter-ion or solvent.

    Where all organic parts are known counter-ions, it is the one there is: sodium benzoate is scored as
    benzoic acid, with a note that a metal beside it may be what is meant. Of several, such as piperazine
    citrate, none is chosen. Of a compound and its mirror image one is scored, as of a racemate that is drawn
    as one of them.

    Parameters
    ----------
    parts : sequence of Mol
        Sanitised, one fragment each.
    largest : bool
        Of a mixture, keep the largest part; otherwise a mixture is a `Fault`.

    Returns
    -------
    (Mol, tuple of Note) or Fault
        The part as it was drawn, with what was removed; or why there is none: "mixture", or
        "no_organic_part" where every part is a mineral acid, metal or base.
    """
    fragments = [_describe(part) for part in parts]
    candidates = _candidates(fragments)
    if not candidates:
        listed = ", ".join(sorted({f"'{f.name or f.key}'" for f in fragments}))
        return Fault("unsupported", "no_organic_part", f"no organic part, only {listed}")
    parent = max(candidates, key=lambda f: (f.heavy, f.key))
    image = _mirror_image(parent, candidates)
    rivals = _rivals(parent, [f for f in candidates if f.key not in (parent.key, image)])
    if rivals and not largest:
        return Fault("unsupported", "mixture", _tell_mixture(parent, rivals))
    removed = [f for f in fragments if f.key not in (parent.key, image)]
    if not removed and not image:
        return parent.mol, (Note("repeated", f"{len(fragments)} copies of the same molecule, one is scored"),)
    return parent.mol, _tell_choice(parent, removed, image) + _account_for(removed, rivals)


@functools.cache
def _named(file: str) -> Mapping[str, str]:
    """Flat canonical SMILES of the neutral form -> name, from a table of this room."""
    table = resources.files("molscreen.chem.cleaning").joinpath(file).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {_flat(neutral_form(Chem.MolFromSmiles(smiles))): name for smiles, name in rows}


def _flat(mol: Chem.Mol) -> str:
    """Without stereo and isotopes: heavy water is water."""
    flat = str(Chem.MolToSmiles(mol, isomericSmiles=False))
    return _reread(flat) if "[H" in flat else flat


def _reread(smiles: str) -> str:
    """As RDKit writes what it reads; unchanged if it cannot read it."""
    mol = Chem.MolFromSmiles(smiles)
    return smiles if mol is None else str(Chem.MolToSmiles(mol))


def _describe(mol: Chem.Mol) -> _Fragment:
    neutral = neutral_form(mol)
    flat = _flat(neutral)
    ion, solvent = _named("counter_ions.tsv").get(flat, ""), _named("solvents.tsv").get(flat, "")
    is_solvent = bool(solvent) and Chem.GetFormalCharge(mol) >= 0  # hydroxide is a counter-ion
    return _Fragment(
        mol=mol,
        key=Chem.MolToSmiles(neutral),
        name=solvent if is_solvent else ion or solvent,
        kind="solvent" if is_solvent else "counter-ion" if ion or solvent else "molecule",
        organic=any(atom.GetAtomicNum() == 6 for atom in mol.GetAtoms()),
        heavy=mol.GetNumHeavyAtoms(),
    )


def _candidates(fragments: Iterable[_Fragment]) -> list[_Fragment]:
    """What the parent is chosen from: the first of these kinds that there is."""
    organic = [f for f in fragments if f.organic and f.name not in _MINERAL]
    for found in (
        [f for f in organic if f.kind == "molecule"],
        [f for f in organic if f.kind == "counter-ion"],
        [f for f in fragments if f.kind == "molecule" and f.heavy > 1],  # hydrazine
        organic,  # solvents
    ):
        if found:
            return found
    return []


def _mirror_image(parent: _Fragment, candidates: Iterable[_Fragment]) -> str:
    """The key of the parent's enantiomer, if that is a part as well; else empty."""
    others = [f.key for f in candidates if f.key != parent.key and f.heavy == parent.heavy]
    if not others or "@" not in parent.key:
        return ""
    image = _reread(_MARK.sub(lambda mark: "@" if len(mark[0]) > 1 else "@@", parent.key))
    return next((key for key in others if _reread(key) == image), "")


def _rivals(parent: _Fragment, others: Iterable[_Fragment]) -> dict[str, _Fragment]:
    """Key -> part that could be meant as well: of comparable size, or a counter-ion like the parent."""
    return {
        f.key: f
        for f in others
        if parent.kind == "counter-ion" or (f.organic and f.heavy > _COMPARABLE * parent.heavy)
    }


def _tell_mixture(parent: _Fragment, rivals: Mapping[str, _Fragment]) -> str:
    if parent.kind == "counter-ion":
        listed = ", ".join(sorted(f"'{f.name}'" for f in (parent, *rivals.values())))
        return f"a mixture: all organic parts are known counter-ions ({listed}); give the one that is meant"
    listed = ", ".join(f"'{key}' ({f.heavy} heavy atoms)" for key, f in sorted(rivals.items()))
    return f"a mixture: beside '{parent.key}' ({parent.heavy} heavy atoms) there is {listed}"


def _tell_choice(parent: _Fragment, removed: Iterable[_Fragment], image: str) -> tuple[Note, ...]:
    """That another part, or another isomer, may be what is meant."""
    notes: tuple[Note, ...] = ()
    if image:
        notes = (Note("stereo_relative", f"drawn beside its mirror image; scored as '{parent.key}'"),)
    metals = {f.name for f in removed if f.mol.GetAtomWithIdx(0).GetAtomicNum() in SALT_PARTNERS}
    if parent.kind == "counter-ion" and metals:
        listed = ", ".join(sorted(metals))
        text = f"'{parent.name}', which is scored, is known as a counter-ion: the drug may be {listed}"
        notes += (Note("counter_ion_scored", text),)
    return notes


def _account_for(removed: Iterable[_Fragment], rivals: Container[str]) -> tuple[Note, ...]:
    """What was left out, and why: first the rest of a mixture, then of a salt, then solvents."""
    names: dict[str, set[str]] = {"mixture_largest": set(), "salt_stripped": set(), "solvent_stripped": set()}
    for fragment in removed:
        solvent = "solvent_stripped" if fragment.kind == "solvent" else "salt_stripped"
        code = "mixture_largest" if fragment.key in rivals else solvent
        names[code].add(fragment.name or fragment.key)
    told = {code: ", ".join(sorted(listed)) for code, listed in names.items() if listed}
    kind = {"solvent_stripped": "solvent: "}
    return tuple(Note(code, f"scored without {kind.get(code, '')}{listed}") for code, listed in told.items())
