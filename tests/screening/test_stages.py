"""The stages between a record and its row: nothing is shifted, lost, or stored finer than declared."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from molscreen.chem.compound import Note, Rejection
from molscreen.chem.guarded.guard import Casualty
from molscreen.data.files.record import Record
from molscreen.graphs.features import featurize
from molscreen.graphs.pack import to_bytes
from molscreen.prediction.prepare import Prepared, prepare
from molscreen.screening.executors.schedule import Task
from molscreen.screening.executors.wire import decode_task, encode_task
from molscreen.screening.shard import cut, cut_compounds
from molscreen.screening.tiers import stages

FLOATS = st.floats(width=32, allow_subnormal=False)


@given(st.lists(FLOATS, max_size=20))
def test_stored_floats_have_the_declared_resolution(values):
    """Four significant digits, NaN and infinity kept, and storing twice changes nothing."""
    value = np.array(values, np.float32)
    stored = stages.round_mantissa(value)
    finite = np.isfinite(value)
    assert np.array_equal(stored[~finite], value[~finite], equal_nan=True)
    fits = np.abs(value) < 3e38  # NaN is not; the largest floats round up to infinity
    assert (np.abs(stored[fits] - value[fits]) <= 2.0**-13 * np.abs(value[fits])).all()
    assert np.array_equal(stages.round_mantissa(stored[fits]), stored[fits])


def test_larger_stays_larger():
    """Rounding for storage never turns a ranking round."""
    value = np.sort(np.random.default_rng(0).normal(size=10_000)).astype(np.float32)
    assert (np.diff(stages.round_mantissa(value)) >= 0).all()


def record(row: int, raw: str, **more: object) -> Record:
    return Record(row=row, source="a.csv", line=row + 2, id=f"{row:03d}", raw=raw, fields=("007",), **more)


FAULT = Rejection("a.csv:3", "x,y", "read", "invalid", "field_count", "3 fields, expected 2")
RECORDS = [
    record(0, "CCO"),
    record(1, "x,y", fault=FAULT),
    record(2, "CCN", note=Note("inchi", "read from InChI")),
    record(3, "CCC"),
    record(4, "CCCC", note=Note("trailing_text", "text after the structure")),
]


def test_answers_go_to_their_rows():
    """Rows with a fault are not sent to the guard; the others get their own result, not a neighbour's."""
    [shard] = cut(RECORDS, ["dose"], 10)
    assert stages.without_fault(shard.batch, "raw") == ["CCO", "CCN", "CCC", "CCCC"]
    done = [prepare(text) for text in ("CCO", "CCN")]
    merged = stages.merge_faults(shard.batch, [*done, Casualty("timeout", "took longer"), prepare("CCCC")])
    assert [each.status for each in merged] == ["ok", "invalid", "ok", "timeout", "warning"]
    assert [each.stage for each in merged] == ["", "read", "", "standardize", ""]
    assert [each.key for each in merged] == ["CCO", None, "CCN", None, "CCCC"]
    assert merged[2].reason == "read from InChI"
    assert (merged[4].code, merged[4].reason) == ("trailing_text", "text after the structure")


def test_every_note_has_its_code():
    """A stripped salt is harmless; that a centre is open beside it is not, and has to be countable."""
    both = prepare("CC(N)C(=O)[O-].[Na+]")
    assert (both.status, both.code) == ("warning", "stereo_undefined; salt_stripped")
    assert both.reason == "scored without sodium; 1 stereocentre undefined: one score stands for all isomers"
    [shard] = cut([record(0, "CC(N)C(=O)O", note=Note("trailing_text", "text after it"))], ["dose"], 10)
    [merged] = stages.merge_faults(shard.batch, [prepare("CC(N)C(=O)O")])
    assert merged.code == "stereo_undefined; trailing_text"
    assert merged.reason.startswith("text after it; 1 stereocentre")


def test_prepared_graph_is_that_of_the_key():
    prepared = prepare("OC(=O)c1ccccc1OC(C)=O")
    assert prepared == Prepared("ok", "", "", key="CC(=O)Oc1ccccc1C(=O)O", graph=prepared.graph)
    assert prepared.graph == to_bytes(featurize(prepared.key))


def test_shards_are_cut_alike_whatever_comes_later():
    """Shard i starts at row i * size: what was committed stays valid when a run goes on."""
    shards = list(cut(RECORDS, ["dose"], 2))
    assert [(shard.index, shard.first, len(shard)) for shard in shards] == [(0, 0, 2), (1, 2, 2), (2, 4, 1)]
    assert shards[0].digest() == next(cut(RECORDS[:2], ["dose"], 2)).digest()
    assert len({shard.digest() for shard in shards}) == 3


def test_digest_sees_structure_and_place():
    first, other = (next(cut([record(0, text)], ["dose"], 2)) for text in ("CCO", "CCN"))
    moved = next(cut([record(1, "CCO")], ["dose"], 2))
    assert len({first.digest(), other.digest(), moved.digest()}) == 3


def test_task_travels_unchanged():
    """Through the pipe as Arrow columns: raw text, nulls and the user's columns included."""
    [shard] = cut(RECORDS, ["dose"], 10)
    tier, task = decode_task(encode_task("wide", Task(shard.slice(1, 4), is_trial=True, low=1)))
    assert (tier, task.is_trial, task.low) == ("wide", True, 1)
    assert (task.shard.index, task.shard.first) == (0, 1)
    assert task.shard.batch.to_pydict() == shard.batch.slice(1, 3).to_pydict()
    assert task.shard.digest() == shard.slice(1, 4).digest()


def test_no_compounds_still_make_a_part():
    """One empty shard, so that a run without hits has files with columns."""
    [shard] = cut_compounds([], [], 25)
    assert (len(shard), shard.index) == (0, 0)


def test_compound_that_cannot_be_explained_costs_its_explanation_only():
    """A row blamed for a dead worker is passed over; the others of its shard are explained, asked once."""
    from small_plan import make_plan
    from stand_in import ENDPOINTS, flat

    from molscreen.chem.guarded.fork_server import ForkServer
    from molscreen.screening.plan.views import Views
    from molscreen.screening.tiers.explain import ExplainTier

    keys = ["CCO", "c1ccccc1O", "CCN"]
    [shard] = cut_compounds([4, 7, 9], keys, 25)
    blamed = shard.with_faults({1: ("crashed", "crashed", "ended the process that worked on it")})
    seen = []

    class Listening(type(flat())):
        def predict(self, keys, graphs=None):
            seen.extend(keys)
            return super().predict(keys, graphs)

    views = [Views("flat", flat(), Listening())]
    with contextlib.closing(ForkServer()) as forks:
        tier = ExplainTier((), views, make_plan().make_objective(ENDPOINTS), forks=forks)
        with contextlib.closing(tier):
            table = tier.table(blamed, stages.Stopwatch())
    assert table["key"].to_pylist() == keys
    assert table["attributions"].to_pylist() == table["drug_percentiles"].to_pylist() == ["{}"] * 3
    assert table["counterfactuals"].to_pylist() == ["{}"] * 3  # a predictor of the user's may be dear to ask
    assert seen == ["CCO", "CCN"]


def test_a_bound_that_the_fast_view_lacks_costs_no_compound_its_second_look():
    """The full view may have it; the first look goes by the mean, and stores it as missing."""
    from small_plan import make_plan
    from stand_in import ENDPOINTS, flat

    from molscreen.chem.cleaning.recipe import Recipe
    from molscreen.chem.guarded.fork_server import ForkServer
    from molscreen.screening.plan.views import Views
    from molscreen.screening.tiers.wide import WideTier

    class Unbounded(type(flat())):
        def predict(self, keys, graphs=None):
            said = super().predict(keys, graphs)
            said.low[:, 0] = said.high[:, 0] = np.nan
            return said

    [shard] = cut([record(0, "CCO"), record(1, "NCCCN")], ["dose"], 10)
    views = [Views("flat", Unbounded(), flat())]

    def look(plan):
        objective = plan.make_objective(ENDPOINTS).restricted_to({"potency"})
        with contextlib.closing(ForkServer()) as forks:
            tier = WideTier(Recipe(), views, objective, refuse_outside=False, forks=forks)
            with contextlib.closing(tier):
                return tier.table(shard, stages.Stopwatch())

    by_bound, by_mean = look(make_plan().cautious({"potency"})), look(make_plan())
    assert by_bound["score"].to_pylist() == by_mean["score"].to_pylist()
    assert by_bound["status"].to_pylist() == ["ok", "ok"]
    assert np.isnan(by_bound["potency_low"].to_numpy()).all()
