"""Peers that need nothing beyond what molscreen is installed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from molscreen.chem.features.fingerprint import ecfp_bits, tanimoto
from molscreen.endpoint import Endpoint
from molscreen.prediction.baseline import fit_baseline
from molscreen.prediction.certainty.calibration import mean_in_unit, to_fitted_scale
from molscreen.training.benchmark.contender import Predicts
from molscreen.training.benchmark.exam import TrainingFold

C = 10.0  # of the support-vector machines; on values of unit variance
EPSILON = 0.1


@dataclass(frozen=True, slots=True)
class Constant:
    """The mean of the training values, or the share of label 1, for every compound."""

    name: str = "constant"
    settings: str = "mean of the training values"
    seeded: bool = False

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:  # noqa: ARG002
        """The mean on the fitted scale, per endpoint."""
        fold = fold.fitting()
        mean = np.nanmean(to_fitted_scale(fold.value, fold.endpoints), axis=0)
        guess = mean_in_unit(mean[None, :], fold.endpoints)
        return lambda keys: np.repeat(guess, len(keys), axis=0)


@dataclass(frozen=True, slots=True)
class Forest:
    """`baseline`: 200 trees on ECFP4 counts, the baseline of every model card."""

    name: str = "forest"
    settings: str = "200 trees on 2,048 ECFP4 counts, max_features sqrt"
    seeded: bool = True

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """One forest for each endpoint."""
        fold = fold.fitting()
        baseline = fit_baseline(fold.keys, fold.value, fold.endpoints, seed=seed)
        return lambda keys: baseline.predict(keys).mean.astype(np.float64)


@dataclass(frozen=True, slots=True)
class SvmEcfp:
    """Support-vector machines with the Tanimoto kernel of 2,048 ECFP4 bits, one for each endpoint.

    C = 10, epsilon = 0.1 on values scaled to unit variance; untuned. A label's score is the logistic
    function of the decision value: it ranks, and is no calibrated probability.

    References
    ----------
    Tanimoto as a kernel: Ralaivola et al., Neural Netw. 18, 1093 (2005), doi:10.1016/j.neunet.2005.07.009.
    """

    name: str = "svm-ecfp"
    settings: str = f"Tanimoto kernel on 2,048 ECFP4 bits, C = {C:g}, epsilon = {EPSILON:g}"
    seeded: bool = False

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:  # noqa: ARG002
        """One machine for each endpoint that has two different values."""
        fold = fold.fitting()
        packed = ecfp_bits(fold.keys)
        kernel = tanimoto(packed, packed)  # (n, n)
        fitted = to_fitted_scale(fold.value, fold.endpoints)
        machines = [
            _Machine.fit(kernel, column, endpoint)
            for column, endpoint in zip(fitted.T, fold.endpoints, strict=True)
        ]

        def predict(keys: Sequence[str]) -> NDArray[np.float64]:
            similarity = tanimoto(ecfp_bits(keys), packed)  # (m, n)
            columns = [machine.predict(similarity) for machine in machines]
            return mean_in_unit(np.stack(columns, axis=1), fold.endpoints)

        return predict


@dataclass(frozen=True, slots=True, eq=False)
class _Machine:
    """The machine of one endpoint, as the arrays that its decision needs."""

    rows: NDArray[np.intp]  # training rows that support it
    weight: NDArray[np.float64]
    offset: float
    scale: float
    is_label: bool

    @classmethod
    def fit(cls, kernel: NDArray[np.float32], target: NDArray[np.float64], endpoint: Endpoint) -> _Machine:
        """To targets (n,) on the fitted scale; NaN = not measured."""
        from sklearn.svm import SVC, SVR

        known, is_label = np.flatnonzero(~np.isnan(target)), endpoint.kind == "classification"
        y = target[known]
        if len(known) == 0 or np.ptp(y) == 0:  # nothing to tell apart
            return cls(known[:0], np.empty(0), float(y[0]) if len(y) else np.nan, 0.0, is_label)
        square = kernel[np.ix_(known, known)].astype(np.float64)
        if is_label:
            machine = SVC(kernel="precomputed", C=C).fit(square, y)
            mean, scale = 0.0, 1.0
        else:
            mean, scale = float(y.mean()), float(y.std())
            machine = SVR(kernel="precomputed", C=C, epsilon=EPSILON).fit(square, (y - mean) / scale)
        offset = float(machine.intercept_[0]) * scale + mean
        return cls(known[machine.support_], machine.dual_coef_[0] * scale, offset, scale, is_label)

    def predict(self, similarity: NDArray[np.float32]) -> NDArray[np.float64]:
        """Values (m,) on the fitted scale, or scores, from similarities (m, n)."""
        decision = similarity[:, self.rows].astype(np.float64) @ self.weight + self.offset
        return np.asarray(expit(decision)) if self.is_label and self.scale else decision


@dataclass(frozen=True, slots=True)
class Nearest:
    """Similarity to the nearest training active (ECFP4, Tanimoto; MAX fusion): the trivial virtual screen.

    References
    ----------
    Hert et al., J. Chem. Inf. Comput. Sci. 44, 1177 (2004), doi:10.1021/ci034231b.
    """

    name: str = "nearest"
    settings: str = "highest Tanimoto similarity to a training active, 2,048 ECFP4 bits"
    seeded: bool = False

    def missing(self) -> str:
        """Nothing."""
        return ""

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:  # noqa: ARG002
        """The actives of each endpoint.

        Raises
        ------
        ValueError
            An endpoint is no classification, or has no active.
        """
        fold = fold.fitting()
        packed = ecfp_bits(fold.keys)
        actives = [packed[fold.value[:, j] == 1] for j in range(len(fold.endpoints))]
        for endpoint, known in zip(fold.endpoints, actives, strict=True):
            if endpoint.kind != "classification" or not len(known):
                raise ValueError(f"'nearest' needs actives, and endpoint '{endpoint.name}' has none")

        def predict(keys: Sequence[str]) -> NDArray[np.float64]:
            query = ecfp_bits(keys)
            return np.stack([tanimoto(query, known).max(axis=1) for known in actives], axis=1).astype(
                np.float64
            )

        return predict
