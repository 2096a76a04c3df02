"""Choice: whom a blend listens to, and the figures that decided it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import EQUAL
from molscreen.endpoint import Endpoint
from molscreen.metrics import auroc, rmse
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.bundle.assembly import Evidence
from molscreen.training.stack import FEWEST_TO_TELL, can_tell

ALIKE = 1e-6  # between the weights of experts that were not told apart


def explain_choice(blend: Blend, evidence: Evidence, endpoints: Sequence[Endpoint]) -> Iterator[str]:
    """One sentence for each endpoint: each expert's weight, and how well it did out of fold.

    The figures are over the compounds that every expert was asked about without having been fitted on them:
    RMSE of exact values on the fitted scale, or AUROC. That of the blend is a little flattered: it was
    chosen there.
    """
    mean, _ = blend.combine(evidence.opinions)
    for j, endpoint in enumerate(endpoints):
        columns = {name: evidence.opinions[name][:, j] for name in blend.experts}
        knowing = {name: column for name, column in columns.items() if np.isfinite(column).any()}
        exact = np.where(evidence.relation[:, j] == EQUAL, evidence.target[:, j], np.nan)
        asked = np.isfinite([exact, *knowing.values()]).all(axis=0)
        truth = evidence.target[asked, j]
        if not knowing or not can_tell(endpoint, truth):
            yield f"{endpoint.name}: {_by_default(endpoint, blend.weight[:, j])}"
            continue
        said = [
            f"{name} {weight:.2f} ({_figure(endpoint, truth, columns[name][asked])})"
            for name, weight in zip(blend.experts, blend.weight[:, j], strict=True)
            if name in knowing
        ]
        metric = "AUROC" if endpoint.kind == "classification" else "RMSE"
        yield (
            f"{endpoint.name}: weights ({metric} out of fold, {asked.sum():,} compounds): {', '.join(said)};"
            f" blended {_figure(endpoint, truth, mean[asked, j])}"
        )


def _by_default(endpoint: Endpoint, weight: NDArray[np.floating]) -> str:
    """Why weights (e,) were not chosen for an endpoint, and what they are instead."""
    exact = "labels of each class" if endpoint.kind == "classification" else "exact values"
    heard = weight[weight > 0]
    instead = "alike" if len(heard) < 2 or np.ptp(heard) < ALIKE else "as for the other endpoints"
    return f"fewer than {FEWEST_TO_TELL} {exact} were judged by all experts, so that these count {instead}"


def _figure(endpoint: Endpoint, truth: NDArray[np.floating], said: NDArray[np.floating]) -> str:
    return f"{(auroc if endpoint.kind == 'classification' else rmse)(truth, said):.3f}"
