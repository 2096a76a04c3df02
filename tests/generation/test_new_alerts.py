"""The gate against new alerts: what a series has stays allowed, and nothing else."""

import pytest
from rdkit import Chem

from molscreen.filters.alerts import Brenk, Pains
from molscreen.generation.new_alerts import NewAlerts

NITRO, NITRO_THIOL, THIOL, PLAIN = (
    Chem.MolFromSmiles(smiles)
    for smiles in ("Cc1ccc([N+](=O)[O-])cc1", "Cc1ccc([N+](=O)[O-])cc1CCS", "CCCCS", "CCOc1ccccc1")
)


@pytest.mark.parametrize(
    ("seeds", "refused"),
    [
        ([], {"nitro", "thiol"}),
        ([PLAIN], {"nitro", "thiol"}),
        ([NITRO], {"thiol"}),
        ([NITRO, NITRO_THIOL], {"thiol"}),
        ([NITRO_THIOL], set()),
        ([NITRO, PLAIN], {"nitro", "thiol"}),
    ],
    ids=["no seeds", "plain", "nitro", "both nitro", "both alerts", "one of two"],
)
def test_only_what_all_seeds_have_is_inherited(seeds, refused):
    gate = NewAlerts.beside([Pains(), Brenk()], seeds)
    assert {name for name, mol in (("nitro", NITRO), ("thiol", THIOL)) if gate.reason(mol)} == refused
    assert gate.reason(PLAIN) is None


def test_the_alert_is_named():
    assert NewAlerts.beside([Brenk()], [PLAIN]).reason(THIOL) == "structural_alert: 'thiol_2' of Brenk"


def test_without_a_rule_all_pass():
    assert NewAlerts.beside([], [PLAIN]).reason(THIOL) is None


def test_alerts_of_a_rule_are_what_its_reason_tells():
    assert Brenk().alerts(PLAIN) == []
    told = str(Brenk().reason(NITRO))
    assert all(alert.removesuffix(" of Brenk") in told for alert in Brenk().alerts(NITRO))
