"""One set of words says that nothing is there, of structures and of values."""

from __future__ import annotations

import itertools
import math

import pytest
from rdkit import Chem, rdBase

from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.missing import MISSING
from molscreen.data.measured.cell_value import read_time


def spellings(word):
    """A word in small and large letters; of a short one, every mixture."""
    if len(word) > 8:
        return {word, word.upper(), word.title(), word.capitalize()}
    return {"".join(each) for each in itertools.product(*({c.lower(), c.upper()} for c in word))}


def test_no_word_for_nothing_is_a_molecule():
    """N is ammonia, NN hydrazine, NC methylamine and NO hydroxylamine: they stay what they are."""
    texts = {text.split()[0] for word in MISSING - {""} for text in spellings(word)}
    with rdBase.BlockLogs():
        assert [text for text in texts if Chem.MolFromSmiles(text) is not None] == []
    assert not MISSING & {"n", "nn", "nc", "no", "n.n", "np", "ns"}


@pytest.mark.parametrize("word", ["nd", "n.d.", "NT", "n.t.", "Not tested", "TBD", ".", "#N/A", "--", "<NA>"])
def test_a_structure_and_a_value_are_missing_by_the_same_words(word):
    assert standardize(word).code == "missing"
    assert math.isnan(read_time(word))
