"""The scale on which values of an endpoint are compared, and what counts as apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.endpoint import Endpoint, named_scale

DECADES = 3  # powers of ten from which positive values look like concentrations
DISAGREE = 0.5  # standard deviations of all values of the endpoint: replicates further apart are a conflict


@dataclass(frozen=True, slots=True, eq=False)
class JudgedScale:
    """How values of one endpoint are compared.

    Attributes
    ----------
    logarithm : bool
        Whether values are compared by their logarithm to the base 10.
    conflict : float
        Replicates further apart than this are a conflict, on that scale; 0 for labels.
    cliff : float
        Two alike compounds further apart than this are an activity cliff.
    words : str
        What `cliff` means.
    """

    logarithm: bool
    conflict: float
    cliff: float
    words: str

    def apply(self, value: NDArray[np.floating]) -> NDArray[np.float64]:
        """Values on the scale; NaN stays NaN."""
        exact = np.asarray(value, dtype=np.float64)
        return np.log10(exact) if self.logarithm else exact


def judged_scale(endpoint: Endpoint, value: NDArray[np.floating]) -> JudgedScale:
    """The scale for values of an endpoint.

    Logarithms where the endpoint is fitted by them, or where positive values cover `DECADES` powers of ten
    and neither unit nor name say that they are logarithms already. A cliff is a ten-fold difference; where
    that means nothing (percentages, for example), one standard deviation.

    Parameters
    ----------
    endpoint : Endpoint
    value : (n,) float
        The exact values; no NaN.

    References
    ----------
    Ten-fold: van Tilborg, Alenicheva & Grisoni, J. Chem. Inf. Model. 62, 5938 (2022),
    doi:10.1021/acs.jcim.2c01073.

    Examples
    --------
    >>> judged_scale(Endpoint(name="pKi"), np.array([5.0, 7.0])).words
    'a ten-fold difference'
    """
    if endpoint.kind == "classification":
        return JudgedScale(False, 0.0, 0.0, "another label")
    is_logarithm = named_scale(endpoint.name, endpoint.unit).logarithm
    logarithm = endpoint.scale == "log10" or (not is_logarithm and powers_of_ten(value) >= DECADES)
    scale = JudgedScale(logarithm, 0.0, 0.0, "")
    spread = float(np.std(scale.apply(value))) if len(value) else 0.0
    if logarithm or is_logarithm:
        return JudgedScale(logarithm, DISAGREE * spread, 1.0, "a ten-fold difference")
    return JudgedScale(False, DISAGREE * spread, spread, f"one standard deviation, {spread:.3g}")


def powers_of_ten(value: NDArray[np.floating]) -> float:
    """How many lie between the least and the largest value; NaN unless all are positive."""
    if not len(value) or value.min() <= 0:
        return float("nan")
    return float(np.log10(value.max() / value.min()))
