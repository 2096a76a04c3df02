"""Fit networks: several of one shape, each on all folds but one, and what it says of that one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from molscreen.aloud import Tell
from molscreen.models.network import Network, NetworkSpec
from molscreen.models.pretrained import load_encoder
from molscreen.models.rounding import rounded
from molscreen.prediction.blend.ensemble import run_networks
from molscreen.training.folds import Folds
from molscreen.training.networks.batches import Examples
from molscreen.training.networks.fit import FitConfig, fit


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class FittedNetworks:
    """k networks, and their opinions out of fold.

    Attributes
    ----------
    networks : tuple of k Network
        Number i was fitted on all folds but i; rounded as they ship, in eval mode.
    opinion, noise : (n, t) float64
        Of the compounds of fold i, from network i; NaN in folds without a network.
    """

    networks: tuple[Network, ...]
    opinion: NDArray[np.float64]
    noise: NDArray[np.float64]


def fit_networks(
    examples: Examples,
    folds: Folds,
    *,
    spec: NetworkSpec,
    config: FitConfig,
    members: int,
    encoder: str,
    seed: int,
    scratch: Path,
    progress: Tell,
) -> FittedNetworks:
    """Cross-fit `members` networks; a finished epoch is kept in `scratch`, and read from there.

    Parameters
    ----------
    examples : Examples
        n compounds; what must not be learnt from is NaN.
    folds : Folds
        Of them.
    spec : NetworkSpec
        With the kinds of the t endpoints.
    config : FitConfig
    members : int
        At most as many as there are folds.
    encoder : str
        The pre-trained encoder that each network starts from; empty: from random weights.
    seed : int
    scratch : Path
    progress : callable
        Called with one line per epoch.
    """
    opinion, noise = np.full((2, *examples.value.shape), np.nan)
    networks = []
    for number in range(members):
        network = _fit_one(
            examples, folds, number, spec=spec, config=config, encoder=encoder, seed=seed,
            checkpoint=scratch / f"member-{number}.safetensors",
            progress=progress, title=f"network {number + 1}/{members}",
        )  # fmt: skip
        own = np.flatnonzero(folds.fold == number)
        output = run_networks([network], examples.graphs.take(own))
        opinion[own], noise[own] = output.mean, output.noise
        networks.append(network)
    return FittedNetworks(tuple(networks), opinion, noise)


def _fit_one(
    examples: Examples,
    folds: Folds,
    number: int,
    *,
    spec: NetworkSpec,
    config: FitConfig,
    encoder: str,
    seed: int,
    checkpoint: Path,
    progress: Tell,
    title: str,
) -> Network:
    """A network fitted on all folds but `number`, rounded as it ships; arguments as for `fit_networks`."""
    train, stopping = (examples.take(rows) for rows in folds.others(number))
    torch.manual_seed(seed + number)
    network = Network(spec)
    network.standardise(train.value)
    if encoder:
        load_encoder(encoder).start(network)
    fit(
        network, train, stopping, config=config, seed=seed + number, checkpoint=checkpoint,
        progress=lambda epoch: progress(f"{title}, {epoch.line(config.epochs)}"),
    )  # fmt: skip
    return rounded(network)
