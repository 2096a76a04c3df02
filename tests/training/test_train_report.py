"""What matters in the measurements is told before anything is fitted, and lies beside the bundle."""

import csv
import dataclasses
import sys

import pytest

from molscreen.data.own_file.user_card import UserColumns
from molscreen.errors import WeakModelWarning
from molscreen.training.train import train
from tests.prediction.tiny_bundle import tiny_bundle


def test_of_a_file_of_ones_own_every_case_is_listed(tmp_path, monkeypatch):
    """Whoever made the measurements can mend them."""
    path, said, asked = tmp_path / "assay.csv", [], []
    chains = [f"s{i},{'C' * (i % 60 + 3)}{'O' * (i // 60)},{i % 60}" for i in range(120)]
    wrong = [f"t{i},{'C' * i},77" for i in (3, 4, 5)]
    path.write_text("\n".join(["name,smiles,size", *chains, *chains[80:], *wrong]))

    def fit(recipe, *_, **__):
        said.append("fitting")
        asked.append(recipe)
        return tiny_bundle()

    monkeypatch.setattr("molscreen.training.train.fit_bundle", fit)
    columns = UserColumns(targets=("size",), id="name")
    train(path, out=tmp_path / "own", columns=columns, split="random", progress=said.append)
    assert asked[0].name == "own"  # two bundles from files of one name can be asked together
    told = "size: 3 of 43 compounds that were measured more than once have values that disagree"
    assert said.index(told) < said.index("fitting")
    assert "| `assay.csv:t3` | `CCC` | `77` |" in (tmp_path / "own.data-report.md").read_text()
    with (tmp_path / "own.data-report.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["fault"] == "replicates disagree"]
    assert [row["id"] for row in rows if row["value"] == "77"] == [f"assay.csv:t{i}" for i in (3, 4, 5)]
    assert len(rows) == 6


def test_what_is_no_better_than_guessing_is_a_warning(tmp_path, monkeypatch, capsys):
    """Whoever trains in Python has no terminal that shows the last line."""
    bundle = tiny_bundle()
    metrics = {"test fold, blend": {"LogD": {"rmse": 0.9}}, "test fold, constant": {"LogD": {"rmse": 0.8}}}
    about = dataclasses.replace(bundle.about, metrics=metrics)
    fitted = dataclasses.replace(bundle, about=about)
    monkeypatch.setattr("molscreen.training.train.fit_bundle", lambda *_, **__: fitted)
    path = tmp_path / "assay.csv"
    path.write_text("\n".join(["smiles,size", *(f"{'C' * i},{i}" for i in range(3, 123))]))
    monkeypatch.setattr(sys, "ps1", "In : ", raising=False)
    with pytest.warns(WeakModelWarning, match=r"LogD is predicted no better .* 0.9, guess 0.8") as said:
        train(path, out=tmp_path / "own", columns=UserColumns(targets=("size",)), split="random")
    assert said[0].filename == __file__
    assert capsys.readouterr().err.startswith("reading 1 data set\n")  # a notebook is told without asking
