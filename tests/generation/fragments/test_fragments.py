"""FragmentGenerator: what is proposed was seen in its context, and what is kept is kept."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.fragments.choice import FragmentConfig, draw_fragment
from molscreen.generation.fragments.cut import cuts, fragment_smiles
from molscreen.generation.fragments.generator import FragmentGenerator
from molscreen.generation.fragments.join import join
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.fragments.mine import mine
from molscreen.generation.fragments.table import shipped_table
from molscreen.generation.generator import GENERATORS, Proposal, Scored

HALOPERIDOL = "O=C(CCCN1CCC(O)(c2ccc(Cl)cc2)CC1)c1ccc(F)cc1"
LINEZOLID = "CC(=O)NC[C@H]1CN(c2ccc(N3CCOCC3)c(F)c2)C(=O)O1"
IMATINIB = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
SILDENAFIL = "CCCc1nn(C)c2c(=O)[nH]c(-c3cc(S(=O)(=O)N4CCN(C)CC4)ccc3OCC)nc12"
CELECOXIB = "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1"
KEPT = {  # mode, drug -> what is kept, and the drug
    "decoration": [
        (Keep.from_core("*N1CCC(O)(c2ccc(*)cc2)CC1"), HALOPERIDOL),
        (Keep.from_core("*C[C@H]1CN(*)C(=O)O1"), LINEZOLID),
        (Keep.from_core("*c1ccnc(N*)n1"), IMATINIB),
        (Keep.from_core("*c1nn(*)c2c(=O)[nH]c(*)nc12"), SILDENAFIL),
        (Keep.from_core("*c1cc(*)n(*)n1"), CELECOXIB),
    ],
    "motif extension": [
        (Keep.from_smarts("[CH2:1]N1CCC(O)(c2ccc(Cl)cc2)CC1"), HALOPERIDOL),
        (Keep.from_smarts("CC(=O)NC[C@H]1CN([c:1])C(=O)O1"), LINEZOLID),
        (Keep.from_smarts("n1ccc(-c2cccnc2)nc1[N:1]"), IMATINIB),
        (Keep.from_atoms(SILDENAFIL, range(4, 12), open_atoms=[11]), SILDENAFIL),
        (Keep.from_smarts("NS(=O)(=O)c1cc[c:1]cc1"), CELECOXIB),
    ],
    "linker": [
        (Keep.from_core("*C1(O)CCN(*)CC1.*c1ccc(F)cc1"), HALOPERIDOL),
        (Keep.from_core("*N1CCOCC1.*N1C[C@H](CNC(C)=O)OC1=O"), LINEZOLID),
        (Keep.from_core("*N1CCN(C)CC1.*c1cccnc1"), IMATINIB),
        (Keep.from_core("*N1CCN(C)CC1.*c1nc2c(CCC)nn(C)c2c(=O)[nH]1"), SILDENAFIL),
        (Keep.from_core("*c1ccc(C)cc1.*c1ccc(S(N)(=O)=O)cc1"), CELECOXIB),
    ],
    "superstructure": [
        (Keep.from_smarts("c1ccc(F)cc1"), HALOPERIDOL),
        (Keep.from_smarts("N1CCOCC1"), LINEZOLID),
        (Keep.from_smarts("c1cnc(N)nc1"), IMATINIB),
        (Keep.from_smarts("S(=O)(=O)N"), SILDENAFIL),
        (Keep.from_smarts("FC(F)(F)c1ccnn1"), CELECOXIB),
    ],
}


def taught(*smiles: str, keep: Keep | None = None, **settings: float) -> FragmentGenerator:
    generator = FragmentGenerator(keep=keep, config=FragmentConfig(**settings))
    generator.learn([Scored(Chem.CanonSmiles(each), 0.5 + place / 100) for place, each in enumerate(smiles)])
    return generator


def proposals(*smiles: str, n: int = 40, seed: int = 0, keep: Keep | None = None) -> list[Proposal]:
    return taught(*smiles, keep=keep).propose(n, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("keep", "drug"),
    [pytest.param(*each, id=f"{mode} {each[0].text}") for mode, rows in KEPT.items() for each in rows],
)
def test_every_proposal_has_what_is_kept(keep: Keep, drug: str) -> None:
    """All four modes, five drugs each: read from the text of the proposal, as anybody would."""
    found = proposals(drug, n=25, keep=keep)
    assert len(found) >= 10
    for each in found:
        mol = Chem.MolFromSmiles(each.smiles)
        assert mol.HasSubstructMatch(keep.pattern), each
        assert keep.find(mol), each


def test_products_that_fail_the_proof_are_discarded() -> None:
    """The amine's hydrogens are part of the pattern: grown there, the same atoms no longer are it."""
    keep = Keep.from_smarts("[NH2]c1ccccc1")
    found = proposals("Cc1ccccc1N", keep=keep)
    assert len(found) == 40
    assert all(keep.find(Chem.MolFromSmiles(each.smiles)) for each in found)
    free = proposals("Cc1ccccc1N")
    assert not all(keep.find(Chem.MolFromSmiles(each.smiles)) for each in free)


def test_linkers_change_and_cores_do_not() -> None:
    """Between pyridyl and N-methylpiperazine: what is not kept is one piece, bound to both."""
    keep = Keep.from_core("*N1CCN(C)CC1.*c1ccncc1")
    found = proposals("CN1CCN(Cc2ccncc2)CC1", keep=keep)
    assert len(found) >= 20
    assert any(each.step.count("*") == 4 for each in found)
    for each in found:
        mol = Chem.MolFromSmiles(each.smiles)
        assert any(is_one_linker(mol, kept.atoms) for kept in keep.find(mol))


def is_one_linker(mol: Chem.Mol, kept: tuple[int, ...]) -> bool:
    """Whether the atoms that are not kept hang together and hold the kept ones by two bonds."""
    edit = Chem.RWMol(mol)
    crossing = [b for b in mol.GetBonds() if (b.GetBeginAtomIdx() in kept) != (b.GetEndAtomIdx() in kept)]
    for place in sorted(kept, reverse=True):
        edit.RemoveAtom(place)
    return len(Chem.GetMolFrags(edit)) == 1 and len(crossing) == 2


def test_linked_cores_are_seeds() -> None:
    """Two cores alone are enough to begin with: linkers come from the table, and can be learnt from."""
    keep = Keep.from_core("*N1CCNCC1.*c1ccccc1")
    generator = FragmentGenerator(keep=keep)
    seeds = generator.seeds(10, np.random.default_rng(0))
    assert len({each.smiles for each in seeds}) == 10
    assert all(each.step.startswith("linked by *") and not each.parents for each in seeds)
    keep.require([each.smiles for each in seeds])
    generator.learn([Scored(each.smiles, 0.5) for each in seeds])
    assert len(generator.propose(20, np.random.default_rng(0))) == 20


def test_one_core_is_its_own_seed_and_a_smarts_is_none() -> None:
    rng = np.random.default_rng(0)
    assert [e.smiles for e in FragmentGenerator(keep=Keep.from_core("*c1ccncc1")).seeds(5, rng)] == [
        "c1ccncc1"
    ]
    assert FragmentGenerator(keep=Keep.from_smarts("c1ccncc1")).seeds(5, rng) == []
    with pytest.raises(ConfigError, match="has 4 cores, expected at most 3 to link"):
        FragmentGenerator(keep=Keep.from_core("*C.*N.*O.*F")).seeds(5, rng)


@pytest.mark.parametrize("drug", [HALOPERIDOL, LINEZOLID, IMATINIB, SILDENAFIL, CELECOXIB])
def test_fragments_were_seen_in_their_context(drug: str) -> None:
    """At the radius that is told, the table has the drawn fragment where the other was taken out."""
    table, rng, config = shipped_table(), np.random.default_rng(0), FragmentConfig()
    mol = Chem.MolFromSmiles(drug)
    for cut in cuts(mol):
        old = fragment_smiles(mol, cut)
        new = draw_fragment(table, cut, config, rng, without=old)
        if new is None:
            continue
        seen, _ = table.seen_in(cut.context(new.radius))
        assert new.smiles in {table.smiles[at] for at in seen} - {old}
        assert -config.fewer <= int(table.heavy[table.place_of(new.smiles)]) - len(cut.atoms) <= config.more


def test_product_has_the_fragment_in_the_same_context() -> None:
    """The other way round: cut out of the product, the new fragment has the context of the old one."""
    table, rng = shipped_table(), np.random.default_rng(0)
    mol = Chem.MolFromSmiles(HALOPERIDOL)
    checked = 0
    for cut in cuts(mol):
        new = draw_fragment(table, cut, FragmentConfig(), rng)
        joined = join(mol, cut, Chem.MolFromSmiles(new.smiles)) if new else None
        if new and joined and new.smiles != "[H][*:1]":
            outer = [joined.place[point.outer] for point in cut.points]
            back = [
                c for c in cuts(joined.mol, largest=20) if sorted(p.outer for p in c.points) == sorted(outer)
            ]
            same = [c for c in back if unnumbered(fragment_smiles(joined.mol, c)) == unnumbered(new.smiles)]
            assert [c.context(3) for c in same] == [cut.context(3)] * len(same) != []
            checked += 1
    assert checked > 30


def unnumbered(fragment: str) -> str:
    """Where two points look alike, either may be the first."""
    return Chem.CanonSmiles(re.sub(r":\d", "", fragment))


def test_context_falls_back_to_a_smaller_radius() -> None:
    """Ortho to a nitrogen nothing was seen at radius 2; at radius 1 an aromatic carbon is one."""
    table = mine(["Cc1ccccc1", "Clc1ccccc1", "Fc1ccccc1"])
    mol = Chem.MolFromSmiles("Brc1ccccn1")
    bromine = next(cut for cut in cuts(mol) if cut.atoms == (0,))
    new = draw_fragment(table, bromine, FragmentConfig(), np.random.default_rng(0))
    assert new is not None
    assert new.radius == 1
    benzene = next(cut for cut in cuts(Chem.MolFromSmiles("Brc1ccccc1")) if cut.atoms == (0,))
    near = draw_fragment(table, benzene, FragmentConfig(enough=3), np.random.default_rng(0))
    assert near is not None
    assert near.radius == 3


def test_fragments_are_drawn_by_the_root_of_their_count() -> None:
    """Nine chlorides and one fluoride: three to one."""
    table = mine([f"Clc1ccccc1{'C' * k}" for k in range(9)] + ["Fc1ccccc1"])
    bromine = next(cut for cut in cuts(Chem.MolFromSmiles("Brc1ccccc1")) if cut.atoms == (0,))
    rng, config = np.random.default_rng(0), FragmentConfig(enough=1, radius=1, fewer=0, more=0)
    drawn = [draw_fragment(table, bromine, config, rng, without="C[*:1]") for _ in range(2000)]
    share = np.mean([each is not None and each.smiles == "Cl[*:1]" for each in drawn])
    assert share == pytest.approx(3 / 4, abs=0.03)


def test_proposals_are_different_readable_structures() -> None:
    found = proposals(HALOPERIDOL, IMATINIB, n=200)
    texts = [each.smiles for each in found]
    assert len(set(texts)) == len(texts) == 200
    assert [Chem.CanonSmiles(text) for text in texts] == texts
    parents = {Chem.CanonSmiles(each) for each in (HALOPERIDOL, IMATINIB)}
    assert not parents & set(texts)
    assert {each.proposer for each in found} == {"fragments"}
    assert {each.parents for each in found} == {(key,) for key in parents}
    assert all(" → " in each.step and "[*" not in each.step for each in found)


@pytest.mark.parametrize(
    "drug",
    [
        LINEZOLID,
        "C[C@H](N)C(=O)N[C@@H](Cc1ccccc1)C(=O)O",
        "CC/C(=C(/c1ccccc1)c1ccc(OC)cc1)C",
        "C[C@]1(O)CC[C@@H](/C(F)=C/c2ccccc2)CC1",
    ],
)
def test_configurations_of_the_rest_survive(drug: str) -> None:
    """What was taken out is put back: where it holds no configuration itself, the same stereoisomer."""
    mol = Chem.MolFromSmiles(drug)
    checked = 0
    for cut in cuts(mol):
        if cut.atoms and not has_configuration(mol, cut.atoms):
            joined = join(mol, cut, Chem.MolFromSmiles(fragment_smiles(mol, cut)))
            assert joined is not None
            assert joined.smiles == Chem.CanonSmiles(drug)
            checked += 1
    assert checked >= 4


def has_configuration(mol: Chem.Mol, atoms: tuple[int, ...]) -> bool:
    """Whether a stereocentre or an end of a stereo double bond is among the atoms."""
    centres = {at for at in atoms if mol.GetAtomWithIdx(at).GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED}
    bonds = [bond for bond in mol.GetBonds() if bond.GetStereo() != Chem.BondStereo.STEREONONE]
    return bool(centres or any({b.GetBeginAtomIdx(), b.GetEndAtomIdx()} & set(atoms) for b in bonds))


@pytest.mark.parametrize(
    ("parent", "old", "new", "product"),
    [
        ("C[C@H](N)C(=O)O", (0,), "OC[*:1]", "OC[C@H](N)C(=O)O"),
        ("N[C@@H](C)C(=O)O", (2,), "OC[*:1]", "N[C@@H](CO)C(=O)O"),
        ("C/C(F)=C/Cl", (0,), "CC[*:1]", "CC/C(F)=C/Cl"),
        ("C/C=C/Cl", (0,), "N#C[*:1]", "N#C/C=C/Cl"),
        ("C/C=C/Cl", (0,), "[H][*:1]", "C=CCl"),
        ("C/C(F)=C/Cl", (0,), "[H][*:1]", "F/C=C\\Cl"),
        ("C/C(F)=C\\Cl", (2,), "[H][*:1]", "C/C=C\\Cl"),
        ("C/C(F)=C\\Cl", (2,), "Br[*:1]", "C/C(Br)=C\\Cl"),
        ("CN1C=CC=C1", (0,), "[H][*:1]", "c1cc[nH]c1"),
    ],
)  # fmt: skip
def test_joining_by_hand(parent: str, old: tuple[int, ...], new: str, product: str) -> None:
    mol = Chem.MolFromSmiles(parent)
    cut = next(cut for cut in cuts(mol) if cut.atoms == old)
    joined = join(mol, cut, Chem.MolFromSmiles(new))
    assert joined is not None
    assert joined.smiles == Chem.CanonSmiles(product)


def test_hydrogen_of_a_stereocentre_is_replaced_in_its_place() -> None:
    mol = Chem.MolFromSmiles("N[C@H](C)C(=O)O")
    cut = next(cut for cut in cuts(mol) if not cut.atoms and cut.points[0].outer == 1)
    joined = join(mol, cut, Chem.MolFromSmiles("F[*:1]"))
    assert joined is not None
    assert joined.smiles == Chem.CanonSmiles("N[C@](F)(C)C(=O)O")


def test_growing_beside_a_double_bond_keeps_its_configuration() -> None:
    mol = Chem.MolFromSmiles("C/C=C/Cl")
    cut = next(cut for cut in cuts(mol) if not cut.atoms and cut.points[0].outer == 1)
    joined = join(mol, cut, Chem.MolFromSmiles("Br[*:1]"))
    assert joined is not None
    assert joined.smiles == Chem.CanonSmiles("C/C(Br)=C/Cl")


def test_hydrogen_of_pyrrole_is_replaced() -> None:
    mol = Chem.MolFromSmiles("c1cc[nH]c1")
    cut = next(cut for cut in cuts(mol) if mol.GetAtomWithIdx(cut.points[0].outer).GetAtomicNum() == 7)
    joined = join(mol, cut, Chem.MolFromSmiles("C[*:1]"))
    assert joined is not None
    assert joined.smiles == "Cn1cccc1"


@pytest.mark.parametrize("smiles", ["[Na+]", "N#N", "FC(F)(F)F", "O=C=O"])
def test_molecules_with_nothing_to_exchange_give_few_or_none(smiles: str) -> None:
    """No cuttable bond and no hydrogen: nothing; of tetrafluoromethane what has its context, if anything."""
    found = proposals(smiles, n=3)
    assert len(found) == 0 or smiles == "FC(F)(F)F"


def test_single_atoms_and_rings_can_grow() -> None:
    assert proposals("c1ccccc1", n=5)
    assert all(each.step.startswith("H → ") for each in proposals("C1CC1", n=5))
    assert all(each.step.startswith("H → ") for each in proposals("C", n=5))


def test_with_nothing_learnt_nothing_is_proposed() -> None:
    generator = FragmentGenerator()
    assert generator.propose(10, np.random.default_rng(0)) == []
    generator.learn([Scored("c1ccccc1", float("nan")), Scored("no molecule", 0.5), Scored("C" * 101, 0.9)])
    assert generator.propose(10, np.random.default_rng(0)) == []


def test_best_compounds_are_parents() -> None:
    """A bad one is forgotten when there is no room, and the better ones are drawn more often."""
    generator = taught("Cc1ccccc1", "CCc1ccncc1", parents=1)
    assert {each.parents for each in generator.propose(10, np.random.default_rng(0))} == {("CCc1ccncc1",)}
    generator.learn([Scored("c1ccsc1", 0.9, "genetic"), Scored("C1CC1", 0.1, "genetic")])
    assert {each.parents for each in generator.propose(10, np.random.default_rng(0))} == {("c1ccsc1",)}


def test_what_lacks_the_kept_is_no_parent():
    """Seeds come a few at a time: those without it may come first."""
    generator = FragmentGenerator(keep=Keep.from_smarts("c1ccncc1"))
    generator.learn([Scored("Cc1ccccc1", 0.9)])
    assert generator.propose(5, np.random.default_rng(0)) == []
    generator.learn([Scored("Cc1ccncc1", 0.1)])
    assert generator.propose(5, np.random.default_rng(0))


def test_restored_generator_goes_on_alike() -> None:
    generator = taught(HALOPERIDOL, LINEZOLID)
    state = json.loads(json.dumps(generator.state()))
    other = FragmentGenerator()
    other.restore(state)
    mine_, theirs = (each.propose(30, np.random.default_rng(5)) for each in (generator, other))
    assert mine_ == theirs
    assert generator.propose(30, np.random.default_rng(6)) != mine_


def test_another_process_gives_the_same() -> None:
    """Whatever the seed of Python's hashes."""
    code = (
        "import numpy as np\n"
        "from molscreen.generation.fragments.generator import FragmentGenerator as F, Scored\n"
        f"f = F(); f.learn([Scored({HALOPERIDOL!r}, 0.5)])\n"
        "print(*(each.smiles + each.step for each in f.propose(20, np.random.default_rng(1))), sep=';')"
    )
    run = [
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert run[0] == run[1]
    assert run[0].count(";") == 19


def test_registered_under_its_name() -> None:
    assert GENERATORS["fragments"] is FragmentGenerator


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"parents": 0}, r"\[fragments\] parents must be positive, got 0"),
        ({"more": -1}, r"\[fragments\] more must not be negative, got -1"),
        ({"radius": 4}, r"\[fragments\] radius must be from 1 to 3, got 4"),
    ],
)
def test_wrong_settings_are_told(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FragmentConfig(**settings)


@pytest.mark.parametrize(
    ("core", "seed"),
    [
        ("*[C@@H](N)C(=O)N*", "NCC(N)=O"),
        ("*[C@H]1CC[C@@H](*)CC1", "C1CCCCC1"),
        ("*[C@H]1C[C@@H]1*", "C1CC1"),
        ("*/C=C/c1ccccc1", "C=Cc1ccccc1"),
        ("*/C=C/C(=O)N*", "C=CC(N)=O"),
        ("*c1ccccc1.*N1C[C@H](C)OC1=O", None),
    ],
)
def test_a_core_is_grown_in_the_configuration_that_it_states(core: str, seed: str | None) -> None:
    """With hydrogens at its stars it may have none; the step that makes a centre makes the one stated."""
    keep = Keep.from_core(core)
    generator = FragmentGenerator(keep=keep)
    rng = np.random.default_rng(0)
    made = [each.smiles for each in generator.seeds(5, rng)]
    assert seed is None or made == [seed]
    for score in (0.1, 0.5, 0.9):
        generator.learn([Scored(smiles, score) for smiles in made])
        made = [each.smiles for each in generator.propose(20, rng)]
        assert len(made) >= 10
        assert all(keep.find(Chem.MolFromSmiles(each)) for each in made)
    assert any("@" in each or "/" in each for each in made)
