"""Mol blocks and InChI become SMILES, in a watched process, so that a record cannot end the run."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from rdkit import Chem, rdBase

from molscreen.chem.cleaning.refusal import Fault
from molscreen.chem.guarded.guard import Casualty, Guard
from molscreen.data.files.record import Record, faulty

Convert = Callable[[str], "str | Fault"]

# S-groups of BIOVIA's CTfile formats (2020) that repeat or vary; SUP, MUL, DAT and components are as drawn
_POLYMERS = frozenset(("SRU", "MON", "MER", "COP", "CRO", "MOD", "GRA", "ANY"))
_CHUNK = 500  # records that travel to the guard at a time


def in_smiles(records: Iterable[Record], convert: Convert, first_row: int = 0) -> Iterator[Record]:
    """The records with `raw` converted to SMILES, or with the fault that kept it from being so.

    Parameters
    ----------
    records : iterable of Record
    convert : function
        `molblock_to_smiles` or `inchi_to_smiles`; it runs in a `Guard`.
    first_row : int
        Row of the file's first record: reasons count records from there.
    """
    stream = iter(records)
    waiting: deque[tuple[list[Record], int]] = deque()  # the guard works on one batch while one is used
    with Guard(convert) as guard:
        while batch := list(itertools.islice(stream, _CHUNK)):
            waiting.append((batch, guard.submit([record.raw for record in batch if record.fault is None])))
            if len(waiting) > 1:
                yield from _collect(guard, *waiting.popleft(), first_row)
        while waiting:
            yield from _collect(guard, *waiting.popleft(), first_row)


def _collect(
    guard: Guard[str, str | Fault], batch: Sequence[Record], token: int, first_row: int
) -> Iterator[Record]:
    results = iter(guard.collect(token))
    for record in batch:
        yield record if record.fault else _converted(record, next(results), first_row)


def _converted(record: Record, result: str | Fault | Casualty, first_row: int) -> Record:
    if isinstance(result, str):
        return replace(record, raw=result)
    if isinstance(result, Casualty):
        result = Fault(result.status, result.status, result.reason)
    fault = replace(result, reason=f"record {record.row - first_row + 1}: {result.reason}")
    bad = faulty(
        record.row, record.source, record.line, raw=record.raw, fault=fault, width=len(record.fields)
    )
    return replace(bad, id=record.id, fields=record.fields, note=record.note)


def molblock_to_smiles(molblock: str) -> str | Fault:
    r"""A mol block, V2000 or V3000, as SMILES.

    Stereo comes from wedges in 2D and from the positions in 3D; that of a racemate or of an unknown
    isomer is said in a CXSMILES extension. A structure that RDKit reads but finds impossible, such as a
    carbon with five bonds, is written as it is: what is wrong with it is for `standardize` to say. What
    no SMILES says, and would be lost (a polymer, a query, an alias of an atom), is refused here.

    Examples
    --------
    >>> molblock_to_smiles("water\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"
    ...     "    0.0000    0.0000    0.0000 O   0  0\nM  END\n")
    'O'
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromMolBlock(molblock) or Chem.MolFromMolBlock(molblock, sanitize=False)
        if mol is None:
            return Fault("invalid", "sdf_syntax", _bad_atom(molblock))
        if mol.GetNumAtoms() == 0:
            return Fault("invalid", "empty", "the mol block has no atoms")
        if not np.isfinite(mol.GetConformer().GetPositions()).all():
            return Fault("invalid", "sdf_syntax", "an atom has no position (nan or infinite coordinates)")
        return _unsaid(mol) or _written(mol)


def _unsaid(mol: Chem.Mol) -> Fault | None:
    """What the mol block draws beyond atoms and bonds, so that its SMILES would be of another molecule."""
    for group in Chem.GetMolSubstanceGroups(mol):
        if (kind := group.GetProp("TYPE")) in _POLYMERS:
            return Fault("unsupported", "polymer", f"the S-group '{kind}': polymers cannot be scored")
    for atom in mol.GetAtoms():
        where = f"atom {atom.GetIdx() + 1}"
        if atom.HasProp("molFileAlias") and not _is_itself(atom, alias := atom.GetProp("molFileAlias")):
            reason = f"{where}, {atom.GetSymbol()}, is shown as '{alias[:60]}'; draw its atoms"
            return Fault("unsupported", "atom_alias", reason)
        if atom.HasProp("molAttchpt"):
            return Fault("unsupported", "dummy_atom", f"attachment point at {where}")
        if atom.HasQuery() and atom.GetAtomicNum():  # without a number it is '*', which `standardize` refuses
            return Fault("unsupported", "query", f"{where} is a query: a pattern, not a molecule")
    for bond in mol.GetBonds():
        if bond.HasQuery():
            ends = f"{bond.GetBeginAtomIdx() + 1} and {bond.GetEndAtomIdx() + 1}"
            reason = f"the bond between atoms {ends} is a query: a pattern, not a molecule"
            return Fault("unsupported", "query", reason)
    return None


def _is_itself(atom: Chem.Atom, alias: str) -> bool:
    """Whether an alias only repeats the atom, with or without its hydrogens: 'CH3', 'H2N', 'O'."""
    symbol, n = atom.GetSymbol(), atom.GetTotalNumHs()
    hydrogens = "H" if n == 1 else f"H{n}"
    return alias.strip() in (symbol, *((symbol + hydrogens, hydrogens + symbol) if n else ()))


def _written(mol: Chem.Mol) -> str:
    if all(group.GetGroupType() == Chem.StereoGroupType.STEREO_ABSOLUTE for group in mol.GetStereoGroups()):
        return str(Chem.MolToSmiles(mol))
    stereo = Chem.CXSmilesFields.CX_ENHANCEDSTEREO
    return str(Chem.MolToCXSmiles(mol, Chem.SmilesWriteParams(), stereo))


def inchi_to_smiles(inchi: str) -> str | Fault:
    """An InChI as SMILES.

    Examples
    --------
    >>> inchi_to_smiles("InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3")
    'CCO'
    """
    if not inchi.strip():
        return Fault("invalid", "empty", "the InChI is empty")
    if not inchi.startswith("InChI="):
        return Fault("invalid", "inchi_syntax", f"'{inchi[:60]}' is no InChI, which begins with 'InChI='")
    with rdBase.BlockLogs():
        mol = Chem.MolFromInchi(inchi)  # type: ignore[no-untyped-call]
    if mol is None:
        return Fault("invalid", "inchi_syntax", f"'{inchi[:60]}' is no InChI of a structure")
    return str(Chem.MolToSmiles(mol))


def _bad_atom(molblock: str) -> str:
    """The first atom line of a V2000 block that cannot be one; RDKit only says it to its log."""
    lines = molblock.splitlines()
    if "V3000" in lines[3]:
        return "the V3000 block cannot be read"
    for number, line in enumerate(lines[4 : 4 + int(lines[3][:3])], 1):
        position, symbol = [line[i : i + 10] for i in (0, 10, 20)], line[31:34].strip()
        try:
            finite = all(math.isfinite(float(text)) for text in position)
        except ValueError:
            finite = False
        if not finite:
            return f"atom {number} has no position: '{line[:30].strip()}'"
        if not _is_element(symbol):
            return f"atom {number} is '{symbol}', which is no element"
    return "the mol block cannot be read"


def _is_element(symbol: str) -> bool:
    try:
        return int(Chem.GetPeriodicTable().GetAtomicNumber(symbol)) >= 0
    except RuntimeError:
        return False
