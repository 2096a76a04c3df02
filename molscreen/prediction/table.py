"""A library becomes a table of predictions: one row per record, in order, each with a status.

Two ways lead to the same rows. `predict_table` streams a library of any size: its molecules are
read by a watched child process (`molscreen.chem.guarded.guard`), so that one which hangs or crashes RDKit
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
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pyarrow as pa

from molscreen.arguments import as_sequence
from molscreen.chem.guarded.guard import Guard, attempt
from molscreen.config import check_choice
from molscreen.data.files.library import Library, is_library_name, open_library
from molscreen.data.files.record import FOUND_OUT, ReadOptions, Record, user_columns
from molscreen.data.frame import to_frame
from molscreen.errors import UsageError
from molscreen.graphs.pack import from_blobs
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.bundle.headline import warn_of_guesses
from molscreen.prediction.bundle.manifest import MANIFEST, find_bundles, locate_bundle
from molscreen.prediction.columns import ask, check_columns, domain_columns, own_domain_column, spread
from molscreen.prediction.predictor import Predictor
from molscreen.prediction.prepare import NO_NUMBER, Prepared, prepare, refused, survived, with_note
from molscreen.prediction.structures import as_texts
from molscreen.prediction.threads import single_thread

if TYPE_CHECKING:
    import pandas

View = Literal["full", "wide"]

BATCH = 1024  # records answered together: what `predict_table` holds in memory
UNGUARDED = 64  # SMILES that `predict` reads in this process


def predict(
    smiles: str | Path | Sequence[str | None],
    *,
    bundles: str | Path | Bundle | Sequence[str | Path | Bundle] | None = None,
    view: View = "full",
    options: ReadOptions = FOUND_OUT,
) -> pandas.DataFrame:
    """Every endpoint of one SMILES, of several, or of a file, one row each, in order.

    A bundle stays in memory after its first use, so that the next call takes milliseconds.

    Parameters
    ----------
    smiles : str, path, or sequence of str
        A string that is no molecule gets a row with its status and reason, like any other; so does None
        or NaN in a sequence, as an empty structure. A path, or a string that ends like a library
        (``.csv``, ``.smi.gz`` …), is read as one.
    bundles : str, path, Bundle, or sequence of them, optional
        Names of shipped bundles, folders, or what `load_bundle` and `train` gave; all that ship where absent.
    view : {"full", "wide"}
        Whom to ask: all experts, or the fast network that screens libraries.
    options : ReadOptions
        How to read a file where that is not found out.

    Returns
    -------
    pandas.DataFrame
        The columns of `predict_table`; of SMILES without ``row``, ``source``, ``line`` and ``id``.
        Of a Series it has the Series' index, so that a column of it may be assigned to the frame
        that the Series is of.

    Warns
    -----
    WeakModelWarning
        For each endpoint that its bundle is not shown to predict better than a guess.

    Raises
    ------
    UsageError
        `smiles` is something else, or a file that cannot be read.
    BundleError
        A bundle is missing, damaged or foreign.

    Examples
    --------
    >>> predict(["CCO", "no molecule"])["status"].tolist()  # doctest: +SKIP
    ['ok', 'invalid']
    """
    is_file = isinstance(smiles, Path) or (isinstance(smiles, str) and is_library_name(smiles))
    texts = [] if is_file else as_texts(smiles)
    wanted = find_bundles() if bundles is None else as_sequence(bundles)
    loaded = [each if isinstance(each, Bundle) else _load(each) for each in wanted]
    warn_of_guesses(loaded)
    if is_file:
        library = open_library(str(smiles), options)
        return to_frame(pa.concat_tables(predict_table(library, loaded, view=view)))
    frame = to_frame(predict_smiles(texts, loaded, view=view))
    labels = getattr(smiles, "index", None)  # of a Series; a list has a method of this name
    return frame if labels is None or callable(labels) else frame.set_axis(labels)


def predict_smiles(smiles: Sequence[str], bundles: Sequence[Bundle], *, view: View = "full") -> pa.Table:
    """The same, as an Arrow table, with bundles that are loaded already."""
    predictors = _predictors(bundles, view)
    records = [Record(row=i, source="", line=0, id="", raw=text) for i, text in enumerate(smiles)]
    if len(records) <= UNGUARDED:
        with single_thread():
            tables = list(_tables(records, (), predictors, read=_read_here))
    else:
        with Guard(prepare) as guard:
            tables = list(_tables(records, (), predictors, read=functools.partial(_read_guarded, guard)))
    table = pa.concat_tables(tables) if tables else _lay_out((), (), predictors, (), FirstRows())
    return table.drop_columns(["row", "source", "line", "id"])


def predict_table(library: Library, bundles: Sequence[Bundle], *, view: View = "full") -> Iterator[pa.Table]:
    """Every endpoint of every record of a library, streamed, in order.

    A record that is no compound has its status and reason and nulls for endpoints. A compound
    seen before is predicted again but marked with ``duplicate_of``, the row of its first record;
    remembering that takes about 100 bytes a distinct compound, all else is constant.

    Yields
    ------
    pyarrow.Table
        Up to `BATCH` rows: ``row`` (from 0), ``source`` and ``line`` (file and place in it), ``id``,
        ``input_smiles``, ``status``, ``reason_code``, ``reason``, ``key`` (as scored), ``duplicate_of``; for
        every endpoint ``NAME``, ``NAME_low``, ``NAME_high`` (in the endpoint's unit, see `Prediction`);
        ``in_domain`` (of every bundle) and, for several bundles, ``in_domain_BUNDLE``; where a bundle's
        endpoints have domains of their own, ``NAME_in_domain``, of which its own verdict means any; then
        the user's other columns, as text, unchanged.

    Raises
    ------
    BundleError
        Two bundles share a name or a column; see `check_columns`.
    """
    predictors = _predictors(bundles, view)
    with Guard(prepare) as guard:
        read = functools.partial(_read_guarded, guard)
        yield from _tables(library.records(), library.columns, predictors, read=read)


Predictors = Mapping[str, Predictor]  # by the name of the bundle


def _predictors(bundles: Sequence[Bundle], view: View) -> Predictors:
    """Whom to ask.

    Raises
    ------
    UsageError
        There is no bundle, or no such view.
    """
    check_choice("view", view, get_args(View))
    if not bundles:
        raise UsageError("no bundles; name at least one, for example 'admet-tox'")
    check_columns([(bundle.name, bundle.endpoints) for bundle in bundles])
    return {bundle.name: bundle.wide_view() if view == "wide" else bundle for bundle in bundles}


def _load(name: str | Path) -> Bundle:
    """The bundle, from memory unless its manifest was written anew."""
    folder = locate_bundle(name).resolve()
    return _load_once(folder, (folder / MANIFEST).stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _load_once(folder: Path, written: int) -> Bundle:  # noqa: ARG001  `written` is part of the cache's key
    return load_bundle(folder)


def _tables(
    records: Iterable[Record], columns: Sequence[str], predictors: Predictors, *, read: Read
) -> Iterator[pa.Table]:
    """The records in batches, each answered, predicted and laid out."""
    first_rows = FirstRows()
    stream = iter(records)
    while batch := list(itertools.islice(stream, BATCH)):
        yield _lay_out(batch, _prepared(batch, read), predictors, columns, first_rows)


Read = Callable[[Sequence[str]], Sequence[Prepared]]  # structures as text -> one answer each


def _read_here(texts: Sequence[str]) -> list[Prepared]:
    """Structures, standardised and featurised in this process."""
    return [survived(attempt(prepare, text)) for text in texts]


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
    predictors: Predictors,
    columns: Sequence[str],
    first_rows: FirstRows,
) -> pa.Table:
    """Records, answers and predictions as one table; a compound of the batch is predicted once."""
    graphs = {answer.key: answer.graph for answer in answers if answer.key is not None}
    places = {key: place for place, key in enumerate(graphs)}
    place = np.array([places.get(answer.key or "", -1) for answer in answers], np.intp)  # (n,), -1: none
    packed = from_blobs(list(graphs.values()))
    said = ask(predictors, list(graphs), packed)
    own = {own_domain_column(name): inside for name, inside in said.own_domain.items()}
    values = said.values | domain_columns(said.in_domain, list(said.in_domain)) | own
    predicted = {name: spread(column, place) for name, column in values.items()}
    answers = _mark_unusable(answers, predictors, predicted)
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
        for name, column in zip(user_columns(columns, {*ours, "drug_percentiles"}), texts, strict=True)
    }
    return pa.table(ours | theirs)


def _mark_unusable(
    answers: Sequence[Prepared], predictors: Predictors, predicted: Mapping[str, pa.Array]
) -> list[Prepared]:
    """Compounds for which no endpoint has a number become errors."""
    means = [predicted[endpoint.name] for each in predictors.values() for endpoint in each.endpoints]
    usable = np.any([column.is_valid().to_numpy(zero_copy_only=False) for column in means], axis=0)
    return [
        answer
        if answer.key is None or good
        else answer._replace(
            status="error", code=NO_NUMBER, reason="the models gave no number for this molecule"
        )
        for answer, good in zip(answers, usable, strict=True)
    ]
