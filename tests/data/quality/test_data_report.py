"""Each fault that is planted in measurements is found, and counted right."""

from __future__ import annotations

import csv
import dataclasses

import numpy as np
import pytest

from molscreen.chem.compound import Rejection
from molscreen.data.measured.assay import merge
from molscreen.data.measured.assay_table import ABOVE, BELOW, EQUAL, AssayTable
from molscreen.data.measured.replicates import merge_replicates
from molscreen.data.measured.unread_cell import UnreadCell
from molscreen.data.quality import chemistry, cliffs
from molscreen.data.quality.data_report import report_data
from molscreen.data.quality.findings import find_noteworthy
from molscreen.data.quality.judged import judged_scale
from molscreen.data.quality.pages import data_pages
from molscreen.data.quality.tails import ask_about_scales
from molscreen.endpoint import Endpoint

ALANINE = ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O")
SIGNS = {"<": BELOW, "": EQUAL, ">": ABOVE}
PKI = Endpoint(name="pKi", unit="pKi")
PLAIN = Endpoint(name="clearance", unit="mL/min/g")
LABEL = Endpoint(name="hERG", kind="classification")
REFUSED = (Rejection("a.csv:9", "C(", "standardize", "invalid", "syntax", "…"),) * 2


def table(rows, endpoint=PKI, *, rejections=()):
    """An assay table of (key, value) or (key, value, sign) or (key, value, sign, fold)."""
    rows = [(*row, *("", "")[len(row) - 2 :]) for row in rows]
    return AssayTable(
        keys=tuple(key for key, *_ in rows),
        endpoints=(endpoint,),
        value=np.array([[value] for _, value, *_ in rows], np.float32),
        relation=np.array([[SIGNS[sign]] for _, _, sign, _ in rows], np.int8),
        split=np.array([[fold] for *_, fold in rows], "<U5"),
        time=np.full(len(rows), np.nan),
        ids=tuple(f"assay.csv:{i}" for i in range(len(rows))),
        rejections=tuple(rejections),
    )


def look(*tables):
    """The report of tables as read, in their official folds."""
    merged = merge([merge_replicates(each)[0] for each in tables])
    return report_data("toy", [f"set {i}" for i in range(len(tables))], tables, merged)


RINGS = (
    "c1ccccc1", "c1ccncc1", "c1ccoc1", "c1ccsc1", "c1cc[nH]c1", "c1cncnc1", "C1CCCCC1", "C1CCNCC1",
)  # fmt: skip
GROUPS = ("O", "N", "Cl", "N#C", "OC(=O)")


def spread(n=40):
    """At most 40 compounds of which no two are alike, from 4 to 9."""
    keys = [group + ring for group in GROUPS for ring in RINGS]
    return [(key, 4 + 5 * i / n) for i, key in enumerate(keys[:n])]


def test_rows_and_relations_are_counted():
    report = look(table([*spread(), ("CCO", 5, "<"), ("CCN", 9, ">")], rejections=REFUSED))
    [rows], [found] = report.datasets, report.endpoints
    assert (rows.rows, rows.records, rows.compounds) == (44, 42, 42)
    assert rows.refused == {"invalid/syntax": 2}
    assert (found.coverage.values, found.coverage.exact) == (42, 40)
    assert (found.coverage.below, found.coverage.above) == (1, 1)
    assert found.coverage.ringless == pytest.approx(2 / 42)
    assert found.coverage.quantiles[0] == 4


def test_replicates_that_disagree_are_told_from_forms_that_do():
    """One compound twice, and two enantiomers, are different stories."""
    rows = [
        *spread(),
        ("CCO", 5.0), ("CCO", 5.1),  # agree
        ("CCN", 4.0), ("CCN", 8.0), ("CCN", 8.0),  # disagree
        ("CCS", 6.0), ("CCS", 6.0),  # a copy
        (ALANINE[0], 4.0), (ALANINE[1], 9.0),
    ]  # fmt: skip
    found = look(table(rows)).endpoints[0].replicates
    assert (found.repeated, found.copies, found.spreads) == (3, 1, 3)
    assert found.median == pytest.approx(0.1)
    squares = 2 * 0.05**2 + (4 - 20 / 3) ** 2 + 2 * (8 - 20 / 3) ** 2
    assert found.deviation == pytest.approx((squares / 3) ** 0.5)  # the copy has no part in it
    assert [[each.value for each in case.entries] for case in found.conflicts] == [["4", "8", "8"]]
    assert found.conflicts[0].entries[0].id == "assay.csv:42"
    assert found.forms == 1
    assert [case.entries[0].key for case in found.form_conflicts] == [ALANINE[0]]


def test_copies_say_nothing_of_the_noise():
    """A table that was written twice has not been measured twice."""
    once = [*spread(), ("CCO", 5.0), ("CCO", 5.2)]
    found, alone = (look(table(rows)).endpoints[0].replicates for rows in ([*once, *spread()], spread() * 2))
    assert found.copies == len(spread())
    assert found.deviation == pytest.approx(0.2 / 2**0.5, rel=1e-5)
    assert np.isnan(alone.deviation)


def test_limits_disagree_where_they_exclude_each_other():
    """At least 8 and exactly 8.1 agree; at most 5 and exactly 8 do not."""
    rows = [
        *spread(),
        ("CCO", 8, ">"),
        ("CCO", 8.1),
        ("CCN", 5, "<"),
        ("CCN", 8),
        ("CCS", 5, "<"),
        ("CCS", 8, ">"),
    ]
    found = look(table(rows)).endpoints[0].replicates
    texts = [[each.value for each in case.entries] for case in found.conflicts]
    assert texts == [["<5", "8"], ["<5", ">8"]]
    assert found.dropped == 1  # as many of each


def test_labels_that_disagree_are_conflicts():
    rows = [(key, i % 2) for i, (key, _) in enumerate(spread())]
    rows += [("CCO", 0), ("CCO", 1), ("CCN", 0), ("CCN", 0), ("CCN", 1)]
    found = look(table(rows, LABEL)).endpoints[0].replicates
    assert (len(found.conflicts), found.dropped) == (2, 1)


def test_tails_and_ends_are_found():
    """Values far out, values piled up at a limit, values that want their logarithm."""
    rows = [*spread(), ("CCO", 60.0), ("CCN", 9.5), ("CCS", 9.5)]
    far = look(table(rows)).endpoints[0].tails
    assert [case.entries[0].value for case in far.far_out] == ["60"]
    piled = look(table([(key, min(value, 8)) for key, value in spread()])).endpoints[0]
    assert (piled.tails.edge, piled.tails.at_edge) == (8, pytest.approx(8 / 40))
    raw = table([(key, 10 ** (value - 4)) for key, value in spread()], PLAIN)
    tails = look(raw).endpoints[0].tails
    assert tails.wants_logarithm
    assert tails.decades == pytest.approx(5 * 39 / 40, abs=1e-4)
    assert "5 powers of ten" in ask_about_scales(raw)["clearance"]
    assert not look(table(spread())).endpoints[0].tails.wants_logarithm


def asked(name, values):
    """What is asked about values of a quantity."""
    rows = [("C" * (i + 1), value) for i, value in enumerate(values)]
    return ask_about_scales(table(rows, Endpoint(name=name))).get(name, "")


def test_a_unit_in_a_name_is_asked_about():
    """The name is better evidence than the range of the values."""
    assert "column 'IC50 (nM)' names a unit, nM: if it holds" in asked("IC50 (nM)", [20, 30, 50])
    assert asked("IC50", [20, 30, 50]) == ""


def test_values_that_no_p_value_has_are_asked_about():
    """A pIC50 of 433 is a concentration, one of -4 had another unit than was said."""
    assert "2 of 3 values are beyond, for example 433: is the unit" in asked("pIC50", [433, 20, 7])
    assert "1 of 2 values are beyond, for example -4: is the unit" in asked("pKi", [-4, 2])
    assert asked("pIC50", [0.001, 14]) == asked("logD", [0.001, 4]) == ""


BIG = "CCOc1ccc(cc1)C1CCN(CC1)C(=O)c1ccc(cc1)S(=O)(=O)N1CC{}CC1"


def test_activity_cliffs_are_counted():
    """Similar structures, similar graphs, and pairs that are neither."""
    enantiomers = ("CC[C@H](C)" + BIG.format("C")[2:], "CC[C@@H](C)" + BIG.format("C")[2:])
    nitrogen = BIG.format("N")  # another element: alike as a graph, not by ECFP4
    carbon = BIG.format("C")
    rows = [
        *spread(),
        (enantiomers[0], 5),
        (enantiomers[1], 8),
        (carbon, 5.5),
        (nitrogen, 7.5),
        ("CCO", 4, "<"),
    ]
    found = look(table(rows)).endpoints[0].cliffs
    assert found.compared == 44
    assert found.pairs == 1
    [worst] = found.worst
    assert (worst.severity, [each.value for each in worst.entries]) == (pytest.approx(3), ["5", "8"])
    by_hand = look(table([(carbon, 5.5), (nitrogen, 7.5)])).endpoints[0].cliffs
    assert (by_hand.pairs, by_hand.graph_pairs, by_hand.compounds) == (0, 1, 2)


def test_labels_have_cliffs_by_structure_alone():
    found = look(table([(ALANINE[0], 0), (ALANINE[1], 1), ("CCO", 1), ("CCN", 0)], LABEL)).endpoints[0].cliffs
    assert (found.pairs, found.graph_pairs, found.compounds) == (1, 0, 2)


def test_ten_fold_is_meant_where_there_is_a_logarithm():
    assert judged_scale(Endpoint(name="x", unit="log10 cm/s"), np.array([1.0])).cliff == 1
    assert judged_scale(Endpoint(name="mean pKi"), np.array([1.0])).cliff == 1
    assert judged_scale(Endpoint(name="IC50"), np.array([1.0, 5000.0])).logarithm
    for name in ("EGFR_pIC50", "CHEMBL204_pKi", "measured_log_solubility", "logD", "exp. pKa"):
        scale = judged_scale(Endpoint(name=name), np.array([1.0, 3.0]))
        assert (scale.cliff, scale.logarithm) == (1, False), name
    for name, unit in (("IC50", "pM"), ("IC50 (pM)", ""), ("pH_stability", "h"), ("catalogue number", "")):
        assert judged_scale(Endpoint(name=name, unit=unit), np.array([5.0, 90_000.0])).logarithm, name
    assert judged_scale(Endpoint(name="ppb", unit="%"), np.array([10.0, 90.0])).cliff == 40


def test_leakage_counts_forms_near_duplicates_and_repeats():
    """Two enantiomers in two folds are no fair test; nor is a compound of both folds as read."""
    rows = [(key, value, "", "train") for key, value in spread()]
    rows += [(ALANINE[0], 5, "", "train"), (ALANINE[1], 5, "", "test")]
    rows += [("CCO", 5, "", "train"), ("CCO", 5, "", "test"), ("CC(=O)Oc1ccccc1C(=O)O", 6, "", "test")]
    found = look(table(rows)).endpoints[0].leakage
    assert (found.tested, found.training) == (3, 41)
    assert (found.repeated, found.near, found.elsewhere) == (1, 1, 0)
    assert [[each.key for each in case.entries] for case in found.forms] == [[ALANINE[1], ALANINE[0]]]


def test_a_test_compound_may_train_another_endpoint():
    tested = table([("CCO", 1, "", "test"), ("CCN", 2, "", "train")])
    other = table([("CCO", 1, "", "train"), ("CCS", 2, "", "test")], Endpoint(name="other"))
    assert [each.leakage.elsewhere for each in look(tested, other).endpoints] == [1, 0]


def test_without_a_test_fold_nothing_is_said_of_leakage():
    report = look(table(spread()))
    assert report.endpoints[0].leakage is None
    assert report.notes == ("No test fold: nothing is said of leakage.",)


def test_too_many_compounds_or_pairs_are_admitted(monkeypatch):
    """What was not looked at is said."""
    monkeypatch.setattr(cliffs, "MOST_PAIRS", 0)
    assert "counting stopped there" in look(table([(ALANINE[0], 1), (ALANINE[1], 2)])).notes[0]
    monkeypatch.setattr(chemistry, "LIMIT", 3)
    report = look(table(spread()))
    assert report.endpoints[0].cliffs is None
    assert "were not looked for" in report.notes[0]


@pytest.mark.parametrize(
    ("change", "endpoint", "sentence"),
    [
        (lambda key, _: (key, 6), PKI, "every value is 6: there is nothing to learn"),
        (lambda key, _: (key, 1), LABEL, "every label is 1: there is nothing to learn"),
        (lambda key, value: (key, value < 4.3), LABEL, "only 3 of 40 compounds have label 1:"),
        (
            lambda key, value: (key, min(value, 8)),
            PKI,
            "20 % of the exact values are the largest, 8: if that",
        ),
        (lambda key, value: (key, value, "<" * (value < 6)), PKI, "40 % of the values are limits (< or >)"),
        (lambda key, value: (key, 10**value), PLAIN, "values are skewed ("),
    ],
)
def test_what_matters_is_a_sentence(change, endpoint, sentence):
    told = find_noteworthy(look(table([change(*row) for row in spread()], endpoint)))
    assert any(each.startswith(f"{endpoint.name}: {sentence}") for each in told)


def test_rows_that_cannot_be_used_are_told_first():
    """A file of which a third is lost was mostly misread; one slip in twenty rows is daily life."""
    assert find_noteworthy(look(table(spread(), rejections=REFUSED))) == ()
    told = find_noteworthy(look(table(spread(18), rejections=REFUSED)))
    assert told[0] == "set 0: 10 % of 20 rows cannot be used (2 invalid/syntax)"


def test_what_cannot_be_read_is_told_and_shown_to_its_owner_alone():
    """A word that is in every second cell is mended in a minute, once somebody knows it."""
    slip = Rejection("a.csv:9", "CCO", "read", "invalid", "cell", "…")
    cells = tuple(UnreadCell(column="pKi", text=t, rejection=slip) for t in ("5.3*", "TBC|", "5.3*"))
    report = look(dataclasses.replace(table(spread(20)), unread=cells))
    sentence = "set 0: 15 % of 20 rows have a cell in column 'pKi' that cannot be read"
    assert find_noteworthy(report)[0] == sentence
    own, others = (data_pages(report, with_rows=mine)["data-report.md"] for mine in (True, False))
    assert "| set 0 | pKi | 3 | `5.3* (2)`, `TBC\\| (1)` |" in own
    assert "| set 0 | pKi | 3 |\n" in others
    assert "5.3*" not in others


def test_clean_measurements_are_not_worth_a_sentence():
    assert find_noteworthy(look(table(spread()))) == ()


def test_of_many_endpoints_the_worst_is_told():
    tables = [table(spread(n), Endpoint(name=f"y{n}")) for n in (5, 3, 30)]
    assert find_noteworthy(look(*tables))[:1] == (
        "y3: only 3 compounds have a value (as in 1 more endpoint)",
    )


def test_a_page_of_ones_own_file_has_rows_and_that_of_a_data_set_has_none():
    """A bundle is given away: other people's values must not travel with it."""
    report = look(table([*spread(), ("CCN", 4.25), ("CCN", 8.75)]))
    own, others = data_pages(report, with_rows=True), data_pages(report, with_rows=False)
    assert {"data-report.md", "data-report.csv"} == set(own)
    assert set(others) == {"data-report.md"}
    assert "| 1 | pKi | `assay.csv:41` | `CCN` | `8.75` |" in own["data-report.md"]
    assert "`assay.csv:40`, `assay.csv:41`" in others["data-report.md"]
    assert "8.75" not in others["data-report.md"].split("## Cases")[1]
    assert "CCN" not in others["data-report.md"]
    rows = list(csv.DictReader(own["data-report.csv"].splitlines()))
    assert [(row["case"], row["fault"], row["value"]) for row in rows] == [
        ("1", "replicates disagree", "4.25"),
        ("1", "replicates disagree", "8.75"),
    ]


def test_a_limit_is_written_as_the_assay_writes_it():
    """The page is printed to a terminal too, where &lt; is no sign; nothing here begins a tag."""
    read = table([(key, value, "<" * (value < 6)) for key, value in spread()])
    page = data_pages(look(read), with_rows=False)["data-report.md"]
    assert "- pKi: 40 % of the values are limits (< or >)" in page
    named = table(spread(), Endpoint(name="<b>y"))
    assert "| &lt;b>y |" in data_pages(look(named), with_rows=False)["data-report.md"]


def test_ids_of_strangers_are_no_markup():
    read = table([("CCN", 4.0), ("CCN", 8.0), *spread()])
    read = AssayTable(**{name: getattr(read, name) for name in AssayTable.__slots__} | {
        "ids": ("a`|<img src=x>\nb", *read.ids[1:])
    })  # fmt: skip
    page = data_pages(look(read), with_rows=True)["data-report.md"]
    assert "| `a'\\|<img src=x> b` |" in page
