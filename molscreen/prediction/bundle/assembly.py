"""Assembly: from fitted experts, and what they said of compounds they did not know, to a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.network import Network
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.blend.council import blended_std
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.manifest import About
from molscreen.prediction.certainty.calibration import Calibration
from molscreen.prediction.certainty.domain import EmbeddingDomain
from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.certainty.out_of_fold import distances_out_of_fold
from molscreen.prediction.experts.expert import Expert


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The n compounds that a bundle was made from, and what its makers knew of them when.

    Attributes
    ----------
    keys : sequence of n str
    ids : sequence of n str
        What a reader of a shortlist would look an analogue up by; the keys themselves will do.
    graphs : PackedGraphs
    target : (n, t) float
        Measured, on the fitted scale, or labels 0 and 1; NaN = not measured.
    relation : (n, t) int
        -1: the true value is at most `target`; 0: equal; 1: at least.
    opinions : mapping of str to (n, t) float
        Of each expert, out of fold; NaN where it was not asked.
    noise : (n, t) float
        That the networks expect, see `molscreen.prediction.blend.ensemble.Output`.
    fold : (n,) int
        That each compound was judged in. The student was not fitted on fold 0, nor stopped by it.
    """

    keys: Sequence[str]
    ids: Sequence[str]
    graphs: PackedGraphs
    target: NDArray[np.floating]
    relation: NDArray[np.integer]
    opinions: Mapping[str, NDArray[np.floating]]
    noise: NDArray[np.floating]
    fold: NDArray[np.intp]

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Compounds (n,) that the student does not know."""
        return np.asarray(self.fold == 0)


def assemble_bundle(
    endpoints: Sequence[Endpoint],
    *,
    student: Network,
    networks: Sequence[Network],
    experts: Mapping[str, Expert],
    blend: Blend,
    evidence: Evidence,
    about: About,
) -> Bundle:
    """Calibrate both views, and fit both domains.

    Parameters
    ----------
    endpoints : sequence of t Endpoint
    student : Network
    networks : sequence of Network
        Of one spec, in eval mode, as the student; rounded as they ship (`rounded`).
    experts : mapping of str to Expert
        The others, fitted on all compounds.
    blend : Blend
        Of the experts named in ``evidence.opinions``.
    evidence : Evidence
    about : About
    """
    unseen = evidence.unseen
    activities = {
        each.name: np.isfinite(evidence.target[:, j])
        for j, each in enumerate(endpoints)
        if each.role == "activity"
    }
    neighbours = NeighbourDomain.fit(evidence.keys, evidence.ids, unseen, measured=activities)
    measured = [j for j, each in enumerate(endpoints) if each.kind == "regression"]
    distance = np.full(evidence.target.shape, np.nan, np.float32)  # bounds of a class go by its logit alone
    distance[:, measured] = distances_out_of_fold(
        neighbours, evidence.keys, evidence.fold, [endpoints[j].name for j in measured]
    )
    mean, spread = blend.combine(evidence.opinions)
    full = Calibration.fit(
        endpoints,
        target=evidence.target,
        mean=mean,
        std=blended_std(blend, spread, evidence.noise),
        distance=distance,
        relation=evidence.relation,
    )
    output = run_networks([student], evidence.graphs)
    domain = EmbeddingDomain.fit(output.embedding[~unseen], output.embedding[unseen])
    wide = Calibration.fit(
        endpoints,
        target=evidence.target[unseen],
        mean=output.mean[unseen],
        std=output.std[unseen],
        distance=domain.distance(output.embedding[unseen])[:, None],
        relation=evidence.relation[unseen],
    )
    return Bundle(
        about=about,
        endpoints=tuple(endpoints),
        student=student,
        networks=tuple(networks),
        experts=experts,
        blend=blend,
        wide=wide,
        full=full,
        domain=domain,
        neighbours=neighbours,
    )
