"""Answer: what is said of one record apart from its endpoints: a compound, or why it is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from molscreen.chem.compound import Rejection
from molscreen.chem.guard import Casualty, Guard
from molscreen.chem.standardize import WARNINGS, standardize
from molscreen.data.record import Record
from molscreen.graphs.features import featurize
from molscreen.graphs.pack import to_bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one record apart from its endpoints.

    Attributes
    ----------
    key : str or None
        The compound; None where the record is none.
    status, code, reason : str
        See `molscreen.chem.compound`; `code` is empty for status "ok".
    graph : bytes
        The compound's packed graph.
    """

    key: str | None
    status: str
    code: str
    reason: str
    graph: bytes = b""


Read = Callable[[Sequence[str]], Sequence[Answer]]  # structures as text -> one answer each


def answer(records: Sequence[Record], read: Read) -> list[Answer]:
    """One answer per record, in order; a record with a fault never reaches RDKit."""
    answers = iter(read([record.raw for record in records if record.fault is None]))
    return [
        _refused(record.fault) if record.fault is not None else _with_note(next(answers), record)
        for record in records
    ]


def read_here(texts: Sequence[str]) -> list[Answer]:
    """Structures, standardised and featurised in this process."""
    return [read_one(text) for text in texts]


def read_guarded(guard: Guard[str, Answer], texts: Sequence[str]) -> list[Answer]:
    """The same in the guard's child, where a structure that ends or stalls it gets its answer, too."""
    return [
        Answer(None, result.status, result.status, result.reason) if isinstance(result, Casualty) else result
        for result in guard.map(texts)
    ]


def read_one(text: str) -> Answer:
    """One structure, standardised and featurised: the function that a `Guard` runs."""
    outcome = standardize(text)
    if isinstance(outcome, Rejection):
        return _refused(outcome)
    warned = [note.code for note in outcome.notes if note.code in WARNINGS]
    return Answer(
        outcome.key,
        "warning" if warned else "ok",
        warned[0] if warned else "",
        "; ".join(note.text for note in outcome.notes),
        to_bytes(featurize(outcome.key)),
    )


def _refused(rejection: Rejection) -> Answer:
    return Answer(None, rejection.status, rejection.code, rejection.reason)


def _with_note(said: Answer, record: Record) -> Answer:
    """The reader's own note before what standardisation said."""
    note = record.note
    if note is None or said.key is None:
        return said
    reason = f"{note.text}; {said.reason}" if said.reason else note.text
    if note.code in WARNINGS:
        return replace(said, status="warning", code=note.code, reason=reason)
    return replace(said, reason=reason)
