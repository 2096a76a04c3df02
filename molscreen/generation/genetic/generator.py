"""The genetic generator: parents by rank from the best compounds so far, crossed and mutated as graphs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase

from molscreen.config import check_positive
from molscreen.errors import ConfigError
from molscreen.generation.generator import GENERATORS, MoleculeGenerator, Proposal, Scored, best_first
from molscreen.generation.genetic.crossover import cross
from molscreen.generation.genetic.edit import Edit
from molscreen.generation.genetic.mutation import mutate


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneticConfig:
    """How the genetic generator breeds.

    Attributes
    ----------
    population : int
        Compounds kept, the best: 1,024 as in Genetic GFN.
    rank_offset : float
        k of `rank_weights`: 0.01 as in Genetic GFN. The less, the more often the best are drawn.
    mutation_only : float
        Share of children that are one parent, mutated: 0.1 as in Mol GA.
    mutation_after_crossover : float
        Share of the crossed children that are mutated too: 0.01 as in Mol GA.
    attempts : int
        Most attempts for each proposal asked for, over a call: enough that a population of 200 gives all
        that it is asked for, and that one of a single compound ends soon.

    References
    ----------
    Genetic GFN: Kim et al., NeurIPS 2024, arXiv:2402.05961. Mol GA: Tripp & Hernández-Lobato,
    arXiv:2310.09267.
    """

    population: int = 1024
    rank_offset: float = 0.01
    mutation_only: float = 0.1
    mutation_after_crossover: float = 0.01
    attempts: int = 10

    def __post_init__(self) -> None:
        check_positive(self, "population", "rank_offset", "attempts", where="[genetic]")
        for name in ("mutation_only", "mutation_after_crossover"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"[genetic] {name} must be in [0, 1], got {getattr(self, name)}")


@GENERATORS.register("genetic")
class GeneticGenerator(MoleculeGenerator):
    """Children of the best compounds that it has learnt of; it proposes nothing before it has learnt of one.

    A compound's latest score counts; one scored NaN is no parent. Everything that was not scored by a
    number, or is not among the best, is forgotten, and may be proposed again.

    References
    ----------
    Jensen, Chem. Sci. 10, 3567 (2019), doi:10.1039/C8SC05372C.

    Examples
    --------
    >>> generator = GeneticGenerator()
    >>> generator.learn([Scored("CC(=O)Oc1ccccc1C(=O)O", 0.55), Scored("CC(=O)Nc1ccc(O)cc1", 0.6)])
    >>> child = generator.propose(1, np.random.default_rng(0))[0]
    >>> child.step, child.smiles
    ('CH3 → NH2', 'NC(=O)Nc1ccc(O)cc1')
    """

    name = "genetic"

    def __init__(self, config: GeneticConfig = GeneticConfig()) -> None:
        self.config = config
        self._score: dict[str, float] = {}  # by key, the best first
        self._mol: dict[str, Chem.Mol | None] = {}  # those of the population that were parents

    @property
    def population(self) -> tuple[str, ...]:
        """Keys of the compounds that it breeds from, the best first; see `best_first`."""
        return tuple(self._score)

    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` different children, none of them in the population; fewer where attempts ran out."""
        keys = self.population
        if not keys:
            return []
        found: dict[str, Proposal] = {}
        chances = np.cumsum(rank_weights(len(keys), self.config.rank_offset))
        chances[-1] = 1.0  # a sum of fractions may miss it by a last bit
        for _ in range(self.config.attempts * n):
            if len(found) == n:
                break
            parents, edit = self._breed(keys, chances, rng)
            smiles = Chem.MolToSmiles(edit.mol) if edit else ""
            if edit and smiles not in self._score and smiles not in found:
                found[smiles] = Proposal(smiles, self.name, parents, edit.step)
        return list(found.values())

    def _breed(
        self, keys: tuple[str, ...], chances: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[tuple[str, ...], Edit | None]:
        """Parents drawn by rank, and their child if there is one; a compound drawn twice is mutated."""
        first, second = (keys[place] for place in np.searchsorted(chances, rng.random(2), side="right"))
        is_mutated = first == second or rng.random() < self.config.mutation_only
        parents = (first,) if is_mutated else (first, second)
        mols = [mol for key in parents if (mol := self._read(key)) is not None]
        if len(mols) < len(parents):
            return parents, None
        if is_mutated:
            return parents, mutate(mols[0], rng)
        child = cross(mols[0], mols[1], rng)
        if child and rng.random() < self.config.mutation_after_crossover:
            mutant = mutate(child.mol, rng)
            child = mutant and Edit(f"{child.step}, {mutant.step}", mutant.mol)
        return parents, child

    def _read(self, key: str) -> Chem.Mol | None:
        """A parent; None for a key that RDKit cannot read."""
        if key not in self._mol:
            with rdBase.BlockLogs():
                self._mol[key] = Chem.MolFromSmiles(key)
        return self._mol[key]

    def learn(self, scored: Sequence[Scored]) -> None:
        """Take in compounds that were scored; the best of all so far are the population."""
        latest = self._score | {each.key: each.score for each in scored}
        known = best_first({key: score for key, score in latest.items() if math.isfinite(score)})
        self._score = dict(known[: self.config.population])
        self._mol = {key: mol for key, mol in self._mol.items() if key in self._score}

    def bred_from(self, parents: Sequence[Scored]) -> GeneticGenerator:
        """One of this kind whose population are these compounds."""
        breeder = GeneticGenerator(self.config)
        breeder.learn(parents)
        return breeder

    def state(self) -> Mapping[str, Any]:
        """The population and its scores."""
        return {"population": [[key, score] for key, score in self._score.items()]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what `state` came from."""
        self._score, self._mol = {}, {}
        self.learn([Scored(key, score) for key, score in state["population"]])


def rank_weights(n: int, offset: float) -> NDArray[np.float64]:
    """(n,) chances to be drawn, the best first: as 1 / (rank + offset * n), ranks from 0; the sum is 1.

    References
    ----------
    Tripp, Daxberger & Hernández-Lobato, NeurIPS 2020, arXiv:2006.09191.

    Examples
    --------
    >>> rank_weights(3, 0.5).round(2).tolist()
    [0.49, 0.3, 0.21]
    """
    weights = 1.0 / (np.arange(n) + offset * n)
    return np.asarray(weights / weights.sum())
