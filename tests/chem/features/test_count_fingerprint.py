"""Counts are RDKit's, of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from molscreen.chem.features.count_fingerprint import KINDS, MOST, WIDTH, count_fingerprints
from molscreen.chem.features.minmax import minmax
from molscreen.data.drugs import drug_keys

NICOTINE = "CN1CCC[C@H]1c1cccnc1"
DRUGS = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "caffeine": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "gefitinib": "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",
    "diazepam": "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",
    "nicotine": NICOTINE,
}
KEYS = list(DRUGS.values())
COUNTS = count_fingerprints(KEYS)


@pytest.mark.parametrize("kind", KINDS)
def test_spelling_does_not_matter_and_kinds_may_be_asked_alone(kind):
    """The order of atoms in a SMILES is not chemistry."""
    respelt = [Chem.MolToSmiles(Chem.MolFromSmiles(key), rootedAtAtom=3, canonical=False) for key in KEYS]
    assert respelt != KEYS
    assert (count_fingerprints(respelt, [kind])[kind] != COUNTS[kind]).nnz == 0
    assert COUNTS[kind].shape == (len(KEYS), WIDTH)
    assert COUNTS[kind].dtype == np.uint8


def test_only_ecfp4_tells_enantiomers_apart():
    """(R)-nicotine is some hundred times less toxic than the (S) form; the other kinds see one compound."""
    both = count_fingerprints([NICOTINE, NICOTINE.replace("@", "@@")])
    alike = {kind: minmax(counts, counts)[0, 1] for kind, counts in both.items()}
    assert alike.pop("ecfp4") < 1
    assert set(alike.values()) == {1.0}


def test_fcfp6_forgives_an_exchange_of_halogens():
    """Chlorine for bromine in diazepam is another element in the same role."""
    diazepam, phenazepam_like = DRUGS["diazepam"], DRUGS["diazepam"].replace("Cl", "Br")
    both = count_fingerprints([diazepam, phenazepam_like], ["ecfp4", "fcfp6"])
    alike = {kind: minmax(counts, counts)[0, 1] for kind, counts in both.items()}
    assert alike["fcfp6"] == 1 > alike["ecfp4"]


def test_counts_stop_at_their_cap():
    """A chain of 400 carbons has 396 torsions of one kind; no count turns over to a small one."""
    torsions = count_fingerprints(["C" * 400], ["torsion"])["torsion"]
    assert torsions.max() == MOST


def test_no_compound_has_no_row():
    assert count_fingerprints([])["ecfp4"].shape == (0, WIDTH)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: count_fingerprints(["C("]), r"'C\(' is no SMILES; standardize it first"),
        (lambda: count_fingerprints(["C"], ["ecfp5"]), "unknown fingerprint 'ecfp5'. Known: ecfp4, fcfp6"),
    ],
)
def test_what_cannot_be_counted_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_fingerprint_does_not_depend_on_those_before_it():
    """RDKit's ErG reads the distances that atom pairs leave on a molecule, and beyond them."""
    drugs = drug_keys()[:300]
    together = count_fingerprints(drugs)
    for kind in KINDS:
        alone = count_fingerprints(drugs, [kind])[kind]
        assert (together[kind] != alone).nnz == 0
