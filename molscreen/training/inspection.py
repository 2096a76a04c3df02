"""Inspection: what is seen in measurements before any fit; the same for a training and for a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from molscreen.data.card import DatasetCard
from molscreen.data.measured.assay import merge
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.replicates import merge_replicates
from molscreen.data.own_file.found_kind import describe_kinds
from molscreen.data.quality.data_report import report_data
from molscreen.data.quality.findings import find_noteworthy
from molscreen.data.quality.pages import data_pages
from molscreen.data.quality.tails import ask_about_scales
from molscreen.data.splits import SplitConfig
from molscreen.training.folds import FEWEST_COMPOUNDS, count_compounds, join_tables


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What is known of measurements before a training.

    Attributes
    ----------
    table : AssayTable
        One row per compound, in the folds of a training; without a test fold where compounds are too few.
    has_folds : bool
        Whether they are enough.
    kinds : tuple of str
        What each column of the reader's own was taken for; see `describe_kinds`.
    sentences : tuple of str
        What somebody should know before hours of work, the gravest first; of rows and cells that are refused
        `tell_rejections` tells.
    pages : mapping of name to text
        The files of the data report; see `data_pages`.
    """

    table: AssayTable
    has_folds: bool
    kinds: tuple[str, ...]
    sentences: tuple[str, ...]
    pages: Mapping[str, str]


def inspect_measurements(
    name: str, cards: Sequence[DatasetCard], tables: Sequence[AssayTable], split: SplitConfig, *, own: bool
) -> Inspection:
    """Look at measurements as a training by this split would get them.

    Parameters
    ----------
    name : str
        Of the bundle or the data set: what the report is about.
    cards, tables : sequence
        The data sets, and their measurements as read.
    split : SplitConfig
    own : bool
        Whether they belong to the reader, who may see values, is told their kinds, and is asked about their
        scale.

    Raises
    ------
    LibraryError
        A table lacks the times or folds that the split needs.
    """
    has_folds = count_compounds(tables) >= FEWEST_COMPOUNDS
    table = join_tables(tables, split) if has_folds else merge([merge_replicates(each)[0] for each in tables])
    questions = {key: text for each in tables for key, text in ask_about_scales(each).items()} if own else {}
    report = report_data(name, [card.name for card in cards], tables, table, questions=questions)
    return Inspection(
        table=table,
        has_folds=has_folds,
        kinds=tuple(sentence for each in tables for sentence in describe_kinds(each)) if own else (),
        sentences=find_noteworthy(report, with_refused=False),
        pages=data_pages(report, with_rows=own),
    )
