"""Weights follow who was right, as far as the measurements can tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from molscreen.endpoint import Endpoint
from molscreen.training.stack import FEWEST_TO_TELL, stack

PKI = [Endpoint(name="pKi")]
TOXIC = [Endpoint(name="toxic", kind="classification", unit="probability")]


def column(values):
    return np.asarray(values, float)[:, None]


@given(seed=st.integers(0, 1000), size=st.floats(0.01, 100), middle=st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_a_perfect_expert_gets_nearly_all_weight(seed, size, middle):
    """Whatever the unit and the zero of the scale, and however many others guess."""
    rng = np.random.default_rng(seed)
    truth = column(middle + size * rng.normal(size=300))
    guesses = {f"guess {i}": column(middle + size * rng.normal(size=300)) for i in range(2)}
    blend = stack({**guesses, "knows": truth}, truth, PKI)
    assert blend.weight[2, 0] == pytest.approx(1, abs=0.1)
    assert (blend.weight[:2, 0] < 0.1).all()
    mean, _ = blend.combine({**guesses, "knows": truth})
    assert np.corrcoef(mean[:, 0], truth[:, 0])[0, 1] > 0.99


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), is_class=st.booleans())
@settings(max_examples=60, deadline=None)
def test_weights_are_never_negative_and_never_all_nothing(seed, n, is_class):
    """Also where every expert is wrong throughout: to turn an expert around is to trust it."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(n, 1))
    opinions = {"wrong": -truth, "noise": rng.normal(size=(n, 1)), "constant": np.ones((n, 1))}
    blend = stack(opinions, (truth > 0).astype(float) if is_class else truth, TOXIC if is_class else PKI)
    assert (blend.weight >= 0).all()
    assert blend.weight.sum() > 0
    assert np.isfinite(blend.weight).all()
    assert np.isfinite(blend.offset).all()


@pytest.mark.parametrize("n", [0, 1, FEWEST_TO_TELL - 1, FEWEST_TO_TELL])
def test_few_compounds_cannot_tell(n):
    """Below 20 with a measurement, luck would choose."""
    truth = column(np.linspace(4, 9, 50))
    measured = np.where(column(np.arange(50)) < n, truth, np.nan)
    blend = stack({"knows": truth, "guesses": truth[::-1] + 1}, measured, PKI)
    equal = blend.weight[:, 0].tolist() == [0.5, 0.5] and blend.offset[0] == 0
    assert equal == (n < FEWEST_TO_TELL)


@pytest.mark.parametrize(("positives", "equal"), [(FEWEST_TO_TELL - 1, True), (FEWEST_TO_TELL, False)])
def test_few_compounds_of_a_class_cannot_tell(positives, equal):
    label = column(np.arange(200) < positives)
    blend = stack({"knows": 4 * label - 2, "guesses": column(np.resize([1.0, -1.0], 200))}, label, TOXIC)
    assert (blend.weight[:, 0].tolist() == [0.5, 0.5]) == equal


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_endpoints_of_a_kind_learn_from_each_other(kind):
    """Whoever is good at nine endpoints is believed at the tenth, which has few compounds to tell by."""
    rng = np.random.default_rng(4)
    hidden = rng.normal(size=(600, 10))
    truth = hidden if kind == "regression" else (hidden > 0).astype(float)
    truth[30:, 9] = np.nan
    good, poor = (3 * hidden + size * rng.normal(size=hidden.shape) for size in (1, 9))
    endpoints = [Endpoint(name=str(j), kind=kind) for j in range(10)]
    together = stack({"good": good, "poor": poor}, truth, endpoints).weight
    alone = stack({"good": good[:, 9:], "poor": poor[:, 9:]}, truth[:, 9:], endpoints[9:]).weight
    shares = [weight[0, -1] / weight[:, -1].sum() for weight in (together, alone)]
    assert shares[0] > shares[1]
    assert shares[0] == pytest.approx(np.median(together[0] / together.sum(axis=0)), abs=0.1)


@pytest.mark.parametrize("shrunk", [0.5, 1.5])
def test_shared_weights_do_not_shift_an_endpoint_of_few_compounds(shrunk):
    """They come without the offset they were fitted with: melting points around 150 °C stay there."""
    rng = np.random.default_rng(0)
    truth = 150 + 50 * rng.normal(size=(300, 3))
    truth[FEWEST_TO_TELL - 5 :, 2] = np.nan
    said = {name: 150 + shrunk * (truth - 150 + 30 * rng.normal(size=truth.shape)) for name in ("a", "b")}
    blend = stack(said, truth, [Endpoint(name=name) for name in "xyz"])
    assert blend.weight[:, :2].sum(axis=0) != pytest.approx(1, abs=0.1)
    assert blend.offset[2] == 0
    assert blend.weight[:, 2].sum() == pytest.approx(1)
    mean, _ = blend.combine(said)
    few = np.isfinite(truth[:, 2])
    alone = np.mean([np.abs((column - truth)[few, 2].mean()) for column in said.values()])
    assert np.abs((mean - truth)[few, 2].mean()) < alone + 1


def test_units_of_other_endpoints_do_not_matter():
    rng = np.random.default_rng(5)
    truth = rng.normal(size=(200, 2))
    opinions = {name: truth + size * rng.normal(size=truth.shape) for name, size in (("a", 0.5), ("b", 1))}
    endpoints = [Endpoint(name="x"), Endpoint(name="y")]
    scale = np.array([1.0, 1000.0])
    before = stack(opinions, truth, endpoints)
    after = stack({name: said * scale for name, said in opinions.items()}, truth * scale, endpoints)
    np.testing.assert_allclose(after.weight, before.weight, rtol=1e-6)


def test_logits_are_weighed_by_what_they_tell_of_labels():
    """Two experts that each saw half of the truth are both heard; one that guesses is hardly."""
    rng = np.random.default_rng(0)
    halves = rng.normal(size=(2, 3000))
    label = column(rng.random(3000) < 1 / (1 + np.exp(-2 * halves.sum(axis=0))))
    opinions = {"one": column(halves[0]), "other": column(halves[1]), "guesses": rng.normal(size=(3000, 1))}
    weight = stack(opinions, label, TOXIC).weight[:, 0]
    assert weight[:2] == pytest.approx([2, 2], abs=0.3)
    assert weight[2] < 0.15


def test_what_all_experts_overlook_becomes_the_offset():
    rng = np.random.default_rng(1)
    truth = column(rng.normal(6, 1, 500))
    blend = stack({"a": truth - 1, "b": truth - 1 + 0.5 * rng.normal(size=(500, 1))}, truth, PKI)
    mean, _ = blend.combine({"a": truth - 1, "b": truth - 1})
    assert (mean - truth).mean() == pytest.approx(0, abs=0.01)


def test_who_does_not_know_an_endpoint_has_no_weight_there():
    """And the others decide among themselves; an endpoint that nobody knows has no weights at all."""
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(100, 3))
    trees = truth.copy()
    trees[:, 1:] = np.nan
    networks = truth + rng.normal(size=truth.shape)
    networks[:, 2] = np.nan
    weight = stack({"networks": networks, "trees": trees}, truth, [Endpoint(name=n) for n in "abc"]).weight
    assert weight[1, 0] > weight[0, 0]
    assert weight[0, 1] > 0
    assert weight[:, 2].tolist() == [0, 0]
    assert weight[1, 1] == 0


def test_compounds_on_which_not_all_were_heard_decide_nothing():
    """Nor those without a measurement."""
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(80, 1))
    opinions = {"a": truth + rng.normal(size=(80, 1)), "b": truth + rng.normal(size=(80, 1))}
    before = stack(opinions, truth, PKI)
    more = {
        "a": np.append(opinions["a"], [[99], [np.nan]], axis=0),
        "b": np.append(opinions["b"], [[5], [5]], axis=0),
    }
    after = stack(more, np.append(truth, [[np.nan], [3]], axis=0), PKI)
    np.testing.assert_allclose(after.weight, before.weight)
    np.testing.assert_allclose(after.offset, before.offset)


def test_an_expert_on_the_forbidden_side_of_bounds_is_heard_less():
    """Of exact values alone it would be the better one: it predicts everything where they are."""
    rng = np.random.default_rng(6)
    truth = column(rng.normal(5, 1, 400))
    below = truth < 5.5
    relation = -below.astype(np.int8)
    measured = np.where(below, 5.5, truth)
    opinions = {
        "knows": truth + 0.4 * rng.normal(size=truth.shape),
        "ignores": np.where(below, 6.1, truth + 0.3 * rng.normal(size=truth.shape)),
    }
    exact_alone = stack(opinions, np.where(below, np.nan, measured), PKI)
    assert exact_alone.weight[0, 0] < exact_alone.weight[1, 0]
    told = stack(opinions, measured, PKI, relation=relation)
    assert told.weight[0, 0] > 2 * told.weight[1, 0]
    mean, _ = told.combine(opinions)
    assert (mean[below] < 5.5).mean() > 0.8


def test_weights_of_exact_values_do_not_depend_on_whether_relations_are_given():
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(90, 2))
    opinions = {name: truth + rng.normal(size=truth.shape) for name in "ab"}
    endpoints = [Endpoint(name=name) for name in "xy"]
    plain = stack(opinions, truth, endpoints)
    told = stack(opinions, truth, endpoints, relation=np.zeros(truth.shape, np.int8))
    np.testing.assert_array_equal(plain.weight, told.weight)
    np.testing.assert_array_equal(plain.offset, told.offset)


def test_bounds_alone_cannot_tell():
    """However many they are, they do not say how far beyond a value lies."""
    truth = column(np.linspace(4, 9, 200))
    relation = np.where(column(np.arange(200)) < FEWEST_TO_TELL - 1, 0, 1)
    blend = stack({"knows": truth, "guesses": truth[::-1] + 1}, truth, PKI, relation=relation)
    assert blend.weight[:, 0].tolist() == [0.5, 0.5]
