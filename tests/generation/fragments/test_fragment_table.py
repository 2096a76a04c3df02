"""Fragment tables: counted by hand for three molecules, read as written, and the shipped one."""

from __future__ import annotations

import dataclasses
import re
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.generation.fragments.cut import cuts, fragment_smiles, readable
from molscreen.generation.fragments.mine import MiningConfig, mine
from molscreen.generation.fragments.table import FragmentTable, read_table, shipped_table, write_table

THREE = ["COc1ccccc1", "Cc1ccccc1", "Oc1ccccc1"]


def seen(table: FragmentTable, smiles: str, fragment: str, radius: int) -> dict[str, int]:
    """What the table has in the context of a fragment of a molecule: readable fragment -> count."""
    mol = Chem.MolFromSmiles(smiles)
    cut = next(cut for cut in cuts(mol) if readable(fragment_smiles(mol, cut)) == fragment)
    places, count = table.seen_in(cut.context(radius))
    return {readable(table.smiles[at]): int(n) for at, n in zip(places, count, strict=True)}


def test_counts_by_hand() -> None:
    """On a phenyl are methoxy, methyl, hydroxy and the hydrogen para to each; on a methyl that is all of the
    rest phenoxy and phenyl, its own hydrogens not, since phenyl is then in the rest."""
    table = mine(THREE)
    on_phenyl = seen(table, "Clc1ccccc1", "Cl", 3)
    assert on_phenyl == {"OC": 1, "C": 1, "O": 1, "H": 3}
    assert seen(table, "CCl", "Cl", 3) == {"Oc1ccccc1": 1, "c1ccccc1": 1}
    assert seen(table, "FOc1ccccc1", "F", 2) == {"C": 1, "H": 1}
    assert seen(table, "CSc1ccccc1", "*S*", 3) == {"*O*": 1}


def test_a_molecule_counts_once() -> None:
    """However many hydrogens it has, and p-xylene's two methyls are one sight."""
    table = mine(["Cc1ccc(C)cc1"])
    assert set(table.count) == {1}


def test_only_what_was_seen_often_is_kept() -> None:
    table = mine([*THREE, "Cc1ccccc1F"], MiningConfig(molecules=2, together=(2, 2, 2)))
    assert seen(table, "Clc1ccccc1", "Cl", 3) == {"H": 4}
    assert seen(table, "Clc1ccccc1", "Cl", 1) == {"C": 2, "H": 4}
    assert table.count.min() == 2
    few = mine(THREE, MiningConfig(largest=1))
    assert few.heavy.max() == 1


def test_what_is_no_molecule_is_passed_over() -> None:
    assert mine(["no molecule", *THREE, "C" * 101]).smiles == mine(THREE).smiles
    assert mine([]).smiles == ()


def test_order_of_molecules_does_not_matter(tmp_path: Path) -> None:
    write_table(mine(THREE), tmp_path / "one.npz")
    write_table(mine(THREE[::-1]), tmp_path / "other.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


@pytest.mark.parametrize("smiles", [THREE, []], ids=["three", "none"])
def test_a_table_is_read_as_it_was_written(tmp_path: Path, smiles: list[str]) -> None:
    table = mine(smiles, about="three molecules, Grüße")
    write_table(table, tmp_path / "table.npz")
    again = read_table(tmp_path / "table.npz")
    for name, value in dataclasses.asdict(table).items():
        np.testing.assert_array_equal(getattr(again, name), value)
        if isinstance(value, np.ndarray) and len(value):
            assert getattr(again, name).dtype == value.dtype


def test_a_context_never_seen_has_no_fragments() -> None:
    table = mine(THREE)
    for context in (0, 1, (1 << 48) - 1):
        assert len(table.seen_in(context)[0]) == 0


def test_fragments_are_found_by_their_text() -> None:
    table = mine(THREE)
    assert [table.place_of(text) for text in table.smiles] == list(range(len(table.smiles)))
    assert table.place_of("Br[*:1]") == table.place_of("") == -1


def test_wrong_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file, expected a fragment table"):
        read_table(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("fragments")
    with pytest.raises(ConfigError, match=re.escape("not a fragment table of format 1")):
        read_table(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ConfigError, match=re.escape("make one with workflows/generation/mine_fragments.py")):
        read_table(tmp_path / "other.npz")


def test_wrong_settings_are_told() -> None:
    with pytest.raises(ConfigError, match="molecules must be positive, got 0"):
        MiningConfig(molecules=0)
    with pytest.raises(ConfigError, match=re.escape("together must be 3 positive numbers, got (1, 1)")):
        MiningConfig(together=(1, 1))


def test_shipped_table_is_small_quick_and_says_where_it_is_from() -> None:
    path = Path(str(files("molscreen.generation.fragments").joinpath("chembl.npz")))
    assert path.stat().st_size <= 1_500_000
    started = time.process_time()
    table = read_table(path)
    assert time.process_time() - started < 1
    assert "ChEMBL" in table.about
    assert "CC BY-SA 3.0" in table.about
    assert shipped_table() is shipped_table()


def test_every_fragment_of_the_shipped_table_is_a_molecule_with_its_points() -> None:
    """Readable, points numbered from one, heavy atoms as told, none unused."""
    table = shipped_table()
    assert list(table.smiles) == sorted(set(table.smiles))
    for at in range(0, len(table.smiles), 7):
        mol = Chem.MolFromSmiles(table.smiles[at])
        points = sorted(atom.GetAtomMapNum() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0)
        assert points == list(range(1, len(points) + 1)) != []
        assert sum(atom.GetAtomicNum() > 1 for atom in mol.GetAtoms()) == table.heavy[at]
    assert set(table.fragment) == set(range(len(table.smiles)))
