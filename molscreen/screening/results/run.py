"""Run: a run folder, read back."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from molscreen import storage
from molscreen.arguments import as_sequence, require_name
from molscreen.data.frame import to_frame
from molscreen.errors import ResumeError, RunError, UsageError, did_you_mean, some_of
from molscreen.provenance import RunRecord
from molscreen.screening.folder.commit import parts, read_schema, read_table
from molscreen.screening.folder.duplicates import with_duplicates
from molscreen.screening.folder.layout import (
    DUPLICATES,
    FOLDERS,
    LEADERS,
    RECORD,
    REJECTIONS,
    REPORT,
    SHORTLIST,
)
from molscreen.screening.folder.record import read_record
from molscreen.screening.plan.plan import ScreenPlan, load_plan
from molscreen.screening.plan.views import BundleInfo
from molscreen.screening.results.settle import amended_parts, read_reranked

if TYPE_CHECKING:
    import pandas as pd

    from molscreen.prediction.explanation import Explanation
    from molscreen.screening.results.frame import HitFrame
    from molscreen.screening.results.second_look import SecondLook


class Run:
    """What a screen found. Nothing is read before it is asked for.

    Parameters
    ----------
    path : str or path
        A run folder; `open_run` also checks that it is one. It is kept as an absolute path.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = storage.locate_absolute(path)
        self._complete: RunRecord | None = None  # once it is, nothing in it changes

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    def _repr_html_(self) -> str:
        """In Jupyter: plan, state, where the rows went, and where the report is."""
        try:
            record = self.record
        except ResumeError as error:
            return f"<p>{html.escape(str(error))}</p>"
        report = self.path / REPORT
        lines = [
            f"{self!r}: plan {self.plan.name!r}, {record.state}",
            *([record.counts.in_words] if record.counts else []),
            *([f"report: {report}"] if storage.is_file(report) else []),
        ]
        return "<p>" + "<br>".join(map(html.escape, lines)) + "</p>"

    @property
    def record(self) -> RunRecord:
        """What went in and came out: plan, versions, digests, counts.

        Raises
        ------
        ResumeError
            There is no run in the folder, or no longer, or its record cannot be read.
        """
        if self._complete is not None:
            return self._complete
        record = read_record(self.path)
        if record.state == "complete":
            self._complete = record
        return record

    @cached_property
    def plan(self) -> ScreenPlan:
        """The plan, resolved."""
        return ScreenPlan.from_resolved(self.record.execution["plan"])

    @property
    def shortlist(self) -> HitFrame:
        """The chosen compounds, best first; ``columns.csv`` says what each column is.

        A new frame each time: what is changed in one is not changed in the next. Join it on ``row``: ids are
        the library's own, empty where it has none, and may repeat. Columns of the library are text, as
        received: `pandas.to_numeric` makes numbers of them.

        Raises
        ------
        RunError
            The run is not complete.
        """
        from molscreen.screening.results.frame import HitFrame

        return HitFrame(self.shortlist_table.to_pandas())

    @cached_property
    def shortlist_table(self) -> pa.Table:
        """The same as an Arrow table, for whoever needs no pandas.

        Raises
        ------
        RunError
            The run is not complete.
        """
        self._require_complete()
        return read_table(self.path / f"{SHORTLIST}.parquet")

    def explanation(self, rank: int, endpoint: str | None = None) -> Explanation:
        """Why a shortlisted compound has the score that it has, as the run found out; Jupyter draws it.

        Nothing is predicted. The domain, and the compounds that are near, are those of the activities that
        the plan wishes for. There is at most one counterfactual: of the wish that costs most, judged by the
        plan's own curve. `molscreen.explain` asks the models about any endpoint.

        Parameters
        ----------
        rank : int
            Place on the shortlist, from 1.
        endpoint : str, optional
            One of the two that cost the compound most; the costliest where absent.

        Raises
        ------
        UsageError
            There is no such rank, or the run did not explain the endpoint.
        RunError
            The run is not complete.

        Examples
        --------
        >>> open_run("runs/first").explanation(1)  # doctest: +SKIP
        <NC(=O)COc1cccc(C(F)(F)F)c1, Clearance_microsome: 10.2 µL/min/mg (1.81 to 57.2), inside the domain>
        """
        from molscreen.screening.results.explained import read_explanation  # imports torch

        return read_explanation(self.shortlist_table, rank, endpoint, plan=self.plan, bundles=self._bundles)

    @property
    def second_look(self) -> HitFrame:
        """Every compound that was looked at twice: those ranked, best first, then those refused, and why.

        ``rank`` is the place on the shortlist, NA for a compound that is not on it. ``score`` and terms are
        by the full view, as on the shortlist; besides there are the endpoints that the plan wishes for, with
        their bounds, and the descriptors. A new frame each time.
        """
        return _hits(self._second_look.table(self.plan))

    def rescore(self, plan: str | Path | ScreenPlan | Mapping[str, float]) -> HitFrame:
        """The second look, ranked by another plan or by other weights; no model is asked again.

        The frame is that of `second_look`, and every score and verdict in it is what `screen` would say of
        these compounds by that plan, with the bundles of this run: from the predictions that it stored, of
        which other batches might have rounded a last digit otherwise. What the first look left behind is not
        looked at: by the other plan some of it might have been among the best. Nothing was left behind where
        no more than ``[rerank] minimum`` compounds (1,000) were scored; then the ranks are those of a screen.

        The columns of the domain are left out where the plan wishes for other activities, or uses other
        bundles, than this run's. Nothing is written.

        Parameters
        ----------
        plan : str, path, ScreenPlan, or mapping of str to float
            A plan as for `screen`, of which library, bundles, ``[rerank]`` and ``[run]`` are not read; or
            weights by endpoint, the others as in the plan of the run.

        Raises
        ------
        UsageError
            The plan is wrong, or it needs what the run did not store: another endpoint, what a rule of the
            run refused, or other compounds.
        RunError
            The run is not complete.

        Examples
        --------
        >>> run = open_run("runs/first")  # doctest: +SKIP
        >>> run.rescore({"hERG": 5}).dropna(subset="rank")  # the shortlist that it makes  # doctest: +SKIP
        >>> run.rescore(run.plan.cautious({"hERG"}))  # how far each score may fall  # doctest: +SKIP
        """
        from molscreen.screening.results.rescore import rescore

        wanted = self.plan.weighted(plan) if isinstance(plan, Mapping) else load_plan(plan)
        return _hits(rescore(self._second_look, self.plan, wanted, self._bundles).table(wanted))

    @property
    def leaders(self) -> pd.DataFrame:
        """The best compounds so far of a run that goes on: rank, row, id, score, key.

        They are ranked by the fast view alone. Empty before the first shard, and when the run is
        complete: then there is the shortlist.
        """
        import pandas as pd

        path = self.path / LEADERS
        if not storage.is_file(path):
            return pd.DataFrame(columns=["rank", "row", "id", "score", "key"])
        with path.open("rb") as file:
            return pd.read_csv(file, dtype={"id": str, "key": str}, keep_default_na=False)

    @property
    def rejections(self) -> pd.DataFrame:
        """Every row that is not ranked, and why; all text, as it was received. A new frame each time."""
        return self._rejections.copy()

    @cached_property
    def _rejections(self) -> pd.DataFrame:
        import pandas as pd

        self._require_complete()
        with (self.path / REJECTIONS).open("rb") as file:
            return pd.read_csv(file, dtype=str, keep_default_na=False).astype({"row": int})

    def scores(self, columns: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Every row of the library, in order; a million rows of all columns take a gigabyte, so name some.

        ``score`` is that of the first look: from endpoints alone, by the fast view of each bundle. It decides
        who gets a second look, and is not the shortlist's, which has all terms and the full view. Join the
        two on ``row``.

        Parameters
        ----------
        columns : str or sequence of str, optional
            As in ``columns.csv`` (those of the wide tier), and ``duplicate_of``.
        """
        return to_frame(pa.concat_tables(self.score_tables(columns)))

    def score_tables(self, columns: str | Sequence[str] | None = None) -> Iterator[pa.Table]:
        """The same as Arrow tables of one shard each: constant memory.

        Raises
        ------
        RunError
            The run is not complete, or its folder is gone.
        UsageError
            A column is unknown.
        """
        self._require_complete()
        scores = self.path / FOLDERS["wide"]
        if not (committed := parts(scores)):
            raise RunError(f"{scores}: no scores here; were they moved or deleted since the run was opened?")
        known = [*read_schema(committed[0]).names, "duplicate_of"]
        wanted = known if columns is None else list(as_sequence(columns))
        for name in wanted:
            if name not in known:
                raise UsageError(
                    f"the scores have no column '{name}'.{self._where_else(name, known)}"
                    f" They have: {some_of(known)}"
                )
        stored = list(dict.fromkeys(["row", *(name for name in wanted if name != "duplicate_of")]))
        refused = read_reranked(self.path / FOLDERS["rerank"]).refused
        for table in with_duplicates(amended_parts(scores, refused, stored), self.path / DUPLICATES):
            yield table.select(wanted)

    def _where_else(self, name: str, known: Sequence[str]) -> str:
        """That the shortlist has the column, or which of those known may be meant."""
        if name in self.shortlist_table.column_names:
            return " The shortlist has it: of what is dear, only the best are asked."
        return did_you_mean(name, known)

    @property
    def _bundles(self) -> list[BundleInfo]:
        return [BundleInfo.from_json(each) for each in self.record.execution["bundles"]]

    @cached_property
    def _second_look(self) -> SecondLook:
        from molscreen.screening.results.second_look import SecondLook

        self._require_complete()
        return SecondLook.read(self.path, self.plan.run.shard_size)

    def _require_complete(self) -> None:
        if self.record.state != "complete":
            raise RunError(f"{self.path}: this run is not complete; go on with it by --resume (resume=True)")


def _hits(table: pa.Table) -> HitFrame:
    from molscreen.screening.results.frame import HitFrame

    return HitFrame(to_frame(table))


def open_run(path: str | Path) -> Run:
    """A run folder that `screen` wrote, complete or not; here, or ``s3://…``, ``gs://…``.

    Raises
    ------
    UsageError
        There is no run, `path` is no path, or the store cannot be reached.
    """
    require_name(path, what="run")
    folder = storage.locate(path)
    if not storage.is_file(folder / RECORD):
        raise UsageError(f"{folder}: no run here (no {RECORD})")
    return Run(folder)
