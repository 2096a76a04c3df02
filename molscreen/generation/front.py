"""Front: the compounds of a search that no other beats in one wish without losing in another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from molscreen.generation.proposals import write_calls
from molscreen.generation.search.history import Call, History
from molscreen.objectives.pareto import hypervolume, non_dominated
from molscreen.prediction.columns import TERM

FRONT = "front.csv"
AXES = 4  # wishes: of more, most compounds are on the front


def warn_of_wishes(n: int) -> str:
    """That a front of n wishes tells little; empty where it does not.

    The more wishes, the rarer a compound that is at least as good in all of them as another.

    References
    ----------
    Ishibuchi, Tsukamoto & Nojima, IEEE CEC 2008, 2419, doi:10.1109/CEC.2008.4631121.

    Examples
    --------
    >>> warn_of_wishes(4)
    ''
    """
    if n <= AXES:
        return ""
    return (
        f"of {n} wishes hardly any compound is beaten in all, so that most are on the front: a front tells"
        f" something of at most {AXES} wishes"
    )


def describe_front(history: History) -> dict[str, Any]:
    """How many compounds are on the front, of how many that could be; its hypervolume; and a warning.

    See `write_front`, `hypervolume` and `warn_of_wishes`.
    """
    terms = _terms(_eligible(history))
    return {
        "compounds": int(non_dominated(terms).sum()),
        "of": int(np.isfinite(terms).all(axis=1).sum()) if terms.size else 0,
        "warning": warn_of_wishes(terms.shape[1]),
        "hypervolume": round(float(hypervolume(terms)[-1]), 6) if len(terms) else 0.0,
    }


def write_front(folder: Path, history: History, names: Sequence[str]) -> frozenset[str]:
    """Write ``front.csv``, the best score first, and return its keys.

    One column for each term, from 0 to 1 as the search saw it. Seeds may be on it, but nothing outside the
    domain of the models.
    """
    calls = _eligible(history)
    is_on = non_dominated(_terms(calls)).tolist()
    found = [call for call, on in zip(calls, is_on, strict=True) if on]
    found.sort(key=lambda call: (-call.score, call.number))
    more = {"control": [round(call.control, 6) for call in found]}
    more |= {TERM + name: [round(call.terms[i], 6) for call in found] for i, name in enumerate(names)}
    write_calls(folder / FRONT, found, more)
    return frozenset(call.key for call in found)


def _eligible(history: History) -> list[Call]:
    return [call for call in history.calls if not call.outside]


def _terms(calls: Sequence[Call]) -> NDArray[np.float64]:
    """Of each call (n, t); NaN for one without a score."""
    t = max((len(call.terms) for call in calls), default=0)
    missing = (math.nan,) * t
    return np.array([missing if math.isnan(call.score) else call.terms for call in calls]).reshape(-1, t)
