"""Where every row of the library went: the funnel, the refusals, and the notes on what was scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.chem.compound import SCORED
from molscreen.prediction.prepare import split_codes
from molscreen.provenance import Counts
from molscreen.report.content import Noted, Refused, RefusedRow, Step
from molscreen.screening.folder.commit import parts, read_metadata, read_table
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.results.settle import amended_parts, read_reranked

EXAMPLES = 10  # of each reason for a rejection
SHOWN_TEXT = 200  # characters of an example: a row may hold a whole peptide library


def read_steps(folder: Path, counts: Counts, shortlisted: int) -> tuple[Step, ...]:
    """The funnel: each step a part of the one before; rows first, and then the compounds in them."""
    filtered = sum(n for name, n in counts.rejected.items() if name.startswith("filtered/"))
    seen = {
        "rows of the library": counts.read,
        "rows with a molecule that the models can judge": counts.scored + counts.unscored + filtered,
        "rows not refused by the plan": counts.scored + counts.unscored,
        "rows scored": counts.scored,
        "different compounds in them": counts.scored - counts.duplicates,
        "compounds judged again by all models and rules, and kept": _n_kept(folder),
        "compounds shortlisted": shortlisted,
    }
    return tuple(
        Step(name=name, count=count, share=100 * count / max(counts.read, 1)) for name, count in seen.items()
    )


def count_judged_twice(folder: Path) -> int:
    """Compounds of the re-rank tier, those that a rule refused there included."""
    return sum(read_metadata(part).num_rows for part in parts(folder / FOLDERS["rerank"]))


def read_refused(folder: Path, counts: Counts) -> tuple[Refused, ...]:
    """Every reason with its count, the most frequent first, and the first rows of each."""
    examples: dict[str, list[RefusedRow]] = {}
    struck = read_reranked(folder / FOLDERS["rerank"]).refused
    columns = ["status", "reason_code", "id", "source", "line", "input_smiles", "reason"]
    for part in amended_parts(folder / FOLDERS["wide"], struck, columns):
        lost = part.filter(pc.invert(pc.is_in(part["status"], pa.array(SCORED))))
        for row in lost.to_pylist():
            rows = examples.setdefault(f"{row['status']}/{row['reason_code']}", [])
            if len(rows) < EXAMPLES:
                rows.append(_refused_row(row))
    ordered = sorted(counts.rejected.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Refused(
            status=name.partition("/")[0],
            code=name.partition("/")[2],
            count=count,
            examples=tuple(examples.get(name, ())),
        )
        for name, count in ordered
    )


def _refused_row(row: Mapping[str, Any]) -> RefusedRow:
    return RefusedRow(
        id=shorten(row["id"] or ""),
        place=f"{row['source']}:{row['line']}",
        text=shorten(row["input_smiles"]),
        reason=shorten(row["reason"]),
    )


def read_noted(folder: Path) -> tuple[Noted, ...]:
    """Scored rows by the codes of the notes on their structure, the most frequent first; read part by part.

    The example of a code is a row that has no other, where there is one.
    """
    counts: Counter[str] = Counter()
    alone: dict[str, str] = {}
    among: dict[str, str] = {}
    refused = read_reranked(folder / FOLDERS["rerank"]).refused
    columns = ["status", "reason_code", "reason"]
    for part in amended_parts(folder / FOLDERS["wide"], refused, columns):
        noted = part.filter(pc.equal(part["status"], "warning"))
        for cell, text in zip(noted["reason_code"].to_pylist(), noted["reason"].to_pylist(), strict=True):
            codes = split_codes(cell)
            counts.update(codes)
            for code in codes:
                (among if len(codes) > 1 else alone).setdefault(code, text)
    examples = among | alone
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Noted(code=plain(code), count=n, example=shorten(examples[code])) for code, n in ordered)


def plain(code: str) -> str:
    """A reason code as words.

    Examples
    --------
    >>> plain("stereo_undefined")
    'stereo undefined'
    """
    return code.replace("_", " ")


def shorten(text: str) -> str:
    """The beginning of an over-long text, and how long it is.

    Examples
    --------
    >>> shorten("CCO"), shorten("C" * 5000)[-24:]
    ('CCO', 'CCC … (5,000 characters)')
    """
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]} … ({len(text):,} characters)"


def _n_kept(folder: Path) -> int:
    """Compounds of the re-rank tier that got their final score."""
    scored = pa.array(SCORED)
    return sum(
        pc.sum(pc.is_in(read_table(part, ["status"])["status"], scored)).as_py() or 0
        for part in parts(folder / FOLDERS["rerank"])
    )
