"""What a design starts from: every row of the user's file is a seed or is refused with a reason."""

import pytest
from rdkit import Chem

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.errors import UsageError
from molscreen.generation.seeds import LARGEST, read_seeds, some_drugs
from molscreen.screening.index import index


def test_every_row_is_a_seed_or_refused(tmp_path):
    path = tmp_path / "hits.csv"
    path.write_text("smiles,id\nOC(=O)c1ccccc1OC(C)=O,a\nCC(C)(C)(C)C,b\nCC(=O)Oc1ccccc1C(=O)[O-].[Na+],c\n")
    seeds = read_seeds([path])
    assert seeds.keys == ("CC(=O)Oc1ccccc1C(=O)O",)
    [refused] = seeds.rejections
    assert seeds.duplicates == 1  # a salt of the first
    assert (refused.source, refused.source_id, refused.code) == ("hits.csv:3", "b", "valence")


def test_a_store_gives_the_seeds_of_its_library(tmp_path):
    """Refused rows and repeats are told alike."""
    path = tmp_path / "hits.csv"
    path.write_text("smiles,id\nOC(=O)c1ccccc1OC(C)=O,a\nCC(C)(C)(C)C,b\nCC(=O)Oc1ccccc1C(=O)[O-].[Na+],c\n")
    store = index(path, out=tmp_path / "store", workers=1)
    assert read_seeds([store.path]) == read_seeds([path])


def test_what_was_done_to_a_seed_is_told(tmp_path):
    """A mixture of which one part is taken, a salt, and a centre that could be either are not as given."""
    path = tmp_path / "hits.smi"
    rows = ("c1ccc2ccccc2c1.CC(=O)Nc1ccc(O)cc1", "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]", "CCC(C)(N)CO", "CCO")
    path.write_text("\n".join(rows))
    seeds = read_seeds([path], recipe=Recipe(mixtures="largest"))
    assert seeds.keys == ("CC(=O)Nc1ccc(O)cc1", "CC(=O)Oc1ccccc1C(=O)O", "CCC(C)(N)CO", "CCO")
    assert sorted(seeds.warnings) == ["mixture_largest", "salt_stripped", "stereo_undefined"]
    assert [texts[0][:10] for texts in seeds.warnings.values()] == ["hits.smi:1", "hits.smi:2", "hits.smi:3"]


def test_labels_of_seeds_are_dropped_and_told(tmp_path):
    """Models see the element only, and what is bred of a label would be no new compound."""
    path = tmp_path / "labelled.smi"
    path.write_text("[13CH3]c1ccccc1 a\n[2H]C([2H])([2H])Oc1ccc(O)cc1 b\nCc1ccccc1 c\n")
    seeds = read_seeds([path])
    assert seeds.keys == ("Cc1ccccc1", "COc1ccc(O)cc1")
    assert seeds.duplicates == 1
    assert seeds.warnings["isotope"] == (
        "labelled.smi:1: labels (13C) dropped: the search goes on from 'Cc1ccccc1'",
        "labelled.smi:2: labels (2H) dropped: the search goes on from 'COc1ccc(O)cc1'",
    )


def test_a_file_without_a_compound_is_refused_with_its_first_reason(tmp_path):
    path = tmp_path / "bad.smi"
    path.write_text("CC(C)(C)(C)C pentavalent\n")
    with pytest.raises(UsageError, match=r"not one of 1 rows is a compound: bad\.smi:1: carbon with five"):
        read_seeds([path])


def test_drugs_are_drawn_by_the_seed_alone():
    assert some_drugs(10, seed=1) == some_drugs(10, seed=1)
    assert some_drugs(10, seed=1) != some_drugs(10, seed=2)
    assert len(set(some_drugs(50).keys)) == 50


def test_no_giant_and_no_tracer_is_drawn():
    mols = [Chem.MolFromSmiles(key) for key in some_drugs(200).keys]
    assert max(mol.GetNumHeavyAtoms() for mol in mols) <= LARGEST
    assert not any(atom.GetIsotope() for mol in mols for atom in mol.GetAtoms())


def test_only_drugs_that_are_wanted_are_drawn():
    amide = Chem.MolFromSmarts("C(=O)N")
    seeds = some_drugs(20, is_wanted=lambda mol: mol.HasSubstructMatch(amide))
    assert len(seeds.keys) == 20
    assert all(Chem.MolFromSmiles(key).HasSubstructMatch(amide) for key in seeds.keys)


def test_drugs_are_standardised_as_the_plan_says():
    """Otherwise a seed and a proposal of one compound would be two."""
    recipe = Recipe(tautomer=True)
    for key in some_drugs(20, recipe=recipe).keys:
        assert standardize(key, recipe).key == key
