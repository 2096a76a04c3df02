"""What is known: from files and stores, each compound once, and the nearest of them."""

import pytest

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.identity import inchikey_blocks
from molscreen.errors import LibraryError, UsageError
from molscreen.generation.known import Known, read_known
from molscreen.screening.index import index

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text(f"smiles,id\nOC(=O)c1ccccc1OC(C)=O,aspirin\nnonsense,x\n{ASPIRIN},again\nCCN,\n")
    return path


def test_each_compound_is_known_once_by_its_first_name(library):
    found = read_known([library])
    assert found.keys == (ASPIRIN, "CCN")
    assert found.names == ("aspirin", "known.csv:5")


def test_a_store_knows_what_its_library_knows(library, tmp_path):
    index([library], out=tmp_path / "store")
    assert set(read_known([tmp_path / "store"]).keys) == set(read_known([library]).keys)
    with pytest.raises(LibraryError, match="tautomer"):
        read_known([tmp_path / "store"], recipe=Recipe(tautomer=True))


def test_several_files_are_joined(library, tmp_path):
    more = tmp_path / "more.smi"
    more.write_text("CCN ethylamine\nCCO ethanol\n")
    found = read_known([library, more])
    assert found.keys == (ASPIRIN, "CCN", "CCO")
    assert found.names[1:] == ("known.csv:5", "ethanol")


def test_blocks_are_those_of_the_inchikeys():
    assert Known(("CCO", "CCN"), ("a", "b")).blocks() == frozenset(inchikey_blocks(["CCO", "CCN"]))
    assert Known((), ()).blocks() == frozenset()


def test_the_first_of_the_nearest_is_named():
    known = Known(("c1ccncc1", "CCO", "OCC"), ("pyridine", "ethanol", "ethanol again"))
    [(place, similarity), (other, less)] = known.nearest(["CCO", "Cc1ccncc1"])
    assert (place, similarity) == (1, 1.0)
    assert other == 0
    assert 0 < less < 1
    assert Known((), ()).nearest(["CCO"]) == []


def test_a_file_without_a_compound_is_refused(tmp_path):
    path = tmp_path / "bad.smi"
    path.write_text("nonsense x\n")
    with pytest.raises(UsageError, match=r"--known .*bad\.smi: not one row is a compound"):
        read_known([path])
