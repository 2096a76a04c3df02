"""SecondLook: every compound of a run that was looked at again, with all that was seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.chem.compound import SCORED
from molscreen.screening.folder.commit import parts, read_table
from molscreen.screening.folder.layout import FOLDERS
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.results.outputs import rows_of_library
from molscreen.screening.results.settle import choose, ranking_of
from molscreen.screening.shard import their_columns

FIRST = ("rank", "id", "score", "key", "input_smiles", "source", "line", "row", "status", "stage")
OF_THE_ROW = ("id", "input_smiles", "source", "line")
NOTED = ("status", "reason_code", "reason")  # of the first look, where the second has no objection


@dataclass(frozen=True, slots=True, eq=False)
class SecondLook:
    """The n compounds that a run looked at twice, row by row.

    Attributes
    ----------
    judged : pyarrow.Table
        As `RerankTier.table` gives it.
    received : pyarrow.Table
        The rows of the library, as the first look left them.
    """

    judged: pa.Table
    received: pa.Table

    @classmethod
    def read(cls, folder: Path, shard_size: int) -> Self:
        """Of a run folder whose wide tier has parts of `shard_size` rows."""
        tables = [read_table(path) for path in parts(folder / FOLDERS["rerank"])]
        judged = pa.concat_tables(tables).sort_by("row")
        rows = judged["row"].to_pylist()
        return cls(judged, rows_of_library(folder / FOLDERS["wide"], rows, shard_size))

    def table(self, plan: ScreenPlan) -> pa.Table:
        """The compounds that are ranked, best first, then those refused, in the order of the library.

        ``rank`` is the place on the shortlist that the plan makes of them, missing for those not on it.
        """
        ranking = ranking_of(self.judged)
        rank = {entry.row: i for i, entry in enumerate(choose(ranking, plan), start=1)}
        rows = self.judged["row"].to_pylist()
        is_ranked = pc.is_in(self.judged["status"], pa.array(SCORED))
        columns = {name: self.judged[name] for name in self.judged.column_names}
        columns |= {name: pc.if_else(is_ranked, self.received[name], columns[name]) for name in NOTED}
        columns |= {name: self.received[name] for name in OF_THE_ROW}
        columns["rank"] = pa.array([rank.get(row) for row in rows], pa.int64())
        columns |= {name: self.received[name] for name in their_columns(self.received.schema)}
        place = {row: i for i, row in enumerate(rows)}
        order = dict.fromkeys([*(place[entry.row] for entry in ranking.entries), *range(len(rows))])
        names = [*FIRST, *(name for name in columns if name not in FIRST)]
        return pa.table({name: columns[name] for name in names}).take(pa.array(order, pa.int64()))
