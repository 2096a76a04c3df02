"""The first look of another run is taken over: models are asked of new rows alone; all else is the same."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_plan import make_plan, result_files, write_library
from stand_in import LETHAL

from molscreen.errors import UsageError
from molscreen.screening.index import index
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import screen
from molscreen.screening.tiers.wide import WideTier

POTENCY = {"endpoint": "potency", "curve": "rise", "low": 4.0, "high": 9.0}
RISK = {"endpoint": "risk", "curve": "fall", "low": 0.1, "high": 0.9, "bound": "pessimistic"}
OTHERS: dict[str, dict[str, Any]] = {
    "more of them": {"top": 25},
    "other rules": {"filter": [{"rule": "brenk"}]},
    "another second look": {"rerank": {"minimum": 90, "maximum": 95}, "diversity": {"method": "none"}},
    "other wishes": {"objective": {"term": [POTENCY | {"weight": 3.0}, RISK]}},
    "only inside": {"out_of_domain": "refuse"},
}
Asked = list[int]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The shards that the models are asked about, in this process."""
    asked: Asked = []
    look = WideTier._look

    def counted(tier: WideTier, shard: Any, stopwatch: Any) -> Any:
        asked.append(shard.index)
        return look(tier, shard, stopwatch)

    monkeypatch.setattr(WideTier, "_look", counted)
    return asked


def same(one: Run, other: Run) -> bool:
    return result_files(one.path) == result_files(other.path)


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS)
def test_by_another_plan_it_is_what_a_screen_gives_and_no_model_is_asked(
    changes: dict[str, Any], run: Run, library: Path, tmp_path: Path, looked: Asked
) -> None:
    plan = make_plan(**changes)
    fresh = screen(library, plan=plan, out=tmp_path / "fresh")
    assert looked
    looked.clear()
    again = screen(library, plan=plan, out=tmp_path / "again", first_look=run.path)
    assert not looked
    assert same(again, fresh)
    assert again.record.counts == fresh.record.counts
    assert again.record.fingerprint == fresh.record.fingerprint


def test_what_is_left_out_by_the_domain_is_left_out_again_but_cannot_be_judged_by_other_wishes(
    library: Path, tmp_path: Path, looked: Asked
) -> None:
    before = screen(library, plan=make_plan(out_of_domain="refuse"), out=tmp_path / "before")
    plan = make_plan(out_of_domain="refuse", top=25)
    fresh = screen(library, plan=plan, out=tmp_path / "fresh")
    looked.clear()
    assert same(screen(library, plan=plan, out=tmp_path / "again", first_look=before.path), fresh)
    assert not looked
    for changes in ({"out_of_domain": "keep"}, OTHERS["other wishes"] | {"out_of_domain": "refuse"}):
        with pytest.raises(UsageError, match="left out compounds outside the domain"):
            screen(library, plan=make_plan(**changes), out=tmp_path / "no", first_look=before.path)
    assert not (tmp_path / "no").exists()


def test_rows_without_a_number_may_have_one_by_other_wishes(
    library: Path, tmp_path: Path, looked: Asked
) -> None:
    """The shards with such rows are looked at anew, and no others."""
    before = screen(library, plan=make_plan("stand_in:nothing"), out=tmp_path / "before")
    rejected = before.scores(["row", "reason_code"])
    spoiled = {row // 64 for row in rejected["row"][rejected["reason_code"] == "nan_score"]}
    plan = make_plan("stand_in:nothing", objective={"term": [RISK]})
    fresh = screen(library, plan=plan, out=tmp_path / "fresh")
    looked.clear()
    assert same(screen(library, plan=plan, out=tmp_path / "again", first_look=before.path), fresh)
    assert 0 < len(looked) < 8
    assert set(looked) == spoiled


def test_a_row_that_upset_a_model_stays_refused(tmp_path: Path, drugs: list[str], looked: Asked) -> None:
    library = write_library(tmp_path / "library.csv", [*drugs[:6], f"C{LETHAL}C", drugs[6]])
    before = screen(library, plan=make_plan("stand_in:upset"), out=tmp_path / "before")
    looked.clear()
    again = screen(library, plan=make_plan("stand_in:upset"), out=tmp_path / "again", first_look=before.path)
    assert not looked
    assert same(again, before)
    assert again.record.counts is not None
    assert list(again.record.counts.rejected.values()) == [1]


def test_of_two_bundles_each_domain_is_kept(library: Path, tmp_path: Path, looked: Asked) -> None:
    bundles = ["stand_in:flat", "stand_in:greasy"]
    before = screen(library, plan=make_plan(bundles=bundles), out=tmp_path / "before")
    grease = {"endpoint": "grease", "curve": "fall", "low": 4.0, "high": 9.0}
    for name, outside in (("kept", "keep"), ("refused", "refuse")):
        plan = make_plan(bundles=bundles, objective={"term": [POTENCY, grease]}, out_of_domain=outside)
        fresh = screen(library, plan=plan, out=tmp_path / f"fresh-{name}")
        looked.clear()
        again = screen(library, plan=plan, out=tmp_path / f"again-{name}", first_look=before.path)
        assert not looked
        assert same(again, fresh)


def test_of_a_library_that_has_grown_only_new_shards_are_looked_at(
    structures: list[str], tmp_path: Path, looked: Asked
) -> None:
    old = write_library(tmp_path / "old.csv", structures[:200])
    more = write_library(tmp_path / "more.csv", structures[200:300])
    before = screen(old, plan=make_plan(), out=tmp_path / "before")
    fresh = screen([old, more], plan=make_plan(), out=tmp_path / "fresh")
    looked.clear()
    again = screen([old, more], plan=make_plan(), out=tmp_path / "again", first_look=before.path)
    assert same(again, fresh)
    assert looked == [3, 4]  # row 192 and what follows: shard 3 had only 8 rows before
    looked.clear()
    turned = screen([more, old], plan=make_plan(), out=tmp_path / "turned", first_look=before.path)
    assert looked == [0, 1, 2, 3, 4]
    assert turned.record.counts == fresh.record.counts
    with pytest.raises(UsageError, match=r"old.csv of its library: not in this one, or changed"):
        screen(more, plan=make_plan(), out=tmp_path / "no", first_look=before.path)


def test_of_a_store_that_has_grown_only_new_shards_are_looked_at(
    structures: list[str], tmp_path: Path, looked: Asked
) -> None:
    old = write_library(tmp_path / "old.csv", structures[:200])
    more = write_library(tmp_path / "more.csv", structures[200:300])
    store = index(old, out=tmp_path / "store")
    before = screen(store, plan=make_plan(), out=tmp_path / "before")
    index(more, out=tmp_path / "store", append=True)
    fresh = screen(tmp_path / "store", plan=make_plan(), out=tmp_path / "fresh")
    looked.clear()
    again = screen(tmp_path / "store", plan=make_plan(), out=tmp_path / "again", first_look=before.path)
    assert same(again, fresh)
    assert looked == [3, 4]
    with pytest.raises(UsageError, match="store store of its library"):
        screen(old, plan=make_plan(), out=tmp_path / "no", first_look=before.path)


def test_parts_that_are_missing_or_damaged_are_looked_at_anew(
    run: Run, library: Path, tmp_path: Path, looked: Asked
) -> None:
    """So the run need not be complete."""
    before = tmp_path / "before"
    plan = make_plan()
    screen(library, plan=plan, out=before)
    (before / "scores" / "part-000001.parquet").unlink()
    (before / "scores" / "part-000003.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    record = open_run(before).record
    (before / "run.json").write_text(replace(record, state="running", counts=None).to_json())
    looked.clear()
    again = screen(library, plan=plan, out=tmp_path / "again", first_look=before)
    assert looked == [1, 3]
    assert same(again, run)


def test_shards_are_cut_as_in_that_run_where_the_plan_does_not_say(
    run: Run, library: Path, tmp_path: Path
) -> None:
    plan = make_plan(run={"executor": "inline"})
    again = screen(library, plan=plan, out=tmp_path / "again", first_look=run.path)
    assert again.plan.run.shard_size == 64
    plan = make_plan(run={"executor": "inline", "shard_size": 32})
    with pytest.raises(UsageError, match=r"shard_size: 64 → 32"):
        screen(library, plan=plan, out=tmp_path / "no", first_look=run.path)


def test_a_killed_run_goes_on_with_it(
    run: Run, library: Path, tmp_path: Path, looked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without being told of it again."""
    out, begun = tmp_path / "again", 0

    def count(done: int, total: int | None = None) -> None:
        nonlocal begun
        begun += 1
        if begun == 4:
            raise KeyboardInterrupt

    plan = make_plan(top=25, run={"executor": "inline"})  # shards are as large as those of the other run
    with pytest.raises(KeyboardInterrupt):
        screen(library, plan=plan, out=out, first_look=run.path, progress=count)
    assert 0 < len(list((out / "scores").glob("part-*"))) < 7
    again = screen(library, plan=plan, out=out, resume=True)
    assert not looked
    assert same(again, screen(library, plan=make_plan(top=25), out=tmp_path / "fresh"))


def test_the_other_run_may_be_gone_when_it_is_not_needed_any_more(
    run: Run, library: Path, tmp_path: Path, looked: Asked
) -> None:
    """The command that an interrupt prints names it again."""
    before, out, plan = tmp_path / "before", tmp_path / "again", make_plan(top=25)
    shutil.copytree(run.path, before)
    first = screen(library, plan=plan, out=out, first_look=before)
    shutil.rmtree(before)
    assert screen(library, plan=plan, out=out, first_look=before, resume=True).record == first.record
    (out / "run.json").write_text(replace(first.record, state="running", counts=None).to_json())
    (out / "scores" / "part-000002.parquet").unlink()
    again = screen(library, plan=plan, out=out, first_look=before, resume=True)
    assert looked == [2]
    assert same(again, screen(library, plan=plan, out=tmp_path / "fresh"))


def test_a_run_that_was_begun_without_it_goes_on_with_it(
    run: Run, library: Path, tmp_path: Path, looked: Asked
) -> None:
    out = tmp_path / "again"
    first = screen(library, plan=make_plan(), out=out)
    looked.clear()
    (out / "run.json").write_text(replace(first.record, state="running", counts=None).to_json())
    (out / "scores" / "part-000002.parquet").unlink()
    again = screen(library, plan=make_plan(), out=out, first_look=run.path, resume=True)
    assert not looked
    assert same(again, run)


def test_a_folder_of_a_design_is_refused(run: Run, library: Path, tmp_path: Path) -> None:
    """Its record is of no library."""
    identity = {
        name: run.record.identity[name] for name in run.record.identity if name not in ("inputs", "read")
    }
    (tmp_path / "run.json").write_text(replace(run.record, identity=identity).to_json())
    with pytest.raises(UsageError, match="a design's own scoring, not the screen of a library"):
        screen(library, plan=make_plan(), out=tmp_path / "no", first_look=tmp_path)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"bundle": "stand_in:nothing"}, "bundles.*: "),
        ({"standardize": {"tautomer": True}}, r"standardize.tautomer: False → True"),
    ],
    ids=["bundle", "recipe"],
)
def test_other_models_or_compounds_are_refused_before_the_work(
    changes: dict[str, Any], expected: str, run: Run, library: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=expected) as told:
        screen(library, plan=make_plan(**changes), out=tmp_path / "no", first_look=run.path)
    assert "Leave it out, and all rows are looked at anew" in str(told.value)
    assert not (tmp_path / "no").exists()


def test_what_is_no_run_is_refused(library: Path, tmp_path: Path) -> None:
    for wrong in (tmp_path / "nowhere", tmp_path, library):
        with pytest.raises(UsageError, match=r"no run here \(no run.json\)"):
            screen(library, plan=make_plan(), out=tmp_path / "no", first_look=wrong)


def test_it_is_told_and_recorded(
    run: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.chdir(run.path.parent)
    out = tmp_path / "again"
    screen(library, plan=make_plan(), out=out, first_look=run.path.name, tell=told.append)
    assert f"first look: taken over from {run.path} wherever it has the same rows" in told
    assert open_run(out).record.execution["first_look"]["path"] == str(run.path)


def test_worker_processes_take_it_over_too(run: Run, library: Path, tmp_path: Path) -> None:
    plan = make_plan(top=25, run={"executor": "local", "workers": 2, "shard_size": 64})
    again = screen(library, plan=plan, out=tmp_path / "again", first_look=run.path)
    assert same(again, screen(library, plan=make_plan(top=25), out=tmp_path / "fresh"))
    assert "wide.take over" in again.record.seconds
    assert "wide.standardize" not in again.record.seconds
