"""What the network writes has the probability that it says it has."""

import math
from collections import Counter

import numpy as np
import pytest
import torch

from molscreen.errors import ConfigError
from molscreen.generation.language.network import LanguageNetwork, LanguageSpec
from molscreen.generation.language.tokens import END, START, pad


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    made = LanguageNetwork(LanguageSpec(tokens=5, embedding=4, hidden=6, layers=2))
    with torch.no_grad():
        made.output.bias += torch.tensor([1.0, -50.0, 0.5, 0.0, 0.0])  # short, and never a start
    return made


def test_a_likelihood_is_the_product_of_the_softmax_of_each_step(network):
    """An independent sum over the steps, of one sequence without padding."""
    row = [START, 2, 4, 3, END]
    logits = network(torch.tensor([row]))[0]
    expected = sum(torch.log_softmax(logits[i], 0)[row[i + 1]] for i in range(len(row) - 1))
    assert network.log_likelihood(torch.tensor([row]))[0].item() == pytest.approx(expected.item(), rel=1e-5)


def test_padding_changes_no_likelihood(network):
    """A molecule is as probable beside a long one as alone."""
    sequences = [(2,), (3, 4, 2, 2, 3, 4), ()]
    together = network.log_likelihood(torch.from_numpy(pad(sequences)))
    alone = [network.log_likelihood(torch.from_numpy(pad([each])))[0] for each in sequences]
    torch.testing.assert_close(together, torch.stack(alone), rtol=1e-5, atol=1e-6)


def test_sequences_are_sampled_as_often_as_they_are_probable(network):
    n = 20_000
    rows = network.sample(n, np.random.default_rng(0), longest=12)
    seen = Counter(tuple(row[row != END].tolist()) for row in rows)
    for sequence in [(), (2,), (2, 2), (3, 2)]:
        p = math.exp(network.log_likelihood(torch.from_numpy(pad([sequence])))[0].item())
        assert seen[sequence] / n == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n))


def test_a_sample_depends_on_its_rng_alone(network):
    torch.manual_seed(0)
    first = network.sample(20, np.random.default_rng(5))
    torch.manual_seed(1)
    assert (network.sample(20, np.random.default_rng(5)) == first).all()
    assert (network.sample(20, np.random.default_rng(6)) != first).any()


def test_what_does_not_end_is_cut_off(network):
    rows = network.sample(2000, np.random.default_rng(1), longest=2)
    assert rows.shape == (2000, 3)
    assert (rows[:, -1] != END).any()


def test_nothing_is_sampled_where_nothing_is_asked_for(network):
    assert network.sample(0, np.random.default_rng(0)).shape[0] == 0


def test_a_start_is_never_written(network):
    assert not (network.sample(5000, np.random.default_rng(0)) == START).any()


def test_a_shape_that_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="language network: hidden must be positive, got 0"):
        LanguageSpec(tokens=5, hidden=0)
