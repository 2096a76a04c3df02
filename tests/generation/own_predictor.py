"""Predictors of one's own that give means and nothing else, as a plan names them."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

import numpy as np

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.predictor import Prediction
from tests.small_run import ENDPOINTS

PEROXIDE = "OOOO"


class Guess:
    """Potency from carbons, risk from nitrogens, without any interval."""

    endpoints: tuple[Endpoint, ...] = ENDPOINTS

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:  # noqa: ARG002
        counts = np.array([(key.upper().count("C"), key.upper().count("N")) for key in keys], np.float32)
        mean = np.stack([4 + counts[:, 0] / 10, 1 - np.exp(-counts[:, 1])], axis=1)
        nothing = np.full_like(mean, np.nan)
        distance = np.zeros(len(keys), np.float32)
        return Prediction(ENDPOINTS, mean, nothing, nothing, nothing, distance, distance <= 1)


def guess() -> Guess:
    """What the plan names."""
    return Guess()


class Touchy(Guess):
    """Ends its process at a peroxide, as a bug in C++ would."""

    def predict(self, keys: Sequence[str], graphs: PackedGraphs | None = None) -> Prediction:
        if any(PEROXIDE in key for key in keys):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().predict(keys, graphs)


def touchy() -> Touchy:
    """What the plan names."""
    return Touchy()
