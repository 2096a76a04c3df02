"""Train: measurements in, a calibrated bundle with its model card out."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import get_args

from molscreen.aloud import Aloud, Tell, is_watched, unheard
from molscreen.arguments import require
from molscreen.config import check_choice
from molscreen.data.card import DatasetCard
from molscreen.data.drugs import drug_keys
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.own_file.user_card import UserColumns
from molscreen.data.quality.pages import PAGE
from molscreen.data.splits import Method, SplitConfig
from molscreen.errors import UsageError
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.bundle_file import load_bundle, save_bundle
from molscreen.prediction.bundle.drug_reference import DrugReference
from molscreen.prediction.bundle.headline import warn_of_guesses
from molscreen.prediction.columns import check_columns
from molscreen.prediction.threads import single_thread
from molscreen.training.about import counted
from molscreen.training.certainty import VERSION as FIGURES_VERSION
from molscreen.training.effort import Effort, with_effort
from molscreen.training.fit_bundle import VERSIONS, fit_bundle, refit_bundle
from molscreen.training.folds import count_compounds, join_tables, refuse_too_few
from molscreen.training.inspection import Inspection, inspect_measurements
from molscreen.training.learnable import keep_learnable
from molscreen.training.recipe import TrainRecipe, is_training_file, resolve_recipe
from molscreen.training.rejections import tell_rejections

REFIT, JUDGED = "refit", "judged"  # folders among unfinished fits: those on all compounds; what was judged


def train(
    source: str | Path,
    *,
    out: str | Path,
    columns: UserColumns | None = None,
    split: SplitConfig | Method | None = None,
    seed: int | None = None,
    effort: Effort | None = None,
    refit: bool | None = None,
    data_root: str | Path | None = None,
    progress: Tell | None = None,
) -> Bundle:
    """Train a blend of experts and write it as a bundle.

    Parameters
    ----------
    source : str or path
        A training file (``.toml``), the name of a dataset card, or a file of measurements.
    out : path
        The bundle's directory; it must not exist. Unless a training file says another name, the bundle has
        that of its directory. What a killed training had finished lies in
        ``<out>.training`` and is continued by the same call; rows and cells that cannot be used are listed
        in ``<out>.rejections.csv``; ``<out>.data-report.md`` says what was found in the measurements, and
        for a file of your own ``<out>.data-report.csv`` lists every case.
    columns : UserColumns, optional
        What the columns of a file of measurements are; needed for such a file alone.
    split : SplitConfig or str, optional
        How test compounds are chosen, in place of what a training file says; a method alone leaves the
        shares and the seed as they are, and, unless it is "given", divides official folds as well.
    seed : int, optional
        In place of that of a training file; 0 for anything else.
    effort : {"quick", "standard", "best"}, optional
        How long may be tried, "standard" where absent; see `with_effort`. A training file says itself
        what is to be done.
    refit : bool, optional
        Whether the bundle is fitted again on all compounds, once its figures are known; as the training
        file says where absent, else not.
    data_root : path, optional
        Where the files of dataset cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable, optional
        Called with one line per finished epoch or step. Without it, a notebook and Python's prompt show the
        first of each step on stderr, and a script is silent.

    Returns
    -------
    Bundle
        As loaded from `out`.

    Warns
    -----
    WeakModelWarning
        For each endpoint that is predicted no better than by a constant guess, or of which the test has too
        few compounds to say; the model card says so, too.

    Raises
    ------
    UsageError
        The source, a column or a setting is wrong, an endpoint is named like a column of ours, `out`
        exists, there is too little data, or nothing to learn of any endpoint.
    """
    out = Path(out)
    progress = progress or (Aloud().news if is_watched() else unheard)
    _refuse_wrong_call(source, out, columns)
    effort = _wanted_effort(source, effort)
    recipe, cards = resolve_recipe(source, columns, name=out.name, split=split, seed=seed, refit=refit)
    tables = _read_tables(recipe, cards, data_root=data_root, progress=progress)
    if effort is not None:
        recipe = with_effort(recipe, effort, count_compounds(tables))
    found = _inspect(recipe, cards, tables, out=out, own=columns is not None, progress=progress)
    refuse_too_few(tables)
    cards, learnable = keep_learnable(cards, tables, progress=progress)
    joined = found.table if learnable == tables else join_tables(learnable, recipe.split)
    scratch = checkpoint_folder(out)
    bundle = _judged(
        recipe, cards, learnable, joined=joined, scratch=scratch, data_root=data_root, progress=progress
    )
    if recipe.refit:
        bundle = refit_bundle(
            bundle, recipe, cards, learnable,
            scratch=scratch / REFIT, data_root=data_root, progress=progress,
        )  # fmt: skip
    save_bundle(_among_drugs(bundle, progress), out)
    saved = load_bundle(out)
    _remove_checkpoints(scratch)
    warn_of_guesses([saved])
    return saved


def _refuse_wrong_call(source: object, out: Path, columns: object) -> None:
    """Raise `UsageError` before any work."""
    if out.exists():
        raise UsageError(f"'{out}' exists; name a new directory, or remove it first")
    if not isinstance(source, str | PathLike):
        raise UsageError(
            f"source is a {type(source).__name__}, expected a file of measurements, a data set or a training"
            " file; a data frame is written to a file first"
        )
    if columns is not None:
        require(columns, UserColumns, what="columns")


def _wanted_effort(source: str | Path, effort: Effort | None) -> Effort | None:
    """How much is tried; None where a training file says it."""
    check_choice("effort", effort or "standard", get_args(Effort))
    if not is_training_file(source):
        return effort or "standard"
    if effort is not None:
        raise UsageError(f"{source}: a training file says itself how much is done: leave --effort out")
    return None


def _read_tables(
    recipe: TrainRecipe, cards: Sequence[DatasetCard], *, data_root: str | Path | None, progress: Tell
) -> list[AssayTable]:
    """The measurements of every data set; none has an endpoint that is named like a column of ours."""
    for card in cards:
        check_columns([(recipe.name, card.endpoints)])
    times = sorted({f"'{card.time_column}'" for card in cards if card.time_column})
    if recipe.split.method == "time" and times:
        progress(f"split by time: column {', '.join(times)}")
    progress(f"reading {counted(len(cards), 'data set')}")
    return [read_assay(card, data_root=data_root) for card in cards]


def _inspect(
    recipe: TrainRecipe,
    cards: Sequence[DatasetCard],
    tables: Sequence[AssayTable],
    *,
    out: Path,
    own: bool,
    progress: Tell,
) -> Inspection:
    """What is seen in the measurements; it is told, and written beside `out`."""
    tell_rejections(
        {card.name: table for card, table in zip(cards, tables, strict=True)},
        path=out.with_name(f"{out.name}.rejections.csv"),
        tell=progress,
    )
    found = inspect_measurements(recipe.name, cards, tables, recipe.split, own=own)
    for sentence in (*found.kinds, *found.sentences):
        progress(sentence)
    out.parent.mkdir(parents=True, exist_ok=True)
    for name, text in found.pages.items():
        out.with_name(f"{out.name}.{name}").write_text(text, encoding="utf-8")
    if not found.has_folds:
        progress(f"what was found in the measurements is in {out.with_name(f'{out.name}.{PAGE}')}")
    return found


def _judged(
    recipe: TrainRecipe,
    cards: Sequence[DatasetCard],
    tables: Sequence[AssayTable],
    *,
    joined: AssayTable,
    scratch: Path,
    data_root: str | Path | None,
    progress: Tell,
) -> Bundle:
    """`fit_bundle`; where all is fitted again, what it gives is kept, for a training that is killed."""
    place = scratch / JUDGED / _digest(recipe, cards, joined)
    if recipe.refit and place.exists():
        return load_bundle(place)
    bundle = fit_bundle(
        recipe, cards, tables, scratch=scratch, joined=joined, data_root=data_root, progress=progress
    )
    if recipe.refit:
        save_bundle(bundle, place)
    return bundle


def _digest(recipe: TrainRecipe, cards: Sequence[DatasetCard], table: AssayTable) -> str:
    """Names everything that a judged bundle depends on: its data, and what it says of them."""
    versions = f"{VERSIONS}, figures {FIGURES_VERSION}"
    state = hashlib.sha256(f"{versions} {dataclasses.replace(recipe, refit=True)} {list(cards)}".encode())
    state.update(repr((table.keys, table.ids, table.endpoints, table.rejections, table.unread)).encode())
    for array in (table.value, table.relation, table.split, table.time):
        state.update(array.tobytes())
    for name, mask in sorted(table.subsets.items()):
        state.update(name.encode() + mask.tobytes())
    return state.hexdigest()[:16]


def _among_drugs(bundle: Bundle, progress: Tell) -> Bundle:
    """The bundle, with what its full view says of the approved drugs: 15 s with all kinds of experts."""
    keys = drug_keys()
    progress(f"predicting {counted(len(keys), 'approved drug')}, for percentiles")
    with single_thread():
        mean = bundle.predict(keys).mean
    return dataclasses.replace(bundle, drugs=DrugReference.fit(mean))


def checkpoint_folder(out: Path) -> Path:
    """Where the unfinished fits of the bundle `out` lie."""
    return out.with_name(f"{out.name}.training")


def finished_fits(folder: Path) -> list[Path]:
    """What such a folder keeps: experts, and networks of which at least one epoch is finished."""
    return sorted(folder.glob("*.safetensors"))


def _remove_checkpoints(folder: Path) -> None:
    """Take our checkpoints away, and their folders unless something else lies in them."""
    shutil.rmtree(folder / JUDGED, ignore_errors=True)
    for place in (folder / REFIT, folder):
        for path in [*finished_fits(place), *place.glob("*.safetensors.tmp")]:
            path.unlink()
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
