"""A run record that does not add up, or was edited, is not believed."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.errors import ResumeError, RunError
from molscreen.provenance import (
    Counts,
    RunRecord,
    canonical_json,
    differences,
    json_ready,
    own_digest,
    source_digest,
)

IDENTITY = {
    "inputs": {"a.csv": "00"},
    "plan": {"top": 100, "run": {"shard_size": 64}},
    "bundles": {"x": "11"},
}
COUNTS = Counts(read=5, scored=2, unscored=1, rejected={"invalid/valence": 2})


def test_nothing_disappears():
    """Promise 1: one row too few is an error, not a smaller number."""
    with pytest.raises(RunError, match=r"5 rows read, but 2 scored \+ 0 unscored \+ 2 rejected = 4"):
        dataclasses.replace(COUNTS, unscored=0)


@given(st.integers(0, 9), st.integers(0, 9), st.dictionaries(st.text(max_size=3), st.integers(0, 9)))
def test_counts_reconcile_or_are_refused(scored, unscored, rejected):
    total = scored + unscored + sum(rejected.values())
    assert Counts(read=total, scored=scored, unscored=unscored, rejected=rejected).read == total
    with pytest.raises(RunError):
        Counts(read=total + 1, scored=scored, unscored=unscored, rejected=rejected)


def test_record_reads_back():
    record = RunRecord(identity=IDENTITY, library=("a.csv",), described=("a.csv: 5 rows",))
    assert RunRecord.from_json(record.to_json()) == record
    complete = record.completed(COUNTS, {"wide.predict": 1.5})
    assert RunRecord.from_json(complete.to_json()) == complete
    assert complete.fingerprint == record.fingerprint


def test_complete_without_counts_is_refused():
    with pytest.raises(RunError, match="complete run without counts"):
        RunRecord(identity=IDENTITY, state="complete")


def test_fingerprint_follows_the_identity_alone():
    record = RunRecord(identity=IDENTITY)
    assert dataclasses.replace(record, library=("elsewhere/a.csv",)).fingerprint == record.fingerprint
    shuffled = dict(reversed(IDENTITY.items()))
    assert RunRecord(identity=shuffled).fingerprint == record.fingerprint
    assert RunRecord(identity={**IDENTITY, "bundles": {"x": "12"}}).fingerprint != record.fingerprint


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"fingerprint": "0"}', "not json"])
def test_foreign_file_is_refused(text):
    with pytest.raises(ResumeError, match=r"run\.json is not a run record of this version"):
        RunRecord.from_json(text)


def test_edited_record_is_refused():
    fields = json.loads(RunRecord(identity=IDENTITY).to_json())
    fields["identity"]["plan"]["top"] = 5
    with pytest.raises(ResumeError, match=r"run\.json was edited"):
        RunRecord.from_json(json.dumps(fields))


def test_counts_of_an_edited_record_are_checked_again():
    fields = json.loads(RunRecord(identity=IDENTITY).completed(COUNTS, {}).to_json())
    fields["counts"]["scored"] += 1
    with pytest.raises(RunError, match="do not reconcile"):
        RunRecord.from_json(json.dumps(fields))


def test_digest_of_sources_knows_their_tables(tmp_path, monkeypatch):
    """A solvent more in a table gives another compound, as a line of code would."""
    (tmp_path / "my_package").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    seen = set()
    for name, text in (("__init__.py", ""), ("code.py", "X = 1"), ("code.py", "X = 2"), ("salts.tsv", "Cl")):
        (tmp_path / "my_package" / name).write_text(text)
        seen.add(source_digest("my_package", suffixes=(".py", ".tsv")))
    assert len(seen) == 4
    assert len(own_digest()) == 16


def test_differences_are_named_leaf_by_leaf():
    now = {"inputs": {"a.csv": "01"}, "plan": {"top": 100, "run": {"shard_size": 64}}, "bundles": {}}
    assert differences(IDENTITY, now) == [
        "inputs.a.csv: 00 → 01",
        "bundles.x: 11 → absent",
        "bundles: absent → {}",
    ]
    assert differences(IDENTITY, IDENTITY) == []


def test_canonical_json_has_one_text_for_a_value():
    assert canonical_json({"b": [1, 2.5], "a": "µ"}) == '{"a":"µ","b":[1,2.5]}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("inf"), np.float64("nan")])
def test_what_is_no_number_is_null_in_json_wherever_it_stands(value):
    assert json_ready({"a": [value, {"b": (value, 0.5)}]}) == {"a": [None, {"b": [None, 0.5]}]}


def test_dataclasses_and_numpy_scalars_are_ready_for_json():
    counts = Counts(read=np.int64(2), scored=1, unscored=0, rejected={"invalid/valence": 1})
    text = json.dumps(json_ready([counts]))
    assert json.loads(text)[0] == {
        "read": 2, "scored": 1, "unscored": 0, "rejected": {"invalid/valence": 1}, "duplicates": 0,
    }  # fmt: skip
