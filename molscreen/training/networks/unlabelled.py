"""Unlabelled molecules: libraries to learn from of which nothing was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rdkit import Chem

from molscreen.aloud import Tell
from molscreen.chem.guarded.guards import Guards
from molscreen.data.card import load_card
from molscreen.data.data_folder import locate
from molscreen.data.files.library import open_library
from molscreen.data.measured.assay import read_assay
from molscreen.prediction.prepare import Prepared, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryShare:
    """A dataset card, and how many of its molecules are used: all where `n` is 0."""

    name: str
    n: int = 0


def read_unlabelled(
    libraries: Sequence[LibraryShare],
    *,
    leave_out: Sequence[str],
    tested: Sequence[str] = (),
    seed: int,
    data_root: str | Path | None,
    progress: Tell,
) -> list[Prepared]:
    """Different compounds of libraries, drawn at random, each with its key and graph.

    Parameters
    ----------
    libraries : sequence of LibraryShare
    leave_out : sequence of str
        Cards whose test compounds are left out, whatever their stereochemistry.
    tested : sequence of str
        Keys of other compounds that are left out in the same way.
    seed : int
    data_root : path, optional
        Where the files of dataset cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable
    """
    progress("reading test compounds that are left out")
    flat = frozenset([*_flat_test_keys(leave_out, data_root), *map(_flat, tested)])
    found: dict[str, Prepared] = {}
    for share in libraries:
        card = load_card(share.name)
        library = open_library([str(locate(file, data_root=data_root)) for file in card.files])
        texts = [record.raw for record in library.records() if record.fault is None]
        order = np.random.default_rng([seed, 0]).permutation(len(texts))
        chosen = [texts[i] for i in (order[: share.n] if share.n else order)]
        progress(f"{share.name}: standardising {len(chosen):,} of {len(texts):,} molecules")
        with Guards(prepare) as guards:
            for each in guards.each(chosen):
                if isinstance(each, Prepared) and each.key and _flat(each.key) not in flat:
                    found[each.key] = each
    return list(found.values())


def _flat_test_keys(cards: Sequence[str], data_root: str | Path | None) -> Iterator[str]:
    """Of official test folds; a data set without one has no compounds that every split tests."""
    for name in cards:
        table = read_assay(load_card(name), data_root=data_root)
        for row in np.flatnonzero((table.split == "test").any(axis=1)):
            yield _flat(table.keys[row])


def _flat(key: str) -> str:
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(key), isomericSmiles=False))
