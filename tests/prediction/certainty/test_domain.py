from __future__ import annotations

import numpy as np
import pytest
from sklearn.covariance import OAS

from molscreen.prediction.certainty.domain import EmbeddingDomain, shrunk_covariance


def test_domain_holds_what_it_promises() -> None:
    """95 % of new compounds like the held-out ones are inside, over 100 domains.

    The training embeddings are drawn closer together than the others, as a network that has
    seen a compound does; a domain calibrated on them would hold far fewer.
    """
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(16, 16))
    inside = []
    for _ in range(100):
        training = 0.8 * rng.normal(size=(300, 16)) @ mixing
        held_out, new = rng.normal(size=(100, 16)) @ mixing, rng.normal(size=(400, 16)) @ mixing
        inside.append((EmbeddingDomain.fit(training, held_out).distance(new) <= 1).mean())
    assert 0.945 <= np.mean(inside) <= 0.97


def test_distance_does_not_depend_on_rotation_or_scale() -> None:
    """The axes of an embedding mean nothing, and neither does its size."""
    rng = np.random.default_rng(1)
    training, held_out, new = (rng.normal(size=(n, 6)) * np.arange(1, 7) for n in (2000, 200, 50))
    turn = 100 * np.linalg.qr(rng.normal(size=(6, 6)))[0]
    plain = EmbeddingDomain.fit(training, held_out).distance(new)
    turned = EmbeddingDomain.fit(training @ turn, held_out @ turn).distance(new @ turn)
    assert turned == pytest.approx(plain, rel=1e-4)


def test_a_direction_never_seen_is_out() -> None:
    """A unit that was silent on every training compound and fires now; one that often did is in."""
    rng = np.random.default_rng(2)
    training, held_out = (rng.normal(size=(n, 8)) * ([1] * 7 + [0]) for n in (500, 100))
    often, never = EmbeddingDomain.fit(training, held_out).distance(2.5 * np.eye(8)[[0, 7]])
    assert often < 1 < never


@pytest.mark.parametrize("n", [2, 40, 4000])
def test_covariance_agrees_with_scikit_learn(n: int) -> None:
    """Scikit-learn leaves the terms in 2 / d out of the same formula: 1 % at d = 200."""
    sample = np.random.default_rng(3).normal(size=(n, 200)) * np.linspace(1, 3, 200)
    expected = OAS().fit(sample).covariance_
    assert shrunk_covariance(sample) == pytest.approx(expected, rel=0.01, abs=0.01)


@pytest.mark.parametrize("n", [1, 3, 40])
def test_covariance_of_few_compounds_has_an_inverse(n: int) -> None:
    sample = np.random.default_rng(3).normal(size=(n, 10))
    assert (np.linalg.eigvalsh(shrunk_covariance(sample)) > 0).all()


def test_few_held_out_compounds_put_the_edge_at_the_farthest() -> None:
    rng = np.random.default_rng(4)
    held_out = rng.normal(size=(5, 3))
    domain = EmbeddingDomain.fit(rng.normal(size=(50, 3)), held_out)
    assert domain.distance(held_out).max() == pytest.approx(1.0)


def test_nan_embedding_is_not_inside() -> None:
    rng = np.random.default_rng(5)
    domain = EmbeddingDomain.fit(rng.normal(size=(50, 3)), rng.normal(size=(50, 3)))
    assert not (domain.distance(np.full((1, 3), np.nan)) <= 1).any()


def test_nothing_held_out_is_refused() -> None:
    with pytest.raises(ValueError, match="got 50 and 0"):
        EmbeddingDomain.fit(np.zeros((50, 3)), np.zeros((0, 3)))


def test_tensors_round_trip() -> None:
    rng = np.random.default_rng(6)
    domain = EmbeddingDomain.fit(rng.normal(size=(50, 3)), rng.normal(size=(50, 3)))
    new = rng.normal(size=(10, 3))
    assert (EmbeddingDomain.from_tensors(domain.to_tensors()).distance(new) == domain.distance(new)).all()
