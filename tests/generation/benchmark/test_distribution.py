"""The metrics of a prior have the values that their definitions give."""

import math
from collections import Counter

import numpy as np
import pytest
from rdkit import Chem
from rdkit.DataStructs import TanimotoSimilarity

from molscreen.chem.features.fingerprint import ecfp_bits
from molscreen.generation.benchmark.distribution import (
    brics_fragments,
    canonical,
    cosine,
    judge_prior,
    mean_similarity,
)
from tests.generation.generator_contract import DRUGS

KEYS = list(DRUGS.values())


def test_known_molecules_are_valid_and_like_themselves_but_not_new():
    report = judge_prior(KEYS * 2, train=KEYS, held_out=KEYS)
    assert (report.samples, report.validity, report.novelty) == (16, 1.0, 0.0)
    assert report.fragments == pytest.approx(1)
    assert report.scaffolds == pytest.approx(1)
    assert report.snn == pytest.approx(1)


def test_molecules_are_the_same_however_they_are_written():
    """A generator that writes a known drug from its other end has made nothing new."""
    written = [Chem.MolToSmiles(Chem.MolFromSmiles(key), rootedAtAtom=3) for key in KEYS]
    assert set(written) != set(KEYS)
    assert judge_prior(written, train=KEYS, held_out=KEYS).novelty == 0


def test_stereoisomers_are_different():
    """Canonical SMILES with stereo, as in MOSES."""
    report = judge_prior(["C[C@H](F)Cl", "C[C@@H](F)Cl"], train=["C[C@H](F)Cl"], held_out=["CCO"])
    assert report.novelty == 0.5


def test_uniqueness_is_that_of_the_first_valid_ones():
    samples = ["C1CC"] * 50 + ["CCO"] * 960 + ["C" * n for n in range(1, 41)]
    report = judge_prior(samples, train=[], held_out=["CCO"])
    assert report.unique_1k == 41 / 1000
    assert math.isnan(report.unique_10k)
    assert report.validity == 1000 / 1050


def test_nothing_valid_has_no_other_figure():
    report = judge_prior(["C1CC", "xyz", ""], train=[], held_out=["CCO"])
    assert report.validity == 0
    assert math.isnan(report.novelty)
    assert math.isnan(report.snn)
    assert math.isnan(report.fragments)
    assert math.isnan(report.internal_diversity)


def test_nothing_to_judge_is_refused():
    with pytest.raises(ValueError, match="0 samples and 1 molecules held out; expected some of each"):
        judge_prior([], train=[], held_out=["CCO"])


def test_internal_diversity_is_that_of_rdkits_similarities():
    """An independent loop over all pairs, each molecule with itself included, as MOSES has it."""
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator

    prints = [GetMorganGenerator(2, fpSize=1024).GetFingerprint(Chem.MolFromSmiles(key)) for key in KEYS]
    expected = np.mean([TanimotoSimilarity(a, b) for a in prints for b in prints])
    assert mean_similarity(ecfp_bits(KEYS, n_bits=1024)) == pytest.approx(expected, abs=1e-6)
    report = judge_prior(KEYS, train=[], held_out=KEYS[:2])
    assert report.internal_diversity == pytest.approx(1 - expected, abs=1e-6)
    nearest = np.mean([max(TanimotoSimilarity(a, b) for b in prints[:2]) for a in prints])
    assert report.snn == pytest.approx(nearest, abs=1e-6)


def test_the_cosine_is_that_of_the_vectors():
    one, other = Counter(a=3, b=4), Counter(b=2, c=1)
    assert cosine(one, other) == pytest.approx(8 / (5 * math.sqrt(5)))
    assert cosine(one, one) == pytest.approx(1)


def test_a_single_ring_is_no_scaffold():
    """Benzene tells nothing of what a molecule is like."""
    report = judge_prior(["Cc1ccccc1"], train=[], held_out=["CCc1ccccc1"])
    assert math.isnan(report.scaffolds)


def test_a_drug_falls_apart_where_brics_says():
    """Paracetamol: acetyl, the nitrogen, and the phenol."""
    assert brics_fragments(DRUGS["paracetamol"]) == ["[1*]C(C)=O", "[16*]c1ccc(O)cc1", "[5*]N[5*]"]


def test_a_molecule_without_such_bonds_stays_whole():
    assert brics_fragments("C1CC1") == ["C1CC1"]


def test_canonical_smiles_stay_as_they_are():
    for key in KEYS:
        assert canonical(canonical(key)) == canonical(key)
