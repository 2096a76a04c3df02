"""A training file becomes a bundle that predicts what was measured."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molscreen.data.measured.assay import read_assay
from molscreen.data.own_file.user_card import UserColumns
from molscreen.data.splits import SplitConfig
from molscreen.errors import BundleError, ConfigError, LibraryError, UsageError
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.training import train as training
from molscreen.training.fit_bundle import ID_LENGTH, _for_kernel, _short_id
from molscreen.training.folds import join_tables
from molscreen.training.recipe import TrainRecipe, load_recipe, resolve_recipe
from molscreen.training.train import _digest, train

RECIPE = """
name = "tiny"
description = "how many carbons a chain has"
members = 2
baseline_runs = 1
datasets = ["{card}"]
[split]
method = "random"
train = 0.9
test = 0.1
[network]
encoder = "gine"
width = 24
depth = 2
hidden = 24
[fit]
epochs = 12
batch_atoms = 400
learning_rate = 5e-3
"""
CARD = """
name = "chains"
title = "chains"
licence = "CC0"
commercial = true
id_column = "name"
[[file]]
path = "chains.csv"
[[endpoint]]
column = "carbons"
name = "carbons"
unit = "atoms"
[[endpoint]]
column = "polar"
name = "polar"
kind = "classification"
unit = "probability"
"""


@pytest.fixture
def chains(tmp_path):
    """200 chains of 1 to 40 carbons with five endings, their card and a training file."""
    rows = [
        f"c{n}{ending},{'C' * (n + 1)}{ending},{n},{int(ending in ('O', 'N'))}"
        for n in range(1, 41)
        for ending in ("", "O", "N", "F", "C#N")
    ]
    (tmp_path / "chains.csv").write_text("\n".join(["name,smiles,carbons,polar", *rows]) + "\n")
    (tmp_path / "card.toml").write_text(CARD)
    (tmp_path / "tiny.toml").write_text(RECIPE.format(card=tmp_path / "card.toml"))
    return tmp_path


def test_a_training_file_becomes_a_bundle_that_has_learnt(chains):
    """From measurements to a loaded bundle: it predicts, knows its domain and carries its figures."""
    lines = []
    bundle = train(chains / "tiny.toml", out=chains / "tiny", data_root=chains, progress=lines.append)
    assert bundle.digest == load_bundle(chains / "tiny").digest
    said = bundle.predict(["C" * 6, "C" * 31])
    assert said.mean[1, 0] > said.mean[0, 0] + 5
    assert bool(np.all(said.low[:, 0] < said.mean[:, 0]))
    figures = bundle.about.metrics
    assert any(title.endswith("blend") for title in figures)
    assert set(bundle.experts) == {"kernel", "trees"}
    assert any("ECFP forests" in title for title in figures)
    assert any("network 2/2, epoch 12/12" in line for line in lines)
    assert "carbons" in (chains / "tiny" / "MODEL_CARD.md").read_text()


def test_a_bundle_knows_where_its_values_lie_among_drugs(chains):
    """Its own full view was asked, when all else was done: the least of the drugs is its 0th quantile."""
    brief = (chains / "tiny.toml").read_text().replace("epochs = 12", "epochs = 1")
    (chains / "brief.toml").write_text(brief.replace("baseline_runs = 1", "baseline_runs = 0"))
    said = []
    bundle = train(chains / "brief.toml", out=chains / "tiny", data_root=chains, progress=said.append)
    drugs = bundle.predict(training.drug_keys()).mean
    assert said[-1] == "predicting 4 approved drugs, for percentiles"
    assert bundle.drugs.n == 4
    assert bundle.drugs.quantiles[[0, -1]] == pytest.approx(np.array([drugs.min(axis=0), drugs.max(axis=0)]))


def test_a_training_reports_its_data(chains):
    """Of a file of one's own every case with its values, of a data set counts; no bundle needs either."""
    rows = (chains / "chains.csv").read_text() + "again,CCCO,9,0\n"
    (chains / "chains.csv").write_text(rows)
    brief = (chains / "tiny.toml").read_text().replace("epochs = 12", "epochs = 1")
    (chains / "tiny.toml").write_text(brief.replace("baseline_runs = 1", "baseline_runs = 0"))
    train(chains / "tiny.toml", out=chains / "tiny", data_root=chains)
    page = chains / "tiny.data-report.md"
    assert "| carbons | atoms | 200 | 201 | 201 |" in page.read_text()
    assert "`chains:c2O; chains:again`" not in page.read_text()
    assert "`chains:c2O`, `chains:again`" in page.read_text()
    assert not (chains / "tiny.data-report.csv").exists()
    assert not any("report" in path.name for path in (chains / "tiny").iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('encoder = "drug-lik"', "drug-lik"),
        ('encoder = "drug-like"', r"\[network\] is \('gine', 24, 2\), but encoder 'drug-like' is"),
    ],
)
def test_an_encoder_that_cannot_start_the_networks_is_refused_before_any_fit(chains, change, message):
    recipe = (chains / "tiny.toml").read_text().replace("members = 2", f"members = 2\n{change}")
    (chains / "other.toml").write_text(recipe)
    with pytest.raises((ConfigError, UsageError), match=message):
        train(chains / "other.toml", out=chains / "tiny", data_root=chains)
    assert not (chains / "tiny.training").exists()


def test_a_refitted_bundle_knows_all_compounds_and_has_the_figures_of_one_that_does_not(chains):
    """A killed refit is continued, its first half included; nothing else is left."""
    brief = (chains / "tiny.toml").read_text().replace("epochs = 12", "epochs = 2")
    (chains / "brief.toml").write_text(brief)
    judged = train(chains / "brief.toml", out=chains / "judged", data_root=chains)

    def kill(line):
        if "fitting again" in line:
            kill.reached = True
        elif "network 1/2, epoch 2/2" in line and getattr(kill, "reached", False):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(chains / "brief.toml", out=chains / "tiny", refit=True, data_root=chains, progress=kill)
    lines = []
    bundle = train(
        chains / "brief.toml", out=chains / "tiny", refit=True, data_root=chains, progress=lines.append
    )
    assert not any("network 1/2, epoch" in line or "baseline" in line for line in lines)
    assert len(bundle.neighbours.ids) == 200 > len(judged.neighbours.ids)
    assert bundle.about.metrics == judged.about.metrics
    assert "fitted on all compounds, those of the test fold included" in bundle.about.limits[0]
    assert bundle.about.training["judged by"]["tested on"] == 20
    assert bundle.about.training["tested on"] == 0
    assert not (chains / "tiny.training").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('title = "chains"', 'title = "chains of carbon"'),
        ('licence = "CC0"', 'licence = "CC BY 4.0"'),
        ('unit = "atoms"', 'unit = "carbons"'),
        ('unit = "atoms"', 'unit = "atoms"\ndirection = "higher"'),
        ('unit = "atoms"', 'unit = "atoms"\nscale = "log10"'),
        ('id_column = "name"', ""),
        ('id_column = "name"', 'id_column = "name"\ntime_column = "carbons"'),
        ('id_column = "name"', 'id_column = "name"\n[subsets]\nalcohol = "polar"'),
    ],
)
def test_what_was_judged_is_not_taken_for_that_of_another_card(chains, before, after):
    """A refit that goes on would ship the endpoint, the licence or the ids of the card as it was."""

    def digest():
        recipe, cards = load_recipe(chains / "tiny.toml")
        tables = [read_assay(card, data_root=chains) for card in cards]
        return _digest(recipe, cards, join_tables(tables, recipe.split))

    first = digest()
    assert digest() == first
    (chains / "card.toml").write_text(CARD.replace(before, after, 1))
    assert digest() != first


def test_only_the_bundle_is_left(chains):
    """Checkpoints of a finished training are of no use; what is not ours stays."""
    scratch = chains / "tiny.training"
    scratch.mkdir()
    (scratch / "member-7.safetensors").write_bytes(b"of a killed training with more members")
    brief = (chains / "tiny.toml").read_text().replace("epochs = 12", "epochs = 1")
    (chains / "brief.toml").write_text(brief.replace("baseline_runs = 1", "baseline_runs = 0"))
    train(chains / "brief.toml", out=chains / "tiny", data_root=chains)
    assert not scratch.exists()
    scratch.mkdir()
    (scratch / "notes.txt").write_text("mine")
    train(chains / "brief.toml", out=chains / "again" / "tiny", data_root=chains)
    assert (scratch / "notes.txt").exists()
    assert sorted(path.name for path in (chains / "again").iterdir()) == ["tiny", "tiny.data-report.md"]


def test_rows_that_cannot_be_used_are_counted_and_listed(chains):
    """Also where the training then fails: the list may say why there is too little data."""
    lines = ["name,smiles,y", "ethanol,CCO,1", "neo,CC(C)(C)(C)C,2", "words,CCN,about 5", "nothing,,3"]
    (chains / "few.csv").write_text("\n".join(lines))
    columns, said = UserColumns(targets=("y",), kind="regression"), []
    with pytest.raises(UsageError, match="too few compounds: "):
        train(chains / "few.csv", out=chains / "x", columns=columns, progress=said.append)
    assert "| few.csv | 4 | 1 | 3 | 1 |" in (chains / "x.data-report.md").read_text()
    counts = "3 of 4 rows refused (1 invalid/valence, 1 invalid/value, 1 invalid/empty)"
    assert f"{counts}; see {chains / 'x.rejections.csv'}" in said
    listed = (chains / "x.rejections.csv").read_text().splitlines()
    assert [line.split(",")[:3] for line in listed[1:]] == [
        ["few.csv", "3", "neo"],
        ["few.csv", "4", "words"],
        ["few.csv", "5", "nothing"],
    ]
    page = (chains / "x.data-report.md").read_text()
    assert "| few.csv | 4 | 1 | 3 | 1 |" in page
    assert "No test fold" in page
    (chains / "few.csv").write_text("\n".join(lines[:2]))
    with pytest.raises(UsageError, match="too few compounds: "):
        train(chains / "few.csv", out=chains / "x", columns=columns)
    assert not (chains / "x.rejections.csv").exists()  # those of the file before


def test_an_endpoint_with_few_calibration_labels_is_named(chains):
    """Its bounds are NaN: better said here than found in a screen."""
    rows = (chains / "chains.csv").read_text().splitlines()
    rare = [f"{row},{'rare' if i == 0 else i if i % 12 == 1 else ''}" for i, row in enumerate(rows)]
    (chains / "chains.csv").write_text("\n".join(rare))
    endpoint = '[[endpoint]]\ncolumn = "rare"\nname = "rare"\nunit = "atoms"\n'
    (chains / "card.toml").write_text(CARD + endpoint)
    brief = (chains / "tiny.toml").read_text().replace("epochs = 12", "epochs = 1")
    (chains / "tiny.toml").write_text(brief.replace("baseline_runs = 1", "baseline_runs = 0"))
    said = []
    bundle = train(chains / "tiny.toml", out=chains / "tiny", data_root=chains, progress=said.append)
    n = bundle.full.columns[2].n
    sentence = f"endpoint rare has {n} calibration labels: no interval"
    assert 1 < n < 9
    assert np.isnan(bundle.predict(["CCCCO"]).low).tolist() == [[False, False, True]]
    assert sentence in said
    assert [limit for limit in bundle.about.limits if "calibration label" in limit] == [sentence]
    assert f"- {sentence}" in (chains / "tiny" / "MODEL_CARD.md").read_text()


def test_the_column_of_dates_is_found_and_named(chains):
    """``--split time`` alone is enough where one column can be meant."""
    rows = (chains / "chains.csv").read_text().splitlines()
    dated = [f"{row},{'year' if i == 0 else 1900 + i // 2}" for i, row in enumerate(rows)]
    (chains / "dated.csv").write_text("\n".join(dated[:100]))
    said, config = [], dataclasses.replace(TrainRecipe(name="x").split, method="time", official=False)
    with pytest.raises(UsageError, match="too few compounds: "):
        train(
            chains / "dated.csv",
            out=chains / "x",
            columns=UserColumns(targets=("carbons",)),
            split=config,
            progress=said.append,
        )
    assert said[0] == "split by time: column 'year'"


def test_training_is_repeatable(chains):
    """The same file, settings and seed give the same weights."""
    first = train(chains / "tiny.toml", out=chains / "one", data_root=chains)
    second = train(chains / "tiny.toml", out=chains / "two", data_root=chains)
    for name, tensor in first.networks[0].state_dict().items():
        assert tensor.equal(second.networks[0].state_dict()[name]), name


def test_an_existing_output_is_refused_before_any_work(chains):
    """Hours of training must not end in 'the folder exists'."""
    with pytest.raises(UsageError, match="exists; name a new directory"):
        train(chains / "chains.csv", out=chains, columns=UserColumns(targets=("carbons",)))


def test_a_wrong_call_is_refused_before_any_work(chains):
    """In the words of who calls from Python; nothing is read, nothing is written."""
    path, columns = chains / "chains.csv", UserColumns(targets=("carbons",))
    wrong = {
        "effort is 'quik', expected one of quick, standard, best": (
            path,
            columns,
            "quik",
        ),
        "columns is a dict, expected UserColumns": (path, {"targets": ["carbons"]}, None),
        "chains.csv: a file of measurements; say what its columns are by --target-column": (path, None, None),
        "source is a DataFrame, expected a file of measurements": (pd.DataFrame(), columns, None),
    }
    for message, (source, given, effort) in wrong.items():
        with pytest.raises(UsageError, match=message):
            train(source, out=chains / "x", columns=given, effort=effort)
    assert not list(chains.glob("x*"))


def test_a_missing_target_lists_the_columns(chains):
    """A typo in a column name is the commonest mistake."""
    with pytest.raises(UsageError, match=r"no column 'carbon'.*Did you mean 'carbons'\?"):
        train(chains / "chains.csv", out=chains / "x", columns=UserColumns(targets=("carbon",)))


def test_an_endpoint_named_like_a_column_of_ours_is_refused_first(tmp_path):
    """A bundle that predicts 'score' could be trained for an hour, and then used by nobody."""
    path = tmp_path / "assay.csv"
    path.write_text("smiles,score\n" + "".join(f"{'C' * (n + 2)}O,{n}\n" for n in range(20)))
    with pytest.raises(BundleError, match="endpoint 'score' needs the column 'score', which is in every"):
        train(path, out=tmp_path / "bundle", columns=UserColumns(targets=("score",)))


def test_a_split_asked_for_keeps_what_the_training_file_says_else(tmp_path):
    """--split changes the method; the shares and the seed are the file's."""
    path = tmp_path / "r.toml"
    path.write_text(
        'name = "r"\ndatasets = ["tdc_admet/ames"]\nseed = 5\n[split]\nmethod = "scaffold"\n'
        "train = 0.8\ntest = 0.2\nseed = 7\n"
    )
    recipe, _ = resolve_recipe(path, None, name="x", split="random")
    assert recipe.seed == 5
    assert recipe.split == SplitConfig(method="random", train=0.8, test=0.2, seed=7, official=False)
    assert resolve_recipe(path, None, name="x")[0].split.official
    with pytest.raises(ConfigError, match="seed must not be negative"):
        resolve_recipe(path, None, name="x", seed=-1)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "train = 0.7\nvalidation = 0.2\n",
            "validation must be 0: .* Add its share to train",
        ),
        ("train = 0.8\ncalibration = 0.1\n", "unknown key 'calibration'"),
        ('method = "random"\n', ""),
    ],
)
def test_what_is_not_tested_is_cross_fitted(tmp_path, lines, message):
    """A training file written for fixed folds is told what became of them; none needs shares."""
    path = tmp_path / "r.toml"
    path.write_text(f'name = "r"\ndatasets = ["tdc_admet/ames"]\n[split]\n{lines}')
    if message:
        with pytest.raises(ConfigError, match=message):
            load_recipe(path)
    else:
        assert load_recipe(path)[0].split.shares == (0.9, 0.0, 0.1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("members = 6", "members must be from 1 to 5, got 6"),
        ("members = 0", "members must be from 1 to 5, got 0"),
        ('experts = ["kernel", "oracle"]', "unknown expert 'oracle'. Known: kernel, trees"),
    ],
)
def test_experts_that_cannot_be_are_refused_first(tmp_path, line, message):
    """There are five folds to leave out, and two kinds of other experts."""
    path = tmp_path / "r.toml"
    path.write_text(f'name = "r"\ndatasets = ["tdc_admet/ames"]\n{line}\n')
    with pytest.raises(ConfigError, match=message):
        load_recipe(path)


def test_recipes_of_the_bundles_that_ship_are_read():
    for path in sorted((Path(__file__).parents[2] / "workflows/training").glob("*.toml")):
        assert load_recipe(path)[0].split.shares == (0.9, 0.0, 0.1)


def test_bounds_count_for_the_limit_of_the_kernel(chains):
    """It carries compounds of which only a bound is known as well."""
    _, cards = resolve_recipe(chains / "tiny.toml", None, name="x")
    table = read_assay(cards[0], data_root=chains)
    bounded = dataclasses.replace(table, relation=np.ones_like(table.relation))
    for limit, fits in ((200, True), (199, False), (0, True)):
        assert _for_kernel(table, limit).tolist() == _for_kernel(bounded, limit).tolist() == [fits, fits]


def test_values_over_many_decades_are_asked_about(tmp_path):
    """Raw nM fitted as they are give a model of the weakest compounds alone."""
    path = tmp_path / "assay.csv"
    path.write_text("smiles,IC50\n" + "".join(f"{'C' * (n + 2)}O,{10 ** (n % 5)}\n" for n in range(20)))
    told: list[str] = []
    for molar in ("", "nM"):
        columns = UserColumns(targets=("IC50",), molar=molar)
        with pytest.raises(LibraryError, match="too few compounds"):
            train(path, out=tmp_path / "bundle", columns=columns, progress=told.append)
    assert [line for line in told if "powers of ten" in line] == [
        "column 'IC50', 4 powers of ten from its least value to its largest:"
        " if these are concentrations, --unit nM (or uM …) fits their logarithm instead"
    ]


def test_id_that_was_cut_shows_it():
    """A systematic name that ends in "anhydride (" is taken for a fault of the reader's."""
    assert _short_id("ld50:ace tone; ames:Drug 7") == "ld50:ace tone"
    assert _short_id("a" * ID_LENGTH + "; b") == "a" * ID_LENGTH
    assert _short_id("a" * 80) == "a" * (ID_LENGTH - 1) + "…"


def test_what_is_left_out_is_left_out_of_every_fit(chains, monkeypatch):
    """Also of the one on all compounds, which joins its tables anew."""
    asked = []

    def fit(recipe, cards, tables, *, joined, **_):
        asked.append((cards, tables, joined))
        raise InterruptedError

    path = chains / "own.csv"
    rows = [f"{'C' * (i % 60 + 3)}{'O' * (i // 60)},{i % 60},5" for i in range(180)]
    path.write_text("\n".join(["smiles,size,flat", *rows]) + "\n")
    monkeypatch.setattr(training, "fit_bundle", fit)
    with pytest.raises(InterruptedError):
        train(path, out=chains / "own", columns=UserColumns(targets=("size", "flat")), split="random")
    [(_, [table], joined)] = asked
    assert [endpoint.name for endpoint in table.endpoints] == ["size"]
    assert table.endpoints == joined.endpoints
    assert len(table) == 180
