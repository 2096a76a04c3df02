"""Progress: what one round of a search did, for whoever looks on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from molscreen.generation.search.history import Remedy
from molscreen.generation.search.memory import Vitality


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one round did.

    Attributes
    ----------
    round, calls, budget : int
    best : float
        The best score so far; NaN where there is none.
    shares : mapping of str to float
        Of each generator, in the round that comes.
    candidates : int
        Proposals that passed the gates.
    refused : mapping of str to int
        Proposals that did not, by reason.
    vitality : Vitality
    remedies : tuple of Remedy
        Decided after this round.
    seconds : mapping of str to float
        Wall time of the round by stage.
    """

    round: int
    calls: int
    budget: int
    best: float
    shares: Mapping[str, float]
    candidates: int
    refused: Mapping[str, int]
    vitality: Vitality
    remedies: tuple[Remedy, ...]
    seconds: Mapping[str, float]
