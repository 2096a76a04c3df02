"""Bandit: shares a budget between proposers by what they contributed of late."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.1  # of the budget, for each proposer: what does not work now may work later
HALF_LIFE = 100  # calls after which a contribution counts half: five rounds of twenty
NOTICED = 10  # rank at which a contribution counts half, as benchmarks look at the ten best


def credit(rank: int) -> float:
    """What a compound contributes that so many others are at least as good as, when it is scored.

    ``1 / (1 + rank / NOTICED)``: 1 for a new best, 0.5 for one behind ten others. Ranks, not scores, so that
    a proposer is judged alike whether scores lie between 0 and 1 or between 0.93 and 0.94.

    Examples
    --------
    >>> credit(0), credit(10)
    (1.0, 0.5)
    """
    return 1 / (1 + rank / NOTICED)


def contributions(
    proposers: Sequence[str], worth: NDArray[np.float64], among: NDArray[np.float64]
) -> list[tuple[str, float]]:
    """What `Bandit.learn` is told of n compounds: their proposers, and what each contributes.

    Parameters
    ----------
    proposers : sequence of n str
    worth : (n,) float
        NaN contributes nothing.
    among : (m,) float
        Of all compounds so far, these included; NaN where there is none.

    Examples
    --------
    >>> contributions(["a", "b"], np.array([0.5, np.nan]), np.array([0.5, 0.9, np.nan, 0.1]))
    [('a', 0.9090909090909091), ('b', 0.0)]
    """
    known = np.sort(among[~np.isnan(among)])
    ranks = len(known) - 1 - np.searchsorted(known, worth)  # itself is none of those as good
    told = zip(proposers, worth.tolist(), ranks.tolist(), strict=True)
    return [(name, 0.0 if math.isnan(value) else credit(rank)) for name, value, rank in told]


@dataclass(frozen=True, slots=True)
class Bandit:
    """How well each proposer did, the recent past counting most.

    Attributes
    ----------
    names : tuple of k str
        The proposers.
    earned, calls : tuple of k float
        Credit that each earned, and compounds of each that were scored, both fading with `HALF_LIFE`.
    """

    names: tuple[str, ...]
    earned: tuple[float, ...]
    calls: tuple[float, ...]

    @classmethod
    def new(cls, names: Sequence[str]) -> Bandit:
        """One that knows nothing yet and treats all alike.

        Raises
        ------
        ValueError
            There is no proposer, or two have one name.
        """
        if not names or len(set(names)) < len(names):
            raise ValueError(f"proposers are {', '.join(names) or 'missing'}; expected different names")
        nothing = (0.0,) * len(names)
        return cls(tuple(names), nothing, nothing)

    def shares(self) -> NDArray[np.float64]:
        """Of the budget, for each proposer (k,): at least `FLOOR` each, the rest by credit per call.

        Everyone starts with one call's worth of the average, so that one unlucky call decides nothing and a
        proposer long unused drifts back to the average.

        Examples
        --------
        >>> Bandit.new(["genetic", "fragments"]).shares().tolist()
        [0.5, 0.5]
        """
        earned, calls = np.array(self.earned), np.array(self.calls)
        average = earned.sum() / calls.sum() if earned.sum() > 0 else 1.0
        value = (earned + average) / (calls + 1)
        floor = min(FLOOR, 1 / len(self.names))
        shares: NDArray[np.float64] = floor + (1 - floor * len(self.names)) * value / value.sum()
        return shares

    def learn(self, contributions: Sequence[tuple[str, float]]) -> Bandit:
        """After compounds were scored: the proposer of each, and its `credit`; seeds have no proposer.

        What was earned before fades by how many compounds have been scored since.
        """
        fading = 0.5 ** (len(contributions) / HALF_LIFE)
        values = [[value for who, value in contributions if who == name] for name in self.names]
        earned = (old * fading + sum(new) for old, new in zip(self.earned, values, strict=True))
        calls = (old * fading + len(new) for old, new in zip(self.calls, values, strict=True))
        return replace(self, earned=tuple(earned), calls=tuple(calls))

    def state(self) -> dict[str, Any]:
        """What `from_state` needs, as JSON-able values."""
        return {"names": list(self.names), "earned": list(self.earned), "calls": list(self.calls)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Bandit:
        """The bandit that `state` came from."""
        return cls(tuple(state["names"]), tuple(state["earned"]), tuple(state["calls"]))


def apportion(n: int, shares: NDArray[np.float64]) -> list[int]:
    """Whole numbers that add up to `n`, as near to the shares as can be: largest remainders.

    Hamilton's method; equal remainders go to whoever comes first.

    Examples
    --------
    >>> apportion(10, np.array([0.55, 0.25, 0.2]))
    [6, 2, 2]
    """
    exact = n * shares
    whole = np.floor(exact + 1e-9).astype(int)  # 0.3 of 10 is 3, not 2.9999999
    order = np.argsort(-np.round(exact - whole, 9), kind="stable")
    whole[order[: n - whole.sum()]] += 1
    return [int(each) for each in whole]


def pick_by_share(proposers: Sequence[str], n: int, bandit: Bandit) -> list[int]:
    """Which `n` of the proposals to take, so that each proposer gets its share of them.

    The first ones of each, so that shuffled proposals give a random choice; what a proposer cannot fill goes
    to the first that are left, whoever proposed them.

    Parameters
    ----------
    proposers : sequence of m str
        Who made each proposal.
    n : int
        Fewer are picked where there are fewer.

    Returns
    -------
    list of int
        Places in `proposers`, rising.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(proposers):
        places[name].append(place)
    quotas = zip(bandit.names, apportion(n, bandit.shares()), strict=True)
    picked = {place for name, quota in quotas for place in places[name][:quota]}
    others = (place for place in range(len(proposers)) if place not in picked)
    wanted = min(n, len(proposers)) - len(picked)
    return sorted(picked | {place for place, _ in zip(others, range(wanted), strict=False)})
