"""The tables of figures are read off the cards, of bundles made before there was a blend as well."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from molscreen.prediction.bundle.manifest import MANIFEST, locate_bundle
from workflows.benchmarks import accuracy, confidence

ENSEMBLE, BLEND = ({"pKi": {"rmse": value, "coverage": value}} for value in (0.8, 0.7))


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"test fold, ensemble": ENSEMBLE, "test fold, ensemble, cliff": {}}, ENSEMBLE),
        ({"test fold, ensemble": ENSEMBLE, "test fold, blend": BLEND}, BLEND),
        ({"test fold, blend, cliff": ENSEMBLE, "test fold, blend": BLEND}, BLEND),
        ({"test fold, wide": ENSEMBLE}, {}),
    ],
)
def test_blend_is_preferred_to_an_ensemble(figures: dict, expected: dict) -> None:
    assert accuracy.ours(figures) == expected


@pytest.mark.parametrize("model", ["ensemble", "blend"])
def test_figures_are_read_of_both_views(tmp_path: Path, model: str) -> None:
    write_card(tmp_path, {"test fold, wide": ENSEMBLE, f"test fold, {model}": BLEND})
    for view, value in (("wide", 0.8), ("full", 0.7)):
        assert confidence.of_metric(confidence.figures_of(tmp_path, view), "coverage")["pKi"][0] == value
        assert confidence.domain_ratios(tmp_path, view) == {}


def test_errors_outside_the_domain_are_squared_and_counted(tmp_path: Path) -> None:
    """An endpoint with a handful of compounds on one side says nothing."""
    near = {"pKi": {"rmse": 0.5, "n": 90}, "toxic": {"brier": 0.1, "n": 90}, "few": {"rmse": 1.0, "n": 90}}
    far = {"pKi": {"rmse": 1.0, "n": 10}, "toxic": {"brier": 0.2, "n": 10}, "few": {"rmse": 9.0, "n": 9}}
    write_card(tmp_path, {"test fold, blend, in domain": near, "test fold, blend, outside the domain": far})
    assert confidence.domain_ratios(tmp_path, "full") == {"pKi": 4.0, "toxic": 2.0}


def test_reliability_is_drawn_where_a_card_has_it(tmp_path: Path) -> None:
    shares = {"a < b": {"n": 120, "0.0-0.1": 0.05, "0.9-1.0": 0.8, "0.4-0.5": None}}
    write_card(tmp_path, {"test fold, blend, share of label 1 by stated probability": shares})
    confidence.main([str(tmp_path), "--plots", str(tmp_path / "plots")])
    [path] = (tmp_path / "plots").iterdir()
    picture = path.read_text()
    assert picture.count("<circle") == 2
    assert "a &lt; b (120)" in picture
    ElementTree.fromstring(picture)


def write_card(folder: Path, metrics: dict) -> None:
    manifest = json.loads((locate_bundle("potency") / MANIFEST).read_text(encoding="utf-8"))
    manifest["about"]["metrics"] = metrics
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_tables_of_the_bundles_that_ship_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their cards call the model."""
    monkeypatch.setattr("sys.argv", ["accuracy.py"])
    accuracy.main()
    confidence.main(["admet-tox", "potency"])
    printed = capsys.readouterr().out
    assert printed.count("90 % intervals hold") == 2
    assert "| blend | 0." in printed
    assert "| SVM (ECFP), published | 0.678 | 0.762 |" in printed
    assert "| CheMeleon (2025), published | 0.673 | 0.782 |" in printed


def test_count_of_the_readme_is_that_of_the_table(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """One table of published figures: the one that a benchmark's report stands beside."""
    monkeypatch.setattr("sys.argv", ["accuracy.py"])
    accuracy.main()
    [count] = re.findall(r"At or above the best reproduced figure: (\d+ of \d+)", capsys.readouterr().out)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"at or above the best figure that others reproduced on {count};" in readme


def test_a_bundle_that_is_not_there_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["accuracy.py", "no-such-bundle", "potency"])
    with pytest.raises(SystemExit, match="no-such-bundle"):
        accuracy.main()
