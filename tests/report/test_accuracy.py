"""The models' own test figures, beside those of the fingerprint forest."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from molscreen.prediction.bundle.manifest import MANIFEST, locate_bundle, read_manifest
from molscreen.provenance import Counts
from molscreen.report.accuracy import read_accuracies
from molscreen.report.caution import cautions
from molscreen.report.legend import Legend
from molscreen.screening.plan.views import BundleInfo

METRICS = {
    "test fold, wide": {"pIC50": {"rmse": 9.0}},
    "test fold, blend": {"pIC50": {"rmse": 0.80, "spearman": 0.75}, "hERG": {"auroc": 0.8419}},
    "test fold, blend, cliff": {"pIC50": {"rmse": 9.0}},
    "test fold, ECFP forests, mean of 3": {
        "pIC50": {"rmse": 0.70, "spearman": 0.70},
        "hERG": {"auroc": 0.8421},
    },
    "test fold, ECFP forests, sd of 3": {"pIC50": {"rmse": 0.01}},
    "test fold, ECFP forests, mean of 3, cliff": {"pIC50": {"rmse": 9.0}},
}


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The tiny bundle, with figures that a training might have given it."""
    folder = tmp_path / "tested"
    shutil.copytree(tiny_bundle, folder)
    _set_metrics(folder, METRICS)
    return folder


def _set_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["about"]["metrics"] = metrics
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _legend(folder: Path, *wished: str) -> Legend:
    manifest, digest = read_manifest(folder)
    info = BundleInfo("tested", str(folder), digest, manifest.endpoints)
    return Legend((info,), {each.name: each for each in info.endpoints}, dict.fromkeys(wished, 1.0))


def test_readme_names_the_endpoints_for_which_the_forest_is_better() -> None:
    """As the reports of both bundles that ship do."""
    better = {}
    for name in ("admet-tox", "potency"):
        folder = locate_bundle(name)
        wished = (endpoint.name for endpoint in read_manifest(folder)[0].endpoints)
        [accuracy] = read_accuracies(_legend(folder, *wished))
        better |= {each.endpoint: each.measure for each in accuracy.comparisons if each.better == "forest"}
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    [told] = re.findall(r"The forest is better for .*? The report says so", readme, re.DOTALL)
    assert better == dict.fromkeys(("Clearance_hepatocyte", "CHEMBL2835_Ki"), "Spearman") | {"NR-AR": "AUROC"}
    assert all(endpoint in told for endpoint in better)


def test_blend_stands_beside_the_forest(bundle: Path) -> None:
    [accuracy] = read_accuracies(_legend(bundle, "pIC50", "hERG", "QED"))
    rows = [(c.endpoint, c.measure, c.model, c.forest, c.better) for c in accuracy.comparisons]
    assert rows == [
        ("pIC50", "RMSE, −log₁₀(mol/L)", "0.800", "0.700", "forest"),
        ("pIC50", "Spearman", "0.750", "0.700", "model"),
        ("hERG", "AUROC", "0.842", "0.842", "alike"),  # at the digits that are shown
    ]
    assert accuracy.fold == "test fold"


def test_limits_are_those_of_what_is_wished_for(bundle: Path) -> None:
    """That intervals of another endpoint hold too little is no news to whoever does not ask for it."""
    manifest = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
    manifest["about"]["limits"] = ["few laboratories", "90% intervals of pIC50 held 82%", "hERG is a guess"]
    (bundle / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    [accuracy] = read_accuracies(_legend(bundle, "pIC50"))
    assert accuracy.limits == ("few laboratories", "90 % intervals of pIC50 held 82 %")


def test_ensemble_of_an_older_bundle_stands_beside_the_forest_too(bundle: Path) -> None:
    """Bundles were made before there was a blend; where a card has both, the blend is what a screen uses."""
    older = {"test fold, ensemble": {"hERG": {"auroc": 0.7}}, "test fold, ensemble, cliff": {}}
    for metrics, expected in (
        (older, "0.700"),
        (older | {"test fold, blend": {"hERG": {"auroc": 0.9}}}, "0.900"),
    ):
        _set_metrics(bundle, metrics)
        [accuracy] = read_accuracies(_legend(bundle, "hERG"))
        assert [each.model for each in accuracy.comparisons] == [expected]
        assert accuracy.fold == "test fold"


def test_only_endpoints_of_the_score_are_compared(bundle: Path) -> None:
    [accuracy] = read_accuracies(_legend(bundle, "hERG"))
    assert {each.endpoint for each in accuracy.comparisons} == {"hERG"}
    assert read_accuracies(_legend(bundle, "QED")) == ()


def test_reader_is_told_first_where_the_forest_is_better(bundle: Path) -> None:
    legend = _legend(bundle, "pIC50", "hERG")
    shortlist = pa.table({"status": ["ok"], "reason_code": [""], "in_domain": [True]})
    counts = Counts(read=1, scored=1, unscored=0, rejected={})
    [caution] = cautions(counts, shortlist, legend, read_accuracies(legend))
    assert str(caution).endswith("for 1 of 2 endpoints of the score: pIC50 (RMSE)")


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"scaffold test": {"pIC50": {"rmse": 0.8}}},
        {"test fold, blend": None},
        {"test fold, blend": {"pIC50": "good"}},
        {"test fold, blend": {"pIC50": {"rmse": None}}},
    ],
)
def test_bundle_without_figures_shows_none(bundle: Path, metrics: dict[str, Any]) -> None:
    _set_metrics(bundle, metrics)
    assert read_accuracies(_legend(bundle, "pIC50", "hERG")) == ()


def test_networks_without_a_forest_show_their_own_figure(bundle: Path) -> None:
    _set_metrics(bundle, {"test fold, blend": {"hERG": {"auroc": 0.8}}})
    [accuracy] = read_accuracies(_legend(bundle, "pIC50", "hERG"))
    assert [(each.model, each.forest, each.better) for each in accuracy.comparisons] == [("0.800", "–", "")]


def test_bundle_that_is_gone_changed_or_ones_own_shows_none(bundle: Path) -> None:
    """A report needs its run folder, and nothing else."""
    legend = _legend(bundle, "hERG")
    own = dataclasses.replace(legend.bundles[0], source="my_lab.models:herg")
    assert read_accuracies(dataclasses.replace(legend, bundles=(own,))) == ()
    _set_metrics(bundle, METRICS | {"a later training": {}})
    assert read_accuracies(legend) == ()
    (bundle / MANIFEST).write_text("{", encoding="utf-8")
    assert read_accuracies(legend) == ()
    shutil.rmtree(bundle)
    assert read_accuracies(legend) == ()
