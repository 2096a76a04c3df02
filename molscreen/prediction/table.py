"""A library becomes a table of predictions: one row per record, in order, each with a status.

Two ways lead to the same rows. `predict_table` streams a library of any size: its molecules are
read by a watched child process (`molscreen.chem.guard`), so that one which hangs or crashes RDKit
costs its own row. `predict` answers a short list at once, in this process: the length and size
limits of `standardize` keep out everything known to hang the parser, and the child's start would
cost far more than the answer. A long list goes through the guard as well.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.guard import Guard
from molscreen.data.library import Library
from molscreen.data.record import Record, user_columns
from molscreen.errors import BundleError
from molscreen.graphs.pack import from_blobs
from molscreen.prediction.bundle import Bundle, find_bundles, load_bundle
from molscreen.prediction.predictor import Prediction
from molscreen.prediction.prepare import Prepared, prepare, refused, survived, with_note
from molscreen.prediction.threads import single_thread

if TYPE_CHECKING:
    import pandas

BATCH = 1024  # records answered together: what `predict_table` holds in memory
UNGUARDED = 64  # SMILES that `predict` reads in this process


def predict(smiles: str | Sequence[str], *, bundles: Sequence[str | Path] | None = None) -> pandas.DataFrame:
    """Every endpoint of one or a few SMILES, one row each, in order.

    A bundle stays in memory after its first use, so that the next call takes milliseconds.

    Parameters
    ----------
    smiles : str or sequence of str
        A string that is no molecule gets a row with its status and reason, like any other.
    bundles : sequence of str or path, optional
        Names of shipped bundles or folders; all that ship where absent.

    Returns
    -------
    pandas.DataFrame
        The columns of `predict_table`, less those of a file (``row``, ``source``, ``line``, ``id``).

    Raises
    ------
    BundleError
        A bundle is missing, damaged or foreign.

    Examples
    --------
    >>> predict(["CCO", "no molecule"])["status"].tolist()  # doctest: +SKIP
    ['ok', 'invalid']
    """
    texts = [smiles] if isinstance(smiles, str) else list(smiles)
    loaded = [_load_once(str(name)) for name in (bundles if bundles is not None else find_bundles())]
    return predict_smiles(texts, loaded).to_pandas()


def predict_smiles(smiles: Sequence[str], bundles: Sequence[Bundle]) -> pa.Table:
    """The same, as an Arrow table, with bundles that are loaded already."""
    records = [Record(row=i, source="", line=0, id="", raw=text) for i, text in enumerate(smiles)]
    if len(records) <= UNGUARDED:
        with single_thread():
            tables = list(_tables(records, (), bundles, read=_read_here))
    else:
        with Guard(prepare) as guard:
            tables = list(_tables(records, (), bundles, read=functools.partial(_read_guarded, guard)))
    table = pa.concat_tables(tables) if tables else _lay_out((), (), bundles, (), FirstRows())
    return table.drop_columns(["row", "source", "line", "id"])


def predict_table(library: Library, bundles: Sequence[Bundle]) -> Iterator[pa.Table]:
    """Every endpoint of every record of a library, streamed, in order.

    A record that is no compound has its status and reason and nulls for endpoints. A compound
    seen before is predicted again but marked with ``duplicate_of``, the row of its first record;
    remembering that takes about 100 bytes a distinct compound, all else is constant.

    Yields
    ------
    pyarrow.Table
        Up to `BATCH` rows: ``row`` (from 0), ``source`` and ``line`` (file and place in it), ``id``,
        ``input_smiles``, ``status``, ``reason_code``, ``reason``, ``key`` (as scored), ``duplicate_of``; for
        every endpoint ``NAME``, ``NAME_low``, ``NAME_high`` (90 % interval, in the endpoint's unit);
        ``in_domain`` (of every bundle) and, for several bundles, ``in_domain_BUNDLE``; then the
        user's other columns, as text, unchanged.

    Raises
    ------
    BundleError
        Two bundles predict an endpoint of one name.
    """
    with Guard(prepare) as guard:
        read = functools.partial(_read_guarded, guard)
        yield from _tables(library.records(), library.columns, bundles, read=read)


@functools.lru_cache(maxsize=8)
def _load_once(name: str) -> Bundle:
    return load_bundle(name)


def _tables(
    records: Iterable[Record], columns: Sequence[str], bundles: Sequence[Bundle], *, read: Read
) -> Iterator[pa.Table]:
    """The records in batches, each answered, predicted and laid out."""
    _refuse_shared_endpoints(bundles)
    first_rows = FirstRows()
    stream = iter(records)
    while batch := list(itertools.islice(stream, BATCH)):
        yield _lay_out(batch, _prepared(batch, read), bundles, columns, first_rows)


Read = Callable[[Sequence[str]], Sequence[Prepared]]  # structures as text -> one answer each


def _read_here(texts: Sequence[str]) -> list[Prepared]:
    """Structures, standardised and featurised in this process."""
    return [prepare(text) for text in texts]


def _read_guarded(guard: Guard[str, Prepared], texts: Sequence[str]) -> list[Prepared]:
    """The same in the guard's child, where a structure that ends or stalls it gets its answer, too."""
    return [survived(result) for result in guard.map(texts)]


def _prepared(records: Sequence[Record], read: Read) -> list[Prepared]:
    """One answer per record, in order; a record with a fault never reaches RDKit."""
    results = iter(read([record.raw for record in records if record.fault is None]))
    answers = []
    for record in records:
        if record.fault is not None:
            answers.append(refused(record.fault))
        elif record.note is None:
            answers.append(next(results))
        else:
            answers.append(with_note(next(results), record.note.code, record.note.text))
    return answers


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The row at which each compound came first, remembered by 64 bits of a digest of its key.

    Among a million compounds two share those bits with probability 3e-8.
    """

    rows: dict[bytes, int] = field(default_factory=dict)

    def earlier(self, key: str | None, row: int) -> int | None:
        """The row that had this compound before; None, and remembered, where `row` is the first."""
        if key is None:
            return None
        first = self.rows.setdefault(hashlib.blake2b(key.encode(), digest_size=8).digest(), row)
        return None if first == row else first


def _lay_out(
    records: Sequence[Record],
    answers: Sequence[Prepared],
    bundles: Sequence[Bundle],
    columns: Sequence[str],
    first_rows: FirstRows,
) -> pa.Table:
    """Records, answers and predictions as one table; a compound of the batch is predicted once."""
    graphs = {answer.key: answer.graph for answer in answers if answer.key is not None}
    places = {key: place for place, key in enumerate(graphs)}
    place = np.array([places.get(answer.key or "", -1) for answer in answers], np.intp)  # (n,), -1: none
    predicted = _endpoint_columns(bundles, graphs, place)
    answers = _mark_unusable(answers, bundles, predicted)
    described = {
        "row": pa.array([record.row for record in records], pa.int64()),
        "source": pa.array([record.source for record in records], pa.string()),
        "line": pa.array([record.line for record in records], pa.int64()),
        "id": pa.array([record.id for record in records], pa.string()),
        "input_smiles": pa.array([record.raw for record in records], pa.string()),
        "status": pa.array([answer.status for answer in answers], pa.string()),
        "reason_code": pa.array([answer.code for answer in answers], pa.string()),
        "reason": pa.array([answer.reason for answer in answers], pa.string()),
        "key": pa.array([answer.key for answer in answers], pa.string()),
        "duplicate_of": pa.array(
            [first_rows.earlier(a.key, r.row) for r, a in zip(records, answers, strict=True)], pa.int64()
        ),
    }
    ours = described | predicted
    texts = zip(*(record.fields for record in records), strict=True) if columns else ()
    theirs = {
        name: pa.array(column, pa.string())
        for name, column in zip(user_columns(columns, ours), texts, strict=True)
    }
    return pa.table(ours | theirs)


def _predict(bundle: Bundle, graphs: Mapping[str, bytes]) -> Prediction:
    """The bundle's opinion of every key; of no key, an empty one."""
    if graphs:
        return bundle.predict(list(graphs), from_blobs(list(graphs.values())))
    nothing, none = np.empty((0, len(bundle.endpoints)), np.float32), np.empty(0, np.float32)
    return Prediction(bundle.endpoints, nothing, nothing, nothing, nothing, none, none.astype(bool))


def _endpoint_columns(
    bundles: Sequence[Bundle], graphs: Mapping[str, bytes], place: NDArray[np.intp]
) -> dict[str, pa.Array]:
    """Mean, low and high of every endpoint, then the domains, spread over the n records."""
    columns: dict[str, pa.Array] = {}
    domains: dict[str, pa.Array] = {}
    inside = np.ones(len(graphs), bool)  # of every bundle
    for bundle in bundles:
        prediction = _predict(bundle, graphs)
        for j, endpoint in enumerate(prediction.endpoints):
            for suffix in ("mean", "low", "high"):
                name = endpoint.name if suffix == "mean" else f"{endpoint.name}_{suffix}"
                columns[name] = _spread(getattr(prediction, suffix)[:, j], place)
        domains[f"in_domain_{bundle.name}"] = _spread(prediction.in_domain, place)
        inside &= prediction.in_domain
    return columns | {"in_domain": _spread(inside, place)} | (domains if len(bundles) > 1 else {})


def _spread(values: NDArray[np.float32] | NDArray[np.bool_], place: NDArray[np.intp]) -> pa.Array:
    """``values[place]``, null where there is no place or the value is not finite.

    Made from its buffers, because ``pa.array`` of a numpy array imports pandas, which takes longer than
    the prediction of a molecule.
    """
    kind = pa.from_numpy_dtype(values.dtype)
    if not len(values):
        return pa.nulls(len(place), kind)
    taken = values[np.maximum(place, 0)]
    data = taken if taken.dtype != bool else np.packbits(taken.astype(bool), bitorder="little")
    valid = np.packbits((place >= 0) & np.isfinite(taken), bitorder="little")
    return pa.Array.from_buffers(kind, len(place), [pa.py_buffer(valid), pa.py_buffer(data)])


def _mark_unusable(
    answers: Sequence[Prepared], bundles: Sequence[Bundle], predicted: Mapping[str, pa.Array]
) -> list[Prepared]:
    """Compounds for which no endpoint has a number become errors."""
    means = [predicted[endpoint.name] for bundle in bundles for endpoint in bundle.endpoints]
    usable = np.any([column.is_valid().to_numpy(zero_copy_only=False) for column in means], axis=0)
    return [
        answer
        if answer.key is None or good
        else answer._replace(
            status="error", code="nan_score", reason="the models gave no finite number for this molecule"
        )
        for answer, good in zip(answers, usable, strict=True)
    ]


def _refuse_shared_endpoints(bundles: Sequence[Bundle]) -> None:
    owner: dict[str, str] = {}
    for bundle in bundles:
        for endpoint in bundle.endpoints:
            if endpoint.name in owner:
                raise BundleError(
                    f"bundles '{owner[endpoint.name]}' and '{bundle.name}' both predict '{endpoint.name}':"
                    " leave one of them out"
                )
            owner[endpoint.name] = bundle.name
