"""What is written within the grammar is a molecule, and no molecule is forbidden."""

from typing import get_args

import numpy as np
import pytest
import torch
from rdkit import Chem, rdBase

from molscreen.data.drugs import drug_keys
from molscreen.generation.language.grammar import Grammar
from molscreen.generation.language.network import LanguageNetwork, LanguageSpec
from molscreen.generation.language.tokens import END, START, Vocabulary
from molscreen.generation.language.writing import Style, write
from tests.generation.generator_contract import DRUGS

CAGE = "C12C3C4C1C5C2C3C45"
SINGLE_DRUGS = [key for key in drug_keys() if "." not in key and len(key) < 120][::7]
VOCABULARY = Vocabulary.of([*SINGLE_DRUGS, *DRUGS.values(), CAGE, "C%11CC%11", "C#N"])


def told(text, vocabulary=VOCABULARY):
    """A grammar that has followed a text."""
    grammar = Grammar(vocabulary, 1)
    for token in vocabulary.encode(text):
        grammar.follow(torch.tensor([token]))
    return grammar


def may_follow(text):
    allowed = told(text).allowed()[0]
    return {token for token, may in zip(VOCABULARY.tokens, allowed, strict=True) if may}


@pytest.mark.parametrize("style", get_args(Style))
def test_whatever_rdkit_writes_is_allowed(style):
    """Approved drugs, cages and crossed rings: the grammar takes nothing away but what is no molecule."""
    rng = np.random.default_rng(0)
    texts = [
        write(Chem.MolFromSmiles(key), style, rng) for key in [*SINGLE_DRUGS[:60], *DRUGS.values(), CAGE]
    ]
    vocabulary = Vocabulary.of(texts)
    for text in texts:
        grammar = Grammar(vocabulary, 1)
        for token in (*vocabulary.encode(text), END):
            assert grammar.allowed()[0, token], f"{text}: {vocabulary.tokens[token]}"
            grammar.follow(torch.tensor([token]))


@pytest.mark.parametrize(
    ("text", "token", "why"),
    [
        ("C1CC", "<end>", "a ring is open"),
        ("C(C", "<end>", "a branch is open"),
        ("CC", ")", "no branch is open"),
        ("C(", ")", "a branch has an atom"),
        ("C=", "<end>", "a bond leads to an atom"),
        ("C=", "=", "a bond is not two"),
        ("", "=", "a bond comes from an atom"),
        ("", "<end>", "nothing is no molecule"),
        ("CF", "C", "fluorine has its bond"),
        ("C(F)(F)(F)", "(", "carbon has one bond left, which is no branch's"),
        ("N#", "O", "oxygen has two bonds"),
        ("CO", "#", "oxygen has one bond left"),
        ("C1", "1", "a ring of one atom"),
        ("C1C", "1", "a ring of two atoms"),
        ("C1CO", "F", "the ring could not be closed any more"),
        ("C", "<start>", "it has begun"),
    ],
)
def test_what_is_no_molecule_is_not_allowed(text, token, why):
    assert token not in may_follow(text), why


def test_a_ring_may_be_closed_after_two_more_atoms():
    assert "1" in may_follow("C1CC")
    assert "<end>" in may_follow("C1CC1")


def test_a_double_bond_that_closes_a_ring_needs_room_at_both_ends():
    """RDKit writes the bond at either end."""
    assert "1" in may_follow("C1CC=")
    assert "1" not in may_follow("C[C@]1(F)CC=")


def test_a_network_that_knows_nothing_writes_molecules_all_the_same():
    """Without aromatic tokens, all that ends is one that RDKit accepts."""
    vocabulary = Vocabulary.of(["C1=C(Br)N(CC#N)[N+](=O)[O-]", "[C@@H](F)OS[C@H]", "CP(Cl)2CC2"])
    torch.manual_seed(0)
    network = LanguageNetwork(LanguageSpec(tokens=len(vocabulary), embedding=8, hidden=8))
    rows = network.sample(400, np.random.default_rng(0), grammar=Grammar(vocabulary, 400), longest=128)
    ended = [vocabulary.decode(row) for row in rows if row[-1] == END]
    with rdBase.BlockLogs():
        refused = [text for text in ended if Chem.MolFromSmiles(text) is None]
    assert len(ended) > 100
    assert len({len(text) for text in ended}) > 10
    assert refused == []


def test_rows_are_followed_apart():
    """Those that ended are forgotten, the others go on with what they have open."""
    ring, plain = VOCABULARY.tokens.index("1"), VOCABULARY.tokens.index("C")
    grammar = Grammar(VOCABULARY, 3)
    for tokens in ([plain] * 3, [ring, plain, plain], [plain, plain, plain], [plain, plain, plain]):
        grammar.follow(torch.tensor(tokens))
    grammar.keep(torch.tensor([True, False, True]))
    assert grammar.allowed()[:, END].tolist() == [False, True]
    grammar.follow(torch.tensor([ring, plain]))
    assert grammar.allowed()[:, END].tolist() == [True, True]


def test_a_start_is_never_allowed():
    assert not told("CC").allowed()[0, START]


def test_a_network_that_would_end_closes_its_ring():
    """It forgot a ring: closing it is nearer to what it meant than going on for ever."""
    chance = torch.full((1, len(VOCABULARY)), 0.01)
    chance[0, END] = 0.6
    ring = VOCABULARY.tokens.index("1")
    assert told("C1CC").weigh(chance)[0, ring] == pytest.approx(0.61)
    assert told("C1CC1").weigh(chance)[0, END] == pytest.approx(0.6)
    assert told("CF").weigh(chance)[0, END] == pytest.approx(0.6)


def test_weights_are_the_chances_of_what_is_allowed():
    grammar, chance = told("C1CC(=O)C"), torch.rand(1, len(VOCABULARY))
    chance[0, END] = 0
    assert torch.equal(grammar.weigh(chance), chance * grammar.allowed())
