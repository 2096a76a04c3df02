"""Store: a library that was prepared once; screened like any library, and searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.arguments import require_name
from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.compound import Rejection, Status
from molscreen.data.files.record import Record, user_columns
from molscreen.prediction.columns import OURS
from molscreen.provenance import versions
from molscreen.screening.shard import FIELD, OUTCOME, READY, Shard
from molscreen.screening.store.layout import Manifest, StoredFile, check_recipe, read_manifest
from molscreen.screening.store.shards import Contents, open_file, screen_schema, to_screen
from molscreen.storage import locate_here

if TYPE_CHECKING:
    import pandas as pd


class Store:
    r"""A library on disk, standardised, featurised and fingerprinted; made by `index`.

    Every row of the library is in it, also those that were refused, with their reason. Its files
    are mapped, not read, and each is compared with its checksum when it is first opened.

    Parameters
    ----------
    path : Path
        Its folder.
    manifest : Manifest

    Examples
    --------
    >>> import tempfile
    >>> from molscreen.screening.index import index
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     library = Path(folder) / "library.smi"
    ...     _ = library.write_text("CC(=O)Oc1ccccc1C(=O)O aspirin\nOC(=O)c1ccccc1O salicylic acid\n")
    ...     store = index(library, out=Path(folder) / "store", workers=1)
    ...     store.similar("COC(=O)c1ccccc1O", top=1)["id"].tolist()
    ['salicylic acid']
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path.absolute()
        self.manifest = manifest
        self._checked: set[str] = set()

    def __len__(self) -> int:
        return self.n_records

    def __repr__(self) -> str:
        return f"Store('{self.path}', {self.n_records:,} rows)"

    @property
    def n_records(self) -> int:
        """Rows of the libraries in it, refused ones too."""
        return self.manifest.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The user's columns."""
        return self.manifest.columns

    @property
    def described(self) -> tuple[str, ...]:
        """How it was made, in sentences for the user."""
        made, now = self.manifest.versions.get("rdkit"), versions(("rdkit",))["rdkit"]
        return (
            f"{self.path.name}: a store of {self.n_records:,} rows, prepared",
            *(sentence for addition in self.manifest.additions for sentence in addition.described),
            *([f"{self.path.name}: made with rdkit {made}, this is {now}"] if made != now else []),
        )

    def digest(self) -> dict[str, str]:
        """SHA-256 of the manifest that lies on disk, as far as this store goes, by name.

        It holds the checksums of all else. What was appended since this store was opened is not in it.
        """
        now = read_manifest(self.path).first(len(self.manifest.additions))
        return {f"store {self.path.name}": now.digest()}

    def as_it_was(self, inputs: Mapping[str, str]) -> Store:
        """The store when it had this digest, before more was appended; itself where it never had."""
        for n in range(len(self.manifest.additions), 0, -1):
            earlier = Store(self.path, self.manifest.first(n))
            if earlier.digest() == inputs:
                return earlier
        return self

    def check_recipe(self, recipe: Recipe, *, where: str) -> None:
        """Refuse to be used for another recipe than its own.

        Raises
        ------
        LibraryError
            The message lists the settings that differ.
        """
        check_recipe(self.path, self.manifest, recipe, where=where)

    def molecules(self) -> Iterator[pa.RecordBatch]:
        """``key, graph, ecfp, ecfp_bits`` of each shard in order, in mapped memory.

        Raises
        ------
        LibraryError
            A file is missing or damaged; the message names it.
        """
        for shard in self.manifest.shards:
            yield self._open(shard.molecules)

    def records(self) -> Iterator[Record]:
        """Every row in order, as the library gave it: to be standardised by whatever recipe.

        Raises
        ------
        LibraryError
            As for `molecules`.
        """
        own, users = ["row", "source", "line", "id", "raw"], [FIELD + name for name in self.columns]
        said = {field: READY + name for name, field in OUTCOME.items()}
        first = 0
        for place in range(len(self.manifest.shards)):
            batch = to_screen(self.contents(place), self.columns, first)
            first += batch.num_rows
            for row in batch.select([*own, *users, *said.values()]).to_pylist():
                given = {name: row[name] for name in own}
                fault = _unreadable(row, **{field: row[name] for field, name in said.items()})
                yield Record(**given, fields=tuple(row[name] for name in users), fault=fault)

    def contents(self, place: int) -> Contents:
        """All columns of one shard.

        Raises
        ------
        LibraryError
            As for `molecules`.
        """
        shard = self.manifest.shards[place]
        return Contents(self._open(shard.molecules), self._open(shard.texts))

    def _open(self, file: StoredFile) -> pa.RecordBatch:
        batch = open_file(self.path, file, check=file.name not in self._checked)
        self._checked.add(file.name)
        return batch

    def shards(self, size: int) -> Iterator[Shard]:
        """The rows, `size` a shard, as a screen of the library itself would cut them.

        Where the files are cut otherwise, or several libraries meet, rows are copied together.
        """
        held: list[pa.RecordBatch] = []  # rows that are in no shard yet
        index, first, waiting = 0, 0, 0
        for place in range(len(self.manifest.shards)):
            held.append(to_screen(self.contents(place), self.columns, first))
            first, waiting = first + held[-1].num_rows, waiting + held[-1].num_rows
            while waiting >= size:
                joined = _join(held)
                yield Shard(index, index * size, joined.slice(0, size))
                index, waiting = index + 1, waiting - size
                held = [joined.slice(size)] if waiting else []
        if held:
            yield Shard(index, index * size, _join(held))

    def rows(self, rows: NDArray[np.integer]) -> pa.Table:
        """Some rows by their numbers, in the order given: row, id, key, source, line, the user's columns."""
        ends = np.cumsum([file.rows for file in self.manifest.shards])
        places = np.searchsorted(ends, rows, side="right")
        names = ["row", "id", "key", "source", "line", "input_smiles"]
        users = user_columns(self.columns, {*names, *OURS, "similarity"})
        parts = []
        for place in np.unique(places):
            first = int(ends[place]) - self.manifest.shards[place].rows
            batch = to_screen(self.contents(int(place)), self.columns, first)
            parts.append(batch.take(pa.array((rows[places == place] - first).tolist(), pa.int64())))
        fields = ["row", "id", "ready_key", "source", "line", "raw", *(FIELD + name for name in self.columns)]
        schema = pa.schema([screen_schema(self.columns).field(name) for name in fields])
        table = pa.Table.from_batches([part.select(fields) for part in parts], schema=schema)
        order = np.argsort(np.argsort(places, kind="stable"), kind="stable")
        return table.take(pa.array(order.tolist(), pa.int64())).rename_columns([*names, *users])

    def similar(self, smiles: str, *, threshold: float | None = None, top: int | None = None) -> pd.DataFrame:
        """The rows most similar to a structure, best first; see `molscreen.screening.store.search`."""
        from molscreen.screening.store.search import find_similar

        return find_similar(self, smiles, threshold=threshold, top=top).to_pandas()

    def substructure(self, smarts: str, *, workers: int = 0) -> pd.DataFrame:
        """The rows with a substructure; see `molscreen.screening.store.substructure`."""
        from molscreen.screening.store.substructure import find_substructure

        return find_substructure(self, smarts, workers=workers).table.to_pandas()


def _unreadable(
    row: Mapping[str, Any], stage: str, status: Status, code: str, reason: str
) -> Rejection | None:
    """Why a row could not be read; nothing where it could, whatever became of it then."""
    if stage != "read":
        return None
    return Rejection(f"{row['source']}:{row['line']}", row["raw"], stage, status, code, reason, row["id"])


def _join(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    return pa.Table.from_batches(batches).combine_chunks().to_batches()[0]


def open_store(path: str | Path) -> Store:
    """The store in a folder, checked against this molscreen.

    Raises
    ------
    LibraryError
        There is none, it is not finished, or another featuriser made it.
    UsageError
        `path` is no path.
    """
    require_name(path, what="store")
    folder = locate_here(path)
    return Store(folder, read_manifest(folder))
