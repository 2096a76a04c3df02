"""A text and its tokens are the same thing, and no text makes the cutter fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from molscreen.generation.language.tokens import END, START, Vocabulary, pad, split
from tests.generation.generator_contract import DRUGS, STRANGE


@given(st.text())
def test_the_tokens_of_any_text_are_the_text(text):
    """Users feed what they like; a proposer must not end the search over it."""
    assert "".join(split(text)) == text


@given(st.text())
def test_a_text_with_an_unknown_token_has_no_numbers(text):
    vocabulary = Vocabulary.of(DRUGS.values())
    numbers = vocabulary.encode(text)
    assert (numbers is None) == any(token not in vocabulary.tokens for token in split(text))


@pytest.mark.parametrize("smiles", [*DRUGS.values(), *STRANGE.values()])
def test_what_was_encoded_is_decoded(smiles):
    vocabulary = Vocabulary.of([smiles])
    assert vocabulary.decode([*vocabulary.encode(smiles), END, 2, 2]) == smiles


def test_atoms_in_brackets_halogens_and_far_ring_closures_are_one_token():
    assert split("Cl[C@@H]1CBr%12") == ["Cl", "[C@@H]", "1", "C", "Br", "%12"]


def test_the_words_for_start_and_end_are_no_tokens_of_a_text():
    """A text that spells them out is text: brackets and letters that no molecule had."""
    assert Vocabulary.of(DRUGS.values()).encode("<end>") is None


def test_rare_tokens_are_not_learnt():
    """One molecule cannot teach how to use a token."""
    assert "[Pt]" not in Vocabulary.of(["CO", "CO", "C[Pt]O"], at_least=2).tokens


def test_the_vocabulary_does_not_depend_on_the_order():
    assert Vocabulary.of(DRUGS.values()) == Vocabulary.of(reversed(DRUGS.values()))


@pytest.mark.parametrize("tokens", [("C",), ("<end>", "<start>", "C", "C")])
def test_a_damaged_vocabulary_is_refused(tokens):
    with pytest.raises(ValueError, match="a vocabulary begins with <end> and <start> and has no token twice"):
        Vocabulary(tokens)


def test_rows_stand_between_a_start_and_ends():
    rows = pad([(5, 6), (7, 8, 9), ()])
    assert rows[:, 0].tolist() == [START] * 3
    assert [(row != END).sum() - 1 for row in rows] == [2, 3, 0]
    assert rows.shape == (3, 5)
