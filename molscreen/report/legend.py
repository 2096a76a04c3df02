"""Legend: what the columns of a run mean, read from its record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.endpoint import Endpoint
from molscreen.prediction.columns import verdict_columns
from molscreen.provenance import RunRecord
from molscreen.screening.plan.views import BundleInfo


@dataclass(frozen=True, slots=True)
class Legend:
    """What the columns of a shortlist mean.

    Attributes
    ----------
    bundles : tuple of BundleInfo
        Those of the run.
    endpoints : mapping of str to Endpoint
        Everything that they predict.
    weights : mapping of str to float
        The objective's terms.
    terms : mapping of str to mapping
        Their tables in the plan.
    """

    bundles: tuple[BundleInfo, ...]
    endpoints: Mapping[str, Endpoint]
    weights: Mapping[str, float]
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def unit(self, name: str) -> str:
        """The unit of an endpoint or descriptor."""
        return self.endpoints[name].unit if name in self.endpoints else str(DESCRIPTORS[name][0])

    def wished(self, bundle: BundleInfo) -> tuple[Endpoint, ...]:
        """The endpoints of a bundle that the objective judges; none of them: it has no say in the score."""
        return tuple(endpoint for endpoint in bundle.endpoints if endpoint.name in self.weights)

    def domains(self, columns: Collection[str]) -> dict[str, str]:
        """Which of these columns has the verdict of each bundle; a single one has the overall verdict."""
        own = verdict_columns([bundle.name for bundle in self.bundles])
        return {bundle: column for bundle, column in own.items() if column in columns}


def read_legend(record: RunRecord) -> Legend:
    """What the columns of a run mean, from its record."""
    bundles = tuple(BundleInfo.from_json(each) for each in record.execution["bundles"])
    endpoints = {each.name: each for bundle in bundles for each in bundle.endpoints}
    terms = record.execution["plan"]["objective"]["term"]
    weights = {term["endpoint"]: float(term.get("weight", 1.0)) for term in terms}
    return Legend(bundles, endpoints, weights, {term["endpoint"]: term for term in terms})
