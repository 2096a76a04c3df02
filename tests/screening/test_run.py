"""What a finished run says: every row answered, the best ranked, and all of it readable again."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from rdkit import Chem
from small_plan import make_plan, write_library
from stand_in import ENDPOINTS

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import SCORED
from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.errors import ResumeError, RunError, UsageError
from molscreen.prediction.columns import IN_DOMAIN, OURS, TERM
from molscreen.screening.folder.commit import parts
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import screen
from tests.small_run import UNMEASURED


def test_every_row_is_answered_in_order(run, structures):
    """Promise 1, row by row: same number, same order, the text as it was."""
    scores = run.scores(["row", "input_smiles", "id", "status", "reason"])
    assert scores["row"].tolist() == list(range(len(structures)))
    assert scores["id"].tolist() == [f"{i:05d}" for i in range(len(structures))]
    for asked, row in zip(structures, scores.to_dict("records"), strict=True):
        assert row["input_smiles"].split() == asked.split()
        assert row["status"] in SCORED or row["reason"]


def test_counts_are_those_of_the_rows(run):
    counts = run.record.counts
    status = Counter(run.scores(["status"])["status"])
    assert counts.read == sum(status.values())
    assert counts.scored == status["ok"] + status["warning"]
    assert sum(counts.rejected.values()) == len(run.rejections)
    named = Counter(run.rejections["status"] + "/" + run.rejections["reason_code"])
    assert counts.rejected == named


def test_standardisation_is_that_of_the_chemistry_room(run, structures):
    """The same structure gets the same key and status in a screen as by itself."""
    scores = run.scores(["key", "status"])
    for asked, key, status in zip(structures[::7], scores["key"][::7], scores["status"][::7], strict=True):
        alone = standardize(asked)
        if status not in ("filtered", *SCORED):
            assert status == alone.status
        else:
            assert key == alone.key


def test_descriptors_are_those_of_rdkit_at_the_digits_that_are_written(run):
    """Cut first and rounded then, one weight in eight was off by one in its last digit."""
    with (run.path / "shortlist.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        mol = Chem.MolFromSmiles(row["key"])
        for name in ("MolWt", "TPSA", "MolLogP", "QED", "SA_score"):
            assert row[name] == f"{DESCRIPTORS[name][1](mol):.4g}"


def test_users_columns_come_back_byte_for_byte(run):
    """Leading zeros, formulas and numbers in text stay what they were; a name of ours is made way for."""
    scores = run.scores(["row", "batch", "input_score", "score"])
    assert scores["batch"].tolist() == [f"=b{row % 7}" for row in scores["row"]]
    assert set(scores["input_score"]) == {"1e5"}
    assert set(run.rejections["input_score"]) == {"1e5"}
    with (run.path / "shortlist.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert row["batch"] == f"=b{int(row['id']) % 7}"


def test_duplicates_are_answered_and_listed_once(run, structures):
    scores = run.scores(["row", "key", "status", "score", "duplicate_of"])
    for i, smiles in enumerate(structures[:-1]):
        if structures[i + 1] == smiles:
            first, second = scores.iloc[i], scores.iloc[i + 1]
            assert second["duplicate_of"] == i
            assert pd.isna(first["duplicate_of"])
            assert (first["status"], first["score"]) == (second["status"], second["score"])
    is_scored = scores["status"].isin(["ok", "warning"])
    assert run.record.counts.duplicates == (is_scored & scores["duplicate_of"].notna()).sum() >= 8
    assert run.shortlist["key"].is_unique


def test_shortlist_is_the_top_of_the_ranking(run, plan):
    shortlist = run.shortlist
    assert len(shortlist) == plan.top
    assert shortlist["rank"].tolist() == list(range(1, plan.top + 1))
    order = list(zip(-shortlist["score"], shortlist["key"], shortlist["row"], strict=True))
    assert order == sorted(order)


def test_score_follows_from_the_columns_beside_it(run, plan):
    """Who reads the file can compute the score again, exactly: nothing else went in."""
    from stand_in import ENDPOINTS

    objective = plan.make_objective(ENDPOINTS)
    values = {name: run.shortlist[name].to_numpy() for name in objective.columns}
    assert np.round(objective.score(values), 4).tolist() == run.shortlist["score"].tolist()
    wide = objective.restricted_to({"potency", "risk"})
    scored = run.scores(["potency", "risk", "score"]).dropna()
    again = np.round(wide.score({name: scored[name].to_numpy() for name in wide.columns}), 4)
    assert again.tolist() == scored["score"].tolist()


def test_refused_by_a_rule_is_refused_everywhere(run):
    """A PAINS compound is not on the shortlist, not scored, and in rejections.csv with its reason."""
    refused = run.rejections[run.rejections["status"] == "filtered"]
    assert len(refused) > 0
    assert set(refused["reason_code"]) == {"pains"}
    assert set(refused["stage"]) == {"filter"}
    assert not set(refused["key"]) & set(run.shortlist["key"])
    scores = run.scores(["row", "status", "score"]).set_index("row").loc[refused["row"].tolist()]
    assert set(scores["status"]) == {"filtered"}
    assert scores["score"].isna().all()


def test_alerts_that_only_flag_are_shown(run):
    """BRENK is flagged in this plan: somebody on a list of drugs has one, and is still there."""
    assert run.shortlist["alerts"].str.startswith("brenk: '").any()
    assert not run.shortlist["alerts"].str.contains("allowed|of Brenk").any()


def test_sdf_holds_the_shortlist(run):
    mols = list(Chem.SDMolSupplier(str(run.path / "shortlist.sdf")))
    assert [mol.GetProp("id") for mol in mols] == run.shortlist["id"].tolist()
    assert [Chem.MolToSmiles(mol) for mol in mols] == run.shortlist["key"].tolist()
    assert [float(mol.GetProp("score")) for mol in mols] == run.shortlist["score"].tolist()


def test_sdf_travels_alone(run, tmp_path):
    """Without ``columns.csv``: units stand in the tags, and who was renamed is told there."""
    for mol in Chem.SDMolSupplier(str(run.path / "shortlist.sdf")):
        units = {"potency (pKi)", "potency_low (pKi)", "MolWt (g/mol)"}
        assert units | {"MolLogP", "NumHDonors", "risk", "QED"} <= {*mol.GetPropNames()}
    (tmp_path / "a.csv").write_text("smiles,id,IC50 <nM>,batch\nCC(=O)Oc1ccccc1C(=O)O,a,5,b\n")
    found = screen(tmp_path / "a.csv", plan=make_plan(), out=tmp_path / "run")
    said = pd.read_csv(found.path / "columns.csv").set_index("column")["meaning"]
    assert said["IC50 <nM>"] == "your column, unchanged; in the SD file its tag is 'IC50 (nM)'"
    assert said["batch"] == "your column, unchanged"


def test_every_column_is_described(run):
    described = pd.read_csv(run.path / "columns.csv", keep_default_na=False).set_index("column")
    known = [*run.shortlist.columns, *pq.read_schema(parts(run.path / "scores")[0]).names, "duplicate_of"]
    assert set(known) <= set(described.index)
    assert described.loc["potency_low", "unit"] == "pKi"
    assert (described["meaning"] != "").all()
    assert "the key to join" in described.loc["row", "meaning"]


def test_tables_of_a_run_join_on_the_row_where_there_are_no_ids(drugs, tmp_path):
    """Ids are the user's: none are made up, and a merge on the empty ones multiplies rows."""
    (tmp_path / "drugs.smi").write_text("\n".join(drugs[:30]))
    found = screen(tmp_path / "drugs.smi", plan=make_plan(), out=tmp_path / "run")
    assert set(found.shortlist["id"]) == {""}
    joined = found.shortlist[["row", "key"]].merge(found.scores(["row", "key"]), on="row")
    assert len(joined) == len(found.shortlist)
    assert (joined["key_x"] == joined["key_y"]).all()


def test_notebook_shows_structures_and_no_markup_of_the_users(run):
    frame = run.shortlist.head(2)
    frame.loc[:, "id"] = "<script>alert(1)</script>"
    page = frame._repr_html_()
    assert page.count('src="data:image/svg+xml;base64,') == 2
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_open_run_stays_open_where_the_folder_changes(run, tmp_path, monkeypatch):
    """Nothing is read before it is asked for, and a notebook may have moved on by then."""
    monkeypatch.chdir(run.path.parent)
    opened = open_run(run.path.name)
    by_hand = Run(run.path.name)
    monkeypatch.chdir(tmp_path)
    assert opened.shortlist.equals(run.shortlist)
    assert by_hand.scores(["id"]).equals(run.scores(["id"]))


def test_a_run_that_is_gone_is_said_to_be(run, tmp_path):
    copy = open_run(shutil.copytree(run.path, tmp_path / "run"))
    assert copy.record.state == "complete"
    shutil.rmtree(copy.path)
    with pytest.raises(RunError, match=r"run.scores: no scores here; were they moved or deleted"):
        copy.scores(["id"])
    with pytest.raises(ResumeError, match=r"no run here \(no run.json\)"):
        _ = Run(copy.path).shortlist


def test_what_is_done_to_a_frame_is_not_done_to_the_run(run):
    """A cell that changes a column would otherwise change what the run chose, for the whole session."""
    for name in ("shortlist", "rejections"):
        before = getattr(run, name)
        changed = getattr(run, name)
        changed["key"] = "C"
        changed.columns = range(changed.shape[1])
        assert getattr(run, name).equals(before)


def test_a_notebook_shows_what_a_run_is(small_run, run, tmp_path):
    """A cell that ends in one answers the first questions: is it done, how many, and where is the report."""
    shown = open_run(small_run)._repr_html_()
    assert "plan &#x27;two wishes&#x27;, complete" in shown
    assert "10 rows read: 8 scored (1 repeat another row), 0 without a score, 2 rejected" in shown
    assert f"report: {small_run / 'report.html'}" in shown
    assert "report" not in run._repr_html_()  # a screen without one
    assert "no run here" in Run(tmp_path)._repr_html_()
    for each in (run.record, run.plan):
        assert len(repr(each)) < 200
    assert repr(run.plan) == "ScreenPlan('test', bundles stand_in:flat, 3 wishes, 2 filters, top 10)"


def test_one_column_is_named_alone(run):
    assert run.scores("score").equals(run.scores(["score"]))


def test_unknown_column_lists_the_known(run):
    with pytest.raises(
        UsageError, match=r"no column 'potenzy'. Did you mean 'potency'\? They have: row, "
    ) as error:
        run.scores(["potenzy"])
    assert len(str(error.value)) < 300
    with pytest.raises(UsageError, match=r"no column 'MolWt'. The shortlist has it"):
        run.scores(["MolWt"])
    with pytest.raises(UsageError, match="no run here"):
        open_run(run.path.parent)


def test_floats_are_stored_at_the_declared_resolution(run):
    """Floats are stored with 12 bits of mantissa: neighbours in a column differ by 1.2e-4 or not at all."""
    table = pq.read_table(parts(run.path / "scores")[0])
    bits = table["potency"].drop_null().to_numpy().view(np.uint32)
    assert not (bits & 0x7FF).any()


def test_record_tells_how_it_was_made(run, library):
    record = run.record
    assert record.state == "complete"
    assert list(record.identity["inputs"]) == [library.name]
    assert record.identity["bundles"] == {"flat": record.execution["bundles"][0]["digest"]}
    assert {"molscreen", "rdkit", "torch", "numpy", "pyarrow", "recipe"} <= set(record.identity["versions"])
    assert record.seconds["wide.standardize"] > 0
    assert run.plan.top == make_plan().top
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events][-1] == "complete"
    assert not any("smiles" in key for event in events for key in event)


def test_missing_number_is_no_score(library, tmp_path):
    """Promise 3: a model without an opinion on bromides ranks none of them."""
    run = screen(library, plan=make_plan("stand_in:nothing"), out=tmp_path / "run")
    scores = run.scores(["key", "status", "reason_code", "reason", "score"]).dropna(subset="key")
    bromides = scores[scores["key"].str.contains("Br")]
    assert len(bromides) > 3
    assert set(bromides["status"] + "/" + bromides["reason_code"]) == {"error/nan_score"}
    assert set(bromides["reason"]) == {"the models gave no number for potency"}
    assert bromides["score"].isna().all()
    assert run.record.counts.unscored == len(bromides)
    assert not run.shortlist["key"].str.contains("Br").any()


def test_out_of_domain_is_marked_or_refused(run, library, tmp_path):
    """Promise 4: never silent."""
    scores = run.scores(["key", "in_domain", "status"]).dropna(subset="key")
    assert (scores["in_domain"] == (scores["key"].str.len() <= 40)).all()
    assert (~scores["in_domain"][scores["status"] == "ok"]).any()
    everything = run.scores(["in_domain", "status"])  # refused rows too: neither inside nor outside
    assert not everything[everything["in_domain"]]["status"].isin(["invalid", "unsupported"]).any()
    assert everything["in_domain"].isna().any()
    strict = screen(library, plan=make_plan(out_of_domain="refuse"), out=tmp_path / "run")
    refused = strict.rejections[strict.rejections["reason_code"] == "out_of_domain"]
    assert (refused["key"].str.len() > 40).all()
    assert set(refused["reason"]) == {"outside the domain of bundle 'flat'"}
    assert (strict.shortlist["key"].str.len() <= 40).all()


def test_repeats_are_counted_among_the_scored_rows(tmp_path):
    """Or more rows repeat another than are scored; a refused one has its ``duplicate_of`` all the same."""
    library = write_library(tmp_path / "library.csv", ["CCO", "CCO", "C" * 50, "C" * 50, "C" * 50])
    run = screen(library, plan=make_plan(out_of_domain="refuse"), out=tmp_path / "run")
    counts = run.record.counts
    assert (counts.scored, sum(counts.rejected.values()), counts.duplicates) == (2, 3, 1)
    assert run.scores(["duplicate_of"])["duplicate_of"].dropna().tolist() == [0, 2, 2]


def test_library_without_a_single_compound_is_answered_too(tmp_path):
    """An empty shortlist is a result, with a reason for every row."""
    path = tmp_path / "names.csv"
    path.write_text("smiles,id\naspirin,1\nc1cccc1,2\n")
    run = screen(path, plan=make_plan(), out=tmp_path / "run")
    assert len(run.shortlist) == 0
    assert run.rejections["id"].tolist() == ["1", "2"]
    assert run.record.counts.scored == 0
    assert (run.path / "shortlist.csv").read_text().startswith("rank,id,score,key")


def test_columns_of_the_user_named_like_ours_come_back_too(tmp_path):
    """A vendor's file has its own MolWt and rank: both theirs and ours are on the shortlist."""
    path = tmp_path / "vendor.csv"
    path.write_text("smiles,id,MolWt,rank,alerts,stage\nCC(=O)Oc1ccccc1C(=O)O,a,180.16 g/mol,7,none,II\n")
    run = screen(path, plan=make_plan(), out=tmp_path / "run")
    [row] = run.shortlist.to_dict("records")
    assert row["MolWt"] == pytest.approx(180.16, abs=0.01)
    theirs = [row[f"input_{name}"] for name in ("MolWt", "rank", "alerts", "stage")]
    assert theirs == ["180.16 g/mol", "7", "none", "II"]
    assert run.shortlist.columns.is_unique


def test_no_number_is_an_error_even_outside_the_domain(library, tmp_path):
    """What the model failed on is told as its failure, and not as the compound's."""
    plan = make_plan("stand_in:nothing", out_of_domain="refuse")
    scores = screen(library, plan=plan, out=tmp_path / "run").scores(["key", "reason_code"]).dropna()
    large_bromides = scores[scores["key"].str.contains("Br") & (scores["key"].str.len() > 40)]
    assert len(large_bromides)
    assert set(large_bromides["reason_code"]) == {"nan_score"}


def test_every_column_of_ours_is_reserved(run):
    """An endpoint of such a name would overwrite it; see `check_columns`."""
    ours = {*pq.read_schema(parts(run.path / "scores")[0]).names, *run.shortlist.columns, "duplicate_of"}
    theirs = {"batch", "input_score"}
    predicted = {e.name + end for e in ENDPOINTS for end in ("", "_low", "_high")}
    left = ours - theirs - predicted - set(DESCRIPTORS)
    assert {name for name in left if not name.startswith((TERM, IN_DOMAIN))} <= OURS


def test_a_shortlist_is_a_library_like_any_other(run, tmp_path):
    """Its columns are all named like ours; screening it again must not trip over them."""
    again = screen(run.path / "shortlist.csv", plan=make_plan(), out=tmp_path / "run")
    assert again.record.counts.scored == len(run.shortlist)
    assert again.shortlist.columns.is_unique
    assert {"input_term_QED", "input_in_domain", "input_rank"} <= set(again.shortlist.columns)


def test_a_carriage_return_in_a_cell_tears_no_file(tmp_path):
    """Excel writes them; a reader would begin a new row at a bare one."""
    path = tmp_path / "notes.csv"
    path.write_bytes(b'smiles,id,note\nCCN,1,"a\rb"\nC(C,2,"c\rd"\nCCO,3,"e\nf"\n')
    run = screen(path, plan=make_plan(), out=tmp_path / "run")
    assert run.rejections["note"].tolist() == ["c\rd"]
    with (run.path / "shortlist.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["id"]: row["note"] for row in csv.DictReader(file)}
    assert rows == {"1": "a\rb", "3": "e\nf"}


def test_the_domain_of_a_shortlist_is_that_of_the_neighbours_it_names(small_run):
    """Of those measured for the activity that the plan wishes for."""
    rows = open_run(small_run).shortlist_table.select(["key", "in_domain", "neighbours"]).to_pylist()
    assert any(row["in_domain"] for row in rows)
    for row in rows:
        said = json.loads(row["neighbours"])["tiny"]
        assert row["in_domain"] == (said["verdict"] == "in")
        assert said["measured"] == "pIC50"
        assert f"train-{UNMEASURED}" not in [name for name, _ in said["nearest"]]
