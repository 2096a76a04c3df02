"""Enquiry: what a guard finds out about one shortlisted compound. It runs in guards, so it imports little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from molscreen.chem.analogues.analogues import Analogue, analogues
from molscreen.screening.plan.judge import Remarker, Remarks
from molscreen.screening.plan.tables import FilterRule

MOST_ANALOGUES = 100  # three drugs in four have fewer; each takes 0.7 ms, its prediction included

Enquired = tuple[Literal["remarks", "analogues"], str]  # what to find out, and the compound's key


class Enquiry:
    """Remarks of a plan's rules, or analogues: each is an item of its own, so one may fail alone.

    `load` makes the rules' filters, there and not here, because their catalogues do not travel.
    """

    def __init__(self, rules: Sequence[FilterRule]) -> None:
        self._remarker = Remarker(rules)

    def load(self) -> None:
        """Make the filters."""
        self._remarker.load()

    def __call__(self, asked: Enquired) -> Remarks | list[Analogue]:
        """What there is to say of one compound."""
        what, key = asked
        return self._remarker(key) if what == "remarks" else analogues(key, MOST_ANALOGUES)
