"""Calibrated in torch, on any device, as it is in numpy: one calibration, applied in two places."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from molscreen.graphs.features import featurize_batch
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.certainty.torch_calibration import TorchCalibration
from tests.prediction.tiny_bundle import drug_keys, heeding_distance, tiny_bundle


def both(bundle: Bundle, mean: np.ndarray, std: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of what numpy and torch make of the same outputs."""
    bundle = dataclasses.replace(bundle, full=heeding_distance(bundle.full))
    embedding = np.random.default_rng(1).normal(size=(len(mean), len(bundle.domain.centre)))
    output = [part.astype(np.float32) for part in (mean, std, embedding)]
    distance = bundle.domain.distance(output[2])
    here = [*bundle.full.apply(*output[:2], distance[:, None]), distance]
    calibration = TorchCalibration.of(bundle.full, bundle.domain, "cpu")
    there = calibration.apply(*(torch.from_numpy(part) for part in output))
    return list(zip(here, (part.numpy() for part in there), strict=True))


@pytest.mark.parametrize("name", ["admet-tox", "potency"])
def test_torch_calibration_is_that_of_numpy(name: str) -> None:
    """For both kinds of endpoint and both scales; far beyond what calibration has seen, too."""
    bundle, rng = load_bundle(name), np.random.default_rng(0)
    mean = rng.normal(0, 3, (200, len(bundle.endpoints)))
    mean[:5, [endpoint.unit == "%" for endpoint in bundle.endpoints]] += 100  # others are below 0
    for here, there in both(bundle, mean, np.abs(rng.normal(size=mean.shape))):
        np.testing.assert_allclose(
            there, here.astype(np.float32), rtol=2e-5, atol=2e-6
        )  # an end near 0 is a difference


def test_missing_stays_missing_in_torch() -> None:
    """NaN and infinite outputs are NaN throughout; a NaN spread leaves the mean."""
    mean, std = np.zeros((4, 3)), np.ones((4, 3))
    mean[0], mean[1], mean[2], std[3] = np.nan, np.inf, -np.inf, np.nan
    for here, there in both(tiny_bundle(), mean, std):
        np.testing.assert_array_equal(np.isnan(there), np.isnan(here))


def test_logit_on_the_grid_has_the_bounds_of_numpy() -> None:
    """At a grid point itself the sides of the search decide."""
    bundle = load_bundle("admet-tox")
    column = next(i for i, each in enumerate(bundle.endpoints) if each.kind == "classification")
    grid = np.array(bundle.full.columns[column].grid, np.float32)
    columns = list(bundle.full.columns)
    columns[column] = dataclasses.replace(columns[column], grid=tuple(grid.tolist()))
    bundle = dataclasses.replace(bundle, full=dataclasses.replace(bundle.full, columns=tuple(columns)))
    mean = np.tile(grid[:, None], (1, len(columns)))
    for here, there in both(bundle, mean, np.ones(mean.shape)):
        np.testing.assert_allclose(
            there, here.astype(np.float32), rtol=2e-5, atol=2e-6
        )  # an end near 0 is a difference


def test_ensemble_calibrates_there_as_here() -> None:
    """The path of a GPU, walked on the CPU: batches, order and columns."""
    ensemble = dataclasses.replace(tiny_bundle().wide_view(), batch_atoms=100)
    graphs = featurize_batch(drug_keys()[:40])
    pairs = zip(ensemble._calibrated_here(graphs), ensemble._calibrated_there(graphs), strict=True)
    for here, there in pairs:
        np.testing.assert_allclose(there, here, rtol=1e-5, atol=1e-6)
