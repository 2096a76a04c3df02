"""What a run found out about a shortlisted compound, as an `Explanation`; see `ExplainTier.table`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from molscreen.chem.analogues.analogues import Analogue
from molscreen.errors import UsageError
from molscreen.objectives.objective import Objective
from molscreen.prediction.bundle.manifest import find_bundles
from molscreen.prediction.columns import value_columns
from molscreen.prediction.explained.counterfactual import Counterfactual
from molscreen.prediction.explanation import Explanation, Neighbour
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import open_objective
from molscreen.screening.plan.views import BundleInfo


def read_explanation(
    shortlist: pa.Table,
    rank: int,
    endpoint: str | None,
    *,
    plan: ScreenPlan,
    bundles: Sequence[BundleInfo],
) -> Explanation:
    """The explanation of one endpoint of the compound at a rank; nothing is predicted.

    Parameters
    ----------
    shortlist : pyarrow.Table
        As `shortlist_table` gives it.
    rank : int
        From 1.
    endpoint : str, optional
        One that was explained; where absent, the one that costs the compound most.
    plan : ScreenPlan
        Of the run.
    bundles : sequence of BundleInfo
        Of the run.

    Raises
    ------
    UsageError
        There is no such rank, or the endpoint was not explained; those that were are named.
    """
    if not (isinstance(rank, int | np.integer) and 1 <= rank <= len(shortlist)):
        raise UsageError(f"rank {rank!r}: the shortlist has {len(shortlist)} compounds, ranks from 1")
    row = shortlist.slice(rank - 1, 1).to_pylist()[0]
    atoms = json.loads(row["attributions"])
    explained = _costliest_first(row, list(atoms), open_objective(plan, bundles), bundles)
    name = endpoint if endpoint is not None else next(iter(explained), "")
    if name not in atoms:
        raise UsageError(f"rank {rank}: {_not_explained(row, name, explained, bundles)}")
    [(bundle, described)] = [(b, e) for b in bundles for e in b.endpoints if e.name == name]
    near = json.loads(row["neighbours"])[bundle.name]
    value, low, high = (_number(row[column]) for column in value_columns(name))
    return Explanation(
        key=row["key"],
        endpoint=described,
        value=value,
        low=low,
        high=high,
        verdict=near["verdict"],
        atoms=np.array([_number(each) for each in atoms[name]], np.float64),
        neighbours=tuple(Neighbour(*each) for each in near["nearest"]),
        measured=near.get("measured", ""),
        counterfactuals=tuple(_counterfactuals(row, name)),
        drugs_below=json.loads(row.get("drug_percentiles") or "{}").get(name, float("nan")),
    )


def _costliest_first(
    row: Mapping[str, Any], names: Sequence[str], objective: Objective, bundles: Sequence[BundleInfo]
) -> list[str]:
    """Names of endpoints, that with the largest share of what keeps the score from 1 first."""
    predicted = {endpoint.name for bundle in bundles for endpoint in bundle.endpoints}
    wishes = objective.restricted_to(predicted)
    shares = wishes.loss_shares({column: [_number(row[column])] for column in wishes.columns})
    order = sorted(shares, key=lambda name: -shares[name][0])
    return [name for name in order if name in names]


def _not_explained(
    row: Mapping[str, Any], name: str, explained: Sequence[str], bundles: Sequence[BundleInfo]
) -> str:
    """Why there is no explanation, and who would have one."""
    if not explained:
        return "nothing was explained, because no predictor of this run is a bundle"
    asked = "bundle=…, endpoint=…"
    for bundle in bundles:
        if name in {endpoint.name for endpoint in bundle.endpoints}:
            ships = bundle.name in find_bundles()
            asked = f"bundle='{bundle.name if ships else bundle.source}', endpoint='{name}'"
    return (
        f"'{name}' was not explained, but the costliest: {', '.join(explained)}."
        f" molscreen.explain('{row['key']}', {asked}) asks the models"
    )


def _counterfactuals(row: Mapping[str, Any], name: str) -> list[Counterfactual]:
    """The analogue that was found for the endpoint, if one was."""
    said = json.loads(row.get("counterfactuals") or "{}").get(name)
    if said is None:
        return []
    analogue = Analogue(said["key"], said["change"], said["similarity"])
    return [Counterfactual(analogue, said["from"], said["to"], said["better"])]


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
