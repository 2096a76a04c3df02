"""From a plan to a folder of proposals: a screen would say the same, and a killed design goes on."""

import json
import shutil
from dataclasses import replace

import pytest
from rdkit import Chem

from molscreen.errors import ConfigError, ResumeError, UsageError
from molscreen.generation.design import DesignConfig, design
from molscreen.screening.plan.plan import load_plan
from tests.small_run import TRAINING

QUICK = DesignConfig(budget=30, preset="fast", bold=True)


@pytest.fixture
def plan(small_plan, tiny_bundle):
    wanted = replace(load_plan(small_plan), bundles=(str(tiny_bundle),))
    return replace(wanted, run=replace(wanted.run, executor="inline"))


@pytest.fixture
def seeds(tmp_path):
    path = tmp_path / "seeds.smi"
    path.write_text("\n".join([*TRAINING, "CC(C)(C)(C)C pentavalent"]))
    return path


def test_every_call_is_in_the_history_and_the_best_new_ones_are_screened(plan, seeds, tmp_path):
    found = design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK)
    rows = found.history.to_pylist()
    assert [row["number"] for row in rows] == list(range(1, 31))
    assert len({row["key"] for row in rows}) == 30
    assert {row["key"] for row in rows if row["picked"] == "seed"} == set(TRAINING)
    outcome = found.record["outcome"]
    assert outcome["calls"] == 30
    assert outcome["bad_seeds"] == [
        "seeds.smi:9: carbon with five bonds at atom 2, at most four are possible"
    ]
    shortlist = found.run.shortlist_table
    assert not set(shortlist["key"].to_pylist()) & set(TRAINING)
    reward = {f"D{row['number']:05d}": row["score"] for row in rows}
    for id_, score in zip(shortlist["id"].to_pylist(), shortlist["score"].to_pylist(), strict=True):
        assert score == pytest.approx(reward[id_])
    assert {"proposer", "step", "parents", "call"} <= set(shortlist.column_names)


def test_a_killed_design_ends_as_an_unbroken_one(plan, seeds, tmp_path):
    """The night's work is not lost, and nobody can tell that it was interrupted."""
    whole = design(plan, out=tmp_path / "whole", seeds=[seeds], config=QUICK)

    def pull_the_plug(done):
        if done.round == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        design(plan, out=tmp_path / "cut", seeds=[seeds], config=QUICK, progress=pull_the_plug)
    resumed = design(plan, out=tmp_path / "cut", seeds=[seeds], config=QUICK, resume=True)
    assert repr(resumed.history.to_pylist()) == repr(whole.history.to_pylist())  # NaN is not equal to itself
    assert resumed.record == whole.record
    assert resumed.run.shortlist_table.equals(whole.run.shortlist_table)


def test_a_finished_design_is_read_back(plan, seeds, tmp_path):
    first = design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK)
    again = design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK, resume=True)
    assert repr(again.history.to_pylist()) == repr(first.history.to_pylist())


def test_another_setting_does_not_go_on_in_the_same_folder(plan, seeds, tmp_path):
    design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK)
    with pytest.raises(ResumeError, match="seed"):
        design(plan, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, seed=1), resume=True)


def test_what_is_kept_is_in_every_proposal(plan, seeds, tmp_path):
    core = "c1ccc(C(=O)O)cc1"
    found = design(plan, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, keep=core))
    new = [row["key"] for row in found.history.to_pylist() if row["picked"] != "seed"]
    assert new
    assert all(Chem.MolFromSmiles(key).HasSubstructMatch(Chem.MolFromSmarts(core)) for key in new)


def test_a_core_is_extended_at_its_star_alone(plan, tmp_path):
    """Without seeds the core itself is where the design starts."""
    core = "*c1ccc(C(=O)O)cc1"
    found = design(plan, out=tmp_path / "out", config=replace(QUICK, keep=core, budget=15))
    rows = found.history.to_pylist()
    assert rows[0]["key"] == "O=C(O)c1ccccc1"
    grown = Chem.MolFromSmarts("[!#1]-c1ccc(C(=O)[OX2H1])cc1")
    assert len(rows) > 5
    assert all(Chem.MolFromSmiles(row["key"]).HasSubstructMatch(grown) for row in rows[1:])


def test_nothing_is_started_where_no_seed_has_what_is_kept(plan, seeds, tmp_path):
    with pytest.raises(ConfigError, match="none of 8 seeds has 'C#C'"):
        design(plan, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, keep="C#C"))
    assert not (tmp_path / "out").exists()


def test_strangers_to_the_models_are_not_scored_unless_bold(plan, seeds, tmp_path):
    """Of polyfluorinated chains models of drugs have nothing to say."""
    strangers = tmp_path / "strangers.smi"
    strangers.write_text("FC(F)(F)C(F)(F)C(F)(F)C(F)(F)CO\nFC(F)(F)C(F)(F)C(F)(F)CN\n")
    found = design(plan, out=tmp_path / "out", seeds=[strangers], config=replace(QUICK, bold=False))
    assert found.record["outcome"]["refused"]["outside the domain"] > 0
    bold = design(plan, out=tmp_path / "bold", seeds=[strangers], config=QUICK)
    assert "outside the domain" not in bold.record["outcome"]["refused"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"budget": 0}, "budget must be positive, got 0"),
        ({"preset": "slow"}, "preset is 'slow', expected one of fast, standard, expensive"),
        ({"generators": ("genetics",)}, "unknown generator 'genetics'"),
    ],
)
def test_a_setting_that_cannot_be_is_named(config, message):
    with pytest.raises(ConfigError, match=message):
        DesignConfig(**config)


def test_a_screen_that_was_killed_at_once_is_begun_again(plan, seeds, tmp_path):
    """It leaves a folder without a record; the design must not be stuck for that."""
    whole = design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK)
    before = whole.run.shortlist_table
    shutil.rmtree(tmp_path / "out" / "proposals")
    (tmp_path / "out" / "proposals").mkdir()
    assert whole.run is None
    again = design(plan, out=tmp_path / "out", seeds=[seeds], config=QUICK, resume=True)
    assert again.run.shortlist_table.equals(before)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"budget": len(TRAINING)}, "a budget of 8 is spent on the 8 seeds"),
        ({"forbid": ("c1cc",)}, "'c1cc' is no SMARTS"),
        ({"heavy_atoms": (9, 3)}, "'heavy_atoms' is 9 to 3"),
    ],
)
def test_what_cannot_be_is_said_before_the_folder_is_made(plan, seeds, tmp_path, config, message):
    with pytest.raises(ConfigError, match=message):
        design(plan, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, **config))
    assert not (tmp_path / "out").exists()


def test_a_folder_is_not_taken_from_somebody_else(plan, seeds, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty, and no design"):
        design(plan, out=tmp_path / "full", seeds=[seeds], config=QUICK)
    with pytest.raises(ResumeError, match="no design to resume here"):
        design(plan, out=tmp_path / "none", seeds=[seeds], config=QUICK, resume=True)
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "design.json").write_text(json.dumps({"asked": {}}))
    with pytest.raises(UsageError, match="a design is here"):
        design(plan, out=tmp_path / "begun", seeds=[seeds], config=QUICK)
