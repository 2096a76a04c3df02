"""From a structure as received to a Compound, or to the reason why there is none."""

from __future__ import annotations

import re

from rdkit import Chem, rdBase

from molscreen.chem.cleaning.observation import (
    lost_stereo,
    rewritten_groups,
    rewritten_molecule,
    stereo_forms,
    unusual_atoms,
)
from molscreen.chem.cleaning.parent import find_parent, foreign_element
from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.refusal import Fault, explain, stray_aromatic_bond
from molscreen.chem.cleaning.structure_text import StructureText, screen_text
from molscreen.chem.compound import Compound, Note, Rejection
from molscreen.errors import UsageError

WARNINGS: tuple[str, ...] = (
    "trailing_text_parses_as_smiles",
    "mixture_largest",
    "counter_ion_scored",
    "stereo_undefined",
    "stereo_relative",
    "stereo_unseen",
    "radical",
    "highly_charged",
    "isotope",
    "cxsmiles_ignored",
    "trailing_text",
    "salt_stripped",
    "solvent_stripped",
)
"""Codes of notes that make the status "warning", what leaves most open first; any other note is only told."""


# A canonical SMILES of these symbols alone is one unlabelled molecule of H C N O F Si S Cl Se Br I, with
# no charges but those of nitro groups. Of RDKit's Cleanup and Uncharger, the only rule that matches such
# a molecule is the sulfoxide's, which `find_parent` takes back. P, As and B get the full recipe.
_NOTHING_TO_DO = re.compile(
    r"(?:\[N\+\]\(=O\)\[O-\]|O=\[N\+\]\(\[O-\]\)|Cl|Br"
    r"|[CNOSFIcnos0-9()=#/\\%-]|\[(?:nH|[CS]@{1,2}H?|Si|Se|se)\])++"
)
_ROUNDS = 8  # parse-and-write rounds before a key counts as unsettled


def _parser(*, sanitize: bool) -> Chem.SmilesParserParams:
    params = Chem.SmilesParserParams()
    params.sanitize = params.removeHs = sanitize  # type: ignore[assignment]
    params.parseName = params.allowCXSMILES = False  # type: ignore[assignment]
    return params


_PLAIN = _parser(sanitize=True)
_LIGHT = _parser(sanitize=False)  # enough to read again what RDKit has just written


def standardize(
    smiles: str, recipe: Recipe = DEFAULT, *, source: str = "", source_id: str = ""
) -> Compound | Rejection:
    """The standardised parent of one structure, or why it cannot be scored.

    RDKit's cleanup, the parent of a salt or solvate, charges taken away where hydrogens can and
    else drawn in one way, and a canonical SMILES that no longer changes when it is read and
    written again. Molecules that need none of this take a short cut, with the same result as
    `standardize_fully`.

    Parameters
    ----------
    smiles : str
        One cell of a library: SMILES or CXSMILES; anything else is refused with a reason.
    recipe : Recipe
    source, source_id : str
        ``file:line`` and the user's id, handed through.

    Raises
    ------
    UsageError
        `smiles` is no text.

    Examples
    --------
    >>> standardize("CC(=O)Oc1ccccc1C(=O)[O-].[Na+]").key
    'CC(=O)Oc1ccccc1C(=O)O'
    >>> standardize("CC(C)(C)(C)C").reason
    'carbon with five bonds at atom 2, at most four are possible'
    """
    if not isinstance(smiles, str):
        raise UsageError(
            f"standardize: got a {type(smiles).__name__}, expected a SMILES string;"
            " of an RDKit molecule, Chem.MolToSmiles gives one"
        )
    with rdBase.BlockLogs():
        result = _standardize(smiles, recipe, short_cut=not recipe.tautomer)
    return _address(result, smiles, source, source_id)


def standardize_fully(
    smiles: str, recipe: Recipe = DEFAULT, *, source: str = "", source_id: str = ""
) -> Compound | Rejection:
    """`standardize` without its short cut: slower, the oracle that the short cut is tested against.

    Examples
    --------
    >>> standardize_fully("OC(=O)C") == standardize("OC(=O)C")
    True
    """
    with rdBase.BlockLogs():
        result = _standardize(smiles, recipe, short_cut=False)
    return _address(result, smiles, source, source_id)


def _address(
    result: tuple[str, tuple[Note, ...]] | Fault, raw: str, source: str, source_id: str
) -> Compound | Rejection:
    if isinstance(result, Fault):
        return Rejection(source, raw, "standardize", result.status, result.code, result.reason, source_id)
    key, notes = result
    return Compound(key, raw, notes, source, source_id)


def _standardize(smiles: str, recipe: Recipe, *, short_cut: bool) -> tuple[str, tuple[Note, ...]] | Fault:
    text = screen_text(
        smiles,
        max_length=recipe.max_length,
        max_fragments=recipe.max_fragments,
        max_atoms=recipe.max_parsed_atoms,
    )
    if isinstance(text, Fault):
        return text
    mol = _read(text)
    if mol is None:
        return explain(text.smiles)
    if text.notes and (fault := _second_structure(text.notes, recipe)):
        return fault
    written = Chem.MolToSmiles(mol)
    notes = text.notes + lost_stereo(text.smiles, written) + rewritten_groups(text.smiles, written)
    untouched = short_cut and _NOTHING_TO_DO.fullmatch(written) is not None
    if ":" in written and (fault := stray_aromatic_bond(mol)):  # or the number of an atom, in brackets
        return fault
    if not untouched:
        found = find_parent(mol, largest=recipe.mixtures == "largest", tautomer=recipe.tautomer)
        if isinstance(found, Fault):
            return found
        mol, seen = found
        notes += seen
        Chem.AssignStereochemistry(mol, cleanIt=True, force=True)  # charges and parts have changed
    if fault := _wrong_size(mol, recipe) or (None if untouched else foreign_element(mol)):
        return fault
    stable = _settle_written(written) if untouched else _settle(Chem.MolToSmiles(mol))
    if stable is None:
        return Fault("unsupported", "unwritable", "rdkit cannot read what it writes for this molecule")
    key, settled = stable
    if not untouched:
        notes += rewritten_molecule(written, key)
    if not untouched or "[S" in written:  # S, Si or Se in brackets may lack a hydrogen
        notes += unusual_atoms(mol)
    if not settled:
        notes += (Note("unsettled", "rdkit writes this molecule in several ways; one of them is the key"),)
    return key, notes + stereo_forms(mol)


def _read(text: StructureText) -> Chem.Mol | None:
    if not text.extension:
        return Chem.MolFromSmiles(text.smiles, _PLAIN)
    return Chem.MolFromSmiles(f"{text.smiles} {text.extension}")


def _second_structure(notes: tuple[Note, ...], recipe: Recipe) -> Fault | None:
    for note in notes:
        if note.code == "trailing_text_parses_as_smiles" and recipe.trailing_structure == "refuse":
            return Fault(
                "invalid", note.code, f"{note.text}; write fragments with '.', or give one structure a row"
            )
    return None


def _wrong_size(mol: Chem.Mol, recipe: Recipe) -> Fault | None:
    heavy = mol.GetNumHeavyAtoms()
    if heavy < recipe.min_atoms:
        counted = f"{heavy} heavy atom{'s' * (heavy != 1)}"
        reason = f"{counted}, the models judge molecules of at least {recipe.min_atoms}"
        return Fault("unsupported", "too_small", reason)
    if heavy > recipe.max_atoms:
        reason = f"{heavy} heavy atoms, the models judge molecules of at most {recipe.max_atoms}"
        return Fault("unsupported", "too_large", reason)
    return None


def _settle_written(key: str) -> tuple[str, bool] | None:
    """`_settle` for short-cut keys: unchanged by the light reading that such keys need.

    Without stereo marks nothing is read at all: 0 of 336,976 flat keys changed (mcule_1m, part 0).
    """
    if "@" not in key and "/" not in key and "\\" not in key:
        return key, True
    mol = Chem.MolFromSmiles(key, _LIGHT)
    mol.UpdatePropertyCache(strict=False)
    Chem.FastFindRings(mol)
    return (key, True) if Chem.MolToSmiles(mol) == key else _settle(key)


def _settle(key: str) -> tuple[str, bool] | None:
    """Read and write until the text stays; of a cycle, its first text in the alphabet."""
    seen: list[str] = []
    while key not in seen and len(seen) < _ROUNDS:
        seen.append(key)
        mol = Chem.MolFromSmiles(key)
        if mol is None:
            return None
        key = Chem.MolToSmiles(mol)
    if key not in seen:
        return key, False
    cycle = seen[seen.index(key) :]
    return min(cycle), len(cycle) == 1
