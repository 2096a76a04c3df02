"""A column is labels or numbers by what most of it says: one odd word makes no regression."""

from __future__ import annotations

import pytest

from molscreen.data.measured.assay import read_assay
from molscreen.data.own_file.found_kind import describe_kinds, find_kind
from molscreen.data.own_file.user_card import UserColumns, card_for_file
from molscreen.errors import LibraryError
from molscreen.training.own_file import read_measurements

LABELLED = {"1": 61, "0": 138}


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (LABELLED, "classification"),
        ({"Active": 60, "inactive": 40}, "classification"),
        ({"1": 100}, "classification"),
        (LABELLED | {"inconclusive": 1}, "classification"),
        ({"active": 60, "inactive": 40, "6.3": 2}, "classification"),
        (LABELLED | {"2": 1}, "regression"),
        ({"6.3": 30, "<5": 70}, "regression"),
        ({"6,364": 1, "1": 1, "0": 1}, "regression"),
        ({"6.3": 30, "inactive": 70}, "regression"),
        ({"1": 1, "0": 1, "2.5": 98, "5*": 3}, "regression"),
    ],
)
def test_kind_of_a_column(texts, kind):
    assert find_kind(texts) == kind


def test_words_that_are_neither_are_listed():
    """Which words a column has is what its owner needs to know, and not that the first is no number."""
    with pytest.raises(ValueError, match=r"neither numbers nor labels: 'high' \(7\), 'low' \(5\)\..*write 1"):
        find_kind({"low": 5, "high": 7})


def write(path, cells):
    rows = [f"{'C' * (i + 2)}O,{cell}" for i, cell in enumerate(cells)]
    path.write_text("\n".join(["smiles,act", *rows]))
    return path


def test_three_classes_are_asked_about_and_can_be_insisted_on(tmp_path):
    path = write(tmp_path / "a.csv", ["active", "inactive", "inconclusive"] * 4)
    with pytest.raises(LibraryError, match=r"column 'act' holds neither .*'inconclusive' \(4\).*--task"):
        card_for_file(path, UserColumns(targets=("act",)))
    table = read_assay(card_for_file(path, UserColumns(targets=("act",), kind="classification")))
    assert (len(table), len(table.rejections)) == (8, 4)
    assert describe_kinds(table) == ("read as labels: act (4 × 1, 4 × 0)",)


def test_one_odd_word_is_no_label_and_no_regression(tmp_path):
    """Least squares on 0 and 1, by a remark in one row of two hundred."""
    path = write(tmp_path / "a.csv", ["1", "0", "0"] * 4 + ["inconclusive"])
    table = read_assay(card_for_file(path, UserColumns(targets=("act",))))
    assert [endpoint.kind for endpoint in table.endpoints] == ["classification"]
    assert describe_kinds(table) == ("read as labels: act (4 × 1, 8 × 0)",)
    assert [each.reason for each in table.rejections] == [
        "column 'act': 'inconclusive' is not a label: expected 0 or 1"
    ]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (["1", "0"] * 6 + ["2"], "act: 12 of 13 numbers are 0 or 1; if these are labels, say --task"),
        (["-1", "1"] * 6, "act: all numbers are -1 or 1; if these are labels, write 0 and 1"),
        (["5.5", "6.1", "7"], None),
    ],
)
def test_numbers_that_look_like_labels_are_asked_about(tmp_path, cells, sentence):
    columns = UserColumns(targets=("act",))
    said, *more = describe_kinds(read_assay(card_for_file(write(tmp_path / "a.csv", cells), columns)))
    assert said == "read as numbers: act"
    assert [each.startswith(sentence) for each in more] == ([True] if sentence else [])


def test_the_kind_of_an_endpoint_is_known_where_a_bundle_is_judged(tmp_path):
    """A third of odd words in held-out labels takes them away, and is no question."""
    path = write(tmp_path / "a.csv", ["active", "inactive", "inconclusive"] * 4)
    columns = UserColumns(targets=("act",), kind="classification")
    [endpoint] = card_for_file(path, columns).endpoints
    table, _ = read_measurements(path, {"act": endpoint})
    assert (len(table), [each.code for each in table.rejections]) == (8, ["value"] * 4)
