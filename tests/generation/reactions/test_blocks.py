"""Blocks: ours are ordinary, and a user's bad rows are counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from molscreen.chem.cleaning.standardize import standardize
from molscreen.errors import ConfigError, LibraryError
from molscreen.generation.reactions.blocks import make_blocks, read_blocks, shipped_blocks, sort_blocks
from molscreen.generation.reactions.table import Reactions, shipped_reactions

BLOCKS = shipped_blocks()
REACTIONS = shipped_reactions()


def test_our_blocks_are_small_distinct_and_standard() -> None:
    assert not BLOCKS.rejections
    assert len({block.key for block in BLOCKS}) == len(BLOCKS) >= 300
    assert all(re.fullmatch(r"B\d{4}", block.id) for block in BLOCKS)
    assert all(2 <= block.mol.GetNumHeavyAtoms() <= 25 for block in BLOCKS)
    assert all(standardize(block.key).key == block.key for block in BLOCKS)


def test_every_reaction_has_blocks_for_each_role() -> None:
    shelf = sort_blocks(BLOCKS, REACTIONS)
    assert shelf.usable == REACTIONS.members
    assert all(len(shelf.fitting(each, slot)) >= 3 for each in REACTIONS for slot in range(len(each.roles)))


def test_a_block_stands_where_it_fits_and_nowhere_else() -> None:
    """The table of roles says what `Reaction.misfit` says of each block."""
    few = make_blocks([(block.id, block.key) for block in BLOCKS.members[::40]])
    shelf = sort_blocks(few, REACTIONS)
    for reaction in REACTIONS:
        for slot in range(len(reaction.roles)):
            expected = [i for i, block in enumerate(few) if reaction.misfit(block.mol, slot) is None]
            assert shelf.fitting(reaction, slot).tolist() == expected


def test_rows_that_are_no_blocks_are_counted_with_reasons(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(
        "id,smiles,price\nA1,CCN.Cl,3\nA2,C(C,1\nA3,NCC,9\nA1,CC(=O)O,2\nA5,[Na+].[Cl-],1\nA6,OCC,1\n"
    )
    blocks = read_blocks([str(path)])
    assert [(block.id, block.key) for block in blocks] == [("A1", "CCN"), ("A6", "CCO")]
    assert len(blocks) + len(blocks.rejections) == 6
    told = {rejection.source: rejection.reason for rejection in blocks.rejections}
    assert told["stock.csv:4"] == "the same compound as block 'A1'"
    assert told["stock.csv:5"] == "another block has the id 'A1'"
    assert all(told.values())


def test_a_block_without_an_id_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "stock.smi"
    path.write_text("CCN\nCC(=O)O acid\n")
    assert [block.id for block in read_blocks([str(path)])] == ["stock.smi:1", "acid"]


def test_a_file_without_blocks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stock.smi"
    path.write_text("C a\nO b\n")
    with pytest.raises(ConfigError, match="none of 2 rows is a block; first: 1 heavy atom"):
        read_blocks([str(path)])
    with pytest.raises(LibraryError, match="no such file"):
        read_blocks([str(tmp_path / "absent.smi")])


def test_unknown_blocks_name_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown block 'B00001'; \d+ blocks are there\. Did you mean 'B0001'\?"
    ):
        BLOCKS["B00001"]


def test_a_role_that_no_block_can_play_is_named() -> None:
    acids = make_blocks([("a", "CC(=O)O"), ("b", "NCC(=O)O")])
    with pytest.raises(ConfigError, match="reaction 'amide coupling': none of 2 blocks can be its 'amine'"):
        sort_blocks(acids, Reactions((REACTIONS["amide coupling"],), {}))
    with pytest.raises(
        ConfigError, match=r"none of the reactions .* has a block for each of its roles among 2 blocks"
    ):
        sort_blocks(acids, Reactions((REACTIONS["amide coupling"], REACTIONS["Suzuki coupling"]), {}))
