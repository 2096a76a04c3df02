"""Libraries salted with rows that must be refused, or scored with a warning.

The cases are entries 1 to 26 of our list of bad inputs, those that a file can hold: entry 27 is an
optional feature, 28 and 29 need hooks in the guard and the model. `salt` mixes them into good
molecules, `write_library` writes the rows in any format, and `readable_in` says which rows that
format can hold (an empty structure, for example, is no line of a .smi).
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from rdkit import Chem, rdBase
from rdkit.Chem import AllChem

OK = frozenset({"ok"})
WARNING = frozenset({"warning"})
INVALID = frozenset({"invalid"})
UNSUPPORTED = frozenset({"unsupported"})
SCORED = OK | WARNING
REFUSED = INVALID | UNSUPPORTED


@dataclass(frozen=True)
class Case:
    """One row: its structure text, and the statuses and code its answer may have."""

    entry: int  # number in the list of bad inputs; 0 for a good molecule
    raw: str
    statuses: frozenset[str]
    code: str | None = None  # None where the list names none


@dataclass(frozen=True)
class SaltedRow:
    """A case with an id and a further column, both of which must come back as they are."""

    case: Case
    id: str
    dose: str


def _hypercube(dimension: int) -> str:
    """The SMILES of a hypercube of dummy atoms: few characters, much work for ring perception."""
    atoms: list[list[int]] = [[] for _ in range(2**dimension)]
    bonds = [(i, i ^ 1 << d) for i in range(2**dimension) for d in range(dimension) if not i >> d & 1]
    for label, (i, j) in enumerate((b for b in bonds if b[1] - b[0] != 1 or b[0] % 2), 1):
        atoms[i].append(label)
        atoms[j].append(label)
    return ".".join("*" + "".join(f"%({n})" for n in labels) for labels in atoms)


C60 = (
    "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11"
    "c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41"
)

CASES: tuple[Case, ...] = (
    Case(1, "", INVALID, "empty"),
    Case(2, "   ", INVALID, "empty"),
    Case(3, "CCO ethanol", WARNING, "trailing_text"),
    Case(4, "CC(=O)O c1ccccc1", WARNING | INVALID | UNSUPPORTED, "trailing_text_parses_as_smiles"),
    *(Case(5, raw, INVALID, "non_ascii") for raw in ("CCＯ", "C–C", "“CCO”", "CCO\u00a0", "CCO\u200b")),
    Case(5, "ССО", INVALID, "non_ascii"),  # Cyrillic
    Case(6, "CC\x00O", INVALID, "control_char"),
    Case(6, "CC\x07O", INVALID, "control_char"),
    *(Case(7, raw, INVALID, "syntax") for raw in ("C1CC", "C(C", "CC)")),
    Case(8, "CC(C)(C)(C)C", INVALID, "valence"),
    Case(8, "[CH5]", INVALID, "valence"),
    Case(9, "c1cccc1", INVALID, "kekulize"),
    Case(9, "n1cccc1", INVALID, "kekulize"),
    *(Case(10, raw, INVALID, "unknown_atom") for raw in ("[Xx]", "[R1]", "[Q]", "A")),
    Case(10, "*CCO", UNSUPPORTED, "dummy_atom"),
    Case(11, "aspirin", INVALID),
    Case(11, "50-78-2", INVALID),
    Case(11, "CHEMBL25", INVALID),
    Case(11, "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3", INVALID),
    *(Case(12, raw, INVALID, "missing") for raw in ("nan", "None", "NA", "#N/A")),
    Case(13, "CCO>>CC=O", UNSUPPORTED, "reaction"),
    Case(13, "[#6]~[#7]", UNSUPPORTED, "query"),
    Case(13, "{[$]CC[$]}", UNSUPPORTED, "polymer"),
    Case(14, "C[C@H](N)C(=O)O |&1:1|", SCORED),
    Case(14, "CCO |&1:|", WARNING),
    Case(15, "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]", WARNING, "salt_stripped"),
    Case(15, "Cn1c(=O)c2c(ncn2C)n(C)c1=O.O", WARNING, "solvent_stripped"),
    Case(16, "CC(=O)Oc1ccccc1C(=O)O.CC(=O)Nc1ccc(O)cc1", UNSUPPORTED, "mixture"),
    Case(17, "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1", UNSUPPORTED),
    Case(17, "[Xe]", UNSUPPORTED),
    Case(18, "[13CH3]CO", WARNING),
    Case(18, "CC[CH2]", WARNING),
    Case(19, "CC(N)C(=O)O", WARNING, "stereo_undefined"),
    Case(19, "C[C@H](C)C", SCORED),
    Case(20, "CN(=O)=O", SCORED),
    Case(21, "CC(=O)Nc1ccc(O)cc1", SCORED),
    Case(21, "OC1=CC=C(C=C1)NC(C)=O", SCORED),
    *(Case(22, raw, UNSUPPORTED) for raw in ("C", "[Na+]", "[H][H]", "O")),
    Case(23, "NCC(=O)" * 70 + "O", REFUSED),
    Case(24, "C" * 10_000, REFUSED),
    Case(24, "C(" * 30_000 + "C" + ")" * 30_000, REFUSED),
    Case(24, "C" + ".C" * 20_000, REFUSED),
    Case(25, _hypercube(8), REFUSED | {"timeout", "out_of_memory"}),
    Case(26, C60, REFUSED | SCORED),
)  # fmt: skip
"""Every case that one row of a file can be, in the order of the list."""


def salt(good: Sequence[str], *, seed: int = 0) -> list[SaltedRow]:
    """The good molecules with every case mixed in; ids and doses are texts that readers like to change."""
    rng = random.Random(seed)
    cases = [*(Case(0, smiles, SCORED) for smiles in good), *CASES]
    rng.shuffle(cases)
    ids = ("00{}", "1e{}", "NA-{}", "12345678901234567890{}", "{},00", "na{}me", "+{}", "T{}", "é{}")
    doses = ("007", "NA", "1e5", "null", "", "T", '5 "mg"', "a,b", "1;2", "0.10")
    return [
        SaltedRow(case, ids[i % len(ids)].format(i), doses[i % len(doses)]) for i, case in enumerate(cases)
    ]


def readable_in(row: SaltedRow, suffix: str) -> bool:
    """Whether the format can hold the row, so that reading it back gives the same text."""
    raw = row.case.raw
    if suffix == ".smi":  # the first blank ends the structure
        return bool(raw.strip()) and (not any(c in raw for c in " \t") or " |" in raw) and raw[0] != "#"
    if suffix == ".xlsx":  # XML has no control characters, a cell no more than 32,767
        return len(raw) < 32_000 and all(c >= " " for c in raw)
    if suffix == ".sdf":
        return 0 < len(raw) < 2000 and raw.isascii() and " " not in raw and _mol(raw) is not None
    return True


def write_library(rows: Sequence[SaltedRow], path: Path) -> list[SaltedRow]:
    """Write the rows that the format can hold, compressed where the name says so; returns those rows."""
    packing: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".zst": zstandard.ZstdCompressor().compress,
    }
    pack = packing.get(path.suffix)
    suffix = path.with_suffix("").suffix if pack else path.suffix
    kept = [row for row in rows if readable_in(row, suffix)]
    content = _WRITERS[suffix](kept)
    path.write_bytes(pack(content) if pack else content)
    return kept


def _mol(smiles: str) -> Chem.Mol | None:
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        if mol is None:
            mol = Chem.MolFromSmiles(smiles, sanitize=False)
        elif mol.GetNumAtoms() < 250:
            AllChem.Compute2DCoords(mol)
    return mol if mol is not None and 0 < mol.GetNumAtoms() < 999 else None


def _delimited(delimiter: str) -> Callable[[Sequence[SaltedRow]], bytes]:
    def write(rows: Sequence[SaltedRow]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter)
        writer.writerow(["smiles", "id", "dose"])
        writer.writerows([row.case.raw, row.id, row.dose] for row in rows)
        return text.getvalue().encode()

    return write


def _smi(rows: Sequence[SaltedRow]) -> bytes:
    return "".join(f"{row.case.raw} {row.id}\n" for row in rows).encode()


def _sdf(rows: Sequence[SaltedRow]) -> bytes:
    blocks = []
    for row in rows:
        mol = _mol(row.case.raw)
        sound = Chem.MolFromSmiles(row.case.raw) is not None
        lines = Chem.MolToMolBlock(mol, kekulize=sound).splitlines()
        blocks.append(
            "\n".join([row.id, *lines[1:], ">  <dose>", *([row.dose] if row.dose else []), "", "$$$$", ""])
        )
    return "".join(blocks).encode()


def _table(rows: Sequence[SaltedRow]) -> dict[str, list[str]]:
    return {
        "smiles": [row.case.raw for row in rows],
        "id": [row.id for row in rows],
        "dose": [row.dose for row in rows],
    }


def _parquet(rows: Sequence[SaltedRow]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(_table(rows)), sink, row_group_size=1000)
    return sink.getvalue()


def _xlsx(rows: Sequence[SaltedRow]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    table = _table(rows)
    for row in [tuple(table), *zip(*table.values(), strict=True)]:
        cells = [openpyxl.cell.WriteOnlyCell(sheet, value=value) for value in row]
        for cell in cells:
            cell.data_type = "s"  # text, also where it looks like a formula
        sheet.append(cells)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


_WRITERS: dict[str, Callable[[Sequence[SaltedRow]], bytes]] = {
    ".csv": _delimited(","),
    ".tsv": _delimited("\t"),
    ".smi": _smi,
    ".sdf": _sdf,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
