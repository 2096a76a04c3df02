"""What a scorer says is checked before a search believes it."""

import numpy as np
import pytest

from molscreen.errors import RunError
from molscreen.generation.search.judgement import Judgement, ask


def test_plain_scores_are_a_judgement_that_says_nothing_else():
    said = ask(lambda keys: np.linspace(0, 1, len(keys)), ["C", "CC", "CCC"])
    assert said.score.tolist() == [0, 0.5, 1]
    assert list(said.reason) == ["", "", ""]
    assert np.isnan(said.plain).all()
    assert np.isnan(said.control).all()
    assert said.terms.shape == (3, 0)


def test_a_judgement_is_taken_as_it_is():
    mine = Judgement.of_scores([0.25])
    assert ask(lambda _: mine, ["C"]) is mine


@pytest.mark.parametrize("value", [1.01, -0.1, np.inf])
def test_what_is_no_score_is_named(value):
    with pytest.raises(RunError, match=r"score of 'CC' is .*, expected 0 to 1, or NaN"):
        ask(lambda _: np.array([0.5, value]), ["C", "CC"])
