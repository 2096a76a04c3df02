"""Every way to write a molecule is read back as the same molecule."""

from typing import get_args

import numpy as np
import pytest
from rdkit import Chem

from molscreen.data.drugs import drug_keys
from molscreen.generation.language.writing import FIXED, Style, write

DRUGS = [key for key in drug_keys() if len(key) < 120][::40]


@pytest.mark.parametrize("style", get_args(Style))
@pytest.mark.parametrize("key", DRUGS)
def test_what_is_written_is_the_molecule(style, key):
    """With its stereocentres, its charges, and the hydrogen that an aromatic nitrogen has."""
    text = write(Chem.MolFromSmiles(key), style, np.random.default_rng(1))
    assert Chem.CanonSmiles(Chem.CanonSmiles(text)) == Chem.CanonSmiles(key)


@pytest.mark.parametrize("style", get_args(Style))
def test_a_fixed_style_writes_always_alike_and_others_do_not(style):
    mol = Chem.MolFromSmiles("CC(=O)Nc1ccc(O)cc1")
    written = {write(mol, style, np.random.default_rng(seed)) for seed in range(20)}
    assert (len(written) == 1) == (style in FIXED)


@pytest.mark.parametrize("style", [style for style in get_args(Style) if style.startswith("kekule")])
def test_kekule_styles_have_no_aromatic_atoms(style):
    """So that no ring can be written that has no Kekulé structure."""
    for key in DRUGS:
        text = write(Chem.MolFromSmiles(key), style, np.random.default_rng(0))
        assert not any(atom in text for atom in ("c", "n1", "[nH]", "o1")), text


def test_a_rooted_text_may_begin_at_any_atom():
    mol = Chem.MolFromSmiles("CNO")
    assert {write(mol, "rooted", np.random.default_rng(seed))[0] for seed in range(20)} == {"C", "N", "O"}
