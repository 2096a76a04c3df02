"""Whether the first row of a table names its columns."""

from __future__ import annotations

import pytest

from molscreen.data.files.header import is_header
from molscreen.data.files.library import open_library
from molscreen.data.files.record import ReadOptions


def found(*rows, **options):
    return is_header([row.split(",") for row in rows], ReadOptions(**options))


@pytest.mark.parametrize("header", ["CCO,ethanol", "C,N", "CCO,smiles", "aspirin,CC(=O)Oc1ccccc1C(=O)O"])
def test_first_molecule_is_no_header(header):
    """Even if a compound were called 'smiles': the column below it holds no structures."""
    assert not found(header, "CCN,amine")


@pytest.mark.parametrize(
    "first",
    ["C1CC", "c1ccccc", "CH3CH2OH", "CHEMBL25", "50-78-2", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "[Xx]", "none", ""],
)
def test_first_molecule_that_cannot_be_read_is_no_header(first):
    """A row must not vanish because its structure has a slip, or is another notation."""
    assert not found(f"{first},ethyl alcohol", "CCN,ethylamine", "CCC,propane")


def test_a_row_with_a_number_is_no_header():
    assert not found("aspirin,6.3", "CCN,5.1")


def test_header_that_parses_as_smiles_is_a_header():
    """NSC is a valid SMILES, and the usual name of a column of the NCI."""
    assert found("NSC,CNS,SMILES", "740,1,CCO")


@pytest.mark.parametrize(
    "header",
    [
        "Reg ID,Structure,Name,Lot,Conc",
        "Cmpd ID,Structure,N",
        "SNo,Structure,Name",
        "CN,Structure,Conc (uM)",
        "Cmpd. No.,Struktur (SMILES),Lot #",
        "Nummer,Struktur",
        "FORMEL,STRUKTUR",
    ],
)
def test_word_above_molecules_is_a_header(header):
    """Names of other columns (Conc, N, CN, SNo) are SMILES as well; what stands below them decides."""
    row = ["K-1", "CC(=O)Oc1ccccc1C(=O)O", "aspirin", "7", "1.5"][: header.count(",") + 1]
    assert found(header, ",".join(row))


@pytest.mark.parametrize("name", ["Cl", "cl"])
def test_column_that_the_user_names_makes_its_row_the_header(name):
    assert found("Cl,CN", "CCO,7", smiles_column=name)
    assert found("Cl,CN", "CCO,7", id_column="CN")
    assert not found("Cl,CN", "CCO,7", smiles_column="1")


def test_row_stays_a_header_in_every_way_of_reading(tmp_path):
    """Names of the user's columns come back, and no row is lost."""
    path = tmp_path / "a.csv"
    path.write_text("Reg ID;Structure;Name;Lot;Conc\nK-1;CCO;ethanol;7;1,5\nK-2;CCN;ethylamine;8;2,5\n")
    library = open_library([str(path)])
    assert (library.n_records, library.columns[-2:]) == (2, ("Lot", "Conc"))
