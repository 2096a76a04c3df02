"""One row per record, in order, each answered."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions, user_columns
from molscreen.errors import BundleError, UsageError, WeakModelWarning
from molscreen.prediction import table as table_module
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.prepare import prepare
from molscreen.prediction.table import UNGUARDED, predict, predict_table

ASPIRIN, CAFFEINE = "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
LIBRARY = f'''\
name,smiles,batch,status
00123,{ASPIRIN},1e5,in stock
NA,CC(C)(C)(C)C,,
sodium aspirinate,CC(=O)Oc1ccccc1C(=O)[O-].[Na+],"a ""b""",ordered
ethene,C=C,=1+1,
broken,not a molecule,x,y
'''


def answers(library: Path, bundle: Path) -> pa.Table:
    return pa.concat_tables(predict_table(open_library([str(library)]), [load_bundle(bundle)]))


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.csv"
    path.write_text(LIBRARY)
    return path


def test_every_row_is_answered_in_order(library: Path, tiny_bundle: Path) -> None:
    """chemprop stops at the first bad SMILES and ADMET-AI drops it; here it has a row of its own."""
    table = answers(library, tiny_bundle)
    assert table["row"].to_pylist() == [0, 1, 2, 3, 4]
    assert table["status"].to_pylist() == ["ok", "invalid", "warning", "ok", "invalid"]
    assert table["reason_code"].to_pylist()[1:3] == ["valence", "salt_stripped"]
    assert (table["source"][1].as_py(), table["line"][1].as_py()) == ("library.csv", 3)


def test_users_columns_come_back_unchanged(library: Path, tiny_bundle: Path) -> None:
    """Ids are text, and a column of the user's that is called like one of ours is kept beside it."""
    table = answers(library, tiny_bundle)
    assert table["id"].to_pylist()[:2] == ["00123", "NA"]
    assert table["batch"].to_pylist() == ["1e5", "", 'a "b"', "=1+1", "x"]
    assert table["input_status"].to_pylist() == ["in stock", "", "ordered", "", "y"]


def test_refused_row_has_no_numbers(library: Path, tiny_bundle: Path) -> None:
    """Missing is null: never zero, never the neighbour's number."""
    table = answers(library, tiny_bundle)
    for name in ("pIC50", "pIC50_low", "pIC50_high", "hERG", "in_domain", "key"):
        assert [value is None for value in table[name].to_pylist()] == [False, True, False, False, True]


def test_duplicate_points_to_its_first_row(library: Path, tiny_bundle: Path) -> None:
    """The salt of aspirin is scored as aspirin."""
    table = answers(library, tiny_bundle)
    assert table["duplicate_of"].to_pylist() == [None, None, 0, None, None]
    assert table["pIC50"][0] == table["pIC50"][2]


def test_numbers_are_the_bundles(library: Path, tiny_bundle: Path) -> None:
    """The table only lays out what the predictor says."""
    table, bundle = answers(library, tiny_bundle), load_bundle(tiny_bundle)
    said = bundle.predict([ASPIRIN, "C=C"])
    for j, endpoint in enumerate(bundle.endpoints):
        got = table[endpoint.name].take([0, 3]).to_numpy()
        assert got == pytest.approx(said.mean[:, j], rel=1e-5)


def test_wide_numbers_are_the_students(library: Path, tiny_bundle: Path) -> None:
    """For a large file one may ask the fast network alone, as a screen does first."""
    bundle = load_bundle(tiny_bundle)
    table = pa.concat_tables(predict_table(open_library([str(library)]), [bundle], view="wide"))
    frame = predict([ASPIRIN, "C=C"], bundles=[tiny_bundle], view="wide")
    said = bundle.wide_view().predict([ASPIRIN, "C=C"])
    for j, endpoint in enumerate(bundle.endpoints):
        assert table[endpoint.name].take([0, 3]).to_numpy() == pytest.approx(said.mean[:, j], rel=1e-5)
        assert frame[endpoint.name].to_numpy() == pytest.approx(said.mean[:, j], rel=1e-5)


def test_unknown_view_is_refused(tiny_bundle: Path) -> None:
    with pytest.raises(UsageError, match="view is 'narrow', expected one of full, wide"):
        predict(ASPIRIN, bundles=[tiny_bundle], view="narrow")  # type: ignore[arg-type]


def test_short_list_and_library_agree(tiny_bundle: Path, library: Path) -> None:
    """In this process or in the guard's, the same rows."""
    frame = predict([ASPIRIN, "CC(C)(C)(C)C", "C=C"], bundles=[str(tiny_bundle)])
    table = answers(library, tiny_bundle).to_pandas().iloc[[0, 1, 3]].reset_index()
    assert frame["status"].tolist() == table["status"].tolist()
    assert frame["reason"].tolist() == table["reason"].tolist()
    np.testing.assert_allclose(frame["pIC50"], table["pIC50"], rtol=1e-5)


def test_long_list_is_guarded_and_alike(tiny_bundle: Path) -> None:
    short = predict(ASPIRIN, bundles=[str(tiny_bundle)])
    long = predict([ASPIRIN] * (UNGUARDED + 1), bundles=[str(tiny_bundle)])
    assert len(long) == UNGUARDED + 1
    assert long["hERG"].iloc[-1] == pytest.approx(short["hERG"].item())


@pytest.mark.parametrize("smiles", [["no molecule"], []])
def test_list_without_a_molecule_has_all_columns(smiles: list[str], tiny_bundle: Path) -> None:
    """Whoever reads the table need not ask whether anything could be scored."""
    frame = predict(smiles, bundles=[str(tiny_bundle)])
    assert list(frame) == list(predict(CAFFEINE, bundles=[str(tiny_bundle)]))
    assert len(frame) == len(smiles)


def test_next_call_loads_nothing_and_starts_nobody(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook calls it in a loop: a bundle read anew, or a child process, would cost a second each."""
    predict(ASPIRIN, bundles=[str(tiny_bundle)])

    def forbidden(*_: object) -> None:
        raise AssertionError("a second call must not do this")

    monkeypatch.setattr(table_module, "load_bundle", forbidden)
    monkeypatch.setattr(table_module, "Guard", forbidden)
    assert predict(CAFFEINE, bundles=[str(tiny_bundle)])["status"].item() == "ok"


def test_one_bundle_may_not_be_given_twice(library: Path, tiny_bundle: Path) -> None:
    """One column cannot hold two opinions."""
    bundle = load_bundle(tiny_bundle)
    with pytest.raises(BundleError, match="leave one of them out, or change its name"):
        list(predict_table(open_library([str(library)]), [bundle, bundle]))


def test_no_name_is_used_twice() -> None:
    assert user_columns(["key", "input_key", "x"], ["key"]) == ["input_key", "input_input_key", "x"]


def test_a_file_is_read_as_one(library: Path, tiny_bundle: Path) -> None:
    """In a notebook a path is typed as soon as a SMILES: it is no unreadable molecule."""
    frame = predict(library, bundles=[str(tiny_bundle)])
    assert len(frame) == open_library([str(library)]).n_records
    assert predict(str(library), bundles=[str(tiny_bundle)]).equals(frame)
    with pytest.raises(UsageError, match=r"no-such\.csv"):
        predict("no-such.csv", bundles=[str(tiny_bundle)])


def test_a_missing_structure_is_a_row_and_a_wrong_type_a_mistake(tiny_bundle: Path) -> None:
    """A column of a data frame has NaN where a cell was empty."""
    frame = predict([ASPIRIN, None, float("nan")], bundles=[str(tiny_bundle)])
    assert frame["status"].tolist() == ["ok", "invalid", "invalid"]
    with pytest.raises(UsageError, match="structure 1 is a int, expected a SMILES string"):
        predict([ASPIRIN, 7], bundles=[str(tiny_bundle)])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="expected a SMILES, several, or a file, got NoneType"):
        predict(None, bundles=[str(tiny_bundle)])  # type: ignore[arg-type]


@pytest.mark.parametrize("table", [pd.DataFrame, pa.table, dict])
def test_a_table_is_refused_and_its_column_asked_for(table: Callable[..., Any], tiny_bundle: Path) -> None:
    """Iterating over it gives the names of its columns, which would be two invalid rows."""
    columns = {"smiles": ["CCO", "CCN"], "dose": ["1", "2"]}
    with pytest.raises(UsageError, match=r"got a \w+; pass its column of structures, .* frame\['smiles'\]"):
        predict(table(columns), bundles=[tiny_bundle])


def test_an_exception_costs_its_own_row(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short list is read in this process, and is answered as one read under guard."""

    def upset(text: str) -> object:
        if text == CAFFEINE:
            raise ArithmeticError("a bug in a library")
        return prepare(text)

    monkeypatch.setattr(table_module, "prepare", upset)
    frame = predict([ASPIRIN, CAFFEINE], bundles=[str(tiny_bundle)])
    assert frame["status"].tolist() == ["ok", "error"]
    assert frame["reason"].tolist()[1] == "ArithmeticError: a bug in a library"


def test_what_pandas_has_for_missing_is_missing(tiny_bundle: Path) -> None:
    """A column of strings has NA in its empty cells."""
    cells = pd.Series([ASPIRIN, pd.NA], dtype="string")
    assert predict(cells, bundles=[str(tiny_bundle)])["status"].tolist() == ["ok", "invalid"]
    with pytest.raises(UsageError, match="no bundles; name at least one"):
        predict(ASPIRIN, bundles=[])


def test_a_bundle_trained_anew_is_read_anew(tiny_bundle: Path, tmp_path: Path) -> None:
    """In a notebook a folder is trained into twice; the old weights must not answer for the new."""
    folder = tmp_path / "mine"
    shutil.copytree(tiny_bundle, folder)
    predict(ASPIRIN, bundles=[folder])
    (folder / "weights.safetensors").write_bytes(b"")
    os.utime(folder / "bundle.json", (0, 0))
    with pytest.raises(BundleError, match=r"weights\.safetensors"):
        predict(ASPIRIN, bundles=[folder])


def test_a_series_keeps_its_labels(tiny_bundle: Path) -> None:
    """Or the usual assignment would put predictions beside the wrong molecules, in silence."""
    frame = pd.DataFrame({"smiles": [ASPIRIN, "CCO", CAFFEINE]}, index=[7, 3, 5]).drop(index=3)
    frame["hERG"] = predict(frame["smiles"], bundles=[tiny_bundle])["hERG"]
    alone = [predict(smiles, bundles=[tiny_bundle])["hERG"].item() for smiles in frame["smiles"]]
    assert frame["hERG"].tolist() == pytest.approx(alone)
    named = pd.Series([ASPIRIN], index=pd.Index(["aspirin"], name="drug"))
    assert predict(named, bundles=[tiny_bundle]).index.equals(named.index)
    assert predict((ASPIRIN,), bundles=[tiny_bundle]).index.tolist() == [0]


def test_domain_is_a_mask_with_a_refused_row_too(library: Path, tiny_bundle: Path) -> None:
    """The same cell of a notebook works for every library; and a row number is no float."""
    for frame in (predict(library, bundles=[tiny_bundle]), predict([ASPIRIN, "xx"], bundles=[tiny_bundle])):
        assert "invalid" not in frame[frame["in_domain"]]["status"].tolist()
        assert (frame.dtypes["in_domain"], frame.dtypes["duplicate_of"]) == ("boolean", "Int64")


def test_a_bundle_is_named_alone_or_given_itself(tiny_bundle: Path) -> None:
    expected = predict(ASPIRIN, bundles=[tiny_bundle])
    for given in (str(tiny_bundle), tiny_bundle, load_bundle(tiny_bundle), [load_bundle(tiny_bundle)]):
        assert predict(ASPIRIN, bundles=given).equals(expected)


def test_the_column_of_structures_can_be_named(tiny_bundle: Path, tmp_path: Path) -> None:
    """A file may have two that could be meant."""
    path = tmp_path / "two.csv"
    path.write_text(f"isomeric_smiles,canonical_smiles\n{ASPIRIN},{CAFFEINE}\n{CAFFEINE},{ASPIRIN}\n")
    frame = predict(path, bundles=tiny_bundle, options=ReadOptions(smiles_column="canonical_smiles"))
    assert frame["key"].tolist() == [CAFFEINE, ASPIRIN]


def test_what_is_no_better_than_guessing_is_a_warning(tiny_bundle: Path) -> None:
    """At the user's own line, and of that endpoint alone."""
    bundle = load_bundle(tiny_bundle)
    metrics = {"test fold, blend": {"pIC50": {"rmse": 0.9}}, "test fold, constant": {"pIC50": {"rmse": 0.8}}}
    weak = dataclasses.replace(bundle, about=dataclasses.replace(bundle.about, metrics=metrics))
    with pytest.warns(WeakModelWarning, match=r"^bundle 'tiny': pIC50 .* guess 0\.8\)") as said:
        predict(CAFFEINE, bundles=weak)
    assert [each.filename for each in said] == [__file__]
