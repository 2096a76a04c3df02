"""The surrogate is a textbook Gaussian process, and what it picks is varied."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator
from rdkit.DataStructs import BulkTanimotoSimilarity

from molscreen.chem.analogues.analogues import analogues
from molscreen.chem.cleaning.standardize import standardize
from molscreen.generation.search.belief import NOISE, draw_beta, pick_by_ucb
from molscreen.generation.search.surrogate import Surrogate, choose_observations

DRUGS = [
    "CC(=O)Oc1ccccc1C(=O)O", "OC(=O)c1ccccc1O", "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "Cn1c(=O)c2[nH]cnc2n(C)c1=O",
    "CC(=O)Nc1ccc(O)cc1", "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1", "CN(C)CCOC(c1ccccc1)c1ccccc1",
    "COc1ccc2cc(ccc2c1)C(C)C(=O)O", "Clc1ccccc1", "CCO",
]  # fmt: skip
SCORED, KEYS = DRUGS[:8], [*DRUGS[8:], "CC(C)NCC(O)COc1ccc(CC(=O)O)cc1", "CC(=O)Nc1ccc(OC)cc1"]
SCORE = np.array([0.9, 0.4, 0.1, 0.7, 0.3, 0.35, 0.6, 0.2])


def kernel(a, b):
    """Min-max similarity of counts, by RDKit, pair by pair."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=3, fpSize=2048)
    left, right = (
        [generator.GetCountFingerprint(Chem.MolFromSmiles(key)) for key in keys] for keys in (a, b)
    )
    return np.array([BulkTanimotoSimilarity(each, right) for each in left])


def posterior(scored, score, keys, centre=0.0, scale=1.0):
    """Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), equations 2.25 and 2.26."""
    known = kernel(scored, scored) + NOISE * np.eye(len(scored))
    cross = kernel(scored, keys)
    mean = cross.T @ np.linalg.solve(known, (score - centre) / scale)
    variance = 1 - np.diag(cross.T @ np.linalg.solve(known, cross))
    return centre + scale * mean, scale * np.sqrt(variance)


def test_belief_is_the_posterior_of_the_textbook():
    belief = Surrogate(standardised=False).believe(SCORED, SCORE, KEYS)
    mean, std = posterior(SCORED, SCORE, KEYS)
    assert belief.mean == pytest.approx(mean, abs=2e-6)
    assert belief.std == pytest.approx(std, abs=2e-6)


def test_standardised_scores_centre_the_belief_on_what_was_seen():
    belief = Surrogate().believe(SCORED, SCORE, KEYS)
    mean, std = posterior(SCORED, SCORE, KEYS, SCORE.mean(), SCORE.std())
    assert belief.mean == pytest.approx(mean, abs=2e-6)
    assert belief.std == pytest.approx(std, abs=2e-6)


def test_what_was_scored_is_known():
    belief = Surrogate().believe(SCORED, SCORE, SCORED)
    assert belief.mean == pytest.approx(SCORE, abs=1e-3)
    assert (belief.std <= 1.01 * np.sqrt(NOISE)).all()


def test_what_is_like_nothing_is_not():
    """Worthless where scores are taken as they are, else average."""
    scored, score = ["CCO", "CCN"], np.array([0.9, 0.5])
    plain, standardised = (
        Surrogate(standardised=each).believe(scored, score, ["c1ccccc1"]) for each in (False, True)
    )
    assert (plain.mean.tolist(), plain.std.tolist()) == ([0], [1])
    assert (standardised.mean.tolist(), standardised.std.tolist()) == ([0.7], [0.2])


def test_neither_the_zero_nor_the_unit_of_a_score_matters():
    """Whether scores lie between 0 and 1 or between 0.90 and 0.95, the same are picked."""
    wide, narrow = (Surrogate().believe(SCORED, score, KEYS) for score in (SCORE, 0.9 + 0.05 * SCORE))
    assert narrow.mean == pytest.approx(0.9 + 0.05 * wide.mean, abs=2e-6)
    for beta in (0.01, 0.3, 1.0):
        assert pick_by_ucb(narrow, 4, beta) == pick_by_ucb(wide, 4, beta)


def test_a_missing_score_teaches_nothing():
    """NaN is neither zero nor an error."""
    with_missing = Surrogate().believe([*SCORED, KEYS[0]], np.append(SCORE, np.nan), KEYS)
    without = Surrogate().believe(SCORED, SCORE, KEYS)
    assert with_missing.mean.tolist() == without.mean.tolist()
    assert with_missing.std.tolist() == without.std.tolist()
    with pytest.raises(ValueError, match="none of 1 compounds has a score to learn from"):
        Surrogate().believe(["CCO"], np.array([np.nan]), KEYS)


def test_equal_scores_have_a_scale():
    """Before anything scores above zero, as in a benchmark that is hard to enter."""
    for standardised in (False, True):
        belief = Surrogate(standardised=standardised).believe(SCORED, np.zeros(8), KEYS)
        assert belief.mean.tolist() == [0] * len(KEYS)
        assert (belief.std > 0).all()


def test_a_belief_does_not_depend_on_the_company():
    """A compound is thought the same of alone and among others."""
    surrogate = Surrogate()
    together = surrogate.believe(SCORED, SCORE, KEYS)
    alone = [surrogate.believe(SCORED, SCORE, [key]) for key in KEYS]
    assert together.mean.tolist() == [each.mean[0] for each in alone]
    assert together.std.tolist() == [each.std[0] for each in alone]


@given(st.lists(st.one_of(st.just(np.nan), st.floats(0, 1)), max_size=30), st.integers(1, 30))
def test_the_best_and_the_latest_are_observed(score, most):
    score = np.array(score, float)
    used = choose_observations(score, most)
    there = np.flatnonzero(~np.isnan(score))
    assert len(used) == min(most, len(there))
    assert set(used) <= set(there)
    assert used.tolist() == sorted(set(used.tolist()))
    best = there[np.argsort(-score[there], kind="stable")][: min(len(used), (most + 1) // 2)]
    assert set(best) <= set(used)
    if len(used) > 1 and len(there):
        assert there[-1] in used


def test_fewer_observations_are_those():
    few = Surrogate(observations=4, standardised=False)
    used = choose_observations(SCORE, 4)
    belief = few.believe(SCORED, SCORE, KEYS)
    mean, std = posterior([SCORED[i] for i in used], SCORE[used], KEYS)
    assert belief.mean == pytest.approx(mean, abs=2e-6)
    assert belief.std == pytest.approx(std, abs=2e-6)


@pytest.mark.parametrize("standardised", [False, True])
@pytest.mark.parametrize("beta", [0.01, 0.3, 1.0])
def test_a_batch_is_as_if_each_were_scored_as_expected(standardised, beta):
    """Picking, pretending, learning anew and picking again comes to the same."""
    keys = [*KEYS, *(each.key for each in analogues(KEYS[1], 6))]
    surrogate = Surrogate(standardised=standardised)
    picked = pick_by_ucb(surrogate.believe(SCORED, SCORE, keys), 5, beta)
    centre, scale = (SCORE.mean(), SCORE.std()) if standardised else (0.0, 1.0)
    scored, score, expected = list(SCORED), SCORE, []
    for _ in range(5):
        mean, std = posterior(scored, score, keys, centre, scale)
        bound = np.round(mean + beta * std, 5)
        bound[expected] = -np.inf
        expected.append(int(np.argmax(bound)))
        scored, score = [*scored, keys[expected[-1]]], np.append(score, mean[expected[-1]])
    assert picked == expected


def test_without_wonder_the_highest_means_are_picked():
    belief = Surrogate().believe(SCORED, SCORE, KEYS)
    assert pick_by_ucb(belief, 3, 0.0) == np.argsort(-belief.mean, kind="stable")[:3].tolist()
    assert sorted(pick_by_ucb(belief, 99, 0.5)) == list(range(len(KEYS)))


def test_ten_of_one_kind_are_not_picked_for_being_unknown_together():
    """One analogue tells about the others, so the other kind has its turn second."""
    amines = [standardize("CCCCCCCC" + "C" * extra + "N").key for extra in range(4)]
    picked = pick_by_ucb(Surrogate().believe(["c1ccccc1"], np.zeros(1), [*amines, "OB(O)O"]), 2, 1.0)
    assert picked == [0, 4]


def test_wonder_lies_between_a_hundredth_and_one():
    rng = np.random.default_rng(0)
    drawn = np.array([draw_beta(rng) for _ in range(1000)])
    assert drawn.min() > 0.01
    assert drawn.max() < 1
    assert np.median(drawn) == pytest.approx(0.1, rel=0.15)


def test_what_is_no_smiles_is_refused():
    with pytest.raises(ValueError, match="'nonsense' is no SMILES; standardize it first"):
        Surrogate().believe(["CCO"], np.ones(1), ["nonsense"])


# ── asked again and again ──────────────────────────────────────────────────────────────────────────


def test_what_is_known_of_earlier_fits_changes_nothing():
    """Similarities are remembered from one round to the next; a resumed search has none to remember."""
    used = Surrogate(observations=6)
    for n in (5, 6, 7):  # the seventh pushes another out
        used.fit(SCORED[:n], SCORE[:n])
    remembered, fresh = used.fit(SCORED, SCORE), Surrogate(observations=6).fit(SCORED, SCORE)
    assert np.array_equal(remembered.factor, fresh.factor)
    assert np.array_equal(remembered.weight, fresh.weight)
    assert np.array_equal(used.fit(SCORED[::-1], SCORE[::-1]).factor, Surrogate(observations=6).fit(
        SCORED[::-1], SCORE[::-1]).factor)  # fmt: skip


def test_a_bound_is_mean_and_some_of_the_doubt():
    belief = Surrogate().believe(SCORED, SCORE, KEYS)
    assert np.allclose(belief.bound(0.5), belief.mean + 0.5 * belief.std, atol=1e-6)
