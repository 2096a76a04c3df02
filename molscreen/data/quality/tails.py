"""Tails: values over many powers of ten, far from all others, or piled up at an end of the range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from molscreen.data.measured.assay_table import AssayTable
from molscreen.data.quality.case import Case, entry, worst_first
from molscreen.data.quality.judged import DECADES, powers_of_ten
from molscreen.data.quality.records import EndpointRecords
from molscreen.endpoint import Endpoint, named_scale, split_unit

SKEWED = 1.0  # Bulmer, Principles of Statistics (1979): beyond it a distribution is highly skewed
P_RANGE = (0.0, 15.0)  # of -log10(mol/L): from a molar solution to far below what any assay measures
FAR_OUT = 3.0  # interquartile ranges beyond a quartile; Tukey, Exploratory Data Analysis (1977)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tails:
    """The shape of the values of one measured quantity, as written.

    Attributes
    ----------
    decades : float
        Powers of ten from the least to the largest value; NaN unless all are positive, and for logarithms.
    skew, log_skew : float
        Skewness of the values, and of their logarithms; 0 is symmetric, NaN where it is not defined.
    wants_logarithm : bool
        Whether values that are fitted as they are would be far less skewed as logarithms.
    edge, at_edge : float
        The least or the largest value, whichever is more frequent, and the share of exact values that are
        equal to it, from 0 to 1. A large share is mostly a limit of the assay.
    far_out : tuple of Case
        Exact values beyond `FAR_OUT` interquartile ranges from the quartiles, on the judged scale.
    """

    decades: float
    skew: float
    log_skew: float
    wants_logarithm: bool
    edge: float
    at_edge: float
    far_out: tuple[Case, ...]


def measure_tails(records: EndpointRecords) -> Tails:
    """The shape of the values of one endpoint as read."""
    endpoint, table = records.endpoint, records.table
    value = records.value[records.measured].astype(np.float64)
    exact = np.flatnonzero(records.exact)
    known = records.value[exact].astype(np.float64)
    skew = skewness(value)
    is_logarithm = named_scale(endpoint.name, endpoint.unit).logarithm
    decades = powers_of_ten(value) if not is_logarithm else float("nan")
    log_skew = skewness(np.log10(value)) if decades > 0 else float("nan")
    edge, at_edge = float("nan"), 0.0
    if len(known):
        counts = {float(end): float((known == end).mean()) for end in (known.min(), known.max())}
        edge, at_edge = max(counts.items(), key=lambda item: item[1])
    return Tails(
        decades=decades,
        skew=skew,
        log_skew=log_skew,
        wants_logarithm=endpoint.scale == "linear" and skew > SKEWED and abs(log_skew) < skew / 2,
        edge=edge,
        at_edge=at_edge,
        far_out=worst_first(
            Case(
                fault="far out",
                endpoint=endpoint.name,
                entries=(entry(table, int(row), records.column),),
                severity=s,
            )
            for row, s in _far_out(exact, records.scale.apply(known))
        ),
    )


def ask_about_scales(table: AssayTable) -> dict[str, str]:
    """A question for each endpoint of a file of one's own whose values are hardly on the scale they are on.

    Squared errors of concentrations would see the largest alone.
    """
    questions = {}
    for endpoint, value in zip(table.endpoints, table.value.T, strict=True):
        known = value[~np.isnan(value)]
        if endpoint.kind == "regression" and (question := _question(endpoint, known)):
            questions[endpoint.name] = question
    return questions


def _question(endpoint: Endpoint, value: NDArray[np.floating]) -> str:
    """What is to be asked of the measured values of one endpoint, or ""."""
    named = named_scale(endpoint.name, endpoint.unit)
    unit = split_unit(endpoint.name)[1]
    if named.p_scale:
        return doubt_p_scale(endpoint, value)
    if named.logarithm:
        return ""
    if unit:
        return (
            f"column '{endpoint.name}' names a unit, {unit}: if it holds concentrations, --unit {unit} fits"
            " their logarithm instead"
        )
    if (decades := powers_of_ten(value)) >= DECADES:
        return (
            f"column '{endpoint.name}', {decades:.0f} powers of ten from its least value to its largest:"
            " if these are concentrations, --unit nM (or uM …) fits their logarithm instead"
        )
    return ""


def doubt_p_scale(endpoint: Endpoint, value: NDArray[np.floating]) -> str:
    """A question where values of an endpoint in ``-log10(mol/L)`` are beyond `P_RANGE`, else "".

    Examples
    --------
    >>> doubt_p_scale(Endpoint(name="pKi"), np.array([5.1, 9.8]))
    ''
    """
    beyond = value[(value < P_RANGE[0]) | (value > P_RANGE[1])]
    if not len(beyond):
        return ""
    low, high = P_RANGE
    return (
        f"'{endpoint.name}' is -log10(mol/L), from {low:.0f} to {high:.0f}, and {len(beyond):,} of"
        f" {len(value):,} values are beyond, for example {beyond[0]:.6g}: is the unit of the column right, or"
        " missing (--unit nM, uM …)? The name of a column of concentrations has no p"
    )


def skewness(value: NDArray[np.float64]) -> float:
    """Third moment over the cube of the standard deviation; NaN for fewer than 3 values or equal ones.

    Examples
    --------
    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    """
    if len(value) < 3 or np.ptp(value) == 0:
        return float("nan")
    away = value - value.mean()
    return float((away**3).mean() / (away**2).mean() ** 1.5)


def _far_out(rows: NDArray[np.intp], value: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Rows of values beyond the outer fences, and how many times as far from the quartile as a fence."""
    if not len(value):
        return []
    low, high = np.quantile(value, (0.25, 0.75))
    if high == low:
        return []  # most values are equal: no distance to measure by
    beyond = np.maximum(low - value, value - high) / (FAR_OUT * (high - low))
    return [(int(rows[i]), float(beyond[i])) for i in np.flatnonzero(beyond > 1)]
