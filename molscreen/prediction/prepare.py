"""prepare: one structure to a compound with its graph, or the reason why there is none.

It runs in the guard's child, so it imports neither torch nor pandas.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from molscreen.chem.cleaning.recipe import DEFAULT, Recipe
from molscreen.chem.cleaning.standardize import WARNINGS, standardize
from molscreen.chem.compound import Rejection
from molscreen.chem.guarded.guard import Casualty
from molscreen.graphs.features import featurize_packed

NO_NUMBER = "nan_score"  # the code of a compound for which the models gave no usable number


class Prepared(NamedTuple):
    """What became of one record: a compound with its packed graph, or why there is none.

    `status`, `code` and `reason` are those of `molscreen.chem.compound`; `stage` says where a record was
    refused and is empty for a compound, whose `code` is that of `join_codes`.
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
    codes = join_codes(note.code for note in outcome.notes)
    return Prepared(
        "warning" if codes else "ok",
        codes,
        "; ".join(note.text for note in outcome.notes),
        key=outcome.key,
        graph=featurize_packed(outcome.key),
    )


def without_number(names: Iterable[str]) -> Prepared:
    """A compound that cannot be scored, because these have no number.

    Examples
    --------
    >>> without_number(["hERG", "logD"]).reason
    'the models gave no number for hERG, logD'
    """
    return Prepared("error", NO_NUMBER, f"the models gave no number for {', '.join(names)}", "predict")


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
    codes = join_codes([*split_codes(prepared.code), code])
    return prepared._replace(
        status="warning" if codes else prepared.status,
        code=codes,
        reason=f"{text}; {prepared.reason}" if prepared.reason else str(text),
    )


def join_codes(codes: Iterable[str]) -> str:
    """Those of `WARNINGS`, each once and what leaves most open first, as the column ``reason_code`` has them.

    Examples
    --------
    >>> join_codes(["salt_stripped", "stereo_undefined", "normalized"])
    'stereo_undefined; salt_stripped'
    """
    return "; ".join(sorted({*codes} & {*WARNINGS}, key=WARNINGS.index))


def split_codes(text: str | None) -> list[str]:
    """The codes of one cell of ``reason_code``.

    Examples
    --------
    >>> split_codes("stereo_undefined; salt_stripped"), split_codes("")
    (['stereo_undefined', 'salt_stripped'], [])
    """
    return text.split("; ") if text else []
