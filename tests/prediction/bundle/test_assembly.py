from __future__ import annotations

import numpy as np
import pytest

from molscreen.graphs.features import featurize_batch
from molscreen.models.rounding import rounded
from molscreen.prediction.blend.blend import Blend
from molscreen.prediction.bundle.assembly import Evidence, assemble_bundle
from molscreen.prediction.certainty.out_of_fold import distances_out_of_fold
from tests.prediction.tiny_bundle import ABOUT, ENDPOINTS, drug_keys, tiny_bundle, tiny_network


def test_views_are_calibrated_apart() -> None:
    """A student and a blend are not equally sure, so they do not share their intervals."""
    bundle = tiny_bundle()
    wide, full = bundle.wide_view(), bundle.full_view()
    assert wide.networks == (bundle.student,)
    assert full.council.networks == bundle.networks
    assert set(full.council.experts) == {"kernel"}
    assert wide.calibration != full.calibration
    assert (wide.calibration, full.calibration) == (bundle.wide, bundle.full)


def test_intervals_of_the_blend_hold_what_it_said_out_of_fold() -> None:
    """Calibrated on the opinions of the evidence, not on what the finished experts would say."""
    keys = drug_keys()[:200]
    graphs, target = featurize_batch(keys), np.full((200, 3), np.nan)
    rng = np.random.default_rng(0)
    target[:, :2] = rng.normal(size=(200, 2))
    target[:, 2] = rng.integers(0, 2, 200)
    off = {"networks": target + rng.normal(size=target.shape)}  # errors that the networks do not make
    network = rounded(tiny_network(0))
    bundle = assemble_bundle(
        ENDPOINTS,
        student=network,
        networks=[network],
        experts={},
        blend=Blend(("networks",), np.ones((1, 3)), np.zeros(3)),
        evidence=Evidence(
            keys=keys,
            ids=keys,
            graphs=graphs,
            target=target,
            relation=np.zeros(target.shape, np.int8),
            opinions=off,
            noise=np.zeros((200, 3)),
            fold=np.arange(200) // 40,
        ),
        about=ABOUT,
    )
    names = [each.name for each in ENDPOINTS]
    distance = distances_out_of_fold(bundle.neighbours, keys, np.arange(200) // 40, names)
    low, high = bundle.full.apply(off["networks"], np.zeros((200, 3)), distance)[2:]
    held = (low[:, 0] <= target[:, 0]) & (target[:, 0] <= high[:, 0])
    assert held.mean() == pytest.approx(0.9, abs=0.015)
    assert [column.n for column in bundle.full.columns] == [200] * 3
    assert [column.n for column in bundle.wide.columns] == [40] * 3


def test_most_held_out_compounds_are_in_both_domains() -> None:
    """By construction, and on the very compounds that placed the edges."""
    bundle, held_out = tiny_bundle(), drug_keys()[150:200]
    assert bundle.predict(held_out).in_domain.mean() >= 0.95
    assert np.mean([verdict == "in" for verdict in bundle.neighbours.query(held_out).verdict]) >= 0.95


def test_training_compound_is_its_own_nearest_neighbour() -> None:
    answer = tiny_bundle().neighbours.query(drug_keys()[7:8])
    assert answer.ids[0][0] == "drug 7"
    assert answer.similarity[0, 0] == 1.0
