"""A prior learns what it is shown, and a killed training ends as an unbroken one."""

from dataclasses import replace

import pytest
import torch

from molscreen.errors import ConfigError, ResumeError
from molscreen.generation.language.corpus import hold_out
from molscreen.generation.language.train import PriorConfig, mean_loss
from tests.generation.language.small_prior import MOLECULES, QUICK, fit

FEW = replace(QUICK, epochs=4)


class Killed(Exception):  # noqa: N818  # no error, but what happens to a training
    """After some epochs."""


def test_a_prior_prefers_what_it_has_seen(tmp_path):
    done = fit(tmp_path, replace(QUICK, epochs=25))
    strange = ["O=S(=O)(N)c1ccnc1Cl", "FC(F)(F)CCCCCNS"]
    assert mean_loss(done.network, done.vocabulary, MOLECULES) < mean_loss(
        done.network, done.vocabulary, strange
    )
    assert done.epochs[-1].train_loss < done.epochs[0].train_loss / 2


def test_a_killed_training_ends_as_an_unbroken_one(tmp_path):
    """To the last bit: weights, and the record of the epochs."""
    unbroken = fit(tmp_path / "unbroken", FEW)

    def kill(text):
        if text.startswith("epoch 2"):
            raise Killed

    with pytest.raises(Killed):
        fit(tmp_path / "broken", FEW, kill)
    again = fit(tmp_path / "broken", FEW)
    assert again.epochs == unbroken.epochs
    for mine, theirs in zip(again.network.parameters(), unbroken.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_another_training_is_not_gone_on_with(tmp_path):
    fit(tmp_path, FEW)
    with pytest.raises(ResumeError, match="belongs to another fit"):
        fit(tmp_path, replace(FEW, learning_rate=1e-3))


@pytest.mark.parametrize("style", ["rooted", "random"])
def test_molecules_may_be_written_anew_in_each_epoch(tmp_path, style):
    done = fit(tmp_path, replace(FEW, style=style))
    assert done.epochs[-1].train_loss < done.epochs[0].train_loss


def test_molecules_of_rare_tokens_are_counted(tmp_path):
    done = fit(tmp_path, replace(FEW, epochs=1, at_least=2))
    unknown = [each for each in MOLECULES if done.vocabulary.encode(each) is None]
    assert done.skipped == len(unknown) > 0


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="batch must be positive, got 0"):
        PriorConfig(batch=0)


def test_the_same_molecules_are_held_out_whatever_else_is_there():
    """So that two trainings are judged by the same ones, and none of them by what it has seen."""
    few = hold_out(MOLECULES[:20], 5)
    more = hold_out(MOLECULES, 5)
    assert not set(few.train) & set(few.held_out)
    assert len(few.train) + len(few.held_out) == 20
    assert set(more.held_out) & set(MOLECULES[:20]) <= set(few.held_out)
