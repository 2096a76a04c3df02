"""What the parts add up to: the ranking, the refusals, and the counts that must reconcile."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.chem.compound import SCORED
from molscreen.data.csv_text import csv_writer
from molscreen.prediction.prepare import NO_NUMBER
from molscreen.provenance import Counts
from molscreen.screening.folder.commit import parts, read_footer, read_schema, read_table, write_whole
from molscreen.screening.folder.duplicates import with_duplicates
from molscreen.screening.outcome import outcome_columns, read_verdict
from molscreen.screening.plan.judge import Verdict
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.shard import JUDGED, OUTCOME, their_columns
from molscreen.screening.shortlist import Entry, Shortlist, pick_diverse
from molscreen.screening.tiers.stages import count

REJECTION_COLUMNS = (
    "row", "source", "line", "id", "input_smiles", "key", *OUTCOME,
)  # fmt: skip
UNSCORED = f"error/{NO_NUMBER}"


@dataclass(frozen=True, slots=True)
class Reranked:
    """The second look: who is left, best first, and who is not.

    Attributes
    ----------
    ranking : Shortlist
        By final score.
    refused : mapping of str to Verdict
        By key.
    """

    ranking: Shortlist
    refused: Mapping[str, Verdict]


def n_scored(folder: Path) -> int:
    """Rows that the wide tier scored, from the footers of its parts."""
    footers = [read_footer(path) or {} for path in parts(folder)]
    return sum(footer.get("counts", {}).get(status, 0) for footer in footers for status in SCORED)


def best_compounds(folder: Path, size: int) -> Shortlist:
    """The `size` best compounds of all parts, which are read one by one.

    What may be among them waits until it is worth a ranking, which takes as long as the list.
    """
    best = Shortlist(size)
    waiting: list[pa.Table] = []
    for path in parts(folder):
        table = read_table(path, ["row", "key", "score"])
        waiting.append(table.filter(pc.greater_equal(table["score"], best.floor)))  # a null is left out
        if sum(map(len, waiting)) > size:
            best, waiting = _ranked(best, waiting), []
    return _ranked(best, waiting) if waiting else best


def _ranked(best: Shortlist, tables: Sequence[pa.Table]) -> Shortlist:
    """The list after the rows of all tables."""
    rows = pa.concat_tables(tables)
    return best.add(rows["score"].to_numpy(), rows["key"].to_pylist(), rows["row"].to_pylist())


def read_reranked(folder: Path) -> Reranked:
    """The ranking and the refusals of the re-rank parts."""
    columns = list(JUDGED)
    table = pa.concat_tables([read_table(path, columns) for path in parts(folder)])
    refused = table.filter(pc.invert(pc.is_in(table["status"], pa.array(SCORED))))
    return Reranked(ranking_of(table), {row["key"]: read_verdict(row) for row in refused.to_pylist()})


def ranking_of(judged: pa.Table) -> Shortlist:
    """All compounds that a table of the re-rank tier gives a score, best first."""
    ranked = judged.filter(pc.is_in(judged["status"], pa.array(SCORED)))
    return Shortlist(judged.num_rows).add(
        ranked["score"].to_numpy(), ranked["key"].to_pylist(), ranked["row"].to_pylist()
    )


def choose(ranking: Shortlist, plan: ScreenPlan) -> list[Entry]:
    """The compounds of the shortlist that the plan makes of a ranking, best first."""
    diversity = plan.diversity
    places = pick_diverse(
        [entry.key for entry in ranking.entries],
        plan.top,
        method=diversity.method,
        per_scaffold=diversity.per_scaffold,
        pool=diversity.pool,
    )
    return [ranking.entries[place] for place in places]


def settle(
    scores: Path, refused: Mapping[str, Verdict], path: Path, *, n_rows: int, duplicates: Path
) -> Counts:
    """Write ``rejections.csv`` and count where every row went, in one pass over the parts.

    Parameters
    ----------
    scores : Path
        Folder of the wide tier's parts.
    refused : mapping
        Compounds refused in the re-rank tier: all their rows leave the scored ones.
    path : Path
        Of the file to write.
    n_rows : int
        Rows of the library.
    duplicates : Path
        What `write_duplicates` wrote.

    Raises
    ------
    RunError
        The counts do not reconcile.
    """
    counts: Counter[str] = Counter()
    repeated = 0

    def write(file: BinaryIO) -> None:
        nonlocal repeated
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv_writer(text)
        header: Sequence[str] = ()
        for table in with_duplicates(amended_parts(scores, refused), duplicates):
            if not header:
                header = [*REJECTION_COLUMNS, *their_columns(table.schema)]
                writer.writerow(header)
            counts.update(count(table))
            is_scored = pc.is_in(table["status"], pa.array(SCORED))
            repeated += pc.sum(pc.and_(is_scored, pc.is_valid(table["duplicate_of"]))).as_py() or 0
            lost = table.filter(pc.invert(is_scored))
            writer.writerows(zip(*(lost[name].to_pylist() for name in header), strict=True))
        text.detach()

    write_whole(path, write)
    scored = sum(counts.pop(status, 0) for status in SCORED)
    unscored = counts.pop(UNSCORED, 0)
    rejected = dict(sorted(counts.items()))
    return Counts(read=n_rows, scored=scored, unscored=unscored, rejected=rejected, duplicates=repeated)


def amended_parts(
    scores: Path, refused: Mapping[str, Verdict], columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """The parts one by one, rows of refused compounds with their refusal in place of "ok".

    `columns` limits what is given out; without it there are `REJECTION_COLUMNS` and the user's.
    """
    keys = pa.array(list(refused), pa.string())
    committed = parts(scores)
    if columns is None and committed:
        columns = [*REJECTION_COLUMNS, *their_columns(read_schema(committed[0]))]  # of all parts the same
    wanted = list(columns or ())
    for path in committed:
        table = read_table(path, list(dict.fromkeys([*wanted, "key", "status"])))
        struck = pc.and_(
            pc.is_in(table["key"], keys), pc.is_in(table["status"], pa.array(SCORED))
        ).combine_chunks()
        if pc.any(struck).as_py():
            table = _amend(table, struck, refused)
        yield table.select(wanted)


def _amend(table: pa.Table, struck: pa.Array, refused: Mapping[str, Verdict]) -> pa.Table:
    """Status, stage, code and reason of the refusal where `struck`; the score, the rank's, is taken away."""
    refusals = [refused[key] for key in table["key"].filter(struck).to_pylist()]
    for name, values in outcome_columns(refusals).items():
        if name in table.column_names:
            column = pc.replace_with_mask(table[name].combine_chunks(), struck, values)
            table = table.set_column(table.column_names.index(name), table.field(name), column)
    if "score" in table.column_names:
        score = pc.if_else(struck, pa.scalar(None, table.field("score").type), table["score"])
        table = table.set_column(table.column_names.index("score"), table.field("score"), score)
    return table
