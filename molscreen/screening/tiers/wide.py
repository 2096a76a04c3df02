"""WideTier: every row of a library answered, from graphs alone."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.compound import SCORED
from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.chem.guarded.fork_server import ForkServer
from molscreen.chem.guarded.guard import Guard
from molscreen.data.files.record import user_columns
from molscreen.objectives.objective import Objective
from molscreen.prediction.columns import (
    IN_DOMAIN,
    OURS,
    TERM,
    Values,
    Verdicts,
    domain_columns,
    spread,
)
from molscreen.prediction.prepare import Prepared, prepare, without_number
from molscreen.screening.first_look import FirstLook
from molscreen.screening.plan.views import Views, used_bundles
from molscreen.screening.shard import FIELD, OUTCOME, THEIRS, Shard
from molscreen.screening.tiers import stages
from molscreen.screening.tiers.ready import (
    Looked,
    distinct,
    is_ready,
    make_ready,
    read_looked,
    refuse,
    take_ready,
)
from molscreen.screening.tiers.stages import Stopwatch


class WideTier:
    """Standardise, featurise, predict with the fast view of each bundle, score.

    Parameters
    ----------
    recipe : Recipe
    views : sequence of Views
    objective : Objective
        Its terms on endpoints; descriptors come with the next tier.
    refuse_outside : bool
        Whether compounds outside the domain of a bundle that the objective uses are refused.
    forks : ForkServer
        As for `Guard`.
    taken_over : FirstLook, optional
        Of another run, whose parts are scored anew where there are any.
    """

    def __init__(
        self,
        recipe: Recipe,
        views: Sequence[Views],
        objective: Objective,
        *,
        refuse_outside: bool,
        forks: ForkServer,
        taken_over: FirstLook | None = None,
    ) -> None:
        self._guard: Guard[str, Prepared] = Guard(functools.partial(prepare, recipe=recipe), forks=forks)
        self._predictors = {view.name: view.wide for view in views}
        self._used = used_bundles(self._predictors, objective)
        self._objective = objective
        self._refuse_outside = refuse_outside
        self._taken_over = taken_over

    def close(self) -> None:
        """End the guard's child."""
        self._guard.close()

    def table(self, shard: Shard, stopwatch: Stopwatch) -> pa.Table:
        """One row for each of the shard's, in order.

        A structure that occurs several times in a shard is predicted once.
        """
        ready, places, values, in_domain = self._take_over(shard, stopwatch) or self._look(shard, stopwatch)
        with stopwatch("score"):
            score, terms = stages.score(self._objective, _with_bounds(values, self._objective))
            refused = self._refusals(score, values, in_domain)
            values |= {TERM + name: column for name, column in terms.items()}
        with stopwatch("tabulate"):
            ready = refuse(ready, places, refused)
            return self._lay_out(shard.batch, ready, places, values, in_domain, score)

    def _take_over(self, shard: Shard, stopwatch: Stopwatch) -> Looked | None:
        """What the other run knows of the shard's rows, if it does."""
        if self._taken_over is None:
            return None
        with stopwatch("take over"):
            known = self._taken_over.part(shard)
            return None if known is None else read_looked(known, self._predictors)

    def _look(self, shard: Shard, stopwatch: Stopwatch) -> Looked:
        with stopwatch("standardize"):
            ready = self._prepare(shard.batch)
        with stopwatch("gather"):
            keys, graphs, places = distinct(ready)
        with stopwatch("predict"):
            values, in_domain, _ = stages.predict(self._predictors, keys, graphs)
        return Looked(ready, places, values, in_domain)

    def _prepare(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows standardised and featurised, unless they come so from a store."""
        if is_ready(batch):
            return take_ready(batch)
        return make_ready(batch, self._guard.map(stages.without_fault(batch, "raw")))

    def _refusals(
        self, score: NDArray[np.float64], values: Values, in_domain: Verdicts
    ) -> dict[int, Prepared]:
        """What is said of compounds that cannot be ranked, by their place."""
        refused = {}
        for name in self._used if self._refuse_outside else ():
            for place in np.flatnonzero(~in_domain[name]):
                reason = f"outside the domain of bundle '{name}'"
                refused[int(place)] = Prepared("filtered", "out_of_domain", reason, "filter")
        for place in np.flatnonzero(np.isnan(score)):  # it has no place in a domain either
            missing = [name for name in self._objective.columns if not np.isfinite(values[name][place])]
            refused[int(place)] = without_number(missing)
        return refused

    def _lay_out(
        self,
        batch: pa.RecordBatch,
        ready: pa.RecordBatch,
        places: NDArray[np.intp],
        values: Values,
        in_domain: Verdicts,
        score: NDArray[np.float64],
    ) -> pa.Table:
        ranked = np.asarray(pc.is_in(ready.column("status"), pa.array(SCORED)))
        columns: dict[str, pa.Array] = {
            "row": batch.column("row"),
            "source": batch.column("source"),
            "line": batch.column("line"),
            "id": batch.column("id"),
            "input_smiles": batch.column("raw"),
            **{name: ready.column(name) for name in ("key", *OUTCOME)},
            "score": spread(score, np.where(ranked, places, -1)),
        }
        columns |= {
            name: spread(flags, places) for name, flags in domain_columns(in_domain, self._used).items()
        }
        columns |= {name: spread(column, places) for name, column in values.items()}
        names = [name.removeprefix(FIELD) for name in batch.schema.names if name.startswith(FIELD)]
        taken = {*columns, *OURS, *DESCRIPTORS}  # what later tiers may add
        users = dict(zip(user_columns(names, taken, (TERM, IN_DOMAIN)), names, strict=True))
        fields = [pa.field(name, column.type) for name, column in columns.items()]
        fields += [pa.field(name, pa.string(), metadata=THEIRS) for name in users]
        arrays = [*columns.values(), *(batch.column(FIELD + name) for name in users.values())]
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _with_bounds(values: Values, objective: Objective) -> Values:
    """The values, with the mean for a bound that the fast view lacks: the second look has its own."""
    bounds = {column: term.endpoint for term in objective.terms for column in term.columns}
    return values | {
        column: np.where(np.isnan(values[column]), values[endpoint], values[column])
        for column, endpoint in bounds.items()
    }
