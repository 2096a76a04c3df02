"""How a run on a task is rated: PMO's area under the curve of its best scores, GuacaMol's mean of them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence

from rdkit import Chem, rdBase

BUDGET = 10_000  # calls, of PMO
STEP = 100  # calls between two points of the curve, of PMO


def count_calls(history: Iterable[tuple[str, float]]) -> list[float]:
    """The scores that consumed a call, in order: of valid molecules when they are met for the first time.

    Two SMILES are one molecule where RDKit's canonical isomeric SMILES are the same.

    Parameters
    ----------
    history : iterable of (str, float)
        SMILES and score of whatever was scored, in order.

    References
    ----------
    Gao et al., NeurIPS 2022, doi:10.48550/arXiv.2206.12411.

    Examples
    --------
    >>> count_calls([("CCO", 0.1), ("OCC", 0.1), ("C1CC", 0.0), ("C[C@H](F)Cl", 0.2), ("C[C@@H](F)Cl", 0.2)])
    [0.1, 0.2, 0.2]
    """
    return _first_scores(history, stereo=True)


def top_curve(scores: Sequence[float], k: int = 10, *, step: int = STEP) -> list[tuple[int, float]]:
    """Calls, and the mean of the `k` best scores so far, every `step` calls and at the end.

    Where there are fewer than `k` scores yet, it is the mean of those; no score gives no point.

    Parameters
    ----------
    scores : sequence of float
        In order of the calls, see `count_calls`.
    k, step : int
        Positive.

    Raises
    ------
    ValueError
        A score is NaN, or `k` or `step` is not positive.

    Examples
    --------
    >>> top_curve([0.25, 0.5, 0.0, 1.0, 0.75], k=2, step=2)
    [(2, 0.375), (4, 0.75), (5, 0.875)]
    """
    if k < 1 or step < 1:
        raise ValueError(f"k is {k} and step {step}, expected at least 1")
    _check(scores)
    best: list[float] = []
    points = []
    for start in range(0, len(scores), step):
        block = scores[start : start + step]
        best = heapq.nlargest(k, [*best, *block])
        points.append((start + len(block), math.fsum(best) / len(best)))
    return points


def auc_top(scores: Sequence[float], k: int = 10, *, budget: int = BUDGET, step: int = STEP) -> float:
    """Area under the curve of the mean of the `k` best scores, over `budget` calls: AUC top-k.

    It rewards a run that finds good molecules and finds them early. Trapezoids between the points of
    `top_curve`, from 0 at no call; a run that stops early keeps its last value up to the budget, and calls
    beyond the budget do not count.

    Parameters
    ----------
    scores : sequence of float
        In order of the calls, see `count_calls`.
    k, budget, step : int
        Positive.

    Returns
    -------
    float
        In [0, 1] for scores in [0, 1]; 0 for a run without any.

    Raises
    ------
    ValueError
        A score is NaN, or `k`, `budget` or `step` is not positive.

    References
    ----------
    Gao et al., NeurIPS 2022, doi:10.48550/arXiv.2206.12411; `main/optimizer.py` of
    github.com/wenhao-gao/mol_opt.

    Examples
    --------
    >>> auc_top([1.0], budget=10)  # at once, but for the half of the first step
    0.95
    """
    if budget < 1:
        raise ValueError(f"budget is {budget}, expected at least 1")
    return area_under(top_curve(scores[:budget], k, step=step), budget)


def area_under(points: Iterable[tuple[int, float]], budget: int) -> float:
    """Area under a curve of (calls, height) from 0 at no call to `budget`, over `budget`; see `auc_top`.

    Examples
    --------
    >>> area_under([(2, 1.0)], budget=4)  # a rise over two calls, then level
    0.75
    """
    called, height, area = 0, 0.0, 0.0
    for calls, mean in points:
        area += (calls - called) * (height + mean) / 2
        called, height = calls, mean
    return (area + (budget - called) * height) / budget


def guacamol_score(scored: Iterable[tuple[str, float]], tops: Sequence[int]) -> float:
    """GuacaMol's score of a run: the mean, over k in `tops`, of the mean of its k best scores.

    Invalid molecules and stereoisomers of one already met are passed over; missing molecules count as 0.

    Parameters
    ----------
    scored : iterable of (str, float)
        SMILES and score of the proposals, in any order.
    tops : sequence of int
        `molscreen.generation.benchmark.task.Task.tops`.

    Returns
    -------
    float
        In [0, 1] for scores in [0, 1].

    Raises
    ------
    ValueError
        A score is NaN, or `tops` is empty or has a number that is not positive.

    References
    ----------
    Brown et al., J. Chem. Inf. Model. 59, 1096 (2019), doi:10.1021/acs.jcim.8b00839.

    Examples
    --------
    >>> guacamol_score([("CCO", 1.0), ("OCC", 1.0), ("CCN", 0.5)], tops=(1, 2))  # (1 + 0.75) / 2
    0.875
    """
    if not tops or min(tops) < 1:
        raise ValueError(f"tops is {tuple(tops)}, expected positive numbers")
    scores = _first_scores(scored, stereo=False)
    _check(scores)
    best = sorted(scores, reverse=True)
    return math.fsum(math.fsum(best[:k]) / k for k in tops) / len(tops)


def _first_scores(scored: Iterable[tuple[str, float]], *, stereo: bool) -> list[float]:
    """Scores of the valid molecules, each where it is first met; stereoisomers are told apart or not."""
    first: dict[str, float] = {}
    with rdBase.BlockLogs():
        for smiles, score in scored:
            mol = Chem.MolFromSmiles(smiles)
            if mol is not None and mol.GetNumAtoms() > 0:
                first.setdefault(Chem.MolToSmiles(mol, isomericSmiles=stereo), score)
    return list(first.values())


def _check(scores: Sequence[float]) -> None:
    for place, score in enumerate(scores, start=1):
        if math.isnan(score):
            raise ValueError(f"score {place} of {len(scores)} is NaN; what cannot be scored counts as 0")
