"""Corpus: the molecules that the prior was trained on, and those that it has never seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from molscreen.generation.benchmark.guacamol import GUACAMOL
from molscreen.generation.benchmark.pmo import PMO
from molscreen.training.networks.unlabelled import LibraryShare, read_unlabelled

DATASET = "zinc250k"
HELD_OUT = 10_000  # molecules


@dataclass(frozen=True, slots=True)
class Corpus:
    """Keys of different compounds, in the order of their hashes.

    Attributes
    ----------
    train, held_out : tuple of str
    """

    train: tuple[str, ...]
    held_out: tuple[str, ...]


def read_corpus(
    data_root: str | Path | None = None, progress: Callable[[str], None] = lambda _: None
) -> Corpus:
    """ZINC250k through its dataset card, standardised; some four minutes.

    The targets of the benchmarks are left out, whatever their stereochemistry: what a search shall
    find again must not have been learnt by heart.

    Parameters
    ----------
    data_root : path, optional
        Where the files of dataset cards lie; without it ``$MOLSCREEN_DATA``.
    progress : callable
        Told of each step.
    """
    tasks = [*PMO.values(), *GUACAMOL.values()]
    targets = sorted({target for task in tasks for target in task.targets})
    found = read_unlabelled(
        [LibraryShare(name=DATASET)],
        leave_out=(), tested=targets, seed=0, data_root=data_root, progress=progress,
    )  # fmt: skip
    return hold_out([each.key for each in found if each.key], HELD_OUT)


def hold_out(keys: Sequence[str], n: int) -> Corpus:
    """Set aside the `n` keys of the lowest sha256: the same ones, whatever else is in the list.

    Examples
    --------
    >>> hold_out(["CCO", "CCN", "CCC"], 1) == hold_out(["CCC", "CCO", "CCN"], 1)
    True
    """
    ordered = sorted(set(keys), key=lambda key: hashlib.sha256(key.encode()).digest())
    return Corpus(train=tuple(ordered[n:]), held_out=tuple(ordered[:n]))
