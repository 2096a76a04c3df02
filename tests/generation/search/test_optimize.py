"""The loop spends its budget and not more, and every part of it has its say."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Crippen

from molscreen.errors import ConfigError, RunError
from molscreen.generation.generator import MoleculeGenerator, Proposal
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.history import Call
from molscreen.generation.search.judgement import Judgement
from molscreen.generation.search.optimize import optimize
from molscreen.generation.search.preset import PRESETS, OptimizeConfig
from molscreen.objectives.pareto import hypervolume
from tests.generation.analogue_generator import AnalogueGenerator

QUICK = OptimizeConfig(proposals=40, batch=5, first=10)
TOLUENE = "Cc1ccccc1"


def lipophilicity(keys):
    """Between 0 and 1, and different for almost every compound."""
    return np.array([1 / (1 + np.exp(3 - Crippen.MolLogP(Chem.MolFromSmiles(key)))) for key in keys])


def search(score=lipophilicity, generators=None, **settings):
    settings = {"gates": Gates(), "budget": 30, "config": QUICK, "seeds": [TOLUENE], **settings}
    return optimize(score, generators or [AnalogueGenerator()], **settings)


class Listed(MoleculeGenerator):
    """Proposes what it was given, the first first."""

    def __init__(self, name, keys, signature=""):
        self.name, self.keys, self.signature = name, keys, signature or name
        self.told = []

    def propose(self, n, rng):  # noqa: ARG002
        return [Proposal(key, self.signature) for key in self.keys[:n]]

    def learn(self, scored):
        self.told += scored


def chains(end, sizes):
    return ["C" * size + end for size in sizes]


def test_the_budget_is_spent_on_different_compounds():
    asked = []

    def score(keys):
        asked.append(len(keys))
        return lipophilicity(keys)

    history = search(score, budget=23)
    keys = [call.key for call in history.calls]
    assert len(keys) == len(set(keys)) == sum(asked) == 23
    assert max(asked) == QUICK.batch
    assert [call.number for call in history.calls] == list(range(1, 24))
    assert history.stopped == "the budget of 23 calls is spent"


def test_seeds_come_first_and_count():
    """In their order, each once, as compounds; what is no compound is counted."""
    seeds = ["CCO", "OCC", "CC(=O)[O-].[Na+]", "C(C)(C)(C)(C)C", "CCN", TOLUENE]
    history = search(seeds=seeds, budget=3)
    assert [(call.key, call.picked) for call in history.calls] == [
        ("CCO", "seed"), ("CC(=O)O", "seed"), ("CCN", "seed"),
    ]  # fmt: skip
    assert history.refused == {"seed: valence": 1, "seed: given before": 1}


def test_what_was_scored_is_what_the_scorer_said():
    history = search()
    assert [call.score for call in history.calls] == lipophilicity(
        [call.key for call in history.calls]
    ).tolist()


def test_the_search_finds_better_than_it_was_given():
    """Fluorine, chlorine and methyl groups raise the logP of toluene."""
    assert search().best(1)[0].score > lipophilicity([TOLUENE])[0] + 0.2


def test_the_surrogate_is_asked_when_enough_was_scored():
    """Before that the choice is by chance; after it, half of a batch."""
    history = search(config=replace(QUICK, batch=4, first=9), budget=25)
    picked = Counter((call.round, call.picked) for call in history.calls)
    assert [picked[round_, "ucb"] for round_ in range(1, 8)] == [0, 0, 0, 2, 2, 2, 2]
    assert all(np.isnan(call.mean) == (call.round < 4) for call in history.calls)


def test_without_a_surrogate_nobody_has_beliefs():
    history = search(config=replace(QUICK, surrogate=False))
    assert {call.picked for call in history.calls} == {"seed", "share"}
    assert np.isnan([call.mean for call in history.calls]).all()


def test_a_search_without_any_score_says_so():
    """Not that it ran dry: nothing can be made of seeds that a plan's filters refuse."""
    history = search(lambda keys: np.full(len(keys), np.nan), [Listed("list", [])], seeds=[TOLUENE, "CCO"])
    assert history.stopped == "none of 2 compounds has a score to start from (no number: 2)"


def test_why_no_seed_has_a_score_is_said_by_reason():
    """ "The plan refuses them" helps nobody: which rule does, does."""

    def score(keys):
        said = Judgement.of_scores(np.full(len(keys), np.nan))
        return replace(said, reason=["too greasy" if "c" in key else "too small" for key in keys])

    history = search(score, [Listed("list", [])], seeds=[TOLUENE, "CCO", "CCN"])
    assert history.stopped.endswith("(too small: 2; too greasy: 1)")
    assert [call.reason for call in history.calls] == ["too greasy", "too small", "too small"]


def test_what_a_scorer_says_besides_is_written_and_steers_nothing():
    """A control that were rewarded would control nothing."""

    def judge(keys):
        score = lipophilicity(keys)
        terms = np.column_stack([score, 1 - score])
        return Judgement(score, [""] * len(keys), 1 - score, score**2, terms, np.zeros(len(keys), bool))

    plain, judged = search(), search(judge)
    assert [call.key for call in judged.calls] == [call.key for call in plain.calls]
    for call in judged.calls:
        assert (call.plain, call.control) == (1 - call.score, call.score**2)
        assert call.terms == (call.score, 1 - call.score)
    assert all(np.isnan(call.control) and call.terms == () for call in plain.calls)


def test_the_surrogate_learns_what_the_score_wants():
    """Of 30 alcohols and 30 alkanes it may score 16: chance finds 8 alcohols, 13 once in 100 times."""
    keys = [*chains("O", range(4, 34)), *chains("C", range(4, 34))]
    history = search(
        lambda keys: np.array([float("O" in key) for key in keys]),
        [Listed("list", keys)],
        config=OptimizeConfig(proposals=60, batch=4, first=4, ucb_share=1),
        budget=20,
        seeds=(),
    )
    assert sum(call.score for call in history.calls if call.picked == "ucb") >= 13


def test_generators_share_a_batch_by_what_they_contribute():
    good, bad = Listed("good", chains("F", range(2, 60))), Listed("bad", chains("O", range(2, 60)))
    history = search(
        lambda keys: np.array([float("F" in key) * (1 - 1 / len(key)) for key in keys]),
        [bad, good],
        config=OptimizeConfig(proposals=120, batch=10, surrogate=False),
        budget=90,
        seeds=(),
    )
    proposed = [Counter(c.proposer for c in history.calls if c.round == round_) for round_ in range(1, 10)]
    assert proposed[0] == {"good": 5, "bad": 5}
    assert proposed[-1]["good"] >= 7
    assert proposed[-1]["bad"] >= 1


def test_all_generators_learn_of_all_compounds():
    """One may go on from what another found; who found it is said."""
    one, other = Listed("one", chains("F", range(2, 12))), Listed("other", chains("O", range(2, 12)))
    history = search(generators=[one, other], budget=15)
    expected = [(call.key, call.score, call.proposer) for call in history.calls]
    for generator in (one, other):
        assert [(each.key, each.score, each.proposer) for each in generator.told] == expected


def test_dry_generators_end_the_search():
    """There is nothing more to find, and the user is told so."""
    history = search(generators=[Listed("list", ["CCO", "CCN", "CCC"])], seeds=(), budget=100)
    assert len(history.calls) == 3
    assert history.stopped.startswith("no new candidate in 5 rounds")
    assert history.refused == {"scored before": 5 * 3}
    assert search(generators=[Listed("list", [])], seeds=()).calls == ()


def test_gates_are_asked_before_the_score():
    history = search(gates=Gates(forbid=("[F,Cl,Br,I]",), heavy_atoms=(1, 9)), budget=20)
    mols = [Chem.MolFromSmiles(call.key) for call in history.calls]
    assert max(mol.GetNumHeavyAtoms() for mol in mols) <= 9
    assert not any(mol.HasSubstructMatch(Chem.MolFromSmarts("[F,Cl,Br,I]")) for mol in mols)
    assert history.refused["with '[F,Cl,Br,I]'"] > 0


def test_a_missing_score_is_kept_and_never_rewarded():
    def score(keys):
        return np.array([np.nan if "F" in key else 0.5 for key in keys])

    history = search(
        score, [Listed("bad", chains("F", range(2, 30))), Listed("good", chains("O", range(2, 30)))]
    )
    assert len(history.calls) == 30
    shares = Counter(call.proposer for call in history.calls if call.picked == "share" and call.round > 3)
    assert shares["good"] > shares["bad"] > 0
    assert all("F" not in call.key for call in history.best(30))


def test_nothing_but_missing_scores_ends_with_the_budget():
    """The surrogate has nothing to learn from, and is not asked."""
    history = search(lambda keys: np.full(len(keys), np.nan), [Listed("list", chains("O", range(1, 60)))])
    assert len(history.calls) == 30
    assert history.best() == []


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (lambda keys: np.ones(len(keys) + 1), r"score gave an array of shape \(2,\) for 1 keys"),
        (lambda keys: np.full(len(keys), 1.5), f"score of '{TOLUENE}' is 1.5, expected 0 to 1, or NaN"),
        (lambda keys: np.full(len(keys), -np.inf), f"score of '{TOLUENE}' is -inf, expected 0 to 1"),
    ],
)
def test_what_is_no_score_stops_the_search(score, message):
    with pytest.raises(RunError, match=message):
        search(score)


def test_a_call_that_cannot_be_is_refused_before_anything_is_scored():
    def score(keys):
        raise AssertionError(keys)

    with pytest.raises(ConfigError, match="budget must be positive, got 0"):
        search(score, budget=0)
    with pytest.raises(ConfigError, match="generators: proposers are analogues, analogues; expected"):
        search(score, [AnalogueGenerator(), AnalogueGenerator()])
    with pytest.raises(RunError, match="generator 'one' signs as 'other'"):
        search(score, [Listed("one", ["CCO"], signature="other")], seeds=())


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"batch": 0}, "batch must be positive, got 0"),
        ({"ucb_share": 1.5}, "ucb_share must be from 0 to 1, got 1.5"),
        ({"watch": -1}, "watch must not be negative, got -1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting, message):
    with pytest.raises(ConfigError, match=message):
        OptimizeConfig(**setting)


def test_presets_differ():
    assert len(set(PRESETS.values())) == 3


def test_each_round_is_told_and_adds_up():
    told = []
    history = search(progress=told.append)
    assert [each.round for each in told] == list(range(1, history.calls[-1].round + 1))
    assert told[-1].calls == 30
    assert told[-1].best == max(call.score for call in history.calls)
    assert sum((Counter(each.refused) for each in told), Counter()) == history.refused
    assert set(told[-1].seconds) == {
        "propose", "gates", "fit", "believe", "choose", "score", "learn", "write",
    }  # fmt: skip


def test_the_seed_alone_decides():
    """The same seed, the same calls; another seed, others."""
    assert repr(search()) == repr(search())
    assert [call.key for call in search(seed=1).calls] != [call.key for call in search().calls]


def test_lineage_leads_to_the_seed():
    """Every compound's parents were scored before it."""
    history = search()
    number = {call.key: call.number for call in history.calls}
    assert all(number[parent] < call.number for call in history.calls for parent in call.parents)
    assert all(isinstance(call, Call) and call.step for call in history.calls[1:])


def test_every_proposal_ends_in_one_place():
    """Scored, refused with a reason, or passed over: nothing disappears."""
    history = search(config=QUICK, gates=Gates(forbid=("F",)), seeds=[TOLUENE, TOLUENE, "nonsense"])
    new = sum(call.picked != "seed" for call in history.calls)
    of_seeds = {reason: count for reason, count in history.refused.items() if reason.startswith("seed")}
    refused = sum(history.refused.values()) - sum(of_seeds.values())
    assert of_seeds == {"seed: given before": 1, "seed: name": 1}
    assert history.proposed == new + refused + history.passed_over
    assert history.passed_over > 0
    assert sum(each.scored for each in history.rounds) == new
    assert all(each.scored <= each.admitted <= each.valid <= each.proposed for each in history.rounds)


def test_a_standstill_gives_all_generators_equal_shares():
    """One is favoured while it is better; when nothing new comes, all are tried again."""
    rings = {end: [f"{end}C1C{'C' * size}C1" for size in range(90)] for end in "FO"}
    good, bad = Listed("good", rings["F"]), Listed("bad", rings["O"])

    def score(keys):
        return np.array([("F" in key) * (0.5 if len(key) < 30 else 0.1) for key in keys])

    settings = {"generators": [bad, good], "seeds": (), "budget": 120}
    config = OptimizeConfig(proposals=160, batch=10, surrogate=False)
    plain = search(score, config=config, **settings)
    watched = search(score, config=replace(config, watch=30), **settings)
    assert not plain.remedies
    [first, *_] = watched.remedies
    assert first.kind == "standstill"
    assert "none of the last calls came among the best; equal shares" in str(first)
    mended = [call for call in watched.calls if first.call < call.number <= first.until]
    assert Counter(call.proposer for call in mended) == {"good": 15, "bad": 15}
    assert repr(search(score, config=replace(config, watch=30), **settings)) == repr(watched)


def against_each_other(keys):
    """Two wishes that cannot both be met: greasy, and polar."""
    greasy = lipophilicity(keys)
    polar = 1 - greasy**0.5
    return replace(Judgement.of_scores(np.sqrt(greasy * polar)), terms=np.column_stack([greasy, polar]))


def test_a_front_is_searched_in_more_directions_than_one():
    """Every other round weighs the wishes anew; without a front all rounds climb the score."""
    config = replace(QUICK, pareto=True)
    settings = {"budget": 45, "seeds": [TOLUENE, "CCO"]}
    plain, front = (search(against_each_other, config=each, **settings) for each in (QUICK, config))
    assert [call.key for call in front.calls] != [call.key for call in plain.calls]
    volume = hypervolume([call.terms for call in front.calls])
    assert volume[-1] > volume[1] + 0.02
    with pytest.raises(ConfigError, match="pareto: this score does not tell its terms"):
        search(config=config)


def test_a_search_of_a_front_goes_on_exactly(tmp_path):
    """Directions are drawn from the state that is written down."""

    def interrupted(keys):
        if len(asked) == 4:
            raise KeyboardInterrupt
        asked.append(keys)
        return against_each_other(keys)

    asked = []
    settings = {"config": replace(QUICK, pareto=True), "budget": 40}
    with pytest.raises(KeyboardInterrupt):
        search(interrupted, folder=tmp_path, **settings)
    resumed = search(against_each_other, folder=tmp_path, **settings)
    assert repr(resumed) == repr(search(against_each_other, **settings))
