"""Candidate: a proposal that may be scored."""

from __future__ import annotations

from dataclasses import dataclass

from molscreen.generation.generator import Proposal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal that may be scored.

    Attributes
    ----------
    key : str
        What is scored: the standardised proposal.
    proposal : Proposal
    """

    key: str
    proposal: Proposal
