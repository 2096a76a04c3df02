"""Similarities are those of the older functions that the benchmarks call; the rest has known values."""

from itertools import islice

import pytest
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdMolDescriptors

from molscreen.data.drugs import read_drugs
from molscreen.generation.benchmark.definition import MESTRANOL, OSIMERTINIB, SITAGLIPTIN
from molscreen.generation.benchmark.ingredient import Departure, Descriptor, Similarity, Substructure

OLDER = {
    "ecfp4": ("GetMorganFingerprint", {"radius": 2}),
    "ecfp6": ("GetMorganFingerprint", {"radius": 3}),
    "fcfp4": ("GetMorganFingerprint", {"radius": 2, "useFeatures": True}),
    "atom pairs": ("GetAtomPairFingerprint", {"maxLength": 10}),
}


@pytest.fixture(scope="module")
def drugs():
    """A hundred approved drugs, salts included, in no order of kind."""
    with rdBase.BlockLogs():
        mols = (Chem.MolFromSmiles(drug.smiles) for drug in islice(read_drugs(), 0, None, 25))
        return [mol for mol in mols if mol is not None][:100]


@pytest.mark.parametrize("target", [OSIMERTINIB, MESTRANOL])
@pytest.mark.parametrize("kind", OLDER)
def test_similarity_is_that_of_the_older_function(drugs, kind, target):
    """Both benchmarks call functions that RDKit calls deprecated; published scores are theirs."""
    name, options = OLDER[kind]
    if not hasattr(rdMolDescriptors, name):
        pytest.skip(f"this RDKit has no {name} any more")
    older = getattr(rdMolDescriptors, name)
    similarity = Similarity(target, kind)
    with rdBase.BlockLogs():
        reference = older(Chem.MolFromSmiles(target), **options)
        expected = [DataStructs.TanimotoSimilarity(older(mol, **options), reference) for mol in drugs]
    assert [similarity(mol) for mol in drugs] == expected
    assert 0 < max(expected) < 1


def test_substructures_are_counted():
    """Hexadecane has the substructures of octane, only more often; bits would find them equal."""
    assert Similarity("C" * 16, "ecfp4")(Chem.MolFromSmiles("C" * 8)) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("kind", [*OLDER, "pharmacophore"])
def test_similarity_knows_no_stereochemistry(kind):
    """GuacaMol scores molecules with their stereochemistry taken off, and PMO with it."""
    assert Similarity(MESTRANOL, kind)(Chem.MolFromSmiles(MESTRANOL.replace("@", ""))) == 1.0


def test_sitagliptin_has_the_properties_that_its_tasks_aim_at():
    """TPSA is PubChem's (77 Å², CID 4369359); log P is that of published descriptions of the task."""
    mol = Chem.MolFromSmiles(SITAGLIPTIN)
    assert Descriptor("tpsa")(mol) == pytest.approx(77.04)
    assert Descriptor("logp")(mol) == pytest.approx(2.0165)
    assert (Descriptor("rings")(mol), Descriptor("aromatic rings")(mol)) == (3, 2)


def test_departure_is_zero_for_the_target_and_has_a_sign():
    phenol, benzene = (Chem.MolFromSmiles(smiles) for smiles in ("Oc1ccccc1", "c1ccccc1"))
    assert Departure("tpsa", "c1ccccc1")(benzene) == 0
    assert Departure("tpsa", "c1ccccc1")(phenol) == pytest.approx(20.23)  # a hydroxyl, Ertl's table
    assert Departure("tpsa", "Oc1ccccc1")(benzene) == pytest.approx(-20.23)


def test_a_substructure_is_wanted_or_not():
    """GuacaMol's own example: a pyrimidine with an NH beside osimertinib's, none in troglitazone."""
    pyrimidine, hydroquinone = "[#7;h1]c1ncccn1", "Cc1c(C)c(O)ccc1O"
    with_it, without = Chem.MolFromSmiles(OSIMERTINIB), Chem.MolFromSmiles(hydroquinone)
    assert (Substructure(pyrimidine)(with_it), Substructure(pyrimidine)(without)) == (1.0, 0.0)
    unwanted = Substructure(pyrimidine, wanted=False)
    assert (unwanted(with_it), unwanted(without)) == (0.0, 1.0)
