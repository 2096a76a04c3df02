"""Stack: weights of experts from what they said of compounds that they were not fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls
from scipy.special import expit

from molscreen.data.measured.assay_table import EQUAL
from molscreen.endpoint import Endpoint, Kind
from molscreen.prediction.blend.blend import Blend, Matrix
from molscreen.training.bounds import Expected, expect_beyond

VERSION = 4  # raised whenever the same opinions may end in other weights
ALL_EQUAL = 10.0  # compounds' worth of belief that all experts are equally good
ALIKE = 100.0  # compounds' worth of belief that they are as good as for the other endpoints of a kind
FEWEST_TO_TELL = 20  # compounds, and of each class, below which the experts count as for the other endpoints

ROUNDS = 100  # of weights, and of what they expect beyond bounds
SETTLED = 1e-4  # change of the last round, of weights that are about 1 together


class Table(NamedTuple):
    """Opinions (n, e), what was measured (n,), and whether as a bound (n,)."""

    opinion: Matrix
    target: Matrix
    relation: NDArray[np.integer]

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Which measurements (n,) are no bounds."""
        return np.asarray(self.relation == EQUAL)


def stack(
    opinions: Mapping[str, NDArray[np.floating]],
    target: NDArray[np.floating],
    endpoints: Sequence[Endpoint],
    *,
    relation: NDArray[np.integer] | None = None,
) -> Blend:
    """A `Blend` for each endpoint: least squares, or logistic regression, with weights of at least 0.

    An endpoint with a few hundred compounds cannot tell good experts apart by itself. So first all endpoints
    of a kind that the same experts know share one set of weights, drawn towards equal ones as if ten more
    compounds had shown the experts to be equally good. Then each endpoint's weights are drawn towards the
    shared ones, as if a hundred more compounds had. Where fewer than 20 compounds (or of a class) can tell,
    the shared weights are taken, without an offset; a single endpoint shares with nobody.

    Without an offset, shared weights of a regression are scaled to a sum of 1: a mean of opinions that are
    each about unbiased is so as well, wherever the zero of the scale is. Weights with an offset need no such
    sum (Breiman 1996), nor do those of logits, where a sum above 1 sharpens all opinions about the same zero.

    Of a bound, least squares are to the value that is expected beyond it, under the weights of the round
    before and normal errors: a Tobit regression (Tobin 1958) by EM. Exact values alone would show experts
    where these are, and pay who predicts everything there.

    Parameters
    ----------
    opinions : mapping of str to (n, t) float
        Out-of-fold, on the fitted scale or as logits; NaN where an expert was not asked. Only compounds on
        which all experts that know an endpoint have an opinion decide its weights.
    target : (n, t) float
        Measured, on the fitted scale, or labels; NaN = not measured.
    endpoints : sequence of t Endpoint
    relation : (n, t) int, optional
        -1: the true value is at most `target`; 0: equal, as all are without it; 1: at least. Compounds that
        can tell are those with an exact value.

    References
    ----------
    Wolpert, Neural Networks 5, 241 (1992), doi:10.1016/S0893-6080(05)80023-1; weights of at least 0:
    Breiman, Mach. Learn. 24, 49 (1996), doi:10.1007/BF00117832. Tobin, Econometrica 26, 24 (1958),
    doi:10.2307/1907382.

    Examples
    --------
    >>> truth = np.linspace(-1, 1, 50)[:, None]
    >>> guess = np.resize([0.5, -0.5], (50, 1))
    >>> blend = stack({"knows": truth, "guesses": guess}, truth, [Endpoint(name="logP", unit="log10")])
    >>> bool(blend.weight[0, 0] > 0.8 > 0.1 > blend.weight[1, 0])
    True
    """
    names = tuple(opinions)
    said = np.stack([np.asarray(opinions[name], np.float64) for name in names], axis=-1)  # (n, t, e)
    weight, offset = np.zeros((len(names), len(endpoints))), np.zeros(len(endpoints))
    side = np.zeros(target.shape, np.int8) if relation is None else relation
    known = np.asarray(np.isfinite(said).any(axis=0))  # (t, e) whether an expert knows an endpoint
    groups: dict[tuple[Kind, bytes], list[int]] = {}
    for j, endpoint in enumerate(endpoints):
        if known[j].any():
            groups.setdefault((endpoint.kind, known[j].tobytes()), []).append(j)
    for (kind, _), members in groups.items():
        heard = known[members[0]]
        tables = [_table(said[:, j][:, heard], target[:, j], side[:, j]) for j in members]
        for j, (found, middle) in zip(members, _weigh(kind, tables), strict=True):
            weight[heard, j], offset[j] = found, middle
    return Blend(names, weight, offset)


def _table(opinion: Matrix, target: NDArray[np.floating], relation: NDArray[np.integer]) -> Table:
    """The compounds that were measured, and of which all experts spoke."""
    usable = ~np.isnan(opinion).any(axis=1) & ~np.isnan(target)
    return Table(opinion[usable], target[usable].astype(np.float64), relation[usable])


def _weigh(kind: Kind, tables: Sequence[Table]) -> Iterator[tuple[Matrix, float]]:
    """Weights (e,) and offset of each of several endpoints of a kind."""
    fit = _logistic if kind == "classification" else _tobit
    e = tables[0].opinion.shape[1]
    shared, telling = np.full(e, 1 / e), [each for each in tables if _enough(kind, each.target[each.exact])]
    if len(telling) > 1:
        found, _ = fit(telling, shared, ALL_EQUAL)
        shared = found if found.any() else shared
    by_itself = shared if kind == "classification" else shared / shared.sum()  # without an offset
    for table in tables:
        if not _enough(kind, table.target[table.exact]):
            yield by_itself, 0.0
            continue
        found, offsets = fit([table], shared, ALIKE if len(telling) > 1 else ALL_EQUAL)
        yield (found, float(offsets[0])) if found.any() else (by_itself, 0.0)


def can_tell(endpoint: Endpoint, target: NDArray[np.floating]) -> bool:
    """Whether these measurements (n,) are enough to tell experts apart by: 20 of them, or of each class."""
    return _enough(endpoint.kind, target)


def _enough(kind: Kind, target: NDArray[np.floating]) -> bool:
    if kind == "classification":
        return bool(min((target == 0).sum(), (target == 1).sum()) >= FEWEST_TO_TELL)
    return len(target) >= FEWEST_TO_TELL


def _tobit(tables: Sequence[Table], prior: Matrix, belief: float) -> tuple[Matrix, Matrix]:
    """Least squares, to what is expected beyond bounds; where there are none, to what was measured."""
    if all(table.exact.all() for table in tables):
        return _least_squares(tables, prior, belief)
    means = [np.average(table.opinion, axis=1, weights=prior) for table in tables]
    sizes = [float(table.target[table.exact].std()) for table in tables]
    found = prior
    for _ in range(ROUNDS):
        expected = [_expected(*each) for each in zip(tables, means, sizes, strict=True)]
        before = found
        known = [table._replace(target=each.value) for table, each in zip(tables, expected, strict=True)]
        found, offsets = _least_squares(known, prior, belief)
        means = [table.opinion @ found + offset for table, offset in zip(tables, offsets, strict=True)]
        sizes = [
            float(np.sqrt(np.mean((each.value - mean) ** 2 + each.variance)))
            for each, mean in zip(expected, means, strict=True)
        ]
        if np.abs(found - before).max() < SETTLED:
            break
    return found, offsets


def _expected(table: Table, mean: Matrix, size: float) -> Expected:
    """Values (n,) as measured, and beyond bounds as normal errors of a size around a mean let expect."""
    bounded, value, variance = ~table.exact, table.target.copy(), np.zeros(len(mean))
    if size > 0:
        value[bounded], variance[bounded] = expect_beyond(
            mean[bounded], np.float64(size), value[bounded], table.relation[bounded]
        )
    return Expected(value, variance)


def _least_squares(tables: Sequence[Table], prior: Matrix, belief: float) -> tuple[Matrix, Matrix]:
    """One set of weights (e,) for k endpoints, each in units of its own spread, and their offsets (k,)."""
    centred = [(x - x.mean(axis=0), y - y.mean(), y.std() or 1.0) for x, y, _ in tables]
    x = np.concatenate([x / size for x, _, size in centred])
    y = np.concatenate([y / size for _, y, size in centred])
    pull = np.sqrt(belief * x.var(axis=0).mean())
    found, _ = nnls(np.concatenate([x, pull * np.eye(len(prior))]), np.concatenate([y, pull * prior]))
    return found, np.array([y.mean() - x.mean(axis=0) @ found for x, y, _ in tables])


def _logistic(tables: Sequence[Table], prior: Matrix, belief: float) -> tuple[Matrix, Matrix]:
    """The same from logits and labels; the curvature of a label is at most a quarter."""
    e = len(prior)
    x, y, _ = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    table = np.repeat(np.arange(len(tables)), [len(table.target) for table in tables])
    size = belief * x.var(axis=0).mean() / 4

    def loss(parameters: Matrix) -> tuple[float, Matrix]:
        w, b = parameters[:e], parameters[e:]
        z = x @ w + b[table]
        off = w - prior
        value = np.logaddexp(0, z).sum() - y @ z + 0.5 * size * off @ off
        slope = expit(z) - y
        return float(value), np.append(x.T @ slope + size * off, np.bincount(table, slope, len(b)))

    start = np.append(prior, np.zeros(len(tables)))
    bounds = [(0, None)] * e + [(None, None)] * len(tables)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:e], found[e:]
