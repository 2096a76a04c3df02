"""Which kind of endpoint a column of a file of your own is, found from what is written in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from molscreen.data.measured.assay_table import EQUAL, AssayTable
from molscreen.data.measured.cell_value import LABELS, read_value
from molscreen.data.measured.unread_cell import list_texts
from molscreen.endpoint import Endpoint, Kind

FEW = 0.2  # share of the cells of a column of labels that may hold another word
LIKE_LABELS = 0.8  # share of 0 and 1 among numbers from which on it is asked whether they are labels
NAMED = 6  # endpoints in a sentence

_NUMBER = Endpoint(name="any number")


def find_kind(texts: Mapping[str, int]) -> Kind:
    """The kind of a column of measurements.

    A column of two labels is a classification, and stays one where few of its cells hold another word, which
    is no label then. One that has a number other than 0 and 1 is a regression, unless its labels are words.

    Parameters
    ----------
    texts : mapping of str to int
        How often each text occurs, without missing ones; at least one.

    Raises
    ------
    ValueError
        The column holds neither: words that are no labels, or more than few beside the labels.

    Examples
    --------
    >>> find_kind({"6.3": 2, "1": 1}), find_kind({"0": 60, "1": 39, "inconclusive": 1})
    ('regression', 'classification')
    """
    others = {text: n for text, n in texts.items() if text.lower() not in LABELS}
    if not others:
        return "classification"
    labels = texts.keys() - others.keys()
    both = len({LABELS[text.lower()] for text in labels}) == 2
    are_words = not all(map(_is_number, labels))
    have_numbers = any(map(_is_number, others))
    if both and sum(others.values()) <= FEW * sum(texts.values()) and (are_words or not have_numbers):
        return "classification"
    if have_numbers:
        return "regression"
    advice = (
        "--task classification (Python: kind='classification') leaves out what is no label"
        if both
        else "write 1 and 0, or numbers such as 6.3 and <5"
    )
    raise ValueError(
        f"neither numbers nor labels: {list_texts(texts)}. Labels are 1 and 0, active and inactive, positive"
        f" and negative, yes and no, true and false: {advice}"
    )


def describe_kinds(table: AssayTable) -> tuple[str, ...]:
    """What each column was taken for, in sentences; last, numbers of which most look like labels.

    Parameters
    ----------
    table : AssayTable
        As read from a file of one's own.

    Examples
    --------
    ::

        read as labels: toxic (61 × 1, 138 × 0)
        read as numbers: pIC50, pKi
    """
    columns = list(zip(table.endpoints, table.value.T, table.relation.T, strict=True))
    labels = [
        f"{endpoint.name} ({(value == 1).sum():,} × 1, {(value == 0).sum():,} × 0)"
        for endpoint, value, _ in columns
        if endpoint.kind == "classification"
    ]
    numbers = [
        (endpoint.name, value[(relation == EQUAL) & ~np.isnan(value)])
        for endpoint, value, relation in columns
        if endpoint.kind == "regression"
    ]
    sentences = [f"read as labels: {_listed(labels)}"] if labels else []
    sentences += [f"read as numbers: {_listed([name for name, _ in numbers])}"] if numbers else []
    for name, value in numbers:
        n = int(np.isin(value, (0, 1)).sum())
        different = np.unique(value)
        if n >= LIKE_LABELS * len(value) and {0, 1} <= set(different.tolist()):
            sentences.append(
                f"{name}: {n:,} of {len(value):,} numbers are 0 or 1; if these are labels, say --task"
                " classification (Python: kind='classification'), which leaves the others out"
            )
        elif len(different) == 2 and len(value) > 2:
            low, high = different.tolist()
            sentences.append(
                f"{name}: all numbers are {low:.6g} or {high:.6g}; if these are labels, write 0 and 1"
            )
    return tuple(sentences)


def _is_number(text: str) -> bool:
    """Whether it can be read with a comma before decimals, or between thousands."""
    try:
        read_value(text.replace(",", ""), _NUMBER)
    except ValueError:
        return False
    return True


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names[:NAMED])
    return f"{listed} and {len(names) - NAMED:,} more" if len(names) > NAMED else listed
