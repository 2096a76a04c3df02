"""The tables of figures are read off the cards, of bundles made before there was a blend as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from molscreen.prediction.manifest import MANIFEST, locate_bundle
from workflows.benchmarks import accuracy, coverage

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
def test_coverage_is_read_of_both_views(tmp_path: Path, model: str) -> None:
    manifest = json.loads((locate_bundle("potency") / MANIFEST).read_text(encoding="utf-8"))
    manifest["about"]["metrics"] = {"test fold, wide": ENSEMBLE, f"test fold, {model}": BLEND}
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert coverage.coverage(tmp_path, "wide")["pKi"][0] == 0.8
    assert coverage.coverage(tmp_path, "full")["pKi"][0] == 0.7


def test_tables_of_the_bundles_that_ship_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever their cards call the model."""
    monkeypatch.setattr("sys.argv", ["accuracy.py"])
    accuracy.main()
    coverage.main(["admet-tox", "potency"])
    printed = capsys.readouterr().out
    assert printed.count("90 % intervals hold") == 2
    assert "| blend | 0." in printed
