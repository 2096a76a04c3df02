"""RerankTier: the best few per cent, with everything that is too dear for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from molscreen.chem.compound import SCORED
from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.chem.guarded.fork_server import ForkServer
from molscreen.chem.guarded.guard import Guard
from molscreen.graphs.pack import from_blobs
from molscreen.objectives.objective import Objective
from molscreen.prediction.columns import TERM, Values, Verdicts, domain_columns, spread
from molscreen.prediction.prepare import without_number
from molscreen.screening.outcome import outcome_columns
from molscreen.screening.plan.judge import Judge, Verdict, survived
from molscreen.screening.plan.tables import FilterRule
from molscreen.screening.plan.views import Views, used_bundles
from molscreen.screening.shard import FAULT, Shard
from molscreen.screening.tiers import stages
from molscreen.screening.tiers.stages import Stopwatch

# Shown beside every shortlisted compound, whatever the objective asks for.
SHOWN_DESCRIPTORS = (
    "MolWt", "MolLogP", "TPSA", "NumHDonors", "NumHAcceptors", "NumRotatableBonds", "QED", "SA_score",
)  # fmt: skip


class RerankTier:
    """Filters, descriptors, the whole objective, and its endpoints by the full view of each bundle.

    The other endpoints wait for the shortlist: asked about all of them, a view takes several times as long.

    Parameters
    ----------
    rules : sequence of FilterRule
    views : sequence of Views
    objective : Objective
    forks : ForkServer
        As for `Guard`.
    """

    def __init__(
        self, rules: Sequence[FilterRule], views: Sequence[Views], objective: Objective, *, forks: ForkServer
    ) -> None:
        wished = [term.endpoint for term in objective.terms if term.endpoint in DESCRIPTORS]
        self._descriptors = tuple(dict.fromkeys([*SHOWN_DESCRIPTORS, *wished]))
        judge = Judge(rules, self._descriptors)
        self._guard: Guard[str, Verdict] = Guard(judge, initializer=judge.load, timeout=10.0, forks=forks)
        names = {term.endpoint for term in objective.terms}
        self._predictors = {view.name: view.asked_about(names) for view in views}
        self._unasked = {column for view in views for column in view.unasked(names)}
        self._used = used_bundles(self._predictors, objective)
        self._objective = objective

    def close(self) -> None:
        """End the guard's child."""
        self._guard.close()

    def table(self, shard: Shard, stopwatch: Stopwatch) -> pa.Table:
        """One row for each of the shard's compounds, in order, with its final score or its refusal."""
        with stopwatch("filter"):
            verdicts = self._verdicts(shard)
        keys = shard.batch.column("key").to_pylist()
        kept = [i for i, verdict in enumerate(verdicts) if verdict.status in SCORED]
        with stopwatch("predict"):
            graphs = from_blobs([verdicts[i].graph for i in kept])
            said, in_domain, _ = stages.predict(self._predictors, [keys[i] for i in kept], graphs)
            values = {name: column for name, column in said.items() if name not in self._unasked}
        with stopwatch("score"):
            described = np.array([verdicts[i].descriptors for i in kept], dtype=np.float32)
            described = described.reshape(len(kept), len(self._descriptors))  # exact, and few: not cut
            values |= dict(zip(self._descriptors, described.T, strict=True))
            domains = domain_columns(in_domain, self._used)
            judged = Judged(verdicts, values, domains)
            return judged_table(shard.batch.column("row"), shard.batch.column("key"), judged, self._objective)

    def _verdicts(self, shard: Shard) -> list[Verdict]:
        """One per row; a compound that stalled or ended the child, or a worker before, says so."""
        results = iter(self._guard.map(stages.without_fault(shard.batch, "key")))
        verdicts = []
        for stage, status, code, reason in zip(
            *(shard.batch.column(name).to_pylist() for name in FAULT), strict=True
        ):
            is_marked = status is not None
            verdicts.append(Verdict(status, code, reason, stage) if is_marked else survived(next(results)))
        return verdicts


class Judged(NamedTuple):
    """What is known of n compounds before they are scored.

    Attributes
    ----------
    verdicts : sequence of n Verdict
    values : mapping of str to (m,) float
        Of the m compounds that no rule refused.
    domains : mapping of str to (m,) bool
        See `domain_columns`.
    """

    verdicts: Sequence[Verdict]
    values: Values
    domains: Verdicts


def judged_table(row: pa.Array, key: pa.Array, judged: Judged, objective: Objective) -> pa.Table:
    """The n compounds with their scores; one whose values lack what the objective reads has an error.

    Parameters
    ----------
    row, key : (n,) pyarrow.Array
    judged : Judged
    objective : Objective
    """
    verdicts, values, domains = judged
    score, terms = stages.score(objective, values)
    kept = np.array([i for i, verdict in enumerate(verdicts) if verdict.status in SCORED], np.intp)
    places = np.full(len(verdicts), -1, np.intp)
    places[kept] = np.arange(len(kept))
    said = list(verdicts)
    for place in np.flatnonzero(np.isnan(score)).tolist():
        missing = [name for name in objective.columns if not np.isfinite(values[name][place])]
        lacking = without_number(missing)
        said[kept[place]] = Verdict(lacking.status, lacking.code, lacking.reason, lacking.stage)
    columns: dict[str, pa.Array] = {
        "row": row,
        "key": key,
        **outcome_columns(said),
        "score": spread(score, places),
    }
    columns |= {name: spread(column, places) for name, column in domains.items()}
    columns |= {TERM + name: spread(column, places) for name, column in terms.items()}
    columns |= {name: spread(column, places) for name, column in values.items()}
    return pa.table(columns)
