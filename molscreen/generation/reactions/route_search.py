"""New routes: drawn at random, or one change away from a route that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import Shelf
from molscreen.generation.reactions.reaction import Reaction
from molscreen.generation.reactions.route import PREVIOUS, Route, Step, run_route
from molscreen.generation.reactions.thompson import Thompson

FEW_REACTIONS = 8  # that a first step is chosen from; all of them would soon be one and the same


@dataclass(frozen=True, slots=True)
class Made:
    """A route and its product as SMILES."""

    route: Route
    smiles: str


class RouteSearch:
    """Draws routes over some blocks and reactions; where there is a choice, beliefs choose.

    Parameters
    ----------
    shelf : Shelf
    max_steps : int
    candidates : int
        Blocks that are drawn for a role; one of them is taken, by belief or by likeness.

    Attributes
    ----------
    block_belief, reaction_belief : Thompson
        What is thought of each block and each reaction.
    """

    def __init__(self, shelf: Shelf, *, max_steps: int, candidates: int) -> None:
        self.shelf = shelf
        self.max_steps = max_steps
        self.candidates = candidates
        self.block_belief = Thompson([block.id for block in shelf.blocks])
        self.reaction_belief = Thompson([reaction.name for reaction in shelf.usable])
        first = [i for i, reaction in enumerate(shelf.usable) if len(reaction.roles) > 1]
        self._first = np.array(first or range(len(shelf.usable)), np.intp)
        ecfp4 = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
        self._prints = [ecfp4.GetFingerprint(block.mol) for block in shelf.blocks]

    def fresh(self, rng: np.random.Generator) -> Made | None:
        """A route of its own, of one to `max_steps` steps; None where the first step gave nothing.

        One more step is tried where the product carries a group that is there to react further.
        """
        made = self._start(rng)
        wanted = int(rng.integers(1, self.max_steps + 1))
        while made and len(made.route.steps) < wanted:
            longer = self.extend(made, rng)
            if not longer:
                break
            made = longer
        if made and self.shelf.reactions.leftover(Chem.MolFromSmiles(made.smiles)):
            return self.extend(made, rng)
        return made

    def _start(self, rng: np.random.Generator) -> Made | None:
        few = rng.choice(self._first, FEW_REACTIONS)
        reaction = self.shelf.usable[self.reaction_belief.best(few, rng)]
        names = [self._pick(reaction, slot, rng) for slot in range(len(reaction.roles))]
        product = reaction.sole_product([self.shelf.blocks[name].mol for name in names])
        return Made(Route((Step(reaction.name, tuple(names)),)), product) if product else None

    def extend(self, made: Made, rng: np.random.Generator) -> Made | None:
        """One step more, by the first reaction that the product fits, the promising ones tried first."""
        if len(made.route.steps) >= self.max_steps:
            return None
        mol = Chem.MolFromSmiles(made.smiles)
        usable = self.shelf.usable
        for place in np.argsort(-self.reaction_belief.draw(np.arange(len(usable)), rng), kind="stable"):
            reaction = usable[place]
            fitting = [slot for slot in range(len(reaction.roles)) if not reaction.misfit(mol, slot)]
            if not fitting:
                continue
            mine = fitting[rng.integers(len(fitting))]
            names = [
                PREVIOUS if slot == mine else self._pick(reaction, slot, rng)
                for slot in range(len(reaction.roles))
            ]
            mols = [mol if name == PREVIOUS else self.shelf.blocks[name].mol for name in names]
            if product := reaction.sole_product(mols):
                return Made(Route((*made.route.steps, Step(reaction.name, tuple(names)))), product)
        return None

    def neighbour(self, route: Route, other: Route, rng: np.random.Generator) -> Made | None:
        """A route one change away from `route`; None where the change cannot be made.

        Half of the time a block is exchanged; else a step is added, taken away or replaced at the end,
        or the last step of `other` is put there.
        """
        move = rng.random()
        if move < 0.5:
            return self._rerun(self._exchange(route, rng))
        if move < 0.65:
            made = self._rerun(route.steps)
            return made and self.extend(made, rng)
        if move < 0.75:
            return self._rerun(route.steps[:-1])
        if move < 0.9:
            made = self._rerun(route.steps[:-1])
            return made and self.extend(made, rng)
        return self._rerun(self._graft(route, other, rng))

    def _exchange(self, route: Route, rng: np.random.Generator) -> tuple[Step, ...]:
        """The steps with one block exchanged: for one that is like it, or for one that is believed in."""
        places = [
            (i, slot)
            for i, step in enumerate(route.steps)
            for slot, name in enumerate(step.reactants)
            if name != PREVIOUS
        ]
        i, slot = places[rng.integers(len(places))]
        step = route.steps[i]
        like = step.reactants[slot] if rng.random() < 0.5 else None
        name = self._pick(self.shelf.reactions[step.reaction], slot, rng, like=like)
        reactants = (*step.reactants[:slot], name, *step.reactants[slot + 1 :])
        return (*route.steps[:i], Step(step.reaction, reactants), *route.steps[i + 1 :])

    def _graft(self, route: Route, other: Route, rng: np.random.Generator) -> tuple[Step, ...]:
        """Steps of `route`, and the last of `other` upon their product."""
        last = other.steps[-1]
        if PREVIOUS not in last.reactants:
            slot = int(rng.integers(len(last.reactants)))
            last = Step(last.reaction, (*last.reactants[:slot], PREVIOUS, *last.reactants[slot + 1 :]))
        most = min(len(route.steps), self.max_steps - 1)
        return (*route.steps[: int(rng.integers(1, most + 1))], last) if most else route.steps

    def _rerun(self, steps: Sequence[Step]) -> Made | None:
        """The product of changed steps, where they still fit each other."""
        if not steps:
            return None
        route = Route(tuple(steps))
        try:
            return Made(route, run_route(route, self.shelf.blocks, self.shelf.reactions)[-1])
        except ConfigError:
            return None

    def _pick(
        self, reaction: Reaction, slot: int, rng: np.random.Generator, *, like: str | None = None
    ) -> str:
        """The id of a block for a role: of some drawn at random the most promising, or the most like one."""
        fitting = self.shelf.fitting(reaction, slot)
        some = fitting[rng.integers(len(fitting), size=self.candidates)]
        if like is None:
            return self.shelf.blocks.members[self.block_belief.best(some, rng)].id
        old = self.shelf.blocks.position(like)
        others = some[some != old]
        if not len(others):
            return like
        similar = DataStructs.BulkTanimotoSimilarity(self._prints[old], [self._prints[i] for i in others])
        return self.shelf.blocks.members[int(others[int(np.argmax(similar))])].id
