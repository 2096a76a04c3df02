"""Rating: the figures of one run on one task, also of those molecules alone that a chemist would look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.generation.benchmark.curve import STEP, area_under, auc_top, guacamol_score
from molscreen.generation.benchmark.distribution import mean_similarity
from molscreen.generation.benchmark.guard import ReferenceProfile
from molscreen.generation.benchmark.task import Task

TOP = 10  # molecules, of the area under the curve
LOOKED_AT = 100  # best molecules, of diversity and of the share that passes
ALIKE = 0.35  # Tanimoto similarity of ECFP4; of two molecules more alike, only the better one counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One run on one task.

    Attributes
    ----------
    task : str
    seed, calls : int
    auc : float
        AUC top-10 over the budget.
    guacamol : float
        GuacaMol's score.
    top1, top10, top100 : float
        Mean of so many best scores.
    filtered, diverse, combined : float
        AUC top-10 of the molecules that pass `ReferenceProfile.judge`; of molecules no two of which are more
        alike than `ALIKE`; of both. NaN where there is no reference.
    passing : float
        Share of the 100 best that pass; NaN where there is no reference.
    diversity : float
        One minus the mean similarity of any two of the 100 best; 1 is as different as can be, NaN for one.

    References
    ----------
    Thomas et al., arXiv:2212.01385 (filtered, diverse, combined).
    """

    task: str
    seed: int
    calls: int
    auc: float
    guacamol: float
    top1: float
    top10: float
    top100: float
    filtered: float
    diverse: float
    combined: float
    passing: float
    diversity: float


def rate(
    task: Task,
    seed: int,
    keys: Sequence[str],
    scores: Sequence[float],
    *,
    budget: int,
    reference: ReferenceProfile | None = None,
) -> Rating:
    """The figures of a run.

    Parameters
    ----------
    task : Task
    seed : int
    keys : sequence of n str
        Different compounds in the order of the calls.
    scores : sequence of n float
        In [0, 1].
    budget : int
        Calls that the areas are over.
    reference : ReferenceProfile, optional
        Without it there are no filtered and combined figures.
    """
    order = np.argsort(-np.array(scores), kind="stable")[:LOOKED_AT].tolist()
    best = [scores[i] for i in order]
    nan = math.nan

    def passes(place: int) -> bool:
        return reference is not None and reference.judge(keys[place]).passes

    def guarded(admit: Callable[[int], bool] | None, bits: NDArray[np.uint8] | None) -> float:
        return area_under(guarded_curve(scores, admit=admit, bits=bits, stop=budget), budget)

    bits = ecfp_bits(keys)
    return Rating(
        task=task.name,
        seed=seed,
        calls=len(keys),
        auc=auc_top(scores, TOP, budget=budget),
        guacamol=guacamol_score(zip(keys, scores, strict=True), task.tops),
        top1=_mean(best[:1]),
        top10=_mean(best[:10]),
        top100=_mean(best),
        filtered=guarded(passes, None) if reference else nan,
        diverse=guarded(None, bits),
        combined=guarded(passes, bits) if reference else nan,
        passing=_mean([float(passes(i)) for i in order]) if reference else nan,
        diversity=diversity(bits[order]),
    )


def guarded_curve(
    scores: Sequence[float],
    *,
    admit: Callable[[int], bool] | None = None,
    bits: NDArray[np.uint8] | None = None,
    stop: int,
    k: int = TOP,
    step: int = STEP,
) -> Iterator[tuple[int, float]]:
    """Like `molscreen.generation.benchmark.curve.top_curve`, of some molecules alone.

    At every point molecules are taken from the best down, ties by what was scored first, until there are `k`:
    those that `admit` admits, and, with `bits`, that are no more alike than `ALIKE` to one taken before.

    Parameters
    ----------
    scores : sequence of n float
    admit : callable, optional
        From the place of a molecule to whether it counts; asked once each at most, and only if need be.
    bits : (n, b) uint8, optional
        Packed fingerprints.
    stop : int
        Calls after which nothing counts.
    """
    verdict: dict[int, bool] = {}

    def counts(place: int) -> bool:
        if admit is not None and place not in verdict:
            verdict[place] = admit(place)
        return verdict.get(place, True)

    order = np.empty(0, np.intp)
    value = np.array(scores, np.float64)
    for start in range(0, min(len(value), stop), step):
        end = min(start + step, len(value), stop)
        order = np.concatenate([order, np.arange(start, end)])
        order = order[np.argsort(-value[order], kind="stable")]  # an earlier call stays before a later one
        taken, rest = list[int](), order
        while len(taken) < k and len(rest):
            place, rest = int(rest[0]), rest[1:]
            if counts(place):
                taken.append(place)
                if bits is not None and len(rest):
                    rest = rest[tanimoto(bits[[place]], bits[rest])[0] <= ALIKE]
        order = order[[verdict.get(place, True) for place in order.tolist()]]
        yield end, _mean(value[taken].tolist()) if taken else 0.0


def diversity(bits: NDArray[np.uint8]) -> float:
    """One minus the mean similarity of any two of n packed fingerprints; NaN for less than two."""
    n = len(bits)
    if n < 2:
        return math.nan
    return 1 - (mean_similarity(bits) * n - 1) / (n - 1)  # a fingerprint is like itself, which says nothing


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
