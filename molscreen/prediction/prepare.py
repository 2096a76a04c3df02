"""prepare: one structure to a compound with its graph, or the reason why there is none.

It runs in the guard's child, so it imports neither torch nor pandas.
"""

from __future__ import annotations

from typing import NamedTuple

from molscreen.chem.compound import Rejection
from molscreen.chem.guard import Casualty
from molscreen.chem.recipe import DEFAULT, Recipe
from molscreen.chem.standardize import WARNINGS, standardize
from molscreen.graphs.features import featurize_packed


class Prepared(NamedTuple):
    """What became of one record: a compound with its packed graph, or why there is none.

    `status`, `code` and `reason` are those of `molscreen.chem.compound`; `stage` says where a record was
    refused and is empty for a compound.
    """

    status: str
    code: str
    reason: str
    stage: str = ""
    key: str | None = None
    graph: bytes = b""


def prepare(text: str, recipe: Recipe = DEFAULT) -> Prepared:
    """Standardise and featurise one structure: the function that a `Guard` runs.

    Examples
    --------
    >>> prepare("OCC").key, prepare("C(C").code
    ('CCO', 'syntax')
    """
    outcome = standardize(text, recipe)
    if isinstance(outcome, Rejection):
        return refused(outcome)
    warned = [note.code for note in outcome.notes if note.code in WARNINGS]
    return Prepared(
        "warning" if warned else "ok",
        warned[0] if warned else "",
        "; ".join(note.text for note in outcome.notes),
        key=outcome.key,
        graph=featurize_packed(outcome.key),
    )


def refused(rejection: Rejection) -> Prepared:
    """A record that was refused, as it is reported."""
    return Prepared(rejection.status, rejection.code, rejection.reason, rejection.stage)


def survived(result: Prepared | Casualty) -> Prepared:
    """What a guard returned; a structure that ended or stalled its child is refused."""
    if isinstance(result, Casualty):
        return Prepared(result.status, result.status, result.reason, "standardize")
    return result


def with_note(prepared: Prepared, code: str | None, text: str | None) -> Prepared:
    """A compound with the reader's own note before what standardisation said."""
    if code is None or prepared.key is None:
        return prepared
    warns = code in WARNINGS
    return prepared._replace(
        status="warning" if warns else prepared.status,
        code=code if warns else prepared.code,
        reason=f"{text}; {prepared.reason}" if prepared.reason else str(text),
    )
