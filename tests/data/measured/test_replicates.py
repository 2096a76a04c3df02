"""Replicates: one compound, one row; disagreement is counted and never hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.chem.compound import Rejection
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.replicates import agree, merge_replicates
from molscreen.endpoint import Endpoint

PKI = Endpoint(name="pKi", unit="pKi")
CLEARANCE = Endpoint(name="clearance", unit="mL/min/g", scale="log10")
HERG = Endpoint(name="hERG", kind="classification")

ASPIRIN, CAFFEINE, IBUPROFEN = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
)


def table(keys, value, *, endpoints=(PKI,), relation=None, split=None, time=None, cliff=None, rejections=()):
    value = np.array(value, np.float32).reshape(len(keys), len(endpoints))
    split = np.zeros(value.shape, "<U5") if split is None else np.array(split, "<U5").reshape(value.shape)
    return AssayTable(
        keys=tuple(keys),
        endpoints=tuple(endpoints),
        value=value,
        relation=np.array(np.zeros(value.shape) if relation is None else relation, np.int8).reshape(
            value.shape
        ),
        split=split,
        time=np.full(len(keys), np.nan) if time is None else np.array(time, float),
        ids=tuple(f"test:{i}" for i in range(len(keys))),
        subsets={} if cliff is None else {"cliff": np.array(cliff, bool).reshape(value.shape)},
        rejections=tuple(rejections),
    )


def test_median_of_values():
    merged, _ = merge_replicates(table([ASPIRIN, CAFFEINE, ASPIRIN, ASPIRIN], [5, 7, 6, 9]))
    assert merged.keys == (ASPIRIN, CAFFEINE)
    assert merged.value[:, 0].tolist() == [6, 7]
    assert merged.ids == ("test:0; test:2; test:3", "test:1")


def test_log_scale_is_averaged_as_logarithms():
    """Clearances of 10 and 1000 agree on 100, not on 505."""
    merged, _ = merge_replicates(table([ASPIRIN, ASPIRIN], [10, 1000], endpoints=[CLEARANCE]))
    assert merged.value[0, 0] == pytest.approx(100)


def test_majority_of_labels_and_none_without_one():
    keys = [ASPIRIN] * 3 + [CAFFEINE] * 2
    merged, _ = merge_replicates(table(keys, [1, 1, 0, 1, 0], endpoints=[HERG]))
    assert merged.value[0, 0] == 1
    assert np.isnan(merged.value[1, 0])


def test_exact_values_outrank_limits():
    merged, _ = merge_replicates(table([ASPIRIN] * 3, [4, 4, 6], relation=[-1, -1, 0]))
    assert (merged.value[0, 0], merged.relation[0, 0]) == (6, 0)


def test_limits_alone_stay_limits():
    merged, _ = merge_replicates(table([ASPIRIN] * 3, [4, 5, 3], relation=[-1, -1, 1]))
    assert (merged.value[0, 0], merged.relation[0, 0]) == (4.5, -1)


def test_limits_that_contradict_say_nothing():
    assert np.isnan(agree(np.float32([4, 6]), np.int8([-1, 1]), PKI)[0])


def test_what_is_in_the_test_set_is_never_trained_on():
    """A salt and its parent in the two official files are one compound after standardisation."""
    merged, _ = merge_replicates(table([ASPIRIN, ASPIRIN], [5, 8], split=["train", "test"]))
    assert merged.value[0, 0] == 8
    assert merged.split[0, 0] == "test"


def test_folds_belong_to_measurements():
    both = table([ASPIRIN], [5, 1], endpoints=[PKI, HERG], split=["train", "test"])
    merged, _ = merge_replicates(both)
    assert merged.split.tolist() == [["train", "test"]]
    assert merged.held_out.tolist() == [True]


def test_a_subset_marks_the_compound_when_any_record_is_marked():
    merged, _ = merge_replicates(table([ASPIRIN, ASPIRIN], [5, 6], cliff=[False, True]))
    assert merged.subsets["cliff"].tolist() == [[True]]


def test_the_earliest_time_counts():
    merged, _ = merge_replicates(table([ASPIRIN, ASPIRIN, CAFFEINE], [5, 6, 7], time=[2015, 2012, np.nan]))
    assert merged.time[0] == 2012
    assert np.isnan(merged.time[1])


def test_the_report_reconciles():
    refused = [Rejection("a.csv:9", "C(C", "standardize", "invalid", "syntax", "ring left open")] * 2
    merged, report = merge_replicates(table([ASPIRIN, ASPIRIN, CAFFEINE], [5, 6, 7], rejections=refused))
    assert report.rows == report.compounds + report.duplicates + len(merged.rejections) == 5
    assert merged.rejections == tuple(refused)


@given(st.lists(st.tuples(st.sampled_from([ASPIRIN, CAFFEINE, IBUPROFEN]), st.floats(-10, 10, width=32))))
def test_merging_again_changes_nothing(records):
    """One row per compound is a fixed point, and each value lies among those it came from."""
    read = table([key for key, _ in records], [value for _, value in records])
    once, _ = merge_replicates(read)
    twice, report = merge_replicates(once)
    assert twice.keys == once.keys
    assert np.array_equal(twice.value, once.value)
    assert report.duplicates == 0
    for key, value in zip(once.keys, once.value[:, 0], strict=True):
        own = [v for k, v in records if k == key]
        assert min(own) <= value <= max(own)
