from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from molscreen.prediction.certainty.probability import GRID, VennAbers


def overconfident(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels, and logits three times as far from zero as they should be, shifted by one."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=n)
    label = (rng.random(n) < 1 / (1 + np.exp(-truth))).astype(float)
    return label, 3 * truth + 1


def venn_abers(label: NDArray[np.float64], logit: NDArray[np.float64], new: float, added: int) -> float:
    """Isotonic value of a new compound, by the min-max formula: slow, obvious, and not SciPy's."""
    score, one = np.append(logit, new), np.append(label, added)
    order = np.unique(score)
    blocks = [[one[score == s].sum(), (score == s).sum()] for s in order]
    ones, all_ = np.cumsum([[0, 0], *blocks], axis=0).T
    j = order.tolist().index(new)
    return max(
        min((ones[k + 1] - ones[i]) / (all_[k + 1] - all_[i]) for k in range(j, len(order)))
        for i in range(j + 1)
    )


def test_platt_undoes_overconfidence() -> None:
    label, logit = overconfident(20_000, seed=0)
    calibration = VennAbers.fit(label, logit)
    assert calibration.slope == pytest.approx(1 / 3, rel=0.1)
    assert calibration.intercept == pytest.approx(-1 / 3, abs=0.05)


def test_a_fifth_is_a_fifth() -> None:
    """Of new compounds given a probability around p, a fraction p has label 1."""
    calibration = VennAbers.fit(*overconfident(2_000, seed=1))
    label, logit = overconfident(50_000, seed=2)
    p = calibration.probability(logit)
    for low in np.arange(0.1, 0.9, 0.1):
        chosen = (p >= low) & (p < low + 0.1)
        assert label[chosen].mean() == pytest.approx(p[chosen].mean(), abs=0.05)


@pytest.mark.parametrize("sign", [1, -1])
def test_ranking_is_the_networks(sign: int) -> None:
    """Even networks that are wrong throughout are not turned round behind the user's back."""
    label, logit = overconfident(500, seed=3)
    calibration = VennAbers.fit(label, sign * logit)
    p = calibration.probability(np.sort(logit))
    assert (np.diff(p) > 0).all()


def test_bounds_are_those_of_venn_abers() -> None:
    """Against the definition: the isotonic value of the new compound, added as 0 and as 1."""
    label, logit = overconfident(40, seed=4)
    logit = np.round(logit)  # ties
    calibration = VennAbers.fit(label, logit)
    for score in np.unique(logit):
        p0, p1 = (venn_abers(label, logit, score, added) for added in (0, 1))
        low, high = calibration.bounds(np.array([score]))
        mean = calibration.probability(np.array([score]))
        assert low.item() == pytest.approx(min(p0, mean.item()))
        assert high.item() == pytest.approx(max(p1, mean.item()))


def test_bounds_between_grid_scores_are_never_too_narrow() -> None:
    """The stored grid is coarser than the data; the exact bounds lie inside what it says."""
    label, logit = overconfident(3 * GRID, seed=5)
    calibration = VennAbers.fit(label, logit)
    for score in np.random.default_rng(0).normal(0, 3, 5):
        p0, p1 = (venn_abers(label, logit, score, added) for added in (0, 1))
        low, high = calibration.bounds(np.array([score]))
        assert low.item() <= p0 + 1e-9
        assert high.item() >= p1 - 1e-9


def test_bounds_contain_the_probability_and_narrow_with_data() -> None:
    logit = np.linspace(-4, 4, 101)
    widths = []
    for n in (30, 300, 3000):
        calibration = VennAbers.fit(*overconfident(n, seed=6))
        low, high = calibration.bounds(logit)
        p = calibration.probability(logit)
        assert ((low <= p) & (p <= high)).all()
        widths.append((high - low).mean())
    assert widths[0] > widths[1] > widths[2]


def test_one_class_says_nothing_about_probabilities() -> None:
    """Fifty inactives: the network's own logit stands, and the upper bound stays honest."""
    calibration = VennAbers.fit(np.zeros(50), np.linspace(-3, 0, 50))
    assert (calibration.slope, calibration.intercept) == (1.0, 0.0)
    low, high = calibration.bounds(np.array([-1.0, 5.0]))
    assert low.tolist() == [0.0, 0.0]
    assert high[1] == 1.0


def test_no_labels_give_no_bounds() -> None:
    calibration = VennAbers.fit(np.full(5, np.nan), np.arange(5.0))
    assert [bound.item() for bound in calibration.bounds(np.array([0.3]))] == [0.0, 1.0]


def test_extreme_logits_stay_probabilities() -> None:
    p = VennAbers(1.0, 0.0, (), (), (), 0).probability(np.array([-1e4, 0.0, 1e4]))
    assert p.tolist() == [0.0, 0.5, 1.0]


def test_label_other_than_0_and_1_is_named() -> None:
    with pytest.raises(ValueError, match=r"labels are 0, 1 or NaN, got 0\.5"):
        VennAbers.fit(np.array([0.0, 0.5]), np.zeros(2))
