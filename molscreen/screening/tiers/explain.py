"""ExplainTier: what a chemist asks of the shortlisted: any alerts, like what, which atoms, and what if."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.analogues.analogues import Analogue
from molscreen.chem.guarded.fork_server import ForkServer
from molscreen.chem.guarded.guard import Casualty, Guard
from molscreen.graphs.features import featurize_batch
from molscreen.objectives.objective import Objective
from molscreen.prediction.bundle.drug_reference import named_percentiles
from molscreen.prediction.columns import Values, spread
from molscreen.screening.plan.judge import Remarks
from molscreen.screening.plan.tables import FilterRule
from molscreen.screening.plan.views import Views
from molscreen.screening.shard import Shard
from molscreen.screening.tiers import stages
from molscreen.screening.tiers.enquiry import Enquired, Enquiry
from molscreen.screening.tiers.stages import Stopwatch

if TYPE_CHECKING:
    from molscreen.prediction.blend.blended import BlendedPredictor
    from molscreen.prediction.explained.counterfactual import Counterfactual

Found = Remarks | list[Analogue] | Casualty  # what a guard says of a compound
EXPLAINED = 2  # endpoints whose atoms are shown for a compound: those that cost it most


class ExplainTier:
    """Structural alerts, InChIKey, nearest training compounds, atom attributions and counterfactuals.

    Parameters
    ----------
    rules : sequence of FilterRule
        Of the plan; those that only flag are applied here.
    views : sequence of Views
    objective : Objective
        Explained are, for each compound, the endpoints with the largest share of what keeps its
        score from 1.
    forks : ForkServer
        As for `Guard`.
    """

    def __init__(
        self, rules: Sequence[FilterRule], views: Sequence[Views], objective: Objective, *, forks: ForkServer
    ) -> None:
        enquiry = Enquiry(rules)
        self._guard: Guard[Enquired, Remarks | list[Analogue]] = Guard(
            enquiry, initializer=enquiry.load, timeout=10.0, forks=forks
        )
        self._views = views
        endpoints = {e.name for view in views for e in view.full.endpoints}
        self._objective = objective.restricted_to(endpoints)
        self._wished = {term.endpoint for term in objective.terms}
        self._domains = {
            view.name: domain for view in views if (domain := view.domain_for(self._wished)) is not None
        }
        self._asked_about = {view.name: view.asked_about(self._wished) for view in views}
        self._unasked = [column for view in views for column in view.unasked(self._wished)]

    def close(self) -> None:
        """End the guard's child."""
        self._guard.close()

    def table(self, shard: Shard, stopwatch: Stopwatch) -> pa.Table:
        """One row for each of the shard's compounds, in order; nothing for one with a fault.

        Endpoints that the objective does not read: as the full view sees them.
        ``neighbours``: JSON, ``{bundle: {"verdict": "in", "measured": "pKi", "nearest": [[id, similarity],
        …]}}``; see `Neighbours`.
        ``attributions``: JSON, ``{endpoint: [one number per atom of the key]}``.
        ``drug_percentiles``: JSON, ``{endpoint: per cent}``; see `DrugReference`.
        ``counterfactuals``: JSON, ``{endpoint: {"key": …, "change": "Cl → CN", "similarity": …, "from": …,
        "to": …, "better": true}}`` for the endpoint that costs most; empty where no analogue flips it.
        """
        keys = stages.without_fault(shard.batch, "key")
        with stopwatch("remark"):
            said_of = self._guard.map([("remarks", key) for key in keys])
            remarks = dict(zip(keys, map(_survived, said_of), strict=True))
        with stopwatch("explain"):
            neighbours = dict(zip(keys, self._neighbours(keys), strict=True))
            values = stages.predict(
                {view.name: view.full for view in self._views}, keys, featurize_batch(keys)
            ).values
            asked = self._asked(values)
            percentiles = dict(zip(keys, self._percentiles(keys, values), strict=True))
            attributions = dict(zip(keys, self._occlude(keys, asked[:EXPLAINED]), strict=True))
        with stopwatch("counterfactuals"):
            near = self._near(keys)
            counterfactuals = dict(zip(keys, self._counterfactuals(keys, asked, near), strict=True))
            remarks = {key: _with_note(remarks[key], found) for key, found in zip(keys, near, strict=True)}
        everyone = shard.batch.column("key").to_pylist()
        index = {key: place for place, key in enumerate(keys)}
        place = np.array([index.get(key, -1) for key in everyone], np.intp)
        said = [remarks.get(key, Remarks()) for key in everyone]
        return pa.table(
            {
                "row": shard.batch.column("row"),
                "key": shard.batch.column("key"),
                "inchikey": pa.array([each.inchikey for each in said], pa.string()),
                "alerts": pa.array(["; ".join(each.alerts) for each in said], pa.string()),
                "neighbours": pa.array([_json(neighbours.get(key, {})) for key in everyone], pa.string()),
                "attributions": pa.array([_json(attributions.get(key, {})) for key in everyone], pa.string()),
                "counterfactuals": pa.array(
                    [_json(counterfactuals.get(key, {})) for key in everyone], pa.string()
                ),
                "drug_percentiles": pa.array(
                    [_json(percentiles.get(key, {})) for key in everyone], pa.string()
                ),
                **{name: spread(values[name], place) for name in self._unasked},
            }
        )

    def _neighbours(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [{} for _ in keys]
        for name, domain in self._domains.items():
            near = domain.query(keys)
            for place, said in enumerate(found):
                nearest = zip(near.ids[place], near.similarity[place].tolist(), strict=True)
                said[name] = {
                    "verdict": near.verdict[place],
                    "measured": near.measured[place],
                    "nearest": [[each, round(similarity, 3)] for each, similarity in nearest],
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

    def _asked(self, values: Values) -> NDArray[np.str_]:
        """The endpoints of each compound (t, n), that which costs it most first."""
        shares = self._objective.loss_shares(values)
        names = np.array(list(shares))
        order = np.argsort(-np.stack(list(shares.values())), axis=0, kind="stable")  # (t, n)
        return np.asarray(names[order])

    def _occlude(self, keys: Sequence[str], asked: NDArray[np.str_]) -> list[dict[str, list[float]]]:
        """For each compound, the atoms behind the endpoints (2, n) that cost it most."""
        from molscreen.prediction.explained.explain import attribute

        found: list[dict[str, list[float]]] = [{} for _ in keys]
        for full in self._blended():
            known = {endpoint.name for endpoint in full.endpoints}
            mine = [tuple(name for name in names if name in known) for names in asked.T.tolist()]
            for names in sorted(set(mine) - {()}):
                places = [place for place, each in enumerate(mine) if each == names]
                atoms = attribute(full, [keys[place] for place in places], names)
                for place, each in zip(places, atoms, strict=True):
                    shown = [[float(f"{value:.3g}") for value in column] for column in each.T]
                    found[place] |= dict(zip(names, shown, strict=True))
        return found

    def _near(self, keys: Sequence[str]) -> Sequence[Found]:
        """The analogues of each compound, where there is a bundle to ask about them."""
        if not self._blended():
            return [[] for _ in keys]
        return self._guard.map([("analogues", key) for key in keys])

    def _blended(self) -> list[BlendedPredictor]:
        """The full views of bundles; a predictor of the user's may be dear to ask."""
        from molscreen.prediction.blend.blended import BlendedPredictor

        return [view.full for view in self._views if isinstance(view.full, BlendedPredictor)]

    def _counterfactuals(
        self, keys: Sequence[str], asked: NDArray[np.str_], near: Sequence[Found]
    ) -> list[dict[str, Any]]:
        """For each compound, the nearest analogue that flips the endpoint that costs it most."""
        from molscreen.prediction.explained.counterfactual import Question, find_counterfactuals

        found: list[dict[str, Any]] = [{} for _ in keys]
        blended = self._blended()
        views = [view for view in self._views if view.full in blended]
        wishes = {term.endpoint: term.desirability for term in self._objective.terms}
        known = {endpoint.name for view in views for endpoint in view.full.endpoints}
        first = [next((name for name in column if name in known), "") for column in asked.T.tolist()]
        for view in views:
            mine = {endpoint.name for endpoint in view.full.endpoints}
            places = [place for place, name in enumerate(first) if name in mine]
            questions = [
                Question(keys[i], first[i], tuple(_analogues(near[i])), wishes[first[i]]) for i in places
            ]
            flips = find_counterfactuals(view.wide, self._asked_about[view.name], questions)
            for place, nearest in zip(places, flips, strict=True):
                found[place] = _as_json(first[place], nearest)
        return found


def _survived(said: Found) -> Remarks:
    """The remarks; a compound that ended or stalled the rules says so in their place."""
    if isinstance(said, Remarks):
        return said
    reason = said.reason if isinstance(said, Casualty) else "no answer"
    return Remarks((f"the alerts could not be sought: {reason}",))


def _with_note(remarks: Remarks, found: Found) -> Remarks:
    """The remarks, and that no analogues are known of a compound that ended or stalled their search."""
    if not isinstance(found, Casualty):
        return remarks
    return remarks._replace(alerts=(*remarks.alerts, f"the analogues could not be sought: {found.reason}"))


def _analogues(said: Found) -> list[Analogue]:
    """The analogues; none of a compound that ended or stalled the search for them."""
    return said if isinstance(said, list) else []


def _as_json(endpoint: str, nearest: Sequence[Counterfactual]) -> dict[str, Any]:
    """By the endpoint, the first of them; empty where there is none."""
    if not nearest:
        return {}
    (key, change, similarity), before, after, better = nearest[0]
    said = {"key": key, "change": change, "similarity": similarity}
    return {endpoint: said | {"from": before, "to": after, "better": better}}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
