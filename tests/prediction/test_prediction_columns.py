"""Columns have one meaning each, and missing values are null."""

import numpy as np
import pyarrow as pa
import pytest

from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError
from molscreen.prediction.columns import check_columns, domain_columns, spread


@pytest.mark.parametrize(
    ("bundles", "message"),
    [
        ([("a", ["x"]), ("a", ["y"])], "two bundles are named 'a'"),
        (
            [("a", ["x"]), ("b", ["x"])],
            "bundle 'b': endpoint 'x' needs the column 'x', which is that of",
        ),
        (
            [("a", ["x", "x_low"])],
            "needs the column 'x_low', which is that of 'x' of bundle",
        ),
        ([("a", ["score"])], "'score' needs the column 'score', which is in every table"),
        ([("a", ["QED"])], "which is a descriptor"),
        ([("a", ["term_x"])], "which is kept for ours"),
        ([("a", ["in_domain_b"])], "which is kept for ours"),
    ],
)
def test_a_column_with_two_meanings_is_refused(bundles, message):
    """An endpoint named 'score' would otherwise be what a library is ranked by."""
    with pytest.raises(BundleError, match=message):
        check_columns([(name, [Endpoint(name=each) for each in names]) for name, names in bundles])


def test_endpoints_of_different_names_may_meet():
    check_columns([("a", [Endpoint(name="pKi"), Endpoint(name="hERG")]), ("b", [Endpoint(name="pKi_5HT")])])


def test_the_domain_is_that_of_the_bundles_in_use():
    """Each bundle keeps its own verdict; one bundle needs no second column."""
    inside = {"a": np.array([True, True]), "b": np.array([False, True]), "c": np.array([True, False])}
    columns = domain_columns(inside, ["a", "b"])
    assert columns["in_domain"].tolist() == [False, True]
    assert list(columns) == ["in_domain", "in_domain_a", "in_domain_b", "in_domain_c"]
    assert list(domain_columns({"a": inside["a"]}, ["a"])) == ["in_domain"]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_missing_is_null(kind):
    """NaN, infinity and "no compound" are one thing to a reader: no value."""
    values = np.array([1.5, np.nan, np.inf], kind)
    column = spread(values, np.array([0, 1, 2, -1, 0]))
    assert column.to_pylist() == [1.5, None, None, None, 1.5]
    assert column.type == pa.from_numpy_dtype(kind)
    assert spread(values[:0], np.array([-1, -1])).to_pylist() == [None, None]


def test_verdicts_are_spread_alike():
    verdicts = np.arange(20) % 3 == 0
    place = np.array([-1, *range(20)])
    assert spread(verdicts, place).to_pylist() == [None, *verdicts.tolist()]
    assert spread(np.zeros(0, bool), np.array([-1])).type == pa.bool_()
