"""What every filter promises: pure, deterministic, and a reason for each refusal.

A new member is tested by being registered. One that needs options adds an example to `OPTIONS`.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from rdkit import Chem

from molscreen.errors import ConfigError
from molscreen.filters.filter import FILTERS, Filter, make_filter, remark

DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "caffeine": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "imatinib": "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",
    "atorvastatin": "CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CC[C@@H](O)C[C@@H](O)CC(=O)O",
    "amiodarone": "CCCCc1oc2ccccc2c1C(=O)c1cc(I)c(OCCN(CC)CC)c(I)c1",
    "metformin": "CN(C)C(=N)NC(=N)N",
    "nitrofurantoin": "O=C1CN(/N=C/c2ccc([N+](=O)[O-])o2)C(=O)N1",
    "epalrestat": "CC(=C\\c1ccccc1)/C=C1\\SC(=S)N(CC(=O)O)C1=O",
    "busulfan": "CS(=O)(=O)OCCCCOS(C)(=O)=O",
    "oseltamivir": "CCOC(=O)C1=C[C@@H](OC(CC)CC)[C@H](NC(C)=O)[C@@H](N)C1",
    "dopamine": "NCCc1ccc(O)c(O)c1",
    "mazindol": "OC1(c2ccc(Cl)cc2)c2ccccc2C2=NCCN21",
    "lorazepam": "O=C1Nc2ccc(Cl)cc2C(c2ccccc2Cl)=NC1O",
    "acarbose": (
        "C[C@H]1O[C@H](O[C@@H]2[C@@H](CO)O[C@H](O[C@H]3[C@H](O)[C@@H](O)C(O)O[C@@H]3CO)[C@H](O)[C@H]2O)"
        "[C@H](O)[C@@H](O)[C@@H]1N[C@H]1C=C(CO)[C@@H](O)[C@H](O)[C@H]1O"
    ),
}

OPTIONS = {
    "range": {"descriptor": "QED", "low": 0.5},
    "substructure": {"forbid": ["[N+](=O)[O-]"]},
    "novelty": {"known": [DRUGS["aspirin"]]},
}


def made(rule: str) -> Filter:
    return make_filter(rule, **OPTIONS.get(rule, {}))


@pytest.fixture(params=list(FILTERS))
def rule(request):
    return request.param


@pytest.fixture
def mols():
    return {name: Chem.MolFromSmiles(smiles) for name, smiles in DRUGS.items()}


def test_a_filter_is_a_frozen_dataclass_that_knows_its_name(rule):
    """Options are fields, so that a run record can state the filter it used."""
    assert FILTERS[rule].name == rule
    filter_ = made(rule)
    assert dataclasses.is_dataclass(filter_)
    with pytest.raises(dataclasses.FrozenInstanceError):
        filter_.anything = 1


def test_a_refusal_is_one_line_that_starts_with_the_rule(rule, mols):
    for mol in mols.values():
        reason = made(rule).reason(mol)
        assert reason is None or (reason.startswith(f"{rule}: ") and len(reason.splitlines()) == 1)


def test_a_refusal_states_the_limit(rule, mols):
    """What was found is not enough: a chemist asks what would have passed."""
    reasons = [reason for mol in mols.values() if (reason := made(rule).reason(mol))]
    limits = ("at most", "at least", "allowed", "forbidden", "must be kept", "in the reference set")
    assert all(any(limit in reason for limit in limits) for reason in reasons), reasons


def test_what_is_only_flagged_is_told_without_a_prohibition(rule, mols):
    """Beside a compound that is listed all the same, "no alert allowed" would be untrue."""
    for mol in mols.values():
        said, reason = remark(made(rule), mol), made(rule).reason(mol)
        assert (said is None) == (reason is None)
        if said is not None:
            assert str(reason).startswith(said)
            assert not any(word in said for word in ("allowed", "forbidden", "must be kept"))


def test_a_rule_neither_passes_everything_nor_refuses_everything(rule, mols):
    refused = [made(rule).reason(mol) is not None for mol in mols.values()]
    assert any(refused)
    assert not all(refused)


def test_judging_leaves_the_molecule_as_it_was(rule, mols):
    """Structure and properties; RDKit's own cache of computed values (private) may grow."""
    filter_ = made(rule)
    for mol in mols.values():
        mol.SetProp("id", "00123")
        before = mol.ToBinary(Chem.PropertyPickleOptions.NoProps)
        filter_.reason(mol)
        assert mol.ToBinary(Chem.PropertyPickleOptions.NoProps) == before
        assert {name: mol.GetProp(name) for name in mol.GetPropNames()} == {"id": "00123"}


def test_an_answer_does_not_depend_on_what_was_asked_before(rule, mols):
    one = made(rule)
    forwards = {name: one.reason(mol) for name, mol in mols.items()}
    backwards = {name: one.reason(mol) for name, mol in reversed(mols.items())}
    fresh = {name: made(rule).reason(mol) for name, mol in mols.items()}
    assert forwards == backwards == fresh


def test_an_answer_does_not_depend_on_the_order_of_atoms(rule, mols):
    filter_, rng = made(rule), np.random.default_rng(0)
    for name, mol in mols.items():
        shuffled = Chem.RenumberAtoms(mol, rng.permutation(mol.GetNumAtoms()).tolist())
        assert filter_.reason(shuffled) == filter_.reason(mol), name


@pytest.mark.parametrize("smiles", ["C", "O", "[Na+]", "CCO.CCO", "[2H]C", "C[N+](C)(C)C", "*C", "[C]"])
def test_odd_molecules_are_answered_too(rule, smiles):
    """The recipe keeps most of these out; a filter must not be what breaks on the rest."""
    reason = made(rule).reason(Chem.MolFromSmiles(smiles))
    assert reason is None or isinstance(reason, str)


def test_an_unknown_option_is_refused_by_place_and_name(rule):
    options = OPTIONS.get(rule, {}) | {"thershold": 3}
    with pytest.raises(ConfigError, match=r"screen\.toml, \[\[filter\]\] 2: .*unknown key 'thershold'"):
        make_filter(rule, where="screen.toml, [[filter]] 2", **options)


def test_an_unknown_rule_lists_the_choices():
    with pytest.raises(ConfigError, match=r"^unknown filter 'pain'.*Did you mean 'pains'\?"):
        make_filter("pain")
