"""The verbs of an AssayTable: read measurements, merge tables."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.compound import Compound, Rejection
from molscreen.data.card import DatasetCard, load_card
from molscreen.data.data_folder import locate
from molscreen.data.measured.assay_table import EQUAL, AssayTable, refuse_repeated_names
from molscreen.data.measured.cell_value import LOOSE
from molscreen.data.measured.measurements import Row, read_rows, standardize_all
from molscreen.data.measured.replicates import join_ids
from molscreen.data.measured.unread_cell import UnreadCell, count_unread, list_texts
from molscreen.errors import LibraryError

SHOWN = 60  # characters of a structure in a message
FLOAT = re.compile(r"\d+\.(\d+)")  # an id


def read_assay(
    card: DatasetCard | str | Path,
    *,
    data_root: str | Path | None = None,
    endpoints: Sequence[str] | None = None,
    recipe: Recipe | None = None,
    as_published: bool = False,
) -> AssayTable:
    """The measurements of a data set, one row per record that can be used.

    Parameters
    ----------
    card : DatasetCard, str or path
        A card, the name of one (``tdc_admet/ames``), or the path of a ``card.toml``.
        `molscreen.data.own_file.user_card.card_for_file` makes a card for a file of your own.
    data_root : path, optional
        The folder under which data sets lie; without it ``$MOLSCREEN_DATA``.
    endpoints : sequence of str, optional
        Only these endpoints; records that measure none of them are then passed over.
    recipe : Recipe, optional
        How structures are standardised; without it the recipe that screening uses.
    as_published : bool, optional
        Whether the structures of the file stand as they are, without the card's corrections: so that a figure
        is one of the same compounds as the literature's.

    Returns
    -------
    AssayTable
        A record that cannot be used (no molecule, no value that can be read) is in `rejections`, a cell that
        cannot be read in `unread`.

    Raises
    ------
    ConfigError
        The card or an endpoint is unknown, or no data root is set.
    LibraryError
        A file is missing or damaged, lacks a column or a record that the card corrects, or no record of the
        data set can be used.
    """
    card = card if isinstance(card, DatasetCard) else load_card(card)
    card = card if endpoints is None else card.only(endpoints)
    files = [read_rows(card, f, locate(f, data_root=data_root)) for f in card.files if f.structures]
    records = [
        found
        for file in files
        for found in file.rows
        if isinstance(found, Rejection) or found.cells or endpoints is None
    ]
    rows = [record for record in records if isinstance(record, Row)]
    corrections: dict[str, str] = {} if as_published else card.corrections
    unread = tuple(cell for file in files for cell in file.unread)
    smiles = [corrections.get(row.identifier, row.smiles) for row in rows]
    results = iter(standardize_all(smiles, recipe or Recipe()))
    kept: list[tuple[Row, str]] = []
    rejections: list[Rejection] = []  # in the order of the files
    for record in records:
        if isinstance(record, Rejection):
            rejections.append(record)
        elif isinstance(result := next(results), Compound):
            kept.append((record, result.key))
        else:
            rejections.append(dataclasses.replace(result, source=record.source, source_id=record.identifier))
    if not kept:
        raise LibraryError(f"data set '{card.name}': {_nothing_usable(rejections, unread)}")
    commas = dict.fromkeys(column for file in files for column in file.decimal_commas)
    notes = [
        *(f"{card.name}: {note}" for note in card.notes),
        *_say_corrected(card.name, corrections, [_id_of(found) for file in files for found in file.rows]),
        *(f"{card.name}: column '{column}' has decimal commas, and was read so" for column in commas),
        *(
            f"{card.name}: column '{column}': {n:,} value{'s' * (n > 1)} with {sign}, read as {LOOSE[sign]}"
            for (column, sign), n in sum((file.loose for file in files), Counter()).items()
        ),
    ]
    table = _tabulate(card, kept, rejections)
    return dataclasses.replace(table, unread=unread, notes=tuple(notes))


def _id_of(found: Row | Rejection) -> str:
    return found.identifier if isinstance(found, Row) else found.source_id


def _say_corrected(name: str, corrections: Mapping[str, str], ids: Sequence[str]) -> tuple[str, ...]:
    """How many records have another structure than the file; every correction has its record."""
    if unknown := corrections.keys() - set(ids):
        raise LibraryError(
            f"data set '{name}': no record has the id '{min(unknown)}', which the card corrects"
        )
    n = sum(identifier in corrections for identifier in ids)
    sentence = (
        f"{name}: {n} record{'s' * (n > 1)} with another structure than in the file, as the card corrects"
    )
    return (sentence,) if n else ()


def _nothing_usable(rejections: Sequence[Rejection], unread: Sequence[UnreadCell]) -> str:
    """How many records were refused, with the first of them as an example, and the texts of their cells."""
    count = f"none of {len(rejections)} records can be used"
    if not rejections:
        return count
    first = rejections[0]
    example = f"the first, {first.source}, holds the structure '{first.raw[:SHOWN]}': {first.reason}"
    texts = count_unread(unread)
    return ". ".join((f"{count}; {example}", *(f"Column '{c}' holds {list_texts(texts[c])}" for c in texts)))


def _tabulate(
    card: DatasetCard, kept: Sequence[tuple[Row, str]], rejections: Sequence[Rejection]
) -> AssayTable:
    """Rows become arrays."""
    shape = len(kept), len(card.measurements)
    value = np.full(shape, np.nan, np.float32)
    relation = np.zeros(shape, np.int8)
    split = np.zeros(shape, "<U5")
    subsets = {name: np.zeros(shape, bool) for name in card.subsets}
    for i, (row, _) in enumerate(kept):
        for cell in row.cells:
            at = i, cell.column
            value[at], relation[at], split[at] = cell.value, cell.relation, row.split
            for name in row.subsets:
                subsets[name][at] = True
    return AssayTable(
        keys=tuple(key for _, key in kept),
        endpoints=card.endpoints,
        value=value,
        relation=relation,
        split=split,
        time=np.array([row.time for row, _ in kept]),
        ids=tuple(f"{card.name}:{name}" for name in _names([row for row, _ in kept])),
        subsets=subsets,
        rejections=tuple(rejections),
    )


def _names(rows: Sequence[Row]) -> list[str]:
    """What each record is called: its id, or where it stands.

    Numbers that somebody's program took for floats lose their ``.0`` (2244.0, a PubChem CID), unless another
    id has a fraction that says something (a batch, 1204.1).
    """
    fractions = {found[1] for row in rows if (found := FLOAT.fullmatch(row.identifier))}
    if fractions != {"0"}:
        return [row.identifier or row.source for row in rows]
    return [
        row.identifier.removesuffix(".0") if FLOAT.fullmatch(row.identifier) else row.identifier or row.source
        for row in rows
    ]


def merge(tables: Sequence[AssayTable]) -> AssayTable:
    """The compounds of all tables, joined by key, with the columns of all endpoints.

    Parameters
    ----------
    tables : sequence of AssayTable
        Each with one row per compound, as `merge_replicates` returns it.

    Returns
    -------
    AssayTable
        Compounds in the order of their first appearance; of several times, the earliest.

    Raises
    ------
    ConfigError
        Two tables measure an endpoint of the same name.
    ValueError
        A table repeats a key, or there is no table.
    """
    if not tables:
        raise ValueError("merge needs at least one assay table, got none")
    refuse_repeated_names(endpoint for table in tables for endpoint in table.endpoints)
    place: dict[str, int] = {}
    for table in tables:
        if len(set(table.keys)) < len(table):
            raise ValueError("merge: a table repeats a compound; call merge_replicates on it first")
        for key in table.keys:
            place.setdefault(key, len(place))
    rows = [np.array([place[key] for key in table.keys], dtype=np.intp) for table in tables]
    n = len(place)
    time = np.full(n, np.nan)
    for table, row in zip(tables, rows, strict=True):
        time[row] = np.fmin(time[row], table.time)
    return AssayTable(
        keys=tuple(place),
        endpoints=tuple(endpoint for table in tables for endpoint in table.endpoints),
        value=_side_by_side([t.value for t in tables], rows, n, empty=np.nan),
        relation=_side_by_side([t.relation for t in tables], rows, n, empty=EQUAL),
        split=_side_by_side([t.split for t in tables], rows, n, empty=""),
        time=time,
        ids=join_ids(np.concatenate(rows), [i for table in tables for i in table.ids], n),
        subsets=_joined_subsets(tables, rows, n),
        rejections=tuple(r for table in tables for r in table.rejections),
        unread=tuple(cell for table in tables for cell in table.unread),
        notes=tuple(note for table in tables for note in table.notes),
    )


def _side_by_side(
    blocks: Sequence[NDArray[Any]], rows: Sequence[NDArray[np.intp]], n: int, *, empty: float | str
) -> NDArray[Any]:
    """(n, Σt): each (n_i, t_i) block in its own columns, at its rows of the joined table."""
    joined = np.full((n, sum(b.shape[1] for b in blocks)), empty, dtype=np.result_type(*blocks))
    start = 0
    for block, row in zip(blocks, rows, strict=True):
        joined[row, start : start + block.shape[1]] = block
        start += block.shape[1]
    return joined


def _joined_subsets(
    tables: Sequence[AssayTable], rows: Sequence[NDArray[np.intp]], n: int
) -> dict[str, NDArray[np.bool_]]:
    """Every subset of any table; a table without it marks nothing."""
    joined = {}
    for name in sorted({name for table in tables for name in table.subsets}):
        masks = [table.subsets.get(name, np.zeros(table.value.shape, bool)) for table in tables]
        joined[name] = _side_by_side(masks, rows, n, empty=False)
    return joined
