"""A history is a table, and comes back from it as it was."""

import math
from typing import get_args

import pyarrow as pa
import pytest

from molscreen.generation.search.history import Call, History, Picked, from_arrow, to_arrow

CALLS = (
    Call(1, 1, "CCO", 0.25),
    Call(2, 1, "CC[C@H](C)O", math.nan),
    Call(3, 2, "CCN", 0.1 + 0.2, "genetic", ("CCO", "CCC"), "OH → NH2", "ucb", 0.2, 1e-17),
    Call(4, 2, "CCCl", 0.25, "fragments", ("CCO",), "OH → Cl", "share"),
)


def test_a_history_comes_back_to_the_last_bit():
    assert repr(from_arrow(to_arrow(CALLS))) == repr(CALLS)  # NaN is not equal to itself, but reads alike
    assert from_arrow(to_arrow([])) == ()


def test_a_call_is_picked_in_a_way_that_is_known():
    assert {call.picked for call in CALLS} == set(get_args(Picked))


def test_the_best_have_scores_and_the_earlier_goes_first():
    assert [call.number for call in History(CALLS).best(10)] == [3, 1, 4]
    assert [call.number for call in History(CALLS).best(1)] == [3]


def test_another_table_is_refused():
    with pytest.raises(ValueError, match="columns smiles; a history has number, round, key"):
        from_arrow(pa.table({"smiles": ["CCO"]}))
