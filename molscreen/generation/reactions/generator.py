"""ReactionGenerator: compounds that can be made, each with the route from building blocks that makes it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from rdkit import Chem

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.config import check_positive
from molscreen.errors import ConfigError, ResumeError
from molscreen.generation.generator import GENERATORS, MoleculeGenerator, Proposal, Scored, digest
from molscreen.generation.reactions.blocks import Blocks, shipped_blocks, sort_blocks
from molscreen.generation.reactions.route import PREVIOUS, Route, parse_route
from molscreen.generation.reactions.route_search import Made, RouteSearch
from molscreen.generation.reactions.table import Reactions, shipped_reactions

TRIES = 20  # per proposal asked for; then fewer are given


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionConfig:
    """How routes are searched: the ``[reactions]`` table of a goal.

    Attributes
    ----------
    max_steps : int
        Reactions in a route, at most.
    max_heavy_atoms : int
        Of a proposal. An oral drug seldom has more than 40; 50 leaves room to cut down.
    explore : float in [0, 1]
        Share of proposals that are new routes, once there are good ones to vary.
    kept : int
        Good routes that are varied.
    pressure : float
        Route number r, from 0, of n is varied with a weight of 1 / (pressure * n + r): the smaller, the
        more the best ones are favoured (Kim et al., arXiv:2402.05961, use 0.01).
    candidates : int
        Blocks drawn for a role, of which the most promising is taken: the more, the greedier.
    remembered : int
        Proposals that are not made again, and whose scores can be learnt from; the oldest are forgotten.
    """

    max_steps: int = 3
    max_heavy_atoms: int = 50
    explore: float = 0.25
    kept: int = 200
    pressure: float = 0.01
    candidates: int = 16
    remembered: int = 20_000

    def __post_init__(self) -> None:
        above = ("max_steps", "max_heavy_atoms", "kept", "pressure", "candidates", "remembered")
        check_positive(self, *above, where="[reactions]")
        if not 0 <= self.explore <= 1:
            raise ConfigError(f"[reactions] explore must be in [0, 1], got {self.explore}")


@GENERATORS.register("reactions")
class ReactionGenerator(MoleculeGenerator):
    """Proposes the products of one to three named reactions over building blocks.

    Before anything is learnt, routes are drawn at random. Scores of its own proposals then say which
    reactions and blocks are worth choosing (Thompson sampling), and the best routes are varied one change
    at a time. `Proposal.step` is the route, which `run_route` runs again to the same product; `parents` is
    the compound whose route was varied.

    A finished product carries no group that is there to react or to be taken off (`Reactions.leftovers`),
    and is no block.
    Compounds of other proposers have no route here, so nothing is learnt from them.

    Parameters
    ----------
    blocks : Blocks, optional
        Those that come with molscreen unless given.
    reactions : Reactions, optional
        Likewise. Those without a block for each role are left out, see `Shelf.usable`.
    config : ReactionConfig
    recipe : Recipe
        How products are standardised: that of the plan, so that their scores are known again.

    Raises
    ------
    ConfigError
        No reaction has a block for each of its roles.

    Examples
    --------
    >>> generator = ReactionGenerator()
    >>> proposals = generator.propose(3, np.random.default_rng(0))
    >>> [(proposal.proposer, proposal.parents) for proposal in proposals]
    [('reactions', ()), ('reactions', ()), ('reactions', ())]
    """

    name: ClassVar[str] = "reactions"

    def __init__(
        self,
        blocks: Blocks | None = None,
        reactions: Reactions | None = None,
        config: ReactionConfig = ReactionConfig(),
        *,
        recipe: Recipe = DEFAULT,
    ) -> None:
        self.config, self.recipe = config, recipe
        shelf = sort_blocks(blocks or shipped_blocks(), reactions or shipped_reactions())
        self.search = RouteSearch(shelf, max_steps=config.max_steps, candidates=config.candidates)
        self._bought = frozenset(block.key for block in shelf.blocks)
        self._proposed: dict[str, str] = {}  # key -> route, empty once learnt from; the oldest first
        self._good: list[tuple[float, str, Route]] = []  # score, key, route; the best first

    def propose(self, n: int, rng: np.random.Generator) -> list[Proposal]:
        """At most `n` different products, none that is known here already; see the class."""
        proposals: dict[str, Proposal] = {}
        for _ in range(TRIES * n):
            if len(proposals) >= n:
                break
            parent, made = self._make(rng)
            key = made and self._key(made)
            if made and key and key not in proposals:
                parents = (parent,) if parent else ()
                proposals[key] = Proposal(made.smiles, self.name, parents, str(made.route))
        self._proposed.update({key: proposal.step for key, proposal in proposals.items()})
        for key in list(self._proposed)[: -self.config.remembered]:
            del self._proposed[key]
        return list(proposals.values())

    def _make(self, rng: np.random.Generator) -> tuple[str, Made | None]:
        """A route and the key of the compound that it is a variation of, empty for a new one."""
        if not self._good or rng.random() < self.config.explore:
            return "", self.search.fresh(rng)
        n = len(self._good)
        weight = 1 / (self.config.pressure * n + np.arange(n))
        first, second = rng.choice(n, size=2, p=weight / weight.sum())
        _, key, route = self._good[first]
        return key, self.search.neighbour(route, self._good[second][2], rng)

    def _key(self, made: Made) -> str | None:
        """The key of a product that may be proposed."""
        mol = Chem.MolFromSmiles(made.smiles)
        if mol.GetNumHeavyAtoms() > self.config.max_heavy_atoms or self.search.shelf.reactions.leftover(mol):
            return None
        compound = standardize(made.smiles, self.recipe)
        if isinstance(compound, Rejection) or compound.key in self._bought or compound.key in self._proposed:
            return None
        return compound.key

    def learn(self, scored: Sequence[Scored]) -> None:
        """Take in scores of one's own proposals; a NaN teaches nothing."""
        for each in scored:
            text = self._proposed.get(each.key)
            if not text or math.isnan(each.score):
                continue
            self._proposed[each.key] = ""
            route = parse_route(text)
            for step in route.steps:
                self.search.reaction_belief.take_in(step.reaction, each.score)
                for name in step.reactants:
                    if name != PREVIOUS:
                        self.search.block_belief.take_in(name, each.score)
            self._good.append((each.score, each.key, route))
        self._good.sort(key=lambda row: (-row[0], row[1]))
        del self._good[self.config.kept :]

    def identity(self) -> Mapping[str, Any]:
        """The settings, the recipe, and digests of the blocks and of all that reactions ask for."""
        shelf = self.search.shelf
        return {
            **super().identity(),
            "recipe": asdict(self.recipe),
            "blocks": digest(f"{block.id} {block.key}" for block in shelf.blocks),
            "reactions": digest(_lines(shelf.reactions)),
        }

    def state(self) -> Mapping[str, Any]:
        """What was proposed, good routes, and beliefs, as JSON-able values."""
        return {
            "proposed": dict(self._proposed),
            "good": [[score, key, str(route)] for score, key, route in self._good],
            "blocks": self.search.block_belief.state(),
            "reactions": self.search.reaction_belief.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Become what `state` came from.

        Raises
        ------
        ResumeError
            It knows blocks or reactions that are not here.
        """
        try:
            self.search.block_belief.restore(state["blocks"])
            self.search.reaction_belief.restore(state["reactions"])
        except KeyError as error:
            raise ResumeError(
                f"generator 'reactions': the run knows {error}, which is not among the "
                f"{len(self._bought)} blocks and {len(self.search.shelf.usable)} reactions given; "
                "resume with those of the run"
            ) from error
        self._proposed = dict(state["proposed"])
        self._good = [(score, key, parse_route(text)) for score, key, text in state["good"]]


def _lines(reactions: Reactions) -> Iterator[str]:
    """All that decides what the reactions make, and of what."""
    for each in reactions:
        yield f"{each.name} {each.smarts}"
        yield from (f"{group} {Chem.MolToSmarts(query)}" for group, query in each.spoilers.items())
    yield from (f"{group} {Chem.MolToSmarts(query)}" for group, query in reactions.leftovers.items())
