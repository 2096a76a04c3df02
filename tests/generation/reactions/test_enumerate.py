"""Enumerations: counted beforehand, streamed in order, and every combination accounted for."""

from __future__ import annotations

import itertools

import pytest
from rdkit import Chem

from molscreen.chem.compound import Rejection
from molscreen.errors import ConfigError
from molscreen.generation.reactions.blocks import make_blocks, shipped_blocks
from molscreen.generation.reactions.enumerate import Enumerated, enumerate_reaction, enumerate_substituents
from molscreen.generation.reactions.route import parse_route, run_route
from molscreen.generation.reactions.table import shipped_reactions

REACTIONS = shipped_reactions()
GROUPS = [("H", "*[H]"), ("Me", "*C"), ("OMe", "*OC"), ("F", "F*")]


def test_a_reaction_gives_one_row_for_each_combination() -> None:
    library = enumerate_reaction(REACTIONS["sulfonamide formation"], shipped_blocks())
    rows = list(library.rows(0, 60))
    assert library.n == library.sizes[0] * library.sizes[1] > 1000
    assert len({row.id for row in rows}) == 60
    assert all(isinstance(row, Enumerated) for row in rows)
    for row in rows:
        assert run_route(parse_route(row.route), shipped_blocks(), REACTIONS) == (row.smiles,)


def test_any_stretch_is_what_the_whole_has_there() -> None:
    """So machines may share one enumeration."""
    library = enumerate_substituents("c1cc([*:2])cc([*:1])n1", {1: GROUPS, 2: GROUPS})
    whole = list(library.rows())
    assert len(whole) == library.n == 16
    assert [*library.rows(0, 5), *library.rows(5, 11), *library.rows(11)] == whole
    assert list(library.rows(15, 99)) == whole[15:]
    order = [f"R1={a}+R2={b}" for (a, _), (b, _) in itertools.product(GROUPS, GROUPS)]
    assert [row.id for row in whole] == order


def test_a_vast_library_is_counted_and_begun_at_once() -> None:
    """A trillion combinations, of which the last is asked for."""
    many = [(f"g{n}", f"*{'C' * n}F") for n in range(100)]
    core = "[*:1]c1c([*:2])c([*:3])c([*:4])c([*:5])c1[*:6]"
    library = enumerate_substituents(core, dict.fromkeys(range(1, 7), many))
    assert library.n == 10**12
    assert next(library.rows(10**12 - 1)).id == "R1=g99+R2=g99+R3=g99+R4=g99+R5=g99+R6=g99"


def test_a_combination_without_one_product_says_why() -> None:
    """A diketone whose ends differ gives two pyrazoles: the row is a rejection, and is counted."""
    blocks = make_blocks([("d1", "CC(=O)CC(C)=O"), ("d2", "CC(=O)CC(=O)c1ccccc1"), ("h", "NNc1ccccc1")])
    library = enumerate_reaction(REACTIONS["Knorr pyrazole synthesis"], blocks)
    made, refused = library.rows()
    assert (made.smiles, made.id) == ("Cc1cc(C)n(-c2ccccc2)n1", "Knorr-pyrazole-synthesis:d1+h")
    assert isinstance(refused, Rejection)
    assert (refused.code, refused.source_id) == ("ambiguous", "Knorr-pyrazole-synthesis:d2+h")
    assert refused.reason == "Knorr pyrazole synthesis gives 2 different products"


def test_groups_stand_where_their_number_is() -> None:
    library = enumerate_substituents("c1cc([*:2])ccc1O[*:1]", {1: GROUPS[:2], 2: GROUPS[2:]})
    expected = ["COc1ccc(O)cc1", "Oc1ccc(F)cc1", "COc1ccc(OC)cc1", "COc1ccc(F)cc1"]
    assert [row.smiles for row in library.rows()] == [Chem.CanonSmiles(each) for each in expected]
    assert next(library.rows()).route == "c1cc([*:2])ccc1O[*:1] with R1=H, R2=OMe"


def test_stereocentres_of_core_and_group_stay() -> None:
    core = "N[C@@H]([*:1])C(=O)O"
    library = enumerate_substituents(core, {1: [("sBu", "*[C@@H](C)CC"), ("Me", "*C"), ("H", "*[H]")]})
    isoleucine, alanine, glycine = (row.smiles for row in library.rows())
    assert isoleucine == Chem.CanonSmiles("N[C@@H]([C@@H](C)CC)C(=O)O")
    assert alanine == Chem.CanonSmiles("N[C@@H](C)C(=O)O")
    assert glycine == "NCC(=O)O"


@pytest.mark.parametrize(
    ("core", "message"),
    [
        ("c1ccccc1", r"core 'c1ccccc1': has no attachment point; write \[\*:1\], \[\*:2\]"),
        ("c1ccccc1*", r"has a '\*' without a number"),
        ("C([*:1])[*:1]", r"has places \[\*:1\], \[\*:1\]; each number may be there once"),
        ("c1ccccc1[*:2]", r"has places \[\*:2\], and substituents are given for \[\*:1\]"),
        ("C=[*:1]", r"a '\*' has to have one bond, a single one"),
        ("c1ccc[*:1]", r"is no SMILES that RDKit can read"),
        ("c1ccccc1[*:1].Cl", r"core 'c1ccccc1\[\*:1\]\.Cl': 'c1ccccc1\[\*:1\]\.Cl' is 2 molecules"),
    ],
)
def test_a_bad_core_is_refused(core: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        enumerate_substituents(core, {1: GROUPS})


@pytest.mark.parametrize(
    ("smiles", "message"),
    [
        ("OC", r"substituent 'x' for \[\*:1\]: 'OC' has to have exactly one '\*'"),
        ("*C*", r"has to have exactly one '\*'"),
        ("[*:2]C", r"'\[\*:2\]C' is for \[\*:2\]; write \[\*:1\], or '\*' without a number, or give it in"),
        ("*C.Cl", r"substituent 'x' for \[\*:1\]: '\*C\.Cl' is 2 molecules; leave out what is not bound"),
        ("C(", r"'C\(' is no SMILES"),
    ],
)
def test_a_bad_substituent_is_refused(smiles: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        enumerate_substituents("c1ccccc1[*:1]", {1: [("x", smiles)]})


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([("Me", "*C"), ("Me", "*CC")], r"substituent 'Me' for \[\*:1\]: another one has this id"),
        (
            [("n Bu", "*CCCC"), ("n-Bu", "*CC")],
            r"substituent 'n-Bu' .*: another one has this id",
        ),  # both n-Bu
        ([("Et", "*CC"), ("ethyl", "CC[*:1]")], r"'ethyl' .*: 'CC\[\*:1\]' is the same as 'Et'; leave one"),
    ],
)
def test_groups_and_their_ids_are_there_once(groups: list[tuple[str, str]], message: str) -> None:
    """Otherwise two products have one id, or one product has two."""
    with pytest.raises(ConfigError, match=message):
        enumerate_substituents("c1ccccc1[*:1]", {1: groups})


def test_an_empty_list_and_a_missing_role_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"the list of substituents for \[\*:1\] is empty"):
        enumerate_substituents("c1ccccc1[*:1]", {1: []})
    with pytest.raises(ConfigError, match="none of 1 blocks can be its 'carboxylic acid'"):
        enumerate_reaction(REACTIONS["amide coupling"], make_blocks([("amine", "CCN")]))
