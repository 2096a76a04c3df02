"""A budget goes where the good compounds come from, and nobody is ever left without."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.generation.search.bandit import FLOOR, Bandit, apportion, credit, pick_by_share

ROUNDS = st.lists(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", ""]), st.floats(0, 1)), min_size=1, max_size=20),
    max_size=12,
)


def learned(rounds, names=("a", "b", "c")):
    bandit = Bandit.new(names)
    for contributions in rounds:
        bandit = bandit.learn(contributions)
    return bandit


@given(ROUNDS)
def test_shares_are_of_one_whole_and_keep_the_floor(rounds):
    shares = learned(rounds).shares()
    assert shares.sum() == pytest.approx(1)
    assert (shares >= FLOOR - 1e-12).all()


@given(ROUNDS)
def test_a_bandit_that_was_written_down_goes_on_alike(rounds):
    """To the last bit: a resumed search must not differ."""
    bandit = learned(rounds)
    assert Bandit.from_state(json.loads(json.dumps(bandit.state()))) == bandit


@given(ROUNDS)
def test_names_do_not_matter(rounds):
    """Proposers are judged by what they contribute, not by where they stand."""
    shares = dict(zip("abc", learned(rounds).shares(), strict=True))
    turned = dict(zip("cab", learned(rounds, names=("c", "a", "b")).shares(), strict=True))
    assert shares == pytest.approx(turned)


def test_the_better_proposer_gets_more():
    """With the same number of calls each."""
    shares = learned([[("a", 1.0), ("b", 0.2), ("c", 0.2)] * 10]).shares()
    assert shares[0] > 0.5
    assert shares[1] == pytest.approx(shares[2])


def test_credit_counts_by_call():
    """Who was asked more often is not thereby better."""
    shares = learned([[("a", 0.5)] * 90 + [("b", 0.5)] * 10], names=("a", "b")).shares()
    assert shares == pytest.approx([0.5, 0.5])


def test_the_past_fades():
    """A proposer that was good once and no longer is loses its share."""
    once = [[("a", 1.0), ("b", 0.1)] * 10] * 5
    since = [[("a", 0.1), ("b", 1.0)] * 10] * 15
    before, after = learned(once, "ab").shares(), learned(once + since, "ab").shares()
    assert before[0] > 0.7
    assert after[0] < 0.3


def test_where_nobody_succeeds_the_less_tried_get_more():
    """Ten failures say more than one."""
    shares = learned([[("a", 0.0)] * 10 + [("b", 0.0)]], "ab").shares()
    assert shares[1] > shares[0]


def test_more_proposers_than_floors_share_alike():
    names = [f"g{i}" for i in range(20)]
    assert Bandit.new(names).shares() == pytest.approx([0.05] * 20)


def test_credit_falls_with_the_rank():
    earned = [credit(rank) for rank in range(1000)]
    assert earned[0] == 1
    assert all(better > worse for better, worse in pairwise(earned))


@given(st.integers(0, 2000), st.lists(st.floats(0.01, 1), min_size=1, max_size=6))
def test_parts_add_up_and_are_next_to_exact(n, weights):
    shares = np.array(weights) / sum(weights)
    parts = apportion(n, shares)
    assert sum(parts) == n
    assert all(abs(part - n * share) < 1 + 1e-6 for part, share in zip(parts, shares, strict=True))


@given(st.lists(st.sampled_from("ab"), max_size=40), st.integers(0, 30))
def test_as_many_are_picked_as_there_can_be(proposers, n):
    picked = pick_by_share(proposers, n, Bandit.new("ab"))
    assert len(picked) == min(n, len(proposers))
    assert picked == sorted(set(picked))
    if n % 2 == 0 and min(map(proposers.count, "ab")) >= n / 2:
        assert [proposers[place] for place in picked].count("a") == n / 2


def test_proposers_of_one_name_are_refused():
    with pytest.raises(ValueError, match="proposers are a, a; expected different names"):
        Bandit.new(["a", "a"])
    with pytest.raises(ValueError, match="proposers are missing"):
        Bandit.new([])
