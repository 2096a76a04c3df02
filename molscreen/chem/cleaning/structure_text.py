"""What can be said about a structure's text before RDKit reads it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rdkit import Chem

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.compound import Note
from molscreen.chem.missing import MISSING

_BLANKS = " \t\r\n"
_ORDINARY = re.compile(r"[A-Za-z0-9@+\-\[\]()=:/\\.%#]+")
_SUSPECT = re.compile(r"InChI=|\d|[A-Z]{14}-|.*\[#")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CAS = re.compile(r"\d{2,7}-\d\d-\d")
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
_REACTION = re.compile(r"(?<!-)>(?!>>).*>|>>")
_POLYMER = re.compile(r"[{}]")
_QUERY = re.compile(r"[!;,&~?]|\$\(|\[#|\[\^")
_DUMMY = re.compile(r"\*")
_ATOM = re.compile(r"\[[^\]]*\]|Cl|Br|[BCNOPSFIbcnops]")
_LOOKALIKES = str.maketrans(
    "АВСЕНІКОРЅТахсоре" + "ΒΟΝΙ" + "‐‑‒–—−" + "“”‘’″′" + "\u00a0\u200b\u200c\u200d\ufeff\u2060",
    "ABCEHIKOPSTaxcope" + "BONI" + "------" + "\"\"''\"'" + "      ",
)


@dataclass(frozen=True, slots=True)
class StructureText:
    """A text that may be a SMILES: the SMILES, its CXSMILES extension, and what was seen."""

    smiles: str
    extension: str = ""
    notes: tuple[Note, ...] = ()


def screen_text(text: str, *, max_length: int, max_fragments: int, max_atoms: int) -> StructureText | Fault:
    """Refuse what is no SMILES of one molecule, without asking RDKit to read it.

    Examples
    --------
    >>> screen_text("50-78-2", max_length=5000, max_fragments=50, max_atoms=1000).code
    'cas_number'
    """
    if len(text) > max_length:
        reason = f"{len(text)} characters, the limit is {max_length}"
        return Fault("unsupported", "too_long", reason)
    if not _ORDINARY.fullmatch(text) or _SUSPECT.match(text) or text.lower() in MISSING:
        screened = _diagnose(text)
    else:
        screened = StructureText(text)
    if isinstance(screened, Fault):
        return screened
    smiles = screened.smiles
    if (fragments := smiles.count(".") + 1) > max_fragments:
        return Fault(
            "unsupported", "too_many_fragments", f"{fragments} fragments, the limit is {max_fragments}"
        )
    if len(smiles) > max_atoms and (atoms := len(_ATOM.findall(smiles))) > max_atoms:
        return Fault("unsupported", "too_large", f"{atoms} atoms, at most {max_atoms} are read")
    return screened


def _diagnose(text: str) -> StructureText | Fault:
    if not text:
        return Fault("invalid", "empty", "the structure is empty")
    if match := _CONTROL.search(text):
        code = f"U+{ord(match[0]):04X}"
        return Fault("invalid", "control_char", f"control character {code} at character {match.start() + 1}")
    if not text.isascii():
        return _explain_non_ascii(text)
    bare = text.strip(_BLANKS)
    if not bare:
        return Fault("invalid", "empty", "the structure is empty, only blanks")
    if bare.lower() in MISSING:
        return Fault("invalid", "missing", f"'{bare}' stands for a missing value")
    return _foreign_notation(bare) or _split(bare)


def _explain_non_ascii(text: str) -> Fault:
    position, character = next((i, c) for i, c in enumerate(text) if not c.isascii())
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    reason = f"'{character}' ({name.lower()}) at character {position + 1} is not ASCII"
    repaired = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).strip(_BLANKS + "\"'")
    if repaired.isascii() and repaired and " " not in repaired and Chem.MolFromSmiles(repaired) is not None:
        reason += f". Did you mean '{repaired}'?"
    return Fault("invalid", "non_ascii", reason)


def _foreign_notation(text: str) -> Fault | None:
    """Notations that are not the SMILES of one molecule; the CXSMILES tail is not looked at."""
    head = re.split(r"[ \t]", text, maxsplit=1)[0]
    if text.startswith("InChI="):
        return Fault(
            "invalid", "inchi", "this is an InChI, expected a SMILES; name the column 'inchi' to have it read"
        )
    if _INCHIKEY.fullmatch(head):
        return Fault("invalid", "inchikey", f"'{head}' looks like an InChIKey, which holds no structure")
    if _CAS.fullmatch(head):
        return Fault("invalid", "cas_number", f"'{head}' looks like a CAS number, expected a SMILES")
    if _POLYMER.search(head):
        return Fault("unsupported", "polymer", "braces, as in BigSMILES: polymers cannot be scored")
    if _REACTION.search(head.replace("->", "--")):
        return Fault("unsupported", "reaction", "a reaction ('>'), expected one molecule")
    if match := _QUERY.search(head):
        return Fault("unsupported", "query", f"'{match[0]}' belongs to SMARTS: a pattern, not a molecule")
    if match := _DUMMY.search(head):
        return Fault("unsupported", "dummy_atom", f"attachment point '*' at character {match.start() + 1}")
    return None


def _split(text: str) -> StructureText | Fault:
    smiles, *rest = re.split(r"[ \t\r\n]+", text, maxsplit=1)
    if not rest:
        return StructureText(smiles)
    if not rest[0].startswith("|"):
        return StructureText(smiles, notes=(_trailing_note(rest[0]),))
    extension, bar, name = rest[0][1:].partition("|")
    if re.search(r"\bSg:", extension):
        return Fault("unsupported", "polymer", "the CXSMILES extension describes a polymer (Sg)")
    if re.search(r"\b(LN|m):", extension) or "_R" in extension:
        return Fault(
            "unsupported", "query", "the CXSMILES extension describes more than one structure (LN, m or _R)"
        )
    notes = (_trailing_note(name.strip()),) if name.strip() else ()
    empty_group = re.search(r"(&|\bo)\d+:(?!\d)", extension)  # which RDKit lets pass
    if not bar or empty_group or Chem.MolFromSmiles(f"{smiles} |{extension}|") is None:
        ignored = Note(
            "cxsmiles_ignored", f"the extension '{rest[0][:60]}' is not valid CXSMILES and was ignored"
        )
        return StructureText(smiles, notes=(ignored,))
    if re.search(r"(&|\bo)\d+:", extension):
        relative = f"the extension '{extension}' gives relative stereo; scored as the isomer that is drawn"
        notes = (Note("stereo_relative", relative), *notes)
    return StructureText(smiles, f"|{extension}|", notes)


def _trailing_note(tail: str) -> Note:
    first = tail.split()[0]
    if Chem.MolFromSmiles(first) is not None:
        return Note(
            "trailing_text_parses_as_smiles", f"'{first[:60]}' after the structure is a structure too"
        )
    return Note("trailing_text", f"'{tail[:60]}' after the structure was not read")
