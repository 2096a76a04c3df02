"""Geometry of the report's plots: numbers in, coordinates out; the template draws and escapes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from molscreen.report.number import number, typeset

WIDTH, HEIGHT = 320.0, 110.0  # user units of the plotting area
BINS = 32


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram: its place in the plot, and what it counts."""

    x: float
    y: float
    width: float
    height: float
    low: str
    high: str
    count: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a wish is met, or where it is not, in words, and the values at which that begins."""

    words: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A column of the parts, how its histogram is labelled, and the limits of the wish for it.

    With `log`, on a logarithmic axis, where what is not above 0 has no place and counts as missing.
    """

    column: str
    title: str
    unit: str = ""
    log: bool = False
    met: Limit | None = None
    unmet: Limit | None = None

    def on_axis(self, value: ArrayLike) -> NDArray[np.float64]:
        """Where values (n,) lie: themselves, or their decimal logarithms; NaN where they have no place."""
        plain = np.asarray(value, np.float64)
        return np.log10(np.where(plain > 0, plain, np.nan)) if self.log else plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How the scored molecules spread over one quantity, and where some of them lie.

    Attributes
    ----------
    quantity : Quantity
    bars : tuple of Bar
    ticks : tuple of Tick
    rug : tuple of float
        x of every molecule that is marked.
    met, unmet : tuple of float
        x of the limits of the wish, as far as they lie on the axis.
    n, missing, tallest : int
        Molecules counted, those without a value, and those of the tallest bar.
    """

    quantity: Quantity
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    rug: tuple[float, ...]
    met: tuple[float, ...]
    unmet: tuple[float, ...]
    n: int
    missing: int
    tallest: int


@dataclass(frozen=True, slots=True)
class Binned:
    """Counts between equally spaced edges, as `count` makes them from a stream."""

    low: float
    high: float
    counts: NDArray[np.int64]  # (BINS,)
    missing: int

    def plus(self, other: Binned) -> Binned:
        """Both counted together; their limits are the same."""
        return Binned(self.low, self.high, self.counts + other.counts, self.missing + other.missing)


def count(batches: Iterable[ArrayLike], low: float, high: float) -> Binned:
    """A streamed histogram over [low, high]; values outside fall into the outermost bars.

    Parameters
    ----------
    batches : iterable of (n,) float
        NaN is counted as missing.
    low, high : float
        Equal limits are widened, so that a constant is one bar.
    """
    if not high > low:
        low, high = low - 0.5, low + 0.5
    counts, missing = np.zeros(BINS, np.int64), 0
    for batch in batches:
        values = np.asarray(batch, np.float64)
        finite = values[np.isfinite(values)]
        missing += len(values) - len(finite)
        counts += np.histogram(np.clip(finite, low, high), BINS, (low, high))[0]
    return Binned(low, high, counts, missing)


def histogram(binned: Binned, marked: ArrayLike, quantity: Quantity) -> Histogram:
    """The bars, axis ticks, marks and limits of a binned quantity.

    Where the axis is logarithmic, `binned` and `marked` hold decimal logarithms, and the labels say the
    quantity itself.

    Examples
    --------
    >>> score = Quantity(column="score", title="score")
    >>> plot = histogram(count([[0.1, 0.9, 0.9]], 0.0, 1.0), [0.9], score)
    >>> plot.n, plot.tallest, plot.rug
    (3, 2, (288.0,))
    """
    log = quantity.log
    edges = np.linspace(binned.low, binned.high, BINS + 1)
    tallest = max(int(binned.counts.max()), 1)
    step = WIDTH / BINS
    bars = tuple(
        Bar(
            round(i * step + 0.5, 2),
            round(HEIGHT * (1 - share), 2),
            round(step - 1, 2),
            round(HEIGHT * share, 2),
            number(_itself(edges[i], log=log)),
            number(_itself(edges[i + 1], log=log)),
            int(n),
        )
        for i, n in enumerate(binned.counts)
        for share in [n / tallest]
        if n
    )
    marks = np.asarray(marked, np.float64)
    rug = tuple(
        round(x_of(value, binned.low, binned.high), 1) for value in marks[np.isfinite(marks)].tolist()
    )
    ticks = tuple(
        Tick(x_of(value, binned.low, binned.high), typeset(f"{_itself(value, log=log):g}"))
        for value in (log_ticks_of(binned) if log else ticks_of(binned))
    )
    return Histogram(
        quantity=quantity,
        bars=bars,
        ticks=ticks,
        rug=rug,
        met=_places(quantity, quantity.met, binned),
        unmet=_places(quantity, quantity.unmet, binned),
        n=int(binned.counts.sum()),
        missing=binned.missing,
        tallest=int(binned.counts.max()),
    )


def _places(quantity: Quantity, limit: Limit | None, binned: Binned) -> tuple[float, ...]:
    """The x of those values of a limit that lie between the ends of the axis."""
    values = quantity.on_axis([] if limit is None else limit.values).tolist()
    inside = [value for value in values if binned.low <= value <= binned.high]
    return tuple(round(x_of(value, binned.low, binned.high), 1) for value in inside)


def x_of(value: float, low: float, high: float, width: float = WIDTH) -> float:
    """Where a value lies on an axis from 0 to `width`; beyond the ends it stays at the end."""
    if not high > low:
        return width / 2
    return width * min(max((value - low) / (high - low), 0.0), 1.0)


def ticks_of(binned: Binned) -> Sequence[float]:
    """Three to seven round numbers inside the limits (1, 2 or 5 times a power of ten apart)."""
    span = binned.high - binned.low
    power = 10.0 ** math.floor(math.log10(span))
    step = next(s * power for s in (0.1, 0.2, 0.5, 1.0, 2.0) if span / (s * power) <= 6)
    first = math.ceil(binned.low / step - 1e-9)
    last = math.floor(binned.high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def log_ticks_of(binned: Binned) -> Sequence[float]:
    """The logarithms of at most seven round numbers inside the limits: 1, 2 and 5 times powers of ten."""
    decades = range(math.floor(binned.low), math.ceil(binned.high) + 1)
    for factors in ((1, 2, 5), (1,)):
        ticks = [decade + math.log10(factor) for decade in decades for factor in factors]
        inside = [tick for tick in ticks if binned.low - 1e-9 <= tick <= binned.high + 1e-9]
        if len(inside) <= 7:
            return inside
    return inside[:: math.ceil(len(inside) / 7)]


def _itself(value: float, *, log: bool) -> float:
    """The quantity behind a place on the axis."""
    return float(f"{10**value:.3g}") if log else float(value)
