"""Learnable: endpoints whose measurements teach something; the others are left out before any fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from molscreen.aloud import Tell
from molscreen.data.card import DatasetCard
from molscreen.data.measured.assay_table import AssayTable
from molscreen.errors import LibraryError
from molscreen.training.bounds import FEWEST_EXACT


def keep_learnable(
    cards: Sequence[DatasetCard], tables: Sequence[AssayTable], *, progress: Tell
) -> tuple[tuple[DatasetCard, ...], list[AssayTable]]:
    """The data sets without endpoints of which nothing can be learnt, and without compounds of these alone.

    Parameters
    ----------
    cards, tables : sequences of DatasetCard and AssayTable
        As read.
    progress : callable
        Called with one line per endpoint that is left out.

    Raises
    ------
    LibraryError
        No endpoint is left.
    """
    kept, told = [], []
    for card, table in zip(cards, tables, strict=True):
        why = [why_not(table, column) for column in range(len(table.endpoints))]
        told += [
            f"{each.name}: {reason}" for each, reason in zip(table.endpoints, why, strict=True) if reason
        ]
        learnable = np.array([not reason for reason in why])
        if learnable.all():
            kept.append((card, table))
        elif learnable.any():
            some = table.restricted_to(learnable)
            measured = some.select(np.flatnonzero(some.measured.any(axis=1)))
            refused = dataclasses.replace(measured, rejections=table.rejections, unread=table.unread)
            kept.append((card, refused))
    if not kept:
        raise LibraryError(f"{told[0]}. Choose another column, or measure compounds that differ")
    for sentence in told:
        progress(f"{sentence}. It is left out")
    return tuple(card for card, _ in kept), [table for _, table in kept]


def why_not(table: AssayTable, column: int) -> str:
    """Why nothing can be learnt of an endpoint; empty where something can."""
    measured = table.measured[:, column]
    exact = table.exact[:, column]
    found = np.unique(table.value[exact, column])
    bounds = int((measured & ~exact).sum())
    if bounds and (n := len({table.keys[i] for i in np.flatnonzero(exact)})) < FEWEST_EXACT:
        return (
            f"{n} compounds have an exact value, {bounds:,} values are bounds (< or >): too few to say how"
            f" far beyond them values lie. At least {FEWEST_EXACT} are needed; labels, 0 and 1, would do"
        )
    if len(found) == 1:
        kind = "label" if table.endpoints[column].kind == "classification" else "exact value"
        return f"every {kind} is {found[0]:.4g}: there is nothing to learn"
    return "" if len(found) else "nothing is measured"
