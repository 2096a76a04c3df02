"""Explain: which atoms a prediction rests on, and whether that explanation is faithful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.errors import UsageError, did_you_mean
from molscreen.graphs.features import featurize_batch
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.batch import cut_batches
from molscreen.prediction.ensemble import Ensemble
from molscreen.prediction.predictor import Predictor

MASKED_ATOMS = 100_000  # atoms, copies included, whose weights are held at once


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How far masking moves a prediction, averaged over compounds, in the endpoint's unit.

    Attributes
    ----------
    top : float
        With the k atoms of the largest attributions hidden.
    random : float
        With k random atoms hidden. An explanation that says nothing has ``top`` near ``random``.
    """

    top: float
    random: float


def attribute(predictor: Ensemble, keys: Sequence[str], endpoint: str) -> list[NDArray[np.float64]]:
    """What each atom brings to the prediction of one endpoint; see `attribute_all`.

    Returns
    -------
    list of n (a,) float64

    Raises
    ------
    UsageError
        The predictor has no such endpoint.
    """
    column = endpoint_column(predictor, endpoint)
    return [each[:, column] for each in attribute_all(predictor, keys)]


def attribute_all(predictor: Ensemble, keys: Sequence[str]) -> list[NDArray[np.float64]]:
    """What each atom brings to every prediction, by occlusion.

    The attribution of an atom is the prediction less the prediction with that atom hidden from
    the networks, in the endpoint's unit (classification: in probability). Positive: the
    atom raises the value. The attributions of a molecule need not add up to anything.

    Parameters
    ----------
    predictor : Ensemble
    keys : sequence of n str

    Returns
    -------
    list of n (a, t) float64
        In the order of the key's atoms, as RDKit numbers them. NaN where the predictor gives
        no number.

    References
    ----------
    Zeiler & Fergus, ECCV 2014, arXiv:1311.2901 (occlusion).
    """
    return _occlude(predictor, featurize_batch(keys))


def fidelity(
    predictor: Ensemble,
    keys: Sequence[str],
    endpoint: str,
    *,
    rng: np.random.Generator,
    k: int = 3,
    draws: int = 5,
) -> Fidelity:
    """Whether the atoms that matter by `attribute` matter to the prediction.

    Parameters
    ----------
    predictor : Ensemble
    keys : sequence of str
        Molecules of at most k atoms say nothing here and are left out.
    endpoint : str
    rng : numpy Generator
        Draws the random atoms, `draws` times for each molecule.
    k, draws : int

    Raises
    ------
    ValueError
        No molecule has more than k atoms.
    """
    column = endpoint_column(predictor, endpoint)
    graphs = featurize_batch(keys)
    graphs = graphs.take(np.flatnonzero(graphs.n_atoms > k))
    if not len(graphs):
        raise ValueError(f"no molecule has more than {k} atoms")
    whole = predictor.mean(graphs)[:, column]
    attributions = [each[:, column] for each in _occlude(predictor, graphs)]

    def moved(ranks: list[NDArray[np.floating]]) -> float:
        weight = np.ones(graphs.n_atoms.sum(), np.float32)
        starts = np.cumsum(graphs.n_atoms) - graphs.n_atoms
        for start, rank in zip(starts, ranks, strict=True):
            weight[start + np.argsort(rank)[-k:]] = 0
        return float(np.nanmean(np.abs(whole - predictor.mean(graphs, weight)[:, column])))

    top = moved([np.abs(each) for each in attributions])
    random = [moved([rng.random(len(each)) for each in attributions]) for _ in range(draws)]
    return Fidelity(top, float(np.mean(random)))


def _occlude(predictor: Ensemble, graphs: PackedGraphs) -> list[NDArray[np.float64]]:
    """Attributions (a, t) of each molecule: one copy of it per atom, with that atom hidden."""
    whole = predictor.mean(graphs)  # (n, t)
    result: list[NDArray[np.float64]] = []
    for part in cut_batches(graphs.n_atoms.astype(np.int64) ** 2, MASKED_ATOMS):
        sizes = graphs.n_atoms[part]
        copies = graphs.take(np.repeat(np.arange(part.start, part.stop), sizes))
        weight = np.concatenate([1 - np.eye(a, dtype=np.float32).ravel() for a in sizes.tolist()])
        masked = np.split(predictor.mean(copies, weight), np.cumsum(sizes)[:-1])
        result += [full - each for full, each in zip(whole[part], masked, strict=True)]
    return result


def endpoint_column(predictor: Predictor, endpoint: str) -> int:
    """Which column of a prediction is the endpoint's.

    Raises
    ------
    UsageError
        The predictor has no such endpoint; those that it has are listed.
    """
    names = [each.name for each in predictor.endpoints]
    if endpoint not in names:
        raise UsageError(
            f"unknown endpoint '{endpoint}'. This predictor has: {', '.join(names)}."
            f"{did_you_mean(endpoint, names)}"
        )
    return names.index(endpoint)
