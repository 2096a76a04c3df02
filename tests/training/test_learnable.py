"""What nothing can be learnt of is left out before hours of fitting, and named."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from molscreen.chem.compound import Rejection
from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.measured.unread_cell import UnreadCell
from molscreen.data.own_file.user_card import UserColumns
from molscreen.endpoint import Endpoint
from molscreen.errors import LibraryError
from molscreen.training import train as training
from molscreen.training.learnable import keep_learnable, why_not
from molscreen.training.train import train

N = 40
RISING = np.arange(N, dtype=float)
REFUSED = Rejection("a.csv:4", "CCO", "read", "invalid", "cell", "column 'logP': 'about 3' is not a number")


def table(value, relation=None, kind="regression", name="pIC50"):
    return AssayTable(
        keys=tuple("C" * (i + 1) for i in range(N)),
        endpoints=(Endpoint(name=name, kind=kind),),
        value=np.asarray(value, np.float32)[:, None],
        relation=np.zeros((N, 1), np.int8) if relation is None else np.asarray(relation, np.int8)[:, None],
        split=np.full((N, 1), ""),
        time=np.full(N, np.nan),
        ids=tuple(map(str, range(N))),
    )


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        (table(RISING), ""),
        (table(np.full(N, 5.0)), "every exact value is 5: there is nothing to learn"),
        (table(np.ones(N), kind="classification"), "every label is 1: there is nothing to learn"),
        (table(np.where(RISING < 9, RISING, np.nan)), ""),
        (table(RISING, RISING >= 20), ""),
        (
            table(RISING, RISING >= 19),
            "19 compounds have an exact value, 21 values are bounds (< or >): too few",
        ),
        (table(np.full(N, 5.0), np.full(N, -1)), "0 compounds have an exact value, 40 values are bounds"),
        (table(np.full(N, np.nan)), "nothing is measured"),
    ],
)
def test_a_column_that_teaches_nothing_is_told_why(judged, reason):
    """Few values without bounds may still be learnt beside others."""
    said = why_not(judged, 0)
    assert said.startswith(reason)
    assert bool(said) == bool(reason)


def test_of_several_endpoints_the_others_stay():
    """With the compounds that were measured for them."""
    both = AssayTable(
        keys=tuple("C" * (i + 1) for i in range(N)),
        endpoints=(Endpoint(name="flat"), Endpoint(name="logP")),
        value=np.column_stack([np.full(N, 5), np.where(RISING < 30, RISING, np.nan)]).astype(np.float32),
        relation=np.zeros((N, 2), np.int8),
        split=np.full((N, 2), ""),
        time=np.full(N, np.nan),
        ids=tuple(map(str, range(N))),
        subsets={"cliff": np.ones((N, 2), bool)},
        rejections=(REFUSED,),
        unread=(UnreadCell(column="logP", text="about 3", rejection=REFUSED),),
    )
    flat, cards, told = table(np.full(N, 7.0), name="other"), [SimpleNamespace(name=n) for n in "ab"], []
    kept_cards, [kept] = keep_learnable(cards, [flat, both], progress=told.append)
    assert [card.name for card in kept_cards] == ["b"]
    assert [endpoint.name for endpoint in kept.endpoints] == ["logP"]
    assert kept.value.shape == kept.subsets["cliff"].shape == (30, 1)
    assert (kept.rejections, kept.unread) == (both.rejections, both.unread)
    assert told == [
        "other: every exact value is 7: there is nothing to learn. It is left out",
        "flat: every exact value is 5: there is nothing to learn. It is left out",
    ]


def test_tables_that_teach_stay_as_they_are():
    judged, card = table(RISING), SimpleNamespace(name="a")
    (same,), [kept] = keep_learnable([card], [judged], progress=pytest.fail)
    assert same is card
    assert kept is judged


@pytest.mark.parametrize(
    ("cell", "why"), [("5.0", "every exact value is 5"), ("<5.0", "0 compounds have an exact")]
)
def test_a_column_of_one_value_is_refused_before_any_fit(tmp_path, monkeypatch, cell, why):
    """What was found in the measurements is written all the same."""
    monkeypatch.setattr(training, "fit_bundle", pytest.fail)
    rows = [f"{'C' * (i + 1)}{end},{cell}" for i in range(30) for end in ("O", "N", "F", "Cl")]
    (tmp_path / "flat.csv").write_text("\n".join(["smiles,pIC50", *rows]))
    with pytest.raises(LibraryError, match=f"pIC50: {why}"):
        train(tmp_path / "flat.csv", out=tmp_path / "b", columns=UserColumns(targets=("pIC50",)))
    assert {each.name for each in tmp_path.glob("b*")} == {"b.data-report.md", "b.data-report.csv"}
