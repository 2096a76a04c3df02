"""Whether the first row of a table names its columns, and which names are known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdkit import Chem, rdBase

from molscreen.chem.missing import MISSING
from molscreen.data.files.record import ReadOptions

Row = list[str]

SMILES_NAMES = {
    "smiles", "smi", "smilesstring", "canonicalsmiles", "cansmiles", "isomericsmiles", "isosmiles",
    "cxsmiles", "inputsmiles", "parentsmiles", "standardsmiles", "rdkitsmiles", "openeyesmiles", "molsmiles",
}  # fmt: skip
"""Names that say what is in the column. All names are compared in lower case, letters and digits only."""
LOOSE_NAMES = {"structure", "structures", "mol", "molecule", "molecules", "compound", "drug", "ligand"}
"""Names that may as well head a column of names: the content decides."""
INCHI_NAMES = {"inchi", "standardinchi", "stdinchi", "inchistring"}
ID_NAMES = (
    "id", "compoundid", "cmpdid", "moleculeid", "molid", "drugid", "ligandid", "chemblid",
    "moleculechemblid", "cmpdchemblid", "zincid", "catalogid", "substanceid", "sampleid", "registryid",
    "regid", "regno", "regnr", "regnumber", "registrynumber", "corpid", "corporateid", "cpdid",
    "compoundno", "compoundnr", "compoundnumber", "cmpdno", "cmpdnr", "cmpdnumber", "cpdno",
    "batchid", "batchno", "batchnr", "batchnumber", "cmpd", "cpd", "reg",
    "name", "title", "compoundname", "cmpdname", "drugname", "moleculename", "molname",
    "identifier", "compound", "drug", "molecule",
)  # fmt: skip
"""Names of id columns, the most telling first; a name may be shared, as by a compound and its salts."""

SAMPLE = 50  # rows whose cells are tried as molecules

_SMILES_TEXT = re.compile(r"[A-Za-z0-9@+\-\[\]()=#$:/\\.%*~]+")
_LONGEST = 1000  # characters of a cell that is tried
_WORD = re.compile(
    r"(?<![a-z])(?=[a-z]{3})[a-z]*[adefghijkmqtuvwxyz]|^(?=.{4})[A-Z _]*[ADEGHJKLMQRTUVWXYZ][A-Z _]*$"
)
"""Letters in a row, one of which begins no atom: of a word, not of a SMILES with a slip in it."""
_NUMBER = re.compile(r"\s*[<>=~]?\s*[+-]?\d+([.,]\d*)?([eE][+-]?\d+)?\s*")


def is_header(rows: Sequence[Row], options: ReadOptions) -> bool:
    """Whether the first row names the columns.

    It does where the user says so, or names a column that occurs there; where a cell is a known
    column name and no cell is a molecule; where molecules stand below a cell that says "smiles"
    (``NSC`` is a SMILES and the usual name of an id); or, in a row that holds no value, where
    the column of the longest molecules begins with a word.

    Parameters
    ----------
    rows : sequence of list of str
        The first rows of the table; at least one.
    options : ReadOptions

    Examples
    --------
    >>> is_header([["Cmpd", "Formel"], ["ethanol", "CCO"]], ReadOptions())
    True
    """
    if options.header is not None:
        return options.header
    wanted = {name.lower() for name in (options.smiles_column, options.id_column) if name}
    if any(cell.lower() in wanted and not cell.isdecimal() for cell in rows[0]):
        return True
    first = [plain_name(cell) for cell in rows[0]]
    if any(map(_is_known, first)) and structure_share(rows[0]) == 0:
        return True
    below = [row for row in rows[1 : SAMPLE + 1] if len(row) == len(first)]
    columns = list(zip(*below, strict=True))
    holding = [i for i, cells in enumerate(columns) if structure_share(cells) >= 0.5]
    if any(first[i] in SMILES_NAMES for i in holding):
        return True
    is_title = 2 * len(below) < len(rows[1 : SAMPLE + 1])  # of another width than most rows
    if is_title or not holding or any(map(_is_value, rows[0])):
        return False
    return _is_word(rows[0][max(holding, key=lambda i: sum(map(len, columns[i])))])


def names_smiles(name: str) -> bool:
    """Whether a plain name says "smiles", alone or within a longer one such as ``smilesstd``."""
    return name in SMILES_NAMES or "smiles" in name


def _is_known(name: str) -> bool:
    return names_smiles(name) or name in LOOSE_NAMES | INCHI_NAMES or name in ID_NAMES


def _is_value(cell: str) -> bool:
    """Whether a cell is a number, or a molecule that is no word either, as ``Conc`` is both."""
    return bool(_NUMBER.fullmatch(cell) or (structure_share([cell]) and not cell.split()[0].isalpha()))


def _is_word(cell: str) -> bool:
    """Whether a cell is a word, and neither a molecule nor one that is missing or mistyped."""
    return bool(_WORD.search(cell)) and cell.strip().lower() not in MISSING and not structure_share([cell])


def structure_share(cells: Sequence[str]) -> float:
    """The fraction, in [0, 1], of the filled cells that are the SMILES of something; 0 for none.

    Only the syntax is read, so a molecule with impossible valences counts.
    """
    filled = [cell for cell in map(str.strip, cells) if cell]
    with rdBase.BlockLogs():
        return sum(map(_is_smiles, filled)) / len(filled) if filled else 0.0


def _is_smiles(cell: str) -> bool:
    text = cell.split()[0]
    if len(text) > _LONGEST or not _SMILES_TEXT.fullmatch(text):
        return False
    mol = Chem.MolFromSmiles(text, sanitize=False)
    return mol is not None and mol.GetNumAtoms() > 0


def plain_name(name: str) -> str:
    """A column's name in lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
