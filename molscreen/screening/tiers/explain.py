"""ExplainTier: what a chemist asks of the shortlisted: any alerts, like what, and because of which atoms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.guard import Casualty, Guard
from molscreen.chem.nurse import Nurse
from molscreen.graphs.features import featurize_batch
from molscreen.objectives.objective import Objective
from molscreen.prediction.columns import Values
from molscreen.prediction.drugs import named_percentiles
from molscreen.screening.plan.judge import Remarker, Remarks
from molscreen.screening.plan.tables import FilterRule
from molscreen.screening.plan.views import Views
from molscreen.screening.shard import Shard
from molscreen.screening.tiers import stages
from molscreen.screening.tiers.stages import Stopwatch

EXPLAINED = 2  # endpoints whose atoms are shown for a compound: those that cost it most


class ExplainTier:
    """Structural alerts, InChIKey, nearest training compounds and atom attributions.

    Parameters
    ----------
    rules : sequence of FilterRule
        Of the plan; those that only flag are applied here.
    views : sequence of Views
    objective : Objective
        Explained are, for each compound, the endpoints with the largest share of what keeps its
        score from 1.
    nurse : Nurse
        As for `Guard`.
    """

    def __init__(
        self, rules: Sequence[FilterRule], views: Sequence[Views], objective: Objective, *, nurse: Nurse
    ) -> None:
        remarker = Remarker(rules)
        self._guard: Guard[str, Remarks] = Guard(
            remarker, initializer=remarker.load, timeout=10.0, nurse=nurse
        )
        self._views = views
        endpoints = {e.name for view in views for e in view.full.endpoints}
        self._objective = objective.restricted_to(endpoints)

    def close(self) -> None:
        """End the guard's child."""
        self._guard.close()

    def table(self, shard: Shard, stopwatch: Stopwatch) -> pa.Table:
        """One row for each of the shard's compounds, in order; nothing for one with a fault.

        ``neighbours``: JSON, ``{bundle: {"verdict": "in", "nearest": [[id, similarity], …]}}``.
        ``attributions``: JSON, ``{endpoint: [one number per atom of the key]}``.
        ``drug_percentiles``: JSON, ``{endpoint: per cent}``; see `DrugReference`.
        """
        keys = stages.without_fault(shard.batch, "key")
        with stopwatch("remark"):
            remarks = dict(zip(keys, map(_survived, self._guard.map(keys)), strict=True))
        with stopwatch("explain"):
            neighbours = dict(zip(keys, self._neighbours(keys), strict=True))
            values = stages.predict(
                {view.name: view.full for view in self._views}, keys, featurize_batch(keys)
            ).values
            attributions = dict(zip(keys, self._attributions(keys, values), strict=True))
            percentiles = dict(zip(keys, self._percentiles(keys, values), strict=True))
        everyone = shard.batch.column("key").to_pylist()
        said = [remarks.get(key, Remarks()) for key in everyone]
        return pa.table(
            {
                "row": shard.batch.column("row"),
                "key": shard.batch.column("key"),
                "inchikey": pa.array([each.inchikey for each in said], pa.string()),
                "alerts": pa.array(["; ".join(each.alerts) for each in said], pa.string()),
                "neighbours": pa.array([_json(neighbours.get(key, {})) for key in everyone], pa.string()),
                "attributions": pa.array([_json(attributions.get(key, {})) for key in everyone], pa.string()),
                "drug_percentiles": pa.array(
                    [_json(percentiles.get(key, {})) for key in everyone], pa.string()
                ),
            }
        )

    def _neighbours(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [{} for _ in keys]
        for view in self._views:
            if view.neighbours is None:
                continue
            near = view.neighbours.query(keys)
            for place, said in enumerate(found):
                nearest = zip(near.ids[place], near.similarity[place].tolist(), strict=True)
                said[view.name] = {
                    "verdict": near.verdict[place],
                    "nearest": [[name, round(similarity, 3)] for name, similarity in nearest],
                }
        return found

    def _percentiles(self, keys: Sequence[str], values: Values) -> list[dict[str, float]]:
        """For each compound, where its predictions lie among those of approved drugs."""
        found: list[dict[str, float]] = [{} for _ in keys]
        for view in self._views:
            if view.drugs is not None:
                named = named_percentiles(view.drugs, view.full.endpoints, values)
                found = [before | more for before, more in zip(found, named, strict=True)]
        return found

    def _attributions(self, keys: Sequence[str], values: Values) -> list[dict[str, list[float]]]:
        """For each compound, the atoms behind the endpoints that cost it most."""
        shares = self._objective.loss_shares(values)
        names = np.array(list(shares))
        order = np.argsort(-np.stack(list(shares.values())), axis=0, kind="stable")  # (t, n)
        asked = names[order[:EXPLAINED]]  # (2, n)
        return [dict(found) for found in self._occlude(keys, asked)]

    def _occlude(self, keys: Sequence[str], asked: NDArray[np.str_]) -> list[dict[str, list[float]]]:
        from molscreen.prediction.blended import BlendedPredictor
        from molscreen.prediction.explain import attribute

        found: list[dict[str, list[float]]] = [{} for _ in keys]
        for view in self._views:
            if not isinstance(view.full, BlendedPredictor):
                continue
            for endpoint in view.full.endpoints:
                places = np.flatnonzero((asked == endpoint.name).any(axis=0)).tolist()
                if not places:
                    continue
                atoms = attribute(view.full.ensemble, [keys[i] for i in places], endpoint.name)
                for place, weight in zip(places, atoms, strict=True):
                    found[place][endpoint.name] = [float(f"{each:.3g}") for each in weight]
        return found


def _survived(said: Remarks | Casualty) -> Remarks:
    """The remarks; a compound that ended or stalled the rules says so in their place."""
    return (
        Remarks((f"the alerts could not be sought: {said.reason}",)) if isinstance(said, Casualty) else said
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
