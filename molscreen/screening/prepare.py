"""prepare: one structure to a compound with its graph. Runs in the guard's child, so imports little."""

from __future__ import annotations

from typing import NamedTuple

from molscreen.chem.compound import Compound
from molscreen.chem.standardize import WARNINGS, Recipe, standardize
from molscreen.graphs.features import featurize
from molscreen.graphs.pack import to_bytes


class Prepared(NamedTuple):
    """What became of one record: a compound with its packed graph, or why there is none."""

    status: str
    code: str
    reason: str
    stage: str = ""  # where it was refused; empty for a compound
    key: str | None = None
    graph: bytes = b""


def prepare(recipe: Recipe, text: str) -> Prepared:
    """Standardise and featurise one structure."""
    outcome = standardize(text, recipe)
    if not isinstance(outcome, Compound):
        return Prepared(outcome.status, outcome.code, outcome.reason, "standardize")
    warned = [note.code for note in outcome.notes if note.code in WARNINGS]
    return Prepared(
        "warning" if warned else "ok",
        warned[0] if warned else "",
        "; ".join(note.text for note in outcome.notes),
        key=outcome.key,
        graph=to_bytes(featurize(outcome.key)),
    )
