"""Why RDKit cannot read a structure, in a chemist's words and with the position."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from rdkit import Chem

from molscreen.chem.compound import Status


@dataclass(frozen=True, slots=True)
class Fault:
    """The part of a `Rejection` that does not depend on where the structure came from."""

    status: Status
    code: str
    reason: str


_ATOM = r"\[[^\[\]]*\]|Cl|Br|[BCNOPSFIbcnops]"
_PIECE = re.compile(
    rf"(?P<atom>{_ATOM})|(?P<ring>%\(\d+\)|%\d\d|\d)|(?P<bond>->|<-|[-=#$:/\\])|(?P<mark>[().])"
)
_BRACKET = re.compile(r"\[\d*([A-Z][a-z]?|[a-z][a-z]?)(@[A-Z@0-9]*)?(H\d*)?([+-]+\d*)?(:\d+)?\]")
_NAME = re.compile(r"(?=.*(?<![a-z])(?=[a-z]{3})[a-z]*[adefghijkmqtuvwxyz])[A-Za-z0-9][A-Za-z0-9,'()\[\]-]*")
"""Three or more small letters in a row, of which one is no aromatic atom and does not end Br or Cl."""
_IDENTIFIER = re.compile(r"[A-Za-z]{2,}[-_:]?[A-Za-z]*\d{2,}([-_.]\w+)*")
_MARK = 999  # map number of a nitrogen that is tried
_REPAIRS = 20  # nitrogens that are tried with a hydrogen; each costs a reading of the whole text
_COUNT_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def explain(smiles: str) -> Fault:
    """What is wrong with a SMILES that RDKit refused.

    Atoms and characters are counted from 1, as the text is written.

    Examples
    --------
    >>> explain("CC(C)(C)(C)C").reason
    'carbon with five bonds at atom 2, at most four are possible'
    """
    params = Chem.SmilesParserParams()
    params.sanitize = params.removeHs = False  # type: ignore[assignment]
    mol = Chem.MolFromSmiles(smiles, params)
    if mol is None:
        return _explain_text(smiles)
    mol.UpdatePropertyCache(strict=False)
    problems = Chem.DetectChemistryProblems(mol)
    if not problems:
        return Fault("invalid", "sanitize", "rdkit reads the text but finds no consistent structure in it")
    problem = problems[0]
    if problem.GetType() == "AtomValenceException":
        return Fault("invalid", "valence", _explain_valence(mol.GetAtomWithIdx(problem.GetAtomIdx())))
    if problem.GetType() == "KekulizeException":
        return Fault("invalid", "kekulize", _explain_ring(smiles, list(problem.GetAtomIndices())))
    if problem.GetType() == "AtomKekulizeException":
        position = problem.GetAtomIdx() + 1
        return Fault("invalid", "kekulize", f"atom {position} is written aromatic but is in no ring")
    return Fault("invalid", "sanitize", problem.Message())


def stray_aromatic_bond(mol: Chem.Mol) -> Fault | None:
    """A bond that is written aromatic between atoms that are not, which RDKit lets pass."""
    for bond in mol.GetBonds():
        ends = bond.GetBeginAtom(), bond.GetEndAtom()
        if bond.GetBondType() == Chem.BondType.AROMATIC and not all(atom.GetIsAromatic() for atom in ends):
            first, second = sorted(atom.GetIdx() + 1 for atom in ends)
            reason = f"the bond between atoms {first} and {second} is aromatic, and is in no aromatic ring"
            return Fault("invalid", "kekulize", reason)
    return None


def element_name(atomic_number: int) -> str:
    """The English name of an element, lower case."""
    return Chem.GetPeriodicTable().GetElementName(atomic_number).lower()


def _explain_valence(atom: Chem.Atom) -> str:
    bonds = atom.GetValence(Chem.ValenceType.EXPLICIT)
    allowed = max(Chem.GetPeriodicTable().GetValenceList(atom.GetAtomicNum()))
    counted = _COUNT_WORDS[bonds] if bonds < len(_COUNT_WORDS) else str(bonds)
    charge = atom.GetFormalCharge()
    charged = f" and charge {charge:+d}" if charge else ""
    name = element_name(atom.GetAtomicNum())
    text = f"{name} with {counted} bonds{charged} at atom {atom.GetIdx() + 1}"
    if charge or allowed < 1:
        return f"{text}, more than it can have"
    dative = any(bond.GetBondType() == Chem.BondType.DATIVE for bond in atom.GetBonds())
    hint = "; write a dative bond with charges, as in [N+][B-]" if dative and allowed < bonds else ""
    return f"{text}, at most {_COUNT_WORDS[allowed]} are possible{hint}"


def _explain_ring(smiles: str, atoms: list[int]) -> str:
    places = ", ".join(str(index + 1) for index in atoms)
    text = f"the aromatic atoms {places} cannot be given alternating double bonds"
    if repaired := _with_hydrogen(smiles):
        return f"{text}; a nitrogen without its hydrogen? Did you mean '{repaired}', with [nH]?"
    return f"{text}; is an atom or a hydrogen, such as that of [nH], missing?"


def _with_hydrogen(smiles: str) -> str:
    """The text with one n as [nH] so that it can be read, of a five-membered ring if possible; else ""."""
    first = ""
    for match in itertools.islice(re.finditer(r"(?<![A-Z\[])n", smiles), _REPAIRS):
        before, after = smiles[: match.start()], smiles[match.end() :]
        mol = Chem.MolFromSmiles(f"{before}[nH:{_MARK}]{after}")
        if mol is None:
            continue
        if any(atom.GetAtomMapNum() == _MARK and atom.IsInRingSize(5) for atom in mol.GetAtoms()):
            return f"{before}[nH]{after}"
        first = first or f"{before}[nH]{after}"
    return first


def _explain_text(text: str) -> Fault:
    """The first place where `text` stops being SMILES."""
    opened: list[int] = []
    rings: dict[str, int] = {}
    position, previous = 0, "start"
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            return _explain_character(text, position)
        piece, place = match.group(), position + 1
        if piece.startswith("[") and (fault := _explain_bracket(piece, place)):
            return fault
        if piece == "(":
            opened.append(place)
        elif piece == ")" and not opened:
            return _syntax(f"parenthesis ')' at character {place} closes nothing")
        elif piece == ")":
            opened.pop()
        elif match.lastgroup == "ring":
            label = piece.strip("%()")
            if rings.pop(label, None) is None:
                rings[label] = place
        if piece in "()." and previous in ("bond", "start"):
            return _syntax(f"'{piece}' at character {place} follows no atom")
        previous, position = str(match.lastgroup), match.end()
    if opened:
        return _syntax(f"parenthesis '(' at character {opened[-1]} is never closed")
    if rings:
        label, place = next(iter(rings.items()))
        return _syntax(f"ring bond {label} at character {place} is never closed")
    if previous == "bond" or text.endswith("."):
        return _syntax(f"the text ends with '{text[-1]}' at character {len(text)}, an atom is missing")
    return _syntax(f"rdkit cannot read '{text[:60]}' as SMILES")


def _syntax(reason: str) -> Fault:
    return Fault("invalid", "syntax", reason)


def _explain_bracket(piece: str, place: int) -> Fault | None:
    match = _BRACKET.fullmatch(piece)
    if match is None:
        label = re.match(r"\[\d*([A-Z][A-Za-z]*\d*)", piece)
        if label and re.fullmatch(r"R\d*|[QAXMZGL]\d*|Pol|[A-Z]{2,}\d*", label[1]):
            return Fault(
                "invalid", "unknown_atom", f"'{piece}' at character {place} is a label, not an element"
            )
        return _syntax(f"'{piece}' at character {place} is not an atom that SMILES knows")
    symbol = match[1].capitalize()
    if symbol in ("R", "Q", "A", "X", "M", "Z", "G", "L"):
        return Fault("invalid", "unknown_atom", f"'{piece}' at character {place} is a label, not an element")
    try:
        Chem.GetPeriodicTable().GetAtomicNumber(symbol)
    except RuntimeError:
        return Fault("invalid", "unknown_atom", f"'{piece}' at character {place}: no element '{match[1]}'")
    return None


def _explain_character(text: str, position: int) -> Fault:
    if _IDENTIFIER.fullmatch(text):
        return Fault("invalid", "identifier", f"'{text}' looks like a database id, expected a SMILES")
    if _NAME.fullmatch(text):
        return Fault("invalid", "name", f"'{text[:60]}' looks like a name, expected a SMILES")
    character, place = text[position], position + 1
    if character == "[":
        return _syntax(f"bracket '[' at character {place} is never closed")
    if character == "]":
        return _syntax(f"bracket ']' at character {place} closes nothing")
    if character.isalpha():
        hint = "; a hydrogen is written with its atom, as in [nH]" if character == "H" else ""
        reason = f"'{character}' at character {place} is no atom that SMILES knows{hint}"
        return Fault("invalid", "unknown_atom", reason)
    return _syntax(f"'{character}' at character {place} has no meaning there")
