"""The loss leaves out what is missing and uses what is censored."""

import math

import pytest
import torch

from molscreen.models.network import NetworkOutput
from molscreen.training.networks.loss import multitask_error, multitask_loss

NAN = math.nan


def loss(raw, target, relation=0, *, classification=False, log_variance=0.0):
    raw = torch.tensor([[raw]], requires_grad=True)
    output = NetworkOutput(raw, torch.full((1, 1), log_variance), torch.zeros(1, 1))
    value, weight = multitask_loss(
        output,
        torch.tensor([[target]]),
        torch.tensor([[relation]], dtype=torch.int8),
        is_classification=torch.tensor([classification]),
        weight=torch.ones(1),
    )
    value.backward()
    return float(value.detach()), float(weight), float(raw.grad)


def test_a_missing_label_neither_costs_nor_pulls():
    """NaN is no zero: it has no loss, no weight and no gradient."""
    assert loss(3.0, NAN) == (0.0, 0.0, 0.0)


def test_gaussian_loss_at_unit_variance_is_half_the_squared_error():
    """Known value: -log N(y; mu, 1) up to its constant."""
    assert loss(1.0, 3.0)[0] == pytest.approx(2.0)


def test_cross_entropy_of_an_even_guess_is_log_two():
    """Known value."""
    assert loss(0.0, 1.0, classification=True)[0] == pytest.approx(math.log(2))


@pytest.mark.parametrize(("relation", "satisfied", "violated"), [(1, 8.0, 2.0), (-1, 2.0, 8.0)])
def test_a_censored_value_pulls_only_to_its_allowed_side(relation, satisfied, violated):
    """'>5' is content with 8 and pulls 2 upwards; '<5' the other way round."""
    content, _, still = loss(satisfied, 5.0, relation)
    unhappy, _, pull = loss(violated, 5.0, relation)
    assert content < 0.01
    assert abs(still) < 0.01
    assert unhappy > 3
    assert pull * relation < 0  # descent moves the prediction towards the allowed side


def test_a_censored_value_at_the_bound_costs_log_two():
    """Known value: half of the predicted Gaussian lies on the allowed side."""
    assert loss(5.0, 5.0, 1)[0] == pytest.approx(math.log(2))


def error(raw, target, relation=0, *, classification=False, log_variance=0.0):
    output = NetworkOutput(torch.tensor([[raw]]), torch.full((1, 1), log_variance), torch.zeros(1, 1))
    value, weight = multitask_error(
        output,
        torch.tensor([[target]]),
        torch.tensor([[relation]], dtype=torch.int8),
        is_classification=torch.tensor([classification]),
        weight=torch.ones(1),
    )
    return float(value), float(weight)


@pytest.mark.parametrize("log_variance", [-4.0, 0.0, 4.0])
def test_a_fit_is_stopped_by_its_means(log_variance):
    """A network sure of itself is no better than one that errs alike and says so."""
    assert error(1.0, 3.0, log_variance=log_variance) == (2.0, 1.0)
    assert error(0.0, 1.0, classification=True, log_variance=log_variance)[0] == pytest.approx(math.log(2))


def test_a_censored_value_is_wrong_on_one_side():
    """'>5' is met by 8 and missed by 2; '<5' the other way round; a missing one never."""
    assert error(8.0, 5.0, 1) == (0.0, 1.0)
    assert error(2.0, 5.0, 1) == (4.5, 1.0)
    assert error(2.0, 5.0, -1) == (0.0, 1.0)
    assert error(8.0, 5.0, -1) == (4.5, 1.0)
    assert error(8.0, NAN, -1) == (0.0, 0.0)
