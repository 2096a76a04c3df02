"""Assembly: from fitted networks and compounds held out of their fit to a calibrated bundle."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint
from molscreen.graphs.pack import PackedGraphs
from molscreen.models.network import Network
from molscreen.prediction.bundle import Bundle
from molscreen.prediction.calibration import Calibration
from molscreen.prediction.domain import EmbeddingDomain
from molscreen.prediction.ensemble import run_networks
from molscreen.prediction.manifest import About
from molscreen.prediction.neighbours import NeighbourDomain


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """The n compounds that the networks were fitted on.

    Attributes
    ----------
    keys : sequence of n str
    ids : sequence of n str
        What a reader of a shortlist would look an analogue up by; the keys themselves will do.
    graphs : PackedGraphs
    """

    keys: Sequence[str]
    ids: Sequence[str]
    graphs: PackedGraphs


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSet:
    """m compounds that no network was fitted on, or stopped by.

    Attributes
    ----------
    keys : sequence of m str
    graphs : PackedGraphs
    target : (m, t) float
        Measured, on the fitted scale, or labels 0 and 1; NaN = not measured. A censored value
        (``<``, ``>``) is no measurement here: NaN.
    """

    keys: Sequence[str]
    graphs: PackedGraphs
    target: NDArray[np.floating]


def assemble_bundle(
    networks: Sequence[Network],
    endpoints: Sequence[Endpoint],
    *,
    training: TrainingSet,
    held_out: CalibrationSet,
    about: About,
) -> Bundle:
    """Round the networks to what ships, calibrate both views of them, and fit both domains.

    Parameters
    ----------
    networks : sequence of Network
        Of one spec, in eval mode; left as they are.
    endpoints : sequence of t Endpoint
    training : TrainingSet
    held_out : CalibrationSet
    about : About

    Returns
    -------
    Bundle
        With networks on the CPU whose weights float16 holds exactly, so that what is saved is
        what was calibrated.
    """
    rounded = tuple(half_rounded(network) for network in networks)
    views = [run_networks(view, held_out.graphs) for view in (rounded[:1], rounded)]
    wide, full = (
        Calibration.fit(endpoints, target=held_out.target, mean=view.mean, std=view.std) for view in views
    )
    embedding = run_networks(rounded[:1], training.graphs).embedding
    return Bundle(
        about=about,
        endpoints=tuple(endpoints),
        networks=rounded,
        wide=wide,
        full=full,
        domain=EmbeddingDomain.fit(embedding, views[0].embedding),
        neighbours=NeighbourDomain.fit(training.keys, training.ids, held_out.keys),
    )


def half_rounded(network: Network) -> Network:
    """A copy on the CPU, each weight rounded to the nearest number that float16 can hold.

    It computes in float32 as before, and takes half the room in a bundle. Done before
    calibration, it changes nothing afterwards. Buffers keep their precision.
    """
    rounded = copy.deepcopy(network).cpu()
    with torch.no_grad():
        for parameter in rounded.parameters():
            parameter.copy_(parameter.half().float())
    return rounded
