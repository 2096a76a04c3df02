"""Method: one name, the same settings in every task."""

from __future__ import annotations

import pytest

from molscreen.errors import UsageError
from molscreen.generation.benchmark.method import ROUNDS, find_method


def test_the_baseline_scores_all_that_it_proposes():
    """REINVENT has no surrogate and no seeds: its figures are to be its own."""
    method = find_method("reinvent")
    config = method.within(10_000)
    assert (method.start, config.surrogate, config.ucb_share) == (0, False, 0.0)
    assert config.proposals == config.batch == 64


def test_a_single_proposer_is_a_method():
    assert [each.name for each in find_method("genetic").make_generators()] == ["genetic"]


def test_a_long_search_has_larger_batches_and_a_short_one_its_own():
    method = find_method("portfolio")
    assert method.within(10_000).batch == 10_000 / ROUNDS
    assert method.within(500) == method.config


def test_an_unknown_name_lists_the_choices():
    with pytest.raises(UsageError, match=r"--generator genetics: unknown. Did you mean 'genetic'\?"):
        find_method("genetics")
