from __future__ import annotations

import numpy as np
import pytest

from molscreen.prediction.certainty.neighbours import NeighbourDomain
from molscreen.prediction.certainty.out_of_fold import distances_out_of_fold
from tests.prediction.tiny_bundle import drug_keys

KEYS = drug_keys()[:120]
FOLD = np.arange(120) % 3


@pytest.fixture(scope="module")
def domain() -> NeighbourDomain:
    measured = {"A": np.arange(120) < 60, "B": np.arange(120) < 4}
    return NeighbourDomain.fit(KEYS, KEYS, FOLD == 0, measured=measured)


def test_a_fold_is_as_far_as_new_compounds_are_from_the_others(domain: NeighbourDomain) -> None:
    others = [key for key, fold in zip(KEYS, FOLD, strict=True) if fold != 1]
    elsewhere = NeighbourDomain.fit(others, others, np.arange(80) < 20)
    similarity = elsewhere.query([KEYS[i] for i in np.flatnonzero(FOLD == 1)]).similarity.mean(axis=1)
    found = distances_out_of_fold(domain, KEYS, FOLD, ["logD", "A", "solubility"])
    assert (found[FOLD == 1, 0] == domain.edges.distance(similarity)).all()
    assert (found[:, 0] == found[:, 2]).all()


def test_an_activity_is_judged_by_those_measured_for_it(domain: NeighbourDomain) -> None:
    found = distances_out_of_fold(domain, KEYS, FOLD, ["A"])
    assert np.isfinite(found[:60]).all()
    assert np.isnan(found[60:]).all()
    others = [KEYS[i] for i in range(60) if FOLD[i] != 1]
    elsewhere = NeighbourDomain.fit(others, others, np.arange(40) < 10)
    similarity = elsewhere.query([KEYS[i] for i in range(60) if FOLD[i] == 1]).similarity.mean(axis=1)
    assert (found[:60][FOLD[:60] == 1, 0] == domain.activities["A"].edges.distance(similarity)).all()


def test_few_others_are_heard_and_none_say_nothing(domain: NeighbourDomain) -> None:
    assert "B" not in domain.activities  # four compounds: as far as from all
    few = NeighbourDomain.fit(KEYS, KEYS, FOLD == 0, measured={"A": np.arange(120) < 12})
    fold = np.where(np.arange(120) < 9, 1, 2)  # three of the others
    assert np.isfinite(distances_out_of_fold(few, KEYS, fold, ["A"])[:12]).all()
    assert np.isnan(distances_out_of_fold(few, KEYS, np.ones(120, int), ["A"])).all()
