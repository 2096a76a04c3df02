"""Completion: parts are made by rule, what is made keeps them, and the judge knows when it does not."""

from __future__ import annotations

import json
import math

import pytest
from rdkit import Chem

from molscreen.generation.benchmark.completion import (
    DRUGS,
    MODES,
    Completed,
    DrugPart,
    complete,
    has_kept,
    judge,
    make_parts,
)
from molscreen.generation.benchmark.completion_table import by_mode, rows_of, write_completions
from molscreen.generation.fragments.keep import Keep


@pytest.fixture(scope="module")
def parts():
    return make_parts()


def test_twenty_and_more_drugs_have_four_parts_each(parts):
    assert len(DRUGS) == len(set(DRUGS)) >= 20
    assert [(part.drug, part.mode) for part in parts] == [(drug, mode) for drug in DRUGS for mode in MODES]


def test_parts_are_cores_with_places_and_superstructures_have_none(parts):
    """One core of one place, two of one, one of several, and one where anything goes."""
    shapes = [(part.text.count("."), part.text.count("*")) for part in parts]
    assert set(shapes[0::4]) == {(0, 1)}
    assert set(shapes[1::4]) == {(1, 2)}
    assert all(dots == 0 and stars >= 2 for dots, stars in shapes[2::4])
    assert set(shapes[3::4]) == {(0, 0)}
    assert [Keep.read(part.text).is_core for part in parts[:4]] == [True, True, True, False]


@pytest.mark.parametrize("mode", MODES)
def test_every_sample_is_valid_different_and_keeps_its_part(parts, mode):
    part = next(part for part in parts if (part.drug, part.mode) == ("haloperidol", mode))
    made = complete(part, 20)
    done = judge(part, made, 20)
    assert (done.validity, done.uniqueness, done.kept) == (1.0, 1.0, 1.0)
    assert made == complete(part, 20)  # the same for the same seed
    assert 0 < done.diversity < 1


@pytest.mark.parametrize(
    ("text", "smiles", "kept"),
    [
        ("*c1ccncc1", "Cc1ccncc1", True),
        ("*c1ccncc1", "c1ccncc1", True),  # nothing need be attached
        ("*c1ccncc1", "Cc1cc(C)ncc1", False),  # and something at a closed atom
        ("*c1ccccc1.*N1CCNCC1", "c1ccccc1CN1CCNCC1", True),
        ("*c1ccccc1.*N1CCNCC1", "c1ccccc1CN1CCN(C)CC1", False),
        ("c1ccncc1", "Cc1cc(C)ncc1", True),  # a superstructure
        ("c1ccncc1", "Cc1ccccc1", False),
    ],
)
def test_whether_a_part_is_kept_is_told_by_matching_and_counting(text, smiles, kept):
    assert has_kept(text, Chem.MolFromSmiles(smiles)) is kept


def test_shares_are_of_the_samples_that_were_asked_for():
    """Ten asked for, six made: two no molecules, one in two pieces, one twice."""
    part = DrugPart("haloperidol", "superstructure", "c1ccccc1")
    lidocaine = "CCN(CC)CC(=O)Nc1c(C)cccc1C"  # QED 0.85, SA score 1.6; ethanol's QED is 0.41
    again = "Cc1cccc(C)c1NC(=O)CN(CC)CC"
    done = judge(part, [lidocaine, again, "CCO", "nonsense", "C1CC", "C.C"], 10)
    assert done.validity == 0.3
    assert done.uniqueness == pytest.approx(2 / 3)
    assert done.kept == pytest.approx(2 / 3)
    assert done.quality == 0.1


def test_nothing_made_is_no_success():
    done = judge(DrugPart("haloperidol", "linker", "*C.*C"), [], 10)
    assert (done.validity, done.uniqueness, done.quality) == (0.0, 0.0, 0.0)
    assert math.isnan(done.kept)
    assert math.isnan(done.diversity)


def test_a_figure_without_a_number_is_null_in_the_file(tmp_path):
    """Python writes NaN and Infinity, which no other reader of JSON takes."""
    done = Completed(
        part=DrugPart("imatinib", "linker", "*C.*N"), samples=100, validity=1.0, uniqueness=0.9, kept=1.0,
        quality=math.inf, diversity=-math.inf,
    )  # fmt: skip
    written = write_completions([done], [["CN"]], tmp_path)[0].read_text()
    results = json.loads(written, parse_constant=pytest.fail)
    assert (results["means"]["linker"]["quality"], results["parts"][0]["diversity"]) == (None, None)


def test_the_table_stands_beside_what_is_published(tmp_path):
    def one(drug, quality):
        return Completed(
            part=DrugPart(drug, "linker", "*C.*N"), samples=100, validity=1.0, uniqueness=0.9, kept=1.0,
            quality=quality, diversity=0.5,
        )  # fmt: skip

    done = [one("imatinib", 0.2), one("sildenafil", 0.4)]
    heading, rows = rows_of(by_mode(done))
    assert rows == [
        ("linker", "2", "100.0", "90.0", "100.0", "30.0", "0.500", "76.6/82.5/21.7", "100.0/83.7/21.9",
         "81.8/87.1/28.6", "60.4/84.8/22.3"),
    ]  # fmt: skip
    assert len(heading) == len(rows[0])
    paths = write_completions(done, [["CN"], ["CCN", "CCCN"]], tmp_path)
    assert paths[1].read_text().splitlines()[1:3] == [
        "imatinib,linker,*C.*N,CN",
        "sildenafil,linker,*C.*N,CCN",
    ]
