"""Which fragment takes the place of another: one seen in the same context, of about the same size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from molscreen.config import check_not_negative, check_positive
from molscreen.errors import ConfigError
from molscreen.generation.fragments.cut import LARGEST, Cut
from molscreen.generation.fragments.surroundings import RADIUS
from molscreen.generation.fragments.table import FragmentTable


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentConfig:
    """How fragments are exchanged.

    Attributes
    ----------
    parents : int
        The best compounds learnt that are kept.
    rank_weight : float
        k of a parent's weight ``1 / (k n + rank)``, rank 0 being the best of n: small k, greedy. 0.01 as in
        Genetic GFN (arXiv:2402.05961).
    largest : int
        Heavy atoms of a fragment that is taken out.
    fewer, more : int
        By how many heavy atoms the new fragment may differ from it. Hydrogens have none.
    radius : int
        From 1 to 3: the widest context that must be alike.
    enough : int
        Where fewer fragments were seen in the context, the next smaller radius is asked.
    power : float
        A fragment is drawn by its count to this power: 0 alike, 1 as often as seen. By the root, what is
        common in the literature leads, and does not crowd out the rest.
    """

    parents: int = 300
    rank_weight: float = 0.01
    largest: int = LARGEST
    fewer: int = 5
    more: int = 5
    radius: int = RADIUS
    enough: int = 5
    power: float = 0.5

    def __post_init__(self) -> None:
        check_positive(self, "parents", "rank_weight", "largest", "enough", where="[fragments]")
        check_not_negative(self, "fewer", "more", "power", where="[fragments]")
        if self.radius not in range(1, RADIUS + 1):
            raise ConfigError(f"[fragments] radius must be from 1 to {RADIUS}, got {self.radius}")


class Drawn(NamedTuple):
    """A fragment of the table, and the radius at which it was seen in the context."""

    smiles: str
    radius: int


def draw_fragment(
    table: FragmentTable, cut: Cut, config: FragmentConfig, rng: np.random.Generator, *, without: str = ""
) -> Drawn | None:
    """A fragment seen in the context of a cut, of a size that is allowed, and not `without`.

    The largest radius decides at which `enough` of them were seen, or else the one with the most; None where
    none was at any.
    """
    same = table.place_of(without)
    best = 0, table.fragment[:0], table.count[:0]
    for radius in range(config.radius, 0, -1):
        fragment, count = table.seen_in(cut.context(radius))
        added = table.heavy[fragment].astype(int) - len(cut.atoms)
        fits = (added >= -config.fewer) & (added <= config.more) & (fragment != same)
        if fits.sum() > len(best[1]):
            best = radius, fragment[fits], count[fits]
        if len(best[1]) >= config.enough:
            break
    radius, fragment, count = best
    if not len(fragment):
        return None
    chosen = fragment[draw_place(count.astype(np.float64) ** config.power, rng)]
    return Drawn(table.smiles[chosen], radius)


def draw_place(weight: NDArray[np.float64], rng: np.random.Generator) -> int:
    """A place, by its weight."""
    total = np.cumsum(weight)
    return int(np.searchsorted(total, rng.random() * total[-1], "right"))
