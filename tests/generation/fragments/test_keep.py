"""Keep: which atoms stay, where something may be attached, and what is wrong with an input."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.fragments.keep import Keep

TOLUENE = Chem.MolFromSmiles("Cc1ccccc1")
XYLENE = Chem.MolFromSmiles("Cc1ccccc1C")


def test_every_atom_of_a_plain_smarts_is_open() -> None:
    (kept,) = Keep.from_smarts("c1ccccc1").find(TOLUENE)
    assert kept.open == set(kept.atoms) == {1, 2, 3, 4, 5, 6}
    assert kept.growable == kept.open


def test_only_mapped_atoms_of_a_smarts_are_open() -> None:
    """What hangs at closed atoms stays there; the ring can be laid six ways, with another atom open."""
    found = Keep.from_smarts("[c:1]1ccccc1").find(XYLENE)
    assert sorted(sorted(kept.open) for kept in found) == [[1], [2], [3], [4], [5], [6]]


def test_core_has_substituents_at_its_stars_alone() -> None:
    """With one star toluene's ring fits one way, and is then full; o-xylene's does not fit."""
    core = Keep.from_core("*c1ccccc1")
    (kept,) = core.find(TOLUENE)
    assert (kept.open, kept.growable) == ({1}, set())
    assert core.find(XYLENE) == []
    two = Keep.from_core("*c1ccccc1*")
    assert [kept.growable for kept in two.find(XYLENE)] == [set()]
    assert all(len(kept.growable) == 1 for kept in two.find(TOLUENE))


def test_one_atom_may_have_several_stars() -> None:
    amine = Keep.from_core("*N(*)C1CC1")
    assert [len(amine.find(Chem.MolFromSmiles(s))) for s in ("NC1CC1", "CN(C)C1CC1", "C[N+](C)(C)C1CC1")] == [
        1,
        1,
        0,
    ]


def test_two_cores_are_both_kept() -> None:
    keep = Keep.from_core("*c1ccncc1.*C1CC1")
    (kept,) = keep.find(Chem.MolFromSmiles("c1cc(CCC2CC2)ccn1"))
    assert len(kept.atoms) == 9
    assert not keep.find(Chem.MolFromSmiles("c1ccncc1C"))


def test_atoms_of_a_molecule_are_kept_by_their_places() -> None:
    ring = Keep.from_atoms("Cc1ccncc1", [1, 2, 3, 4, 5, 6], open_atoms=[1])
    assert {2} in [kept.open for kept in ring.find(Chem.MolFromSmiles("CCc1ccncc1"))]
    assert not ring.find(TOLUENE)


def test_configuration_of_a_motif_must_match() -> None:
    keep = Keep.from_smarts("N[C@@H](C)C(=O)O")
    assert keep.find(Chem.MolFromSmiles("N[C@@H](C)C(=O)O"))
    assert not keep.find(Chem.MolFromSmiles("N[C@H](C)C(=O)O"))


@pytest.mark.parametrize(
    ("core", "has", "has_not"),
    [
        ("*[C@@H](N)C(=O)N*", "C[C@@H](N)C(N)=O", "C[C@H](N)C(N)=O CC(N)C(N)=O"),
        ("*N[C@H](*)C(=O)O", "CN[C@H](C)C(=O)O NCC(=O)O", "CN[C@@H](C)C(=O)O CNC(C)C(=O)O"),
        ("*[C@H]1CC[C@@H](*)CC1", "C[C@H]1CC[C@@H](O)CC1 CC1CCCCC1", "C[C@H]1CC[C@H](O)CC1 CC1CCC(O)CC1"),
        ("*[C@H]1C[C@@H]1*", "C[C@H]1C[C@@H]1O", "C[C@H]1C[C@H]1O C[C@@H]1C[C@H]1O CC1CC1O"),
        ("*[C@H]1C[C@H]1*", "C[C@H]1C[C@H]1O C[C@@H]1C[C@@H]1O", "C[C@H]1C[C@@H]1O CC1CC1O"),
        ("*/C=C/c1ccccc1", "C/C=C/c1ccccc1 C=Cc1ccccc1", "C/C=C\\c1ccccc1 CC=Cc1ccccc1"),
        ("*/C=C\\C(=O)N*", "C/C=C\\C(=O)NC C=CC(=O)NC", "C/C=C/C(=O)NC CC=CC(N)=O"),
        ("*[S@](=O)C", "CC[S@](=O)C", "CC[S@@](=O)C CCS(=O)C"),
        ("*O[C@@H]1CCCC[C@H]1C", "CO[C@@H]1CCCC[C@H]1C", "CO[C@@H]1CCCC[C@@H]1C COC1CCCCC1C"),
    ],
)
def test_the_configuration_of_a_core_must_match(core: str, has: str, has_not: str) -> None:
    """At a star it is that of what is attached there; with a hydrogen there may be no centre at all."""
    keep = Keep.from_core(core)
    assert all(keep.find(Chem.MolFromSmiles(each)) for each in has.split())
    assert not any(keep.find(Chem.MolFromSmiles(each)) for each in has_not.split())


def test_a_centre_between_two_cores_has_its_configuration() -> None:
    """What is attached at a star may itself be kept."""
    keep = Keep.from_core("*c1ccccc1.*[C@@H](N)C(=O)O")
    assert keep.find(Chem.MolFromSmiles("c1(ccccc1)[C@H](N)C(=O)O")) == []
    assert keep.find(Chem.MolFromSmiles("c1(ccccc1)[C@@H](N)C(=O)O"))


def test_closed_atoms_of_a_pattern_have_what_a_seed_has() -> None:
    """Numbers say where something may be attached; the others keep their neighbours, whoever proposes."""
    seeds = [Chem.MolFromSmiles(each) for each in ("Cc1ccncc1", "Cc1ccnc(Cl)c1", "CCO")]
    keep = Keep.from_smarts("[c:1]1ccncc1").beside(seeds)
    for has in ("CCc1ccncc1", "c1ccncc1", "OCc1ccnc(Cl)c1", "Clc1cc(CC)ccn1"):
        assert keep.reason(Chem.MolFromSmiles(has)) is None, has
    for has_not in ("Cc1c(C)c(C)nc(C)c1Cl", "Cc1cccnc1", "Cc1ccnc(C)c1", "Cc1ccnc2ccccc12", "CCc1c(Cl)cncc1"):
        assert keep.reason(Chem.MolFromSmiles(has_not)) == "keep: without '[c:1]1ccncc1'", has_not


def test_these_very_atoms_must_be_the_substructure() -> None:
    """Biphenyl has two rings: each is one match, and half of each is none."""
    keep = Keep.from_smarts("c1ccccc1")
    biphenyl = Chem.MolFromSmiles("c1ccccc1-c1ccccc1")
    assert keep.holds(biphenyl, (0, 1, 2, 3, 4, 5))
    assert keep.holds(biphenyl, (9, 8, 7, 6, 11, 10))
    assert not keep.holds(biphenyl, (0, 1, 2, 3, 4, 6))
    assert not keep.holds(biphenyl, (0, 2, 1, 3, 4, 5))


@pytest.mark.parametrize(
    ("make", "text", "message"),
    [
        (Keep.from_smarts, "c1cc", "keep: 'c1cc' cannot be read as SMARTS; expected a pattern such as"),
        (Keep.from_smarts, "", "keep: '' cannot be read as SMARTS"),
        (Keep.from_core, "*c1cc", "keep: core '*c1cc' cannot be read as SMILES"),
        (Keep.from_core, "c1ccncc1", "keep: core 'c1ccncc1' has no open position; expected '*'"),
        (Keep.from_core, "*c1ccncc1.C1CC1", "keep: core 'C1CC1' has no open position"),
        (Keep.from_core, "*=C1CC1", "in core '*=C1CC1' each '*' must be bound to one heavy atom, by a"),
        (Keep.from_core, "**", "each '*' must be bound to one heavy atom"),
        (Keep.from_core, "*[2H]", "each '*' must be bound to one heavy atom"),
        (Keep.from_core, "*C1CC[C@H](*)CC1", "states a configuration that says nothing: each '*' is like"),
        (Keep.from_core, "[1*][C@H]([2*])N", "states a configuration that says nothing"),
        (Keep.from_core, "*/C=C", "states a configuration that says nothing"),
    ],
)
def test_wrong_text_is_told(make: Callable[[str], Keep], text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        make(text)


def test_atoms_that_are_not_there_are_told() -> None:
    with pytest.raises(
        ConfigError, match=re.escape("atoms [0, 3], open []: expected some of 0 to 2 of 'CCO'")
    ):
        Keep.from_atoms("CCO", [0, 3])
    with pytest.raises(ConfigError, match=re.escape("keep: atoms [0], open [1]: expected")):
        Keep.from_atoms("CCO", [0], [1])


def test_seeds_without_the_core_are_told() -> None:
    message = "keep: none of 2 seeds has 'c1ccncc1' (the first is 'CCO'); expected one at least; add a seed"
    with pytest.raises(ConfigError, match=re.escape(message)):
        Keep.from_smarts("c1ccncc1").require(["CCO", "CCN"])


def test_one_seed_with_the_core_is_enough() -> None:
    Keep.from_core("*c1ccccc1").require(["CCO", "no molecule", "Cc1ccccc1"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*c1ccncc1", "is a core: something may be attached at its * and nowhere else"),
        (
            "*[C@@H](N)C(=O)O",
            "is a core: something may be attached at its * and nowhere else, in the configuration stated; an"
            " atom with a hydrogen at its * may have none",
        ),
        ("c1cc*cc1", "is SMARTS: something may be attached anywhere; * is any atom"),
        ("C(=O)[N;!$(N*)]", "is SMARTS: something may be attached anywhere; * is any atom"),
        ("*=C", "is SMARTS: something may be attached anywhere; * is any atom"),
        (
            "[c:1]1ccncc1",
            "is SMARTS: something may be attached at its numbered atoms alone, and the others have what one"
            " of the seeds has there",
        ),
        ("c1ccncc1", "is SMARTS: something may be attached anywhere"),
    ],
)
def test_how_a_text_is_read_is_told(text: str, said: str) -> None:
    """A star is an open position of a core, or any atom of SMARTS: nobody should have to guess."""
    assert Keep.read(text).described == f"'{text}' {said}"


def test_a_star_inside_a_pattern_is_any_atom() -> None:
    """Pyridine and benzene both have a ring of five carbons and anything."""
    keep = Keep.read("c1cc*cc1")
    assert keep.find(Chem.MolFromSmiles("Cc1ccncc1"))
    assert keep.find(Chem.MolFromSmiles("Cc1ccccc1"))
    assert not keep.find(Chem.MolFromSmiles("CC1CCCCC1"))
