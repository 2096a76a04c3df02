"""The language generator learns what scores, exactly as often as it should, and can be stopped anywhere."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from molscreen.errors import ConfigError
from molscreen.generation.generator import Scored
from molscreen.generation.language.generator import LanguageConfig, LanguageGenerator
from molscreen.generation.language.prior import Prior
from molscreen.generation.language.reinvent import ReinventConfig, ReinventGenerator
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.optimize import optimize
from molscreen.generation.search.preset import OptimizeConfig
from tests.generation import generator_contract as contract
from tests.generation.generator_contract import SCORED
from tests.generation.language.small_prior import MOLECULES, small_prior

QUICK = LanguageConfig(batch=16)
CHECKS = [check for name, check in sorted(vars(contract).items()) if name.startswith("check_")]
MAKERS = {
    "language": lambda: LanguageGenerator(small_prior(), QUICK),
    "reinvent": lambda: ReinventGenerator(small_prior(), ReinventConfig(attempts=3)),
}


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_contract_is_kept(make, check):
    """With a prior that writes less well than the shipped one."""
    check(make)


def scored_by_length(n=64):
    """Molecules that score by how short they are."""
    return [Scored(key, 1 / len(key)) for key in (MOLECULES * 3)[:n]]


def test_what_scores_is_written_more_often(make):
    """The point of learning: the likelihood of the best rises, that of the worst falls behind."""
    generator = make()
    best, worst = "CCN", MOLECULES[4]
    before = likelihood(generator, [best, worst])
    for _ in range(15):
        generator.learn(
            [Scored(best, 1.0), Scored(worst, 0.0), *[Scored(key, 0.2) for key in MOLECULES[8:14]]]
        )
    after = likelihood(generator, [best, worst])
    assert after[0] > before[0]
    assert after[0] - after[1] > before[0] - before[1]


def likelihood(generator, keys):
    sequences = [generator.replay.vocabulary.encode(key) for key in keys]
    return generator.policy.likelihood(sequences).policy.detach().numpy()


def test_there_is_an_update_for_so_many_calls():
    """However the calls come: in rounds of 5, or of 20."""
    states = []
    for size in (5, 20):
        generator = LanguageGenerator(small_prior(), replace(QUICK, calls_per_update=8))
        told = scored_by_length(60)
        for start in range(0, 60, size):
            generator.learn(told[start : start + size])
        states.append((generator.state()["updates"], generator.state()["owed"]))
    assert states == [(7, 4), (7, 4)]


def test_nothing_is_updated_before_there_is_something_to_learn_from():
    generator = LanguageGenerator(small_prior(), QUICK)
    generator.learn([Scored("C1CC(", 0.5), Scored("CCO", float("nan"))] * 20)
    assert generator.state()["updates"] == 0


def test_compounds_that_cannot_be_written_are_counted_not_learnt():
    """The prior has never seen platinum: a search must not end over that."""
    generator = LanguageGenerator(small_prior(), QUICK)
    generator.learn([Scored("N[Pt]N", 1.0), Scored("CCO", 0.5)])
    assert generator.replay.unknown == 1
    assert generator.replay.scores == {"CCO": 0.5}


def test_the_memory_keeps_the_best():
    generator = LanguageGenerator(small_prior(), replace(QUICK, memory=3))
    generator.learn(SCORED)
    assert list(generator.replay.scores) == [each.key for each in SCORED[:3]]


def test_what_is_in_the_memory_is_not_proposed():
    generator = LanguageGenerator(small_prior(), QUICK)
    generator.learn([Scored(key, 0.5) for key in MOLECULES])
    proposed = {each.smiles for each in generator.propose(30, np.random.default_rng(0))}
    assert not proposed & set(MOLECULES)


def test_a_state_has_everything(make):
    """Through JSON, into one that has learnt something else; and on with learning."""
    one, other = make(), make()
    one.learn(scored_by_length())
    other.learn(SCORED)
    other.restore(json.loads(json.dumps(one.state())))
    for generator in (one, other):
        generator.learn(SCORED)
    assert one.state() == other.state()


@pytest.mark.parametrize("name", MAKERS)
def test_an_interrupted_search_is_gone_on_with_exactly(tmp_path, name):
    """Weights and moments are in the checkpoint: the same history as of an unbroken one."""

    class Stopped(Exception):  # noqa: N818
        pass

    def run(folder, rounds=99):
        def score(keys):
            nonlocal rounds
            rounds -= 1
            if rounds < 0:
                raise Stopped
            return np.array([1 / len(key) for key in keys])

        return optimize(
            score, [MAKERS[name]()], gates=Gates(), budget=60, folder=folder, seeds=list(MOLECULES[:6]),
            config=OptimizeConfig(proposals=20, batch=10, surrogate=False),
        )  # fmt: skip

    unbroken = run(None)
    assert len(unbroken.calls) > 20
    for rounds in (1, 2):
        with pytest.raises(Stopped):
            run(tmp_path, rounds)
    assert repr(run(tmp_path)) == repr(unbroken)


def test_other_weights_are_another_search():
    """A search begun with one prior must not be gone on with by the next release's."""
    prior = small_prior()
    other = Prior(prior.name, prior.spec, prior.vocabulary, prior.style, prior.weights, prior.about, "digest")
    mine, theirs = (LanguageGenerator(each, QUICK).identity() for each in (prior, other))
    assert mine != theirs
    assert mine["config"] == theirs["config"]


def test_asking_for_names_does_not_import_torch():
    """`molscreen design --help` answers at once."""
    code = (
        "import sys; from molscreen.generation.generator import GENERATORS;"
        "assert {'language', 'reinvent'} <= set(GENERATORS); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("make_config", "message"),
    [
        (lambda: LanguageConfig(batch=0), "[language] batch must be positive, got 0"),
        (lambda: LanguageConfig(kl=-1), "[language] kl must not be negative, got -1"),
        (lambda: ReinventConfig(sigma=0), "[reinvent] sigma must be positive, got 0"),
    ],
)
def test_settings_that_cannot_be_are_refused(make_config, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        make_config()
