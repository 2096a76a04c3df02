"""From a plan to a folder of proposals: a screen would say the same, and a killed design goes on."""

import csv
import json
import math
import shutil
import stat
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from rdkit import Chem

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.drugs import Drug
from molscreen.errors import BundleError, ConfigError, ResumeError, UsageError, WeakModelWarning
from molscreen.filters.alerts import Brenk
from molscreen.generation import reranker
from molscreen.generation.design import Design, design
from molscreen.generation.settings import DesignConfig
from molscreen.objectives.pareto import non_dominated
from molscreen.prediction.bundle.manifest import MANIFEST
from molscreen.screening.plan.plan import load_plan
from molscreen.screening.shortlist import pick_diverse
from tests.small_run import TRAINING

QUICK = DesignConfig(budget=30, preset="fast", bold=True)


IBUPROFEN_ESTER = "CC(C)Cc1ccc(C(C)C(=O)OC)cc1"


@pytest.fixture(scope="module")
def plan(small_plan, tiny_bundle):
    wanted = replace(load_plan(small_plan), bundles=(str(tiny_bundle),))
    return replace(wanted, run=replace(wanted.run, executor="inline"))


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Ten rows of seeds, one of them twice and one no compound; and one compound that is known."""
    folder = tmp_path_factory.mktemp("given")
    rows = [*TRAINING, TRAINING[0], "CC(C)(C)(C)C pentavalent"]
    (folder / "seeds.smi").write_text("\n".join(rows))
    (folder / "known.csv").write_text(f"smiles,id\n{IBUPROFEN_ESTER},methyl ibuprofen\n")
    return {"seeds": [folder / "seeds.smi"], "known": [folder / "known.csv"]}


@pytest.fixture(scope="module")
def whole(plan, given, tmp_path_factory):
    """A finished design; nobody changes its folder."""
    return design(plan, out=tmp_path_factory.mktemp("designs") / "whole", config=QUICK, **given)


@pytest.fixture
def seeds(given):
    return given["seeds"][0]


@pytest.fixture
def copy(whole, tmp_path):
    """The folder of the finished design, to be damaged."""
    return Path(shutil.copytree(whole.path, tmp_path / "copy"))


def test_folder_of_a_design_is_closed_to_other_users(whole):
    assert stat.S_IMODE(whole.path.stat().st_mode) == 0o700


def test_every_call_is_in_the_history_and_the_best_new_ones_are_screened(whole):
    found = whole
    rows = found.history.to_pylist()
    assert [row["number"] for row in rows] == list(range(1, 31))
    assert len({row["key"] for row in rows}) == 30
    assert {row["key"] for row in rows if row["picked"] == "seed"} == set(TRAINING)
    outcome = found.record["outcome"]
    assert outcome["calls"] == 30
    assert outcome["bad_seeds"] == [
        "seeds.smi:10: carbon with five bonds at atom 2, at most four are possible"
    ]
    shortlist = found.run.shortlist_table
    assert not set(shortlist["key"].to_pylist()) & set(TRAINING)
    reward = {f"D{row['number']:05d}": row["score"] for row in rows}
    for id_, score in zip(shortlist["id"].to_pylist(), shortlist["score"].to_pylist(), strict=True):
        assert score == pytest.approx(reward[id_])
    assert {"proposer", "step", "parents", "call"} <= set(shortlist.column_names)


def test_every_row_and_every_proposal_is_in_one_count(whole):
    """Nothing disappears: of the seeds' file, and of what generators proposed."""
    outcome = whole.record["outcome"]
    n_seeds = len(whole.record["asked"]["seeds"])
    assert n_seeds + len(outcome["bad_seeds"]) + outcome["repeated_seeds"] == 10
    new = outcome["calls"] - n_seeds
    assert outcome["proposed"] == new + outcome["passed_over"] + sum(outcome["refused"].values())
    assert outcome["passed_over"] > 0


def test_proposals_are_told_with_what_they_are_like(whole):
    """One table for whoever reads nothing else: score, terms, domain, neighbours, descent."""
    found = whole
    table = found.proposals
    assert table["key"].to_pylist() == found.run.shortlist_table["key"].to_pylist()
    named = ("reward", "proposer", "step", "parents", "in_domain", "SA_score", "alerts", "pIC50", "pIC50_low",
             "pIC50_high", "term_pIC50", "term_QED", "hERG_high")  # fmt: skip
    assert set(named) <= set(table.column_names)
    compounds = (*TRAINING, IBUPROFEN_ESTER)
    called = {row["key"]: row for row in found.history.to_pylist()}
    for row in table.to_pylist():
        similarity = tanimoto(ecfp_bits([row["key"]]), ecfp_bits(compounds))[0]
        assert row["nearest_structure_similarity"] == pytest.approx(similarity.max(), abs=6e-4)
        assert similarity[compounds.index(row["nearest_structure"])] == similarity.max()
        assert row["nearest_known_similarity"] >= row["nearest_structure_similarity"]
        assert row["domain"].startswith("tiny: ")
        is_known = (
            row["nearest_known"].endswith("(training of tiny)") and row["nearest_known_similarity"] == 1
        )
        assert row["trained_on"] == ("tiny" if is_known else "")
        assert called[row["key"]]["number"] == row["call"]  # a number, which can be sorted
        assert called[row["key"]]["score"] == pytest.approx(row["reward"], abs=1e-6)
    with (found.path / "proposals.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["key"] for row in rows] == table["key"].to_pylist()
    mols = list(Chem.SDMolSupplier(str(found.path / "proposals.sdf")))
    assert [Chem.MolToSmiles(mol) for mol in mols] == table["key"].to_pylist()
    assert mols[0].GetProp("nearest_known") == rows[0]["nearest_known"]


def test_what_was_rewarded_is_shown_first(plan, given, tmp_path):
    """Order and diversity are by the cautious reward: by plain scores a lucky guess would come first."""
    config = replace(QUICK, bold=False, budget=40)
    found = design(replace(plan, top=8), out=tmp_path / "out", config=config, **given)
    rows = {row["key"]: row for row in found.history.to_pylist()}
    new = [row for row in rows.values() if row["picked"] != "seed" and not row["outside"]]
    ranked = sorted(
        (row for row in new if not math.isnan(row["score"])),
        key=lambda row: (-round(row["score"], 4), row["key"]),
    )
    best = [ranked[i]["key"] for i in pick_diverse([row["key"] for row in ranked], 8, per_scaffold=3)]
    table = found.proposals.to_pylist()
    assert [row["key"] for row in table] == best
    assert best != sorted(best, key=lambda key: -rows[key]["plain"])  # else this would prove nothing
    for row in table:
        assert row["reward"] == pytest.approx(rows[row["key"]]["score"], abs=1e-4)
        assert row["plain_score"] == pytest.approx(rows[row["key"]]["plain"], abs=1e-5)
        assert row["better_than_seeds"] == (row["reward"] > found.record["outcome"]["best_seed"])
    with (found.path / "proposals.csv").open(newline="") as file:
        assert [float(row["plain_score"]) for row in csv.DictReader(file)] == pytest.approx(
            [row["plain_score"] for row in table], rel=1e-3
        )
    with (found.path / "columns.csv").open(newline="") as file:
        said = {row["column"]: row["meaning"] for row in csv.DictReader(file)}
    assert list(said) == found.proposals.column_names
    assert "a wish on a predicted endpoint is judged by the less desirable end" in said["reward"]
    assert "without caution" in said["plain_score"]
    assert said["term_pIC50"].endswith("0 to 1, by the less desirable end of its interval")
    assert said["term_QED"].endswith("0 to 1")
    assert "Here score is what the search was rewarded for" in found.run.plan.description
    mol = next(iter(Chem.SDMolSupplier(str(found.path / "proposals.sdf"))))
    assert {"reward", "plain_score"} <= set(mol.GetPropNames())


def test_what_is_known_is_not_proposed_nor_its_stereoisomers(whole, plan, seeds, tmp_path):
    """By the first block of the InChIKey: its rival's enantiomer is nobody's discovery."""
    known = tmp_path / "known.smi"
    new = [row["key"] for row in whole.history.to_pylist() if row["picked"] != "seed"]
    known.write_text("\n".join(key.replace("@", "") for key in new))
    again = design(plan, out=tmp_path / "again", seeds=[seeds], known=[known], config=QUICK)
    blocks = set(inchikey_blocks(new))
    found = [row["key"] for row in again.history.to_pylist() if row["picked"] != "seed"]
    assert found
    assert not blocks & set(inchikey_blocks(found))
    assert again.record["outcome"]["refused"]["known, but for stereo or tautomerism"] > 0
    with pytest.raises(ResumeError, match="known: "):
        design(plan, out=tmp_path / "again", seeds=[seeds], config=QUICK, resume=True)


def test_the_control_is_asked_and_its_gap_is_told(whole):
    """A student that was never rewarded, of the best and of the seeds."""
    found = whole
    rows = found.history.to_pylist()
    new = sorted((row for row in rows if row["picked"] != "seed"), key=lambda row: -row["score"])
    gap = found.record["outcome"]["gap"]
    assert gap["n"] == len(new) == 22
    assert gap["gap"] == pytest.approx(sum(row["plain"] - row["control"] for row in new) / 22, abs=1e-5)
    of_seeds = [row["plain"] - row["control"] for row in rows if row["picked"] == "seed"]
    assert gap["seeds"] == pytest.approx(sum(of_seeds) / 8, abs=1e-5)
    for row in rows:
        assert row["plain"] == pytest.approx(row["score"], abs=1e-4)  # bold: the reward is the plan's score


def test_a_predictor_of_ones_own_without_intervals_is_judged_by_its_mean(plan, seeds, tmp_path):
    """Caution needs an interval; without one no compound would ever have a score."""
    own = replace(plan, bundles=("tests.generation.own_predictor:guess",))
    found = design(own, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, bold=False))
    outcome = found.record["outcome"]
    assert outcome["judged_by_mean"] == ["hERG", "pIC50"]
    assert outcome["unscored"] == 0
    assert outcome["gap"]["gap"] is None  # it has but one view, which is the reward's
    assert "no control" in outcome["gap_in_words"]
    assert found.run.shortlist_table.num_rows


def test_a_small_second_look_does_not_cut_the_proposals(plan, seeds, tmp_path):
    """A plan for a million compounds may look twice at five; a design has proposed no more than it shows."""
    mean = replace(plan, top=20, rerank=replace(plan.rerank, minimum=1, maximum=1, fraction=0.01))
    found = design(mean, out=tmp_path / "out", seeds=[seeds], config=QUICK)
    assert found.proposals.num_rows == 20


def test_of_a_series_the_best_are_proposed_however_alike(plan, tmp_path):
    """Three of a scaffold would be three of all, where the scaffold is what is kept."""
    core = "*c1ccc(C(=O)O)cc1"
    config = replace(QUICK, keep=core, budget=25)
    found = design(replace(plan, top=10), out=tmp_path / "out", config=config)
    ranked = sorted(
        (row for row in found.history.to_pylist() if row["picked"] != "seed"),
        key=lambda row: (-round(row["score"], 4), row["key"]),
    )
    assert found.proposals["key"].to_pylist() == [row["key"] for row in ranked[:10]]
    assert "is a core: something may be attached at its * and nowhere else" in found.record["about"]["keep"]


def test_drugs_that_have_what_is_kept_are_the_seeds(plan, tmp_path):
    """Among all approved drugs: a hundred drawn blindly would have few, or none."""
    config = replace(QUICK, keep="c1ccc2[nH]ccc2c1", budget=16)
    found = design(plan, out=tmp_path / "out", config=config)
    indole = Chem.MolFromSmarts(config.keep)
    assert len(found.record["asked"]["seeds"]) == 4
    assert all(Chem.MolFromSmiles(row["key"]).HasSubstructMatch(indole) for row in found.history.to_pylist())


def test_where_no_drug_has_what_is_kept_seeds_are_asked_for(plan, tmp_path, monkeypatch):
    monkeypatch.setattr("molscreen.generation.seeds.read_drugs", lambda: [Drug("1", "CCO", "ethanol")])
    with pytest.raises(ConfigError, match=r"no approved drug has 'C#CC#CC#C'.* give compounds .* by --seeds"):
        design(plan, out=tmp_path / "none", config=replace(QUICK, keep="C#CC#CC#C"))
    assert not (tmp_path / "none").exists()


def test_another_model_or_plugin_does_not_go_on(copy, plan, given):
    """What a screen's identity holds: versions, featuriser, plugins, and the tables of the generators."""
    asked = Design(copy).record["asked"]
    assert {"plan", "bundles", "plugins", "featuriser", "versions", "design", "seeds", "known"} <= set(asked)
    assert "torch" in asked["versions"]
    assert {"name", "description", "library", "run"}.isdisjoint(asked["plan"])
    path = copy / "search" / "state.json"
    state = json.loads(path.read_text())
    assert len(state["identity"]["generators"][1]["table"]) == 16
    state["identity"]["generators"][1]["table"] = "another"
    path.write_text(json.dumps(state))
    with pytest.raises(ResumeError, match=r"generators\[1\].table: another"):
        design(plan, out=copy, config=QUICK, resume=True, **given)


def test_a_front_is_written_beside_the_proposals(plan, given, tmp_path):
    """Every compound that no other beats, the seeds among them, with each wish."""
    found = design(plan, out=tmp_path / "out", config=replace(QUICK, pareto=True), **given)
    rows = [row for row in found.history.to_pylist() if not math.isnan(row["score"])]
    is_on = non_dominated([row["terms"] for row in rows]).tolist()
    with (tmp_path / "out" / "front.csv").open(newline="") as file:
        front = list(csv.DictReader(file))
    assert {row["smiles"] for row in front} == {row["key"] for row, on in zip(rows, is_on, strict=True) if on}
    terms = {row["key"]: row["terms"] for row in rows}
    for row in front:
        told = [float(row[f"term_{name}"]) for name in found.record["asked"]["terms"]]
        assert told == pytest.approx(terms[row["smiles"]], abs=1e-5)
    outcome = found.record["outcome"]["front"]
    assert outcome["compounds"] == len(front) < outcome["of"] == len(rows)
    assert outcome["warning"] == ""
    assert 0 < outcome["hypervolume"] < 1
    marked = [row["key"] for row in found.proposals.to_pylist() if row["on_front"] == "yes"]
    assert set(marked) <= {row["smiles"] for row in front}


def test_a_plan_by_another_name_goes_on(copy, whole, plan, given):
    """What it is called, and where it lies, changes no result."""
    renamed = replace(plan, name="another name", where="elsewhere.toml")
    again = design(renamed, out=copy, config=QUICK, resume=True, **given)
    assert repr(again.history.to_pylist()) == repr(whole.history.to_pylist())
    assert again.proposals.equals(whole.proposals)


def cut_short(plan, out, given):
    """A design that is interrupted after its second round."""

    def pull_the_plug(done):
        if done.round == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        design(plan, out=out, config=QUICK, progress=pull_the_plug, **given)


def test_a_design_stays_open_where_the_folder_changes(whole, tmp_path, monkeypatch):
    monkeypatch.chdir(whole.path.parent)
    opened = Design(whole.path.name)
    monkeypatch.chdir(tmp_path)
    assert opened.proposals.equals(whole.proposals)


def test_a_killed_design_ends_as_an_unbroken_one(whole, plan, given, tmp_path):
    """The night's work is not lost, and nobody can tell that it was interrupted."""
    cut_short(plan, tmp_path / "cut", given)
    with pytest.raises(UsageError, match="no proposals; the design found none, or goes on by --resume"):
        _ = Design(tmp_path / "cut").proposals
    resumed = design(plan, out=tmp_path / "cut", config=QUICK, resume=True, **given)
    assert repr(resumed.history.to_pylist()) == repr(whole.history.to_pylist())  # NaN is not equal to itself
    assert resumed.record == whole.record
    assert resumed.run.shortlist_table.equals(whole.run.shortlist_table)
    assert resumed.proposals.equals(whole.proposals)


@pytest.mark.integration
def test_other_workers_go_on_and_end_alike(whole, plan, given, tmp_path):
    """Who scores is no part of what is asked."""
    cut_short(plan, tmp_path / "cut", given)
    workers = {"executor": "local", "workers": 2}
    resumed = design(plan, out=tmp_path / "cut", config=QUICK, resume=True, **workers, **given)
    assert repr(resumed.history.to_pylist()) == repr(whole.history.to_pylist())
    assert resumed.proposals.equals(whole.proposals)


def test_another_setting_does_not_go_on_in_the_same_folder(whole, plan, given):
    with pytest.raises(ResumeError, match="seed"):
        design(plan, out=whole.path, config=replace(QUICK, seed=1), resume=True, **given)


def test_what_is_kept_is_in_every_proposal(plan, seeds, tmp_path):
    core = "c1ccc(C(=O)O)cc1"
    found = design(plan, out=tmp_path / "out", seeds=[seeds], config=replace(QUICK, keep=core, budget=18))
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
    outside = {row["key"] for row in found.history.to_pylist() if row["outside"]}
    assert len(outside) == found.record["outcome"]["outside"] >= 2  # the seeds at least
    assert found.record["outcome"]["is_far"]
    proposed = set() if found.run is None else set(found.proposals["key"].to_pylist())
    assert proposed.isdisjoint(outside)
    bold = design(plan, out=tmp_path / "bold", seeds=[strangers], config=QUICK)
    assert "outside the domain" not in bold.record["outcome"]["refused"]
    assert not bold.record["outcome"]["is_far"]


def test_a_design_whose_workers_could_not_start_is_not_begun(plan, seeds, tmp_path, monkeypatch):
    def refuse(*_):
        raise UsageError("no cluster at 10.0.0.9:6379")

    asked = {"out": tmp_path / "out", "seeds": [seeds], "config": replace(QUICK, budget=10)}
    with monkeypatch.context() as patch:
        patch.setattr(reranker, "open_executor", refuse)
        with pytest.raises(UsageError, match="no cluster"):
            design(plan, **asked)
    with pytest.raises(ResumeError, match="no design to resume"):
        design(plan, **asked, resume=True)
    assert design(plan, **asked).record["outcome"]["calls"] == 10


def test_alerts_that_the_plan_flags_are_not_proposed_unless_all_seeds_have_them(plan, seeds, tmp_path):
    def new_alerts(name, path, alerts="refuse"):
        config = replace(QUICK, budget=60, alerts=alerts)
        found = design(plan, out=tmp_path / name, seeds=[path], config=config)
        mols = [
            Chem.MolFromSmiles(row["key"]) for row in found.history.to_pylist() if row["picked"] != "seed"
        ]
        return found, {alert for mol in mols for alert in Brenk().alerts(mol)}

    found, alerts = new_alerts("refused", seeds)
    assert not alerts
    assert found.record["outcome"]["refused"]["filter structural_alert"] > 0
    assert "alerts" not in found.record["about"]
    flagged, alerts = new_alerts("flagged", seeds, alerts="flag")
    assert alerts
    assert "filter structural_alert" not in flagged.record["outcome"]["refused"]
    nitro = tmp_path / "nitro.smi"
    nitro.write_text("Cc1ccc(C(=O)NCC)cc1[N+](=O)[O-]\nCCOc1ccc(C(=O)NC)cc1[N+](=O)[O-]\n")
    found, alerts = new_alerts("series", nitro)
    allowed = {"'nitro_group' of Brenk", "'Oxygen-nitrogen_single_bond' of Brenk"}
    assert {"'nitro_group' of Brenk"} <= alerts <= allowed
    assert "all seeds have 'Oxygen-nitrogen" in found.record["about"]["alerts"]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"budget": 0}, "budget must be positive, got 0"),
        ({"budget": 10.5}, "'budget' is 10.5, expected int"),
        ({"seed": -1}, "seed must not be negative, got -1"),
        ({"batch": -1}, "batch must not be negative, got -1"),
        ({"forbid": (5,)}, "'forbid' is .*, expected tuple"),
        ({"heavy_atoms": 60}, "'heavy_atoms' is 60, expected tuple"),
        ({"heavy_atoms": (8, 60.5)}, "'heavy_atoms' is .*, expected tuple"),
        ({"preset": "slow"}, "preset is 'slow', expected one of fast, standard, expensive"),
        ({"generators": ("genetics",)}, "unknown generator 'genetics'"),
        ({"alerts": "hide"}, "alerts is 'hide', expected one of refuse, flag"),
    ],
)
def test_a_setting_that_cannot_be_is_named(config, message):
    with pytest.raises(ConfigError, match=message):
        DesignConfig(**config)


def test_one_text_need_not_be_in_a_tuple():
    config = DesignConfig(forbid="c1ccccc1", generators="genetic")
    assert (config.forbid, config.generators) == (("c1ccccc1",), ("genetic",))


def test_one_file_or_name_need_not_be_in_a_list(plan, given, whole, tmp_path):
    """A text is a path, and never its letters."""
    alone = {name: paths[0] for name, paths in given.items()} | {"seeds": str(given["seeds"][0])}
    [bundle] = plan.bundles
    found = design(replace(plan, bundles=()), out=tmp_path / "out", bundles=bundle, config=QUICK, **alone)
    assert found.record["asked"] == whole.record["asked"]
    with pytest.raises(BundleError, match="no bundle 'admet-toxx'"):
        design(plan, out=tmp_path / "none", control="admet-toxx", config=QUICK)


def test_a_screen_that_was_killed_at_once_is_begun_again(copy, whole, plan, given):
    """It leaves a folder without a record; the design must not be stuck for that."""
    shutil.rmtree(copy / "proposals")
    (copy / "proposals").mkdir()
    assert Design(copy).run is None
    again = design(plan, out=copy, config=QUICK, resume=True, **given)
    assert again.run.shortlist_table.equals(whole.run.shortlist_table)


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


def test_a_wish_that_is_predicted_by_chance_is_told_once(plan, tiny_bundle, tmp_path):
    """Before the search begins, at the user's own line; the screen of its proposals does not say it again."""
    weak = tmp_path / "weak"
    shutil.copytree(tiny_bundle, weak)
    manifest = json.loads((weak / MANIFEST).read_text())
    manifest["about"]["metrics"] = {
        "test fold, blend": {"hERG": {"auroc": 0.4}},
        "test fold, constant": {"hERG": {"auroc": 0.5}},
    }
    (weak / MANIFEST).write_text(json.dumps(manifest))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        design(replace(plan, bundles=(str(weak),)), out=tmp_path / "design", config=replace(QUICK, budget=10))
    [told] = [each for each in said if each.category is WeakModelWarning]
    assert "predicts hERG no better than a constant guess" in str(told.message)
    assert told.filename == __file__
