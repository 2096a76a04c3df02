"""A file of one's own is judged compound by compound, and those the bundle knows are told apart."""

import dataclasses

import pytest

from molscreen.data.own_file.user_card import UserColumns
from molscreen.endpoint import Endpoint
from molscreen.errors import LibraryError
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.training.own_file import find_trained_on, read_measurements, score_file
from tests.small_run import TRAINING


def test_training_compounds_are_recognised_by_their_fingerprint(tiny_bundle):
    """An isomer has the same ECFP4, so it counts; a homologue has not."""
    isomer = TRAINING[4].replace("@", "@@")  # the other nicotine
    found = find_trained_on(load_bundle(tiny_bundle), [TRAINING[0], isomer, "CCO", TRAINING[7]])
    assert found.tolist() == [True, True, False, True]  # the last placed the domain's edges, and fitted too


def test_what_was_trained_on_is_judged_apart(tiny_bundle, tmp_path):
    """Every figure comes twice; the second is that of the same file without the training compounds."""
    bundle = load_bundle(tiny_bundle)
    rows = [f"{smiles},{value}" for value, smiles in enumerate((*TRAINING, "CCO", "CCN", "CCCCO"))]
    pic50 = {"pIC50": bundle.endpoints[0]}

    def score(name, lines):
        (tmp_path / name).write_text("\n".join(["smiles,pIC50", *lines]))
        measured, _ = read_measurements(tmp_path / name, pic50)
        return score_file(bundle, measured, trained_on=find_trained_on(bundle, measured.keys))

    both, alone = score("all.csv", rows), score("new.csv", rows[len(TRAINING) :])
    assert {each.subset for each in alone} == {"all"}
    unseen = [dataclasses.replace(each, subset="all") for each in both if each.subset == "unseen"]
    values = [each.value for each in alone]  # in another batch, a network's last bits are others
    assert [each.value for each in unseen] == pytest.approx(values, rel=1e-6)
    nameless = [[dataclasses.replace(each, value=0.0) for each in scores] for scores in (unseen, alone)]
    assert nameless[0] == nameless[1]
    assert len(both) == 2 * len(alone)


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("IC50", (433, 20, 7), r"column 'IC50': 'pIC50' is -log10\(mol/L\), from 0 to 15, and 2 of 3 values"),
        ("IC50 (uM)", (0.4, 2, 7), r"column 'IC50 \(uM\)' names a unit, uM, and endpoint 'pIC50' is"),
    ],
)
def test_concentrations_are_not_compared_with_p_values(tmp_path, column, values, message):
    """An R2 of -0.04 and a Spearman of -0.8 would be figures like any other."""
    smiles = ("CCO", "CCN", "CCC")
    rows = [f"{one},{value}" for one, value in zip(smiles, values, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join([f"smiles,{column}", *rows]))
    endpoint = Endpoint(name="pIC50", unit="-log10(mol/L)")
    with pytest.raises(LibraryError, match=message):
        read_measurements(tmp_path / "a.csv", {column: endpoint})
    said = UserColumns(targets=(column,), molar="uM")
    table, _ = read_measurements(tmp_path / "a.csv", {column: endpoint}, columns=said)
    assert table.value[2, 0] == pytest.approx(5.1549, abs=1e-4)
    assert table.notes == ()
    assert read_measurements(tmp_path / "a.csv", {column: Endpoint(name="clearance")})[0].value[2, 0] == 7


def test_one_absurd_concentration_does_not_cost_the_figures(tmp_path):
    """Databases have such rows; which unit is doubted, is said."""
    (tmp_path / "a.csv").write_text("smiles,IC50\nCCO,5\nCCN,30\nCCC,1e12\n")
    endpoint = Endpoint(name="pIC50", unit="-log10(mol/L)")
    said = UserColumns(targets=("IC50",), molar="nM")
    table, _ = read_measurements(tmp_path / "a.csv", {"IC50": endpoint}, columns=said)
    assert "1 of 3 values are beyond, for example -3: is the unit" in table.notes[0]
