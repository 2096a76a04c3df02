"""Rating: areas of guarded curves, and the diversity of the best."""

from __future__ import annotations

import math

import numpy as np
import pytest

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.data.drugs import drug_keys
from molscreen.generation.benchmark.curve import top_curve
from molscreen.generation.benchmark.guard import ReferenceProfile
from molscreen.generation.benchmark.pmo import PMO
from molscreen.generation.benchmark.rating import ALIKE, diversity, guarded_curve, rate

SCORES = np.random.default_rng(0).random(250).round(2).tolist()


def test_without_a_guard_the_curve_is_the_plain_one():
    assert np.allclose(list(guarded_curve(SCORES, stop=250)), top_curve(SCORES))


def test_what_is_not_admitted_does_not_count():
    admitted = [score for place, score in enumerate(SCORES) if place % 2]
    *_, (calls, mean) = guarded_curve(SCORES, admit=lambda place: bool(place % 2), stop=250)
    assert (calls, mean) == (250, pytest.approx(np.mean(sorted(admitted)[-10:])))


def test_nothing_is_asked_twice_nor_without_need():
    """A filter of alerts takes milliseconds, a run has ten thousand molecules."""
    asked = []
    list(guarded_curve(sorted(SCORES), admit=lambda place: asked.append(place) or True, stop=250))
    assert len(asked) == len(set(asked)) == 30  # ten for each of three points


def test_calls_after_the_budget_do_not_count():
    assert [calls for calls, _ in guarded_curve(SCORES, stop=120)] == [100, 120]


def test_of_molecules_that_are_alike_only_the_better_one_counts():
    """The greedy choice, told by an independent loop."""
    ends = ("O", "N", "F", "c1ccccc1", "C(=O)O", "C#N")
    keys = ["C" * size + end for end in ends for size in range(3, 28)]
    scores = np.random.default_rng(1).random(150).tolist()
    bits = ecfp_bits(keys)
    alike = tanimoto(bits, bits)
    *_, (_, mean) = guarded_curve(scores, bits=bits, stop=150)
    taken: list[int] = []
    for place in sorted(range(150), key=lambda place: -scores[place]):
        if len(taken) < 10 and all(alike[place, other] <= ALIKE for other in taken):
            taken.append(place)
    assert mean == pytest.approx(np.mean([scores[place] for place in taken]))
    assert mean < np.mean(sorted(scores)[-10:])


def test_ten_copies_have_no_diversity_and_strangers_have_all():
    assert diversity(ecfp_bits(["CCO"] * 10)) == pytest.approx(0)
    assert diversity(ecfp_bits(["CCO", "c1ccccc1"])) == pytest.approx(1)
    assert math.isnan(diversity(ecfp_bits(["CCO"])))


def test_a_run_of_drugs_has_every_figure_in_its_range():
    keys = list(drug_keys()[:120])
    task = PMO["qed"]
    scores = [task.score(key) for key in keys]
    reference = ReferenceProfile.of(drug_keys()[:300])
    rating = rate(task, 3, keys, scores, budget=200, reference=reference)
    assert (rating.task, rating.seed, rating.calls) == ("qed", 3, 120)
    assert rating.top1 == max(scores)
    assert rating.combined <= min(rating.filtered, rating.diverse) <= rating.auc <= rating.top1
    assert 0 < rating.passing < 1
    assert rating.top100 == pytest.approx(np.mean(sorted(scores)[-100:]))


def test_without_a_reference_guarded_figures_are_missing():
    rating = rate(PMO["qed"], 0, ["CCO", "CCN"], [0.4, 0.3], budget=10)
    assert [math.isnan(each) for each in (rating.filtered, rating.combined, rating.passing)] == [True] * 3
    assert not math.isnan(rating.diverse)
