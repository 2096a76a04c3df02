"""Every proposal is admitted or refused for a reason; what is cheap is asked first."""

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.cleaning.recipe import Recipe
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.identity import inchikey_blocks
from molscreen.errors import ConfigError
from molscreen.filters.filter import make_filter
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.generator import Proposal
from molscreen.generation.search.approach import Approach
from molscreen.generation.search.gate import Gates

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
IBUPROFEN = "CC(C)Cc1ccc(cc1)C(C)C(=O)O"
SODIUM_ASPIRIN = "CC(=O)Oc1ccccc1C(=O)[O-].[Na+]"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
PYRIDINES = ("Cc1ccncc1", "Clc1ccncc1", "CC(C)c1ccncc1")


def proposals(*smiles):
    return [Proposal(each, "me") for each in smiles]


def refusals(gates, *smiles, scored=frozenset()):
    return dict(gates.admit(proposals(*smiles), scored)[1])


def test_what_is_scored_is_the_standardised_compound():
    """A salt and its parent would otherwise cost two calls."""
    [candidate], refused = Gates().admit(proposals(SODIUM_ASPIRIN, ASPIRIN))
    assert candidate.key == standardize(ASPIRIN).key
    assert candidate.proposal.smiles == SODIUM_ASPIRIN
    assert refused == {"proposed twice": 1}


def test_the_recipe_of_the_plan_decides_what_a_key_is():
    """Hydroxypyridine and pyridone are one compound where tautomers are."""
    two = "Oc1ccccn1", "O=c1cccc[nH]1"
    assert refusals(Gates(), *two) == {}
    assert refusals(Gates(recipe=Recipe(tautomer=True)), *two) == {"proposed twice": 1}


def test_nothing_disappears():
    """Candidates and refusals add up to the proposals, whatever the gates."""
    given = proposals("CCO", "CCO", "C(C)(C)(C)(C)C", "", ASPIRIN, IBUPROFEN, CAFFEINE, "[Fe+2]", *PYRIDINES)
    gates = Gates(forbid=("C(=O)[OH]", "CCCC"), heavy_atoms=(8, 30), elements=("C", "N", "O"))
    candidates, refused = gates.admit(given, {PYRIDINES[0]})
    assert len(candidates) + sum(refused.values()) == len(given)
    assert [each.proposal.smiles for each in candidates] == [CAFFEINE, PYRIDINES[2]]


@pytest.mark.parametrize(
    ("gates", "smiles", "reason"),
    [
        (Gates(), "C(C)(C)(C)(C)C", "not standardised: valence"),
        (Gates(filters=(Keep.from_smarts("c1ccncc1"),)), ASPIRIN, "filter keep"),
        (Gates(forbid=("C(=O)[OH]",)), ASPIRIN, "with 'C(=O)[OH]'"),
        (Gates(elements=("C", "N")), ASPIRIN, "element O"),
        (Gates(heavy_atoms=(14, 30)), ASPIRIN, "too small"),
        (Gates(heavy_atoms=(2, 12)), ASPIRIN, "too large"),
        (Gates(filters=(make_filter("range", descriptor="MolWt", high=100.0),)), ASPIRIN, "filter range"),
        (Gates(known=frozenset({standardize(ASPIRIN).key})), SODIUM_ASPIRIN, "known"),
        (Gates(approach=Approach(lambda keys: np.full(len(keys), 1.1))), ASPIRIN, "outside the domain"),
    ],
)
def test_each_gate_refuses_by_its_own_reason(gates, smiles, reason):
    assert refusals(gates, smiles) == {reason: 1}
    assert refusals(gates, smiles) == {reason: 1}  # remembered, and still counted


def test_limits_of_size_are_allowed():
    assert refusals(Gates(heavy_atoms=(13, 13)), ASPIRIN) == {}


def test_hydrogen_is_always_allowed():
    """It is in every compound, written or not."""
    assert refusals(Gates(elements=("C", "N")), "c1cc[nH]c1") == {}


def test_a_stereoisomer_of_a_known_compound_is_not_new():
    """L-alanine is no discovery where D-alanine is known."""
    blocks = frozenset(inchikey_blocks(["C[C@H](N)C(=O)O"]))
    reason = "known, but for stereo or tautomerism"
    assert refusals(Gates(known_blocks=blocks), "C[C@@H](N)C(=O)O") == {reason: 1}
    assert refusals(Gates(known=frozenset({standardize("C[C@H](N)C(=O)O").key})), "C[C@@H](N)C(=O)O") == {}


def test_what_was_scored_is_refused_as_such_although_gates_refuse_it_too():
    """A seed need not pass the gates, and is not proposed again."""
    key = standardize(ASPIRIN).key
    assert refusals(Gates(forbid=("c",)), ASPIRIN, scored={key}) == {"scored before": 1}


def test_the_domain_is_asked_once_about_all_that_is_left():
    """A prediction of many costs little more than of one."""
    asked = []

    def distance(keys):
        asked.append(list(keys))
        return np.array([1.5 if key == PYRIDINES[1] else 1.0 for key in keys])

    gates = Gates(forbid=("O",), approach=Approach(distance))
    candidates, refused = gates.admit(proposals("CCO", *PYRIDINES))
    assert asked == [list(PYRIDINES)]
    assert [each.key for each in candidates] == [PYRIDINES[0], PYRIDINES[2]]
    assert refused == {"with 'O'": 1, "outside the domain": 1}


def test_expensive_filters_are_asked_once_about_each_compound():
    """Generators propose the same compound round after round."""
    asked = []

    class Slow:
        name = "slow"

        def reason(self, mol):
            asked.append(Chem.MolToSmiles(mol))
            return "no"

    gates = Gates(filters=(Slow(),))
    for _ in range(3):
        assert refusals(gates, *PYRIDINES) == {"filter slow": 3}
    assert asked == list(PYRIDINES)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"forbid": ("c1ccc",)}, "'c1ccc' is no SMARTS"),
        ({"forbid": ("",)}, "'' is no SMARTS"),
        ({"elements": ("C", "Xx")}, "'elements' has 'Xx', expected symbols such as 'C' or 'Cl'"),
        ({"heavy_atoms": (20, 10)}, "'heavy_atoms' is 20 to 10, expected a window"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_once(settings, message):
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        Gates(**settings)


def test_identity_tells_settings_apart_and_not_the_order_of_sets():
    known = ["CCO", "CCN", "CCC", "CCCl"]
    one, other = (Gates(known=frozenset(names)).identity() for names in (known, reversed(known)))
    assert one == other
    assert one != Gates(known=frozenset(known[1:])).identity()
    strict, loose = (
        Gates(filters=(make_filter("range", descriptor="QED", low=low),)).identity() for low in (0.5, 0.6)
    )
    assert strict != loose


def test_a_filter_of_ones_own_is_the_same_in_another_process():
    """Without a repr of its own, an object is called after its place in memory, another each time."""

    class Mine:
        name = "mine"

        def __init__(self, limit):
            self.limit, self.cache = limit, object()

        def reason(self, mol):  # noqa: ARG002
            return None

    one, same, other = (Gates(filters=(Mine(limit),)).identity() for limit in (1, 1, 2))
    assert one == same != other
    [told] = one["filters"]
    assert (told["name"], told["settings"]) == ("mine", {"limit": 1})
