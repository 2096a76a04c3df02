"""BlendedPredictor: the full view of a bundle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from molscreen.arguments import as_sequence
from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.blend.blend import Matrix
from molscreen.prediction.blend.council import Council
from molscreen.prediction.blend.ensemble import graphs_of
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.experts.hidden import Hidden
from molscreen.prediction.predictor import Prediction


@dataclass(frozen=True, eq=False, kw_only=True)
class BlendedPredictor:
    """A `Predictor` that asks a council.

    Attributes
    ----------
    neighbours : NeighbourDomain
        A compound is in the domain where it is about as similar to its nearest training compounds as 95 % of
        held-out ones were to theirs. Of MoleculeACE's test compounds those outside err 1.8 times as much, in
        squared error, and outside the embeddings of the wide view 1.4 times: this domain was chosen by
        these figures, so they flatter it. Each activity has a domain of its own; who is not told what is
        asked calls inside what is so for any endpoint, and says for which.
    endpoints : tuple of t Endpoint
        What the columns of a prediction are.
    council : Council
    calibration : Calibration
        Fitted on what experts like these said of compounds that they did not know.
    """

    neighbours: NeighbourDomain
    endpoints: tuple[Endpoint, ...]
    council: Council
    calibration: Calibration

    def restricted_to(self, endpoints: Collection[str]) -> BlendedPredictor:
        """The same predictor, asked about the endpoints that are named: what it says of others is NaN.

        What it says of these has the same bytes, in a time that goes with how many were measured for them.
        The domain is that of the activities among them: see `NeighbourDomain.restricted_to`.
        """
        asked = np.array([endpoint.name in endpoints for endpoint in self.endpoints])
        return replace(
            self,
            council=self.council.restricted_to(asked),
            neighbours=self.neighbours.restricted_to(endpoints),
        )

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        """Predict n compounds, row i for ``keys[i]``; see `Predictor`."""
        keys = as_sequence(keys)
        graphs = graphs_of(keys, graphs)
        by_endpoint = self._distances(keys)
        calibrated = self.calibration.apply(*self.council.conclude(keys, graphs), by_endpoint)
        mean, std, low, high = (part.astype(np.float32) for part in calibrated)
        distance = self._distance(keys, by_endpoint)
        return Prediction(
            self.endpoints,
            mean=mean,
            std=std,
            low=low,
            high=high,
            distance=distance,
            in_domain=distance <= 1,
            own_domain=by_endpoint <= 1 if self._tells_apart else None,
        )

    @property
    def _tells_apart(self) -> bool:
        """Whether each activity is judged for itself, as nobody said which of them is asked."""
        return self.neighbours.asked is None and bool(self.neighbours.activities)

    def _distances(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """Of n compounds, (n, t); NaN for an endpoint that is not asked about."""
        named = self.neighbours.asked
        weighed = np.asarray(self.council.blend.weight.any(axis=0))  # (t,)
        asked = [
            j
            for j, each in enumerate(self.endpoints)
            if named is None or each.name in named or weighed[j]  # an activity vouches without a weight, too
        ]
        found = np.full((len(keys), len(self.endpoints)), np.nan, np.float32)
        found[:, asked] = self.neighbours.distances(keys, [self.endpoints[j].name for j in asked])
        return found

    def _distance(self, keys: Sequence[str], by_endpoint: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of n compounds, (n,): for the farthest of the activities asked; for the nearest, if nobody said."""
        asked = self.neighbours.asked
        if asked is None:
            return np.asarray(by_endpoint.min(axis=1))
        if not asked:
            return self.neighbours.distance(keys)
        return np.asarray(by_endpoint[:, [each.name in asked for each in self.endpoints]].max(axis=1))

    def mean_without(self, hidden: Hidden, graphs: PackedGraphs) -> Matrix:
        """Calibrated means (v, t) of compounds with some atoms hidden; see `Council.conclude_without`."""
        mean = self.council.conclude_without(hidden, graphs)
        return self.calibration.apply(mean, np.zeros_like(mean), np.zeros_like(mean)).mean
