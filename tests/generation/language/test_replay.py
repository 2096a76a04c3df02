"""What is learnt from again are the best compounds, each as it can be written."""

from typing import get_args

import numpy as np
import pytest
from rdkit import Chem

from molscreen.generation.generator import Scored
from molscreen.generation.language.replay import Replay
from molscreen.generation.language.tokens import Vocabulary
from molscreen.generation.language.writing import Style, write
from tests.generation.generator_contract import DRUGS, SCORED

KEYS = list(DRUGS.values())
STYLES = get_args(Style)


def vocabulary(style):
    rng = np.random.default_rng(0)
    return Vocabulary.of(write(Chem.MolFromSmiles(key), style, rng) for key in KEYS * 20)


def made(style="kekule", size=100):
    return Replay(vocabulary(style), style, size)


@pytest.mark.parametrize("style", STYLES)
def test_what_is_drawn_is_the_compound_with_its_score(style):
    """However it is written, it is read back as the same molecule."""
    replay = made(style)
    replay.learn(SCORED)
    known = {Chem.CanonSmiles(each.key): each.score for each in SCORED}
    sequences, scores = replay.draw(40, np.full(8, 1 / 8), np.random.default_rng(0))
    for tokens, score in zip(sequences, scores.tolist(), strict=True):
        assert known[Chem.CanonSmiles(replay.vocabulary.decode(tokens))] == pytest.approx(score)


@pytest.mark.parametrize(("style", "several"), [("kekule", False), ("random", True)])
def test_a_compound_is_written_anew_where_the_style_says_so(style, several):
    replay = made(style)
    replay.learn(SCORED[:1])
    sequences, _ = replay.draw(20, np.ones(1), np.random.default_rng(0))
    assert (len(set(sequences)) > 1) == several


def test_the_first_are_drawn_as_often_as_their_chance_says():
    replay = made()
    replay.learn(SCORED)
    chance = np.array([0.5, 0.3, 0.2, 0, 0, 0, 0, 0])
    _, scores = replay.draw(4000, chance, np.random.default_rng(0))
    for score, expected in zip((0.9, 0.8, 0.7), chance, strict=False):
        assert np.isclose(scores, score).mean() == pytest.approx(expected, abs=0.04)


def test_the_latest_score_counts_and_none_is_forgotten():
    replay = made(size=3)
    replay.learn(SCORED)
    replay.learn([Scored(KEYS[7], 1.0), Scored(KEYS[0], float("nan"))])
    assert replay.scores == {KEYS[7]: 1.0, KEYS[1]: pytest.approx(0.8), KEYS[2]: pytest.approx(0.7)}


def test_aromatic_compounds_are_known_to_a_network_that_writes_single_and_double_bonds():
    """Its vocabulary has no "c": what counts is how the network would write them."""
    replay = made()
    assert "c" not in replay.vocabulary.tokens
    replay.learn(SCORED)
    assert (len(replay), replay.unknown) == (8, 0)


def test_what_cannot_be_written_is_counted():
    replay = made()
    sequences, scores = replay.write([Scored("N[Pt]N", 1.0), Scored("C1CC", 1.0), SCORED[0]], rng())
    replay.learn([Scored("N[Pt]N", 1.0), Scored("C1CC", 1.0), SCORED[0]])
    assert (len(sequences), scores.tolist(), replay.unknown) == (1, [pytest.approx(0.9)], 2)


def rng():
    return np.random.default_rng(0)


def test_a_state_gives_the_same_memory():
    one, other = made(), made()
    one.learn(SCORED)
    other.learn([Scored("CCO", 1.0)])
    other.restore(one.state())
    assert other.scores == one.scores
    assert other.draw(5, np.full(8, 1 / 8), rng())[0] == one.draw(5, np.full(8, 1 / 8), rng())[0]
