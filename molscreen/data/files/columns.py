"""Which column of a table holds the structures, and which the id."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from molscreen.data.files.header import (
    ID_NAMES,
    INCHI_NAMES,
    LOOSE_NAMES,
    SAMPLE,
    SMILES_NAMES,
    Row,
    is_header,
    names_smiles,
    plain_name,
    structure_share,
)
from molscreen.data.files.record import ReadOptions
from molscreen.errors import LibraryError, did_you_mean

Notation = Literal["smiles", "inchi"]

_HINT = "Name one with --smiles-column (Python: ReadOptions(smiles_column=…)), by name or number"
_SHOWN = 60  # characters of an id in a message


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one table.

    Attributes
    ----------
    names : tuple of str
        All columns, each name once.
    structure : int
        The column of structures.
    id : int or None
    notation : {"smiles", "inchi"}
    header : bool
        Whether the first row gave the names.
    described : str
        All of this as a clause for the user.
    """

    names: tuple[str, ...]
    structure: int
    id: int | None
    notation: Notation
    header: bool
    described: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's other columns; an InChI stays among them, because `Record.raw` becomes a SMILES."""
        kept = {self.id} if self.notation == "inchi" else {self.id, self.structure}
        return tuple(name for i, name in enumerate(self.names) if i not in kept)

    def picker(self, columns: Sequence[str]) -> Callable[[Row], tuple[str, ...]]:
        """A function from a row to its cells under `columns`; a column the table lacks is empty."""
        own = set(self.columns)
        places = [self.names.index(name) if name in own else None for name in columns]
        if None in places:
            return lambda row: tuple("" if place is None else row[place] for place in places)
        if len(places) > 1:
            return operator.itemgetter(*places)
        return lambda row: tuple(row[place] for place in places if place is not None)


def find_layout(
    rows: Sequence[Row], options: ReadOptions, *, where: str, names: Sequence[str] = ()
) -> Layout:
    """The layout of a table from its first rows.

    Parameters
    ----------
    rows : sequence of list of str
        The first rows, a possible header among them; at least one, unless there are `names`.
    options : ReadOptions
        What the user said; it outranks what is found.
    where : str
        The file's name, for messages.
    names : sequence of str
        Given where the format names its columns, as Parquet does; then no row is a header.

    Raises
    ------
    LibraryError
        No column holds structures, or more than one might.

    Examples
    --------
    >>> rows = [["Name", "SMILES", "dose"], ["ethanol", "CCO", "1"]]
    >>> find_layout(rows, ReadOptions(), where="a.csv").described
    "header found, structure column 'SMILES', id column 'Name'"
    """
    header = bool(names) or is_header(rows, options)
    if header and not names:
        names, rows = rows[0], rows[1:]
    unique = _unique(names) if header else tuple(f"column_{i + 1}" for i in range(len(rows[0])))
    if len(unique) > options.limits.columns:
        raise LibraryError(
            f"{where}: {len(unique)} columns, the limit is {options.limits.columns}. Keep those you need, "
            "or raise Limits.columns"
        )
    spread = rows[:: max(1, len(rows) // SAMPLE)]
    cells = [[row[i] for row in spread if i < len(row)] for i in range(len(unique))]
    structure, notation = _find_structure(names if header else unique, cells, options.smiles_column, where)
    identity = _find_id(unique, cells, structure, options.id_column, header=header, where=where)
    described = [
        "header found" if header else "no header found",
        f"structure column '{unique[structure]}'" + (" (InChI)" if notation == "inchi" else ""),
        "no id column" if identity is None else f"id column '{unique[identity]}'{_repeated(rows, identity)}",
    ]
    if header and (renamed := [new for old, new in zip(names, unique, strict=True) if old != new]):
        described.append(f"unnamed or repeated columns are called {quoted(renamed)}")
    return Layout(unique, structure, identity, notation, header, ", ".join(described))


def _find_structure(
    names: Sequence[str], cells: Sequence[Sequence[str]], wanted: str | None, where: str
) -> tuple[int, Notation]:
    """By what the user said, by a telling name, by a loose name with molecules below, by content."""
    plain = [plain_name(name) for name in names]
    if wanted is not None:
        chosen = find_column(names, wanted, where)
        return chosen, "inchi" if plain[chosen] in INCHI_NAMES else "smiles"
    if telling := [i for i, name in enumerate(plain) if name in SMILES_NAMES]:
        return _only(telling, names, where), "smiles"
    holding = [i for i, column in enumerate(cells) if structure_share(column) >= 0.5]
    telling = [i for i in holding if names_smiles(plain[i])]
    if telling := telling or [i for i, name in enumerate(plain) if name.endswith("smiles")]:
        return _only(telling, names, where), "smiles"
    loose = [i for i, name in enumerate(plain) if name in LOOSE_NAMES]
    inchi = [i for i, name in enumerate(plain) if name in INCHI_NAMES]
    if both := [i for i in holding if i in loose or "structure" in plain[i]]:
        return _only(both, names, where), "smiles"
    if inchi:
        return _only(inchi, names, where), "inchi"
    if holding or loose:
        return _only(holding or loose, names, where), "smiles"
    if len(names) == 1:
        return 0, "smiles"
    raise LibraryError(f"{where}: no column of structures found. Columns: {quoted(names)}. {_HINT}")


def _only(candidates: Sequence[int], names: Sequence[str], where: str) -> int:
    if len(candidates) == 1:
        return candidates[0]
    listed = ", ".join(f"'{names[i]}' (column {i + 1})" for i in candidates)
    raise LibraryError(f"{where}: {len(candidates)} columns could hold the structures: {listed}. {_HINT}")


def _find_id(
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    structure: int,
    wanted: str | None,
    *,
    header: bool,
    where: str,
) -> int | None:
    """By what the user said or by name; without a header the first column whose cells all differ."""
    if wanted is not None:
        return find_column(names, wanted, where)
    others = [i for i in range(len(names)) if i != structure]
    distinct = [i for i in others if any(cells[i]) and len(set(cells[i])) == len(cells[i])]
    if not header:
        return next(iter(distinct), None)
    plain = {plain_name(names[i]): i for i in reversed(others)}
    for name in ID_NAMES:
        if name in plain:
            return plain[name]
    return next((i for i in distinct if re.search(r"[_\s-]c?id$|^cid$", names[i], re.IGNORECASE)), None)


def _repeated(rows: Sequence[Row], identity: int) -> str:
    """What the user should know of ids that are not one row's own."""
    count = Counter(row[identity].strip() for row in rows)
    repeated = [name for name, n in count.most_common() if n > 1 and name]
    if not repeated:
        return ""
    first = repeated[0]
    return f" (not unique: '{first[:_SHOWN]}' stands in {count[first]} of the first {len(rows):,} rows)"


def find_column(names: Sequence[str], wanted: str, where: str) -> int:
    """The column that the user names, or numbers from 1.

    Raises
    ------
    LibraryError
        There is none, or several.
    """
    found = [i for i, name in enumerate(names) if name == wanted]
    found = found or [i for i, name in enumerate(names) if name.lower() == wanted.lower()]
    if not found and wanted.isdecimal() and 0 < int(wanted) <= len(names):
        found = [int(wanted) - 1]
    if not found:
        raise LibraryError(
            f"{where}: no column '{wanted}'. Columns: {quoted(names)}.{did_you_mean(wanted, names)}"
        )
    return _only(found, names, where)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """The names, an empty one replaced by its number and a repeated one completed by it."""
    unique: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        new = name or f"column_{number}"
        while new in unique or (new != name and new in names):
            new = f"{new}_{number}"
        unique[new] = None
    return tuple(unique)


def quoted(names: Iterable[str]) -> str:
    """The names in quotes, as a message lists them."""
    return ", ".join(f"'{name}'" for name in names)
