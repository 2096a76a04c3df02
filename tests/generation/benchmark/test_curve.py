"""Runs are rated as PMO and GuacaMol rate them: by hand, and against the definition spelled out."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.generation.benchmark.curve import auc_top, count_calls, guacamol_score, top_curve

SCORES = st.lists(st.floats(0, 1), max_size=60)


def spelled_out(scores, k, budget, step):
    """The area from values at 0, every `step` calls, the last call and the budget."""
    scores = scores[:budget]
    if not scores:
        return 0.0
    calls = sorted({*range(step, len(scores) + 1, step), len(scores)})
    means = [np.mean(np.sort(scores[:n])[::-1][:k]) for n in calls]
    return float(np.trapezoid([0, *means, means[-1]], [0, *calls, budget])) / budget


@given(SCORES, st.integers(1, 12), st.integers(1, 80), st.integers(1, 20))
def test_auc_is_the_area_spelled_out(scores, k, budget, step):
    assert auc_top(scores, k, budget=budget, step=step) == pytest.approx(
        spelled_out(scores, k, budget, step), abs=1e-12
    )


def test_auc_by_hand():
    """Best of two, two, and the last value kept: (0 + .6) + (.6 + 1) + 2 * 1 over 6 calls."""
    assert auc_top([0.2, 0.6, 0.4, 1.0], k=1, budget=6, step=2) == pytest.approx(4.2 / 6)


def test_a_perfect_run_of_pmo_misses_half_a_step():
    """The first point is at 100 calls, and the line to it starts at 0."""
    assert auc_top([1.0] * 10_000) == pytest.approx(0.995)
    assert auc_top([1.0] * 100) == pytest.approx(0.995)


def test_ten_good_molecules_are_needed():
    """Nine of ten leave a tenth of the mean to the others."""
    assert auc_top([*[1.0] * 9, *[0.0] * 91], budget=100) == pytest.approx(0.45)
    assert auc_top([*[1.0] * 10, *[0.0] * 90], budget=100) == pytest.approx(0.5)


def test_fewer_molecules_than_ten_are_averaged():
    """As PMO does: a mean of what is there."""
    assert top_curve([1.0, 0.5]) == [(2, 0.75)]


def test_finding_early_pays():
    """The same molecules, the best first or last, and the best still found in the last hundred calls."""
    late = np.linspace(0, 1, 1000).tolist()
    early = late[::-1]
    assert auc_top(late, budget=1000) < 0.55 < 0.9 < auc_top(early, budget=1000)


@given(SCORES, st.integers(1, 60))
def test_calls_beyond_the_budget_do_not_count(scores, budget):
    assert auc_top([*scores[:budget], *[1.0] * 3][:budget], budget=budget) == auc_top(
        [*scores[:budget], *[1.0] * 3], budget=budget
    )


def test_a_run_without_a_call_is_worth_nothing():
    assert (auc_top([]), top_curve([])) == (0.0, [])


def test_only_new_valid_molecules_consume_a_call():
    """Another writing, an invalid and an empty SMILES do not; a stereoisomer and a salt do."""
    history = [
        ("CCO", 0.1), ("OCC", 0.9), ("C1CC", 0.9), ("", 0.9), ("C[C@H](N)O", 0.2), ("C[C@@H](N)O", 0.3),
        ("N[C@@H](C)O", 0.9), ("CC[O-].[Na+]", 0.4),
    ]  # fmt: skip
    assert count_calls(history) == [0.1, 0.2, 0.3, 0.4]


def test_guacamol_score_by_hand():
    """Top-1 is 1, top-2 is 0.75, and of four molecules two are missing: (1 + 0.75 + 0.375) / 3."""
    scored = [("CCN", 0.5), ("CCO", 1.0)]
    assert guacamol_score(scored, (1, 2, 4)) == pytest.approx(2.125 / 3)
    assert guacamol_score(scored[::-1], (1, 2, 4)) == guacamol_score(scored, (1, 2, 4))


def test_guacamol_counts_stereoisomers_once():
    """And no invalid molecule, whatever score it claims."""
    scored = [("C[C@H](N)O", 0.8), ("C[C@@H](N)O", 0.8), ("CC(N)O", 0.8), ("C1CC", 1.0), ("", 1.0)]
    assert guacamol_score(scored, (1,)) == 0.8
    assert guacamol_score(scored, (2,)) == 0.4


def test_a_missing_score_is_refused():
    """Neither ranked last nor first."""
    with pytest.raises(ValueError, match="score 2 of 3 is NaN; what cannot be scored counts as 0"):
        auc_top([0.1, math.nan, 0.2])
    with pytest.raises(ValueError, match="score 1 of 1 is NaN"):
        guacamol_score([("CCO", math.nan)], (1,))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k is 0 and step 100, expected at least 1"),
        ({"step": 0}, "k is 10 and step 0, expected at least 1"),
        ({"budget": 0}, "budget is 0, expected at least 1"),
    ],
)
def test_numbers_that_make_no_curve_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        auc_top([0.5], **options)


@pytest.mark.parametrize("tops", [(), (1, 0)])
def test_tops_that_make_no_mean_are_refused(tops):
    with pytest.raises(ValueError, match="expected positive numbers"):
        guacamol_score([("CCO", 0.5)], tops)
