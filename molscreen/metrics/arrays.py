"""The arrays that metrics accept: checked by name and position, never mended."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]


class UndefinedMetricError(ValueError):
    """The metric has no value for these data, such as a ranking metric where only one class was measured."""


def paired(truth: ArrayLike, other: ArrayLike, name: str = "prediction") -> tuple[Floats, Floats]:
    """Two (n,) float arrays of one length, at least one value each, without NaN."""
    pair = np.asarray(truth, np.float64), np.asarray(other, np.float64)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or pair[0].size == 0:
        raise ValueError(
            f"truth has shape {pair[0].shape} and {name} {pair[1].shape}, expected one (n,), n ≥ 1"
        )
    for label, array in zip(("truth", name), pair, strict=True):
        if np.isnan(array).any():
            raise ValueError(f"{label} {int(np.argmax(np.isnan(array)))} of {array.size} is NaN")
    return pair


def labelled(active: ArrayLike, score: ArrayLike, name: str = "score") -> tuple[Labels, Floats]:
    """Labels that are False/True or 0/1, and a score each."""
    labels, score = paired(active, score, name)
    odd = (labels != 0) & (labels != 1)
    if odd.any():
        i = int(np.argmax(odd))
        raise ValueError(f"label {i} of {labels.size} is {labels[i]:g}, expected 0 or 1")
    return labels.astype(bool), score


def two_classes(active: ArrayLike, score: ArrayLike, metric: str) -> tuple[Labels, Floats]:
    """`labelled`, with at least one compound of each class."""
    labels, score = labelled(active, score)
    n_active = int(labels.sum())
    if n_active in (0, labels.size):
        raise UndefinedMetricError(
            f"{metric} needs both classes, got {n_active} active and {labels.size - n_active} inactive"
        )
    return labels, score


def probabilities(active: ArrayLike, probability: ArrayLike) -> tuple[Labels, Floats]:
    """`labelled`, where the score is a probability of label 1, in [0, 1]."""
    labels, probability = labelled(active, probability, "probability")
    outside = (probability < 0) | (probability > 1)
    if outside.any():
        i = int(np.argmax(outside))
        raise ValueError(f"probability {i} of {labels.size} is {probability[i]:g}, expected 0 to 1")
    return labels, probability


def mean_ranks(value: Floats) -> Floats:
    """Ranks from 1, smallest first; ties share their mean rank."""
    _, tie, size = np.unique(value, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(size) - (size - 1) / 2)[tie])
