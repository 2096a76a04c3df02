"""Evolve: candidates bred from candidates by what the surrogate thinks of them, before any is scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from molscreen.generation.generator import Proposal, Scored, best_first
from molscreen.generation.search.belief import Belief, Posterior
from molscreen.generation.search.candidate import Candidate

Breed = Callable[[Sequence[Scored]], tuple[list[Candidate], Counter[str]]]


@dataclass(frozen=True, slots=True)
class Brood:
    """All candidates of a round.

    Attributes
    ----------
    candidates : list of n Candidate
    belief : Belief
        Of them, in their order.
    refused : Counter of str
        Proposals that are no candidates, by reason; those of the first generation are not among them.
    """

    candidates: list[Candidate]
    belief: Belief
    refused: Counter[str]


def evolve(
    first: Sequence[Candidate],
    known: Sequence[Scored],
    posterior: Posterior,
    beta: float,
    *,
    generations: int,
    parents: int,
    breed: Breed,
) -> Brood:
    """Breed further generations from the compounds of the highest upper confidence bounds, scored or not.

    A genetic search for the maximum of the acquisition function, as in Tripp & Hernández-Lobato
    (arXiv:2406.07709): several steps are tried for the price of none, where a search that only breeds from
    what was scored takes one step a round.

    Parameters
    ----------
    first : sequence of Candidate
        The first generation; not empty.
    known : sequence of Scored
        Compounds that were scored and may be parents as well; what is known of them is their bound.
    posterior : Posterior
    beta : float
        What the unknown is worth, see `molscreen.generation.search.belief.draw_beta`.
    generations : int
        The first one included.
    parents : int
        The best so many of all are bred from.
    breed : callable
        From parents to candidates, and to how many proposals were none, by reason.
    """
    lineage = {each.key: each.proposal for each in first}
    brood = Brood(list(first), posterior.believe([each.key for each in first]), Counter())
    for _ in range(generations - 1):
        bounds = zip(brood.candidates, brood.belief.bound(beta).tolist(), strict=True)
        scores = {each.key: each.score for each in known} | {each.key: bound for each, bound in bounds}
        ranked = [Scored(key, score) for key, score in best_first(scores)[:parents]]
        admitted, refused = breed(ranked)
        new = [each for each in admitted if each.key not in lineage]
        refused["proposed twice"] += len(admitted) - len(new)
        if new:
            traced = [replace(each, proposal=_trace(each.proposal, lineage)) for each in new]
            lineage |= {each.key: each.proposal for each in traced}
            belief = brood.belief.join(posterior.believe([each.key for each in traced]))
            brood = Brood(brood.candidates + traced, belief, brood.refused)
        brood.refused.update(+refused)
    return brood


def _trace(proposal: Proposal, lineage: dict[str, Proposal]) -> Proposal:
    """The proposal with parents that were scored, and the steps from them: what lies between never was."""
    parents: dict[str, None] = {}
    steps: list[str] = []
    for key in proposal.parents:
        before = lineage.get(key)
        parents.update(dict.fromkeys(before.parents if before else (key,)))
        if before and before.step and before.step not in steps:
            steps.append(before.step)
    return replace(proposal, parents=tuple(parents), step=", then ".join([*steps, proposal.step]))
