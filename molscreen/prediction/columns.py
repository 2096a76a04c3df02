"""Columns: what predictors say of compounds, under the names that tables and files give it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.endpoint import Endpoint
from molscreen.errors import BundleError
from molscreen.graphs.pack import PackedGraphs
from molscreen.prediction.predictor import Predictor

Values = dict[str, NDArray[np.float32]]  # column -> (n,)
Verdicts = dict[str, NDArray[np.bool_]]  # column or bundle -> (n,)

IN_DOMAIN = "in_domain"
VERDICT = f"{IN_DOMAIN}_"  # prefix of the columns with the verdict of one bundle of several
TERM = "term_"  # prefix of the columns with the desirability of a term
OURS = frozenset(
    {
        "alerts", "attributions", "counterfactuals", "drug_percentiles", "duplicate_of", "duplicates", "id",
        "inchikey", "input_smiles", "key", "line", "neighbours", "rank", "reason", "reason_code", "row",
        "score", "source", "stage", "status",
    }
)  # fmt: skip
"""Columns of any table of ours that are neither predicted, described, nor the user's."""


class Said(NamedTuple):
    """What several predictors say of n compounds.

    Attributes
    ----------
    values : mapping of str to (n,) float32
        ``NAME``, ``NAME_low`` and ``NAME_high`` of every endpoint; see `Prediction`.
    in_domain : mapping of str to (n,) bool
        By name of the predictor.
    own_domain : mapping of str to (n,) bool
        By name of the endpoint, of predictors with several whose endpoints have domains of their own.
    """

    values: Values
    in_domain: Verdicts
    own_domain: Verdicts


def ask(predictors: Mapping[str, Predictor], keys: Sequence[str], graphs: PackedGraphs) -> Said:
    """What all predictors say of n compounds, n = 0 included."""
    said = Said({}, {}, {})
    for name, predictor in predictors.items():
        prediction = predictor.predict(keys, graphs)
        for j, endpoint in enumerate(prediction.endpoints):
            parts = (prediction.mean, prediction.low, prediction.high)
            columns = (part[:, j] for part in parts)
            said.values.update(zip(value_columns(endpoint.name), columns, strict=True))
        said.in_domain[name] = prediction.in_domain
        if prediction.own_domain is not None and len(prediction.endpoints) > 1:
            names = (endpoint.name for endpoint in prediction.endpoints)
            said.own_domain.update(zip(names, prediction.own_domain.T, strict=True))
    return said


def domain_columns(in_domain: Verdicts, used: Sequence[str]) -> Verdicts:
    """``in_domain``, true where all predictors in `used` say so; of several, each one's own verdict."""
    overall = np.all([in_domain[name] for name in used], axis=0)
    columns = verdict_columns(in_domain)
    each = {columns[name]: verdict for name, verdict in in_domain.items()}
    return {IN_DOMAIN: overall, **(each if len(each) > 1 else {})}


def verdict_columns(bundles: Collection[str]) -> dict[str, str]:
    """Column of each bundle's own verdict on the domain; that of one alone is the overall verdict.

    Examples
    --------
    >>> verdict_columns(["mine"]), verdict_columns(["potency", "admet-tox"])["potency"]
    ({'mine': 'in_domain'}, 'in_domain_potency')
    """
    if len(bundles) == 1:
        return dict.fromkeys(bundles, IN_DOMAIN)
    return {name: VERDICT + name for name in bundles}


def own_domain_column(endpoint: str) -> str:
    """Column of an endpoint's own domain."""
    return f"{endpoint}_{IN_DOMAIN}"


def spread(values: NDArray[np.generic], place: NDArray[np.intp]) -> pa.Array:
    """``values[place]``, null where the place is -1 or the value is not finite.

    Made from its buffers, because ``pa.array`` of a numpy array imports pandas, which takes longer than
    the prediction of a molecule.

    Examples
    --------
    >>> spread(np.array([0.5, np.nan]), np.array([1, -1, 0])).to_pylist()
    [None, None, 0.5]
    """
    kind = pa.from_numpy_dtype(values.dtype)
    if not len(values):
        return pa.nulls(len(place), kind)
    taken = values[np.maximum(place, 0)]
    data = taken if taken.dtype != bool else np.packbits(taken.astype(bool), bitorder="little")
    valid = np.packbits((place >= 0) & np.isfinite(taken), bitorder="little")
    return pa.Array.from_buffers(kind, len(place), [pa.py_buffer(valid), pa.py_buffer(data)])


def check_columns(bundles: Iterable[tuple[str, Sequence[Endpoint]]]) -> None:
    """Refuse bundles whose columns would overwrite each other's, or ours.

    Parameters
    ----------
    bundles : iterable of (name, endpoints)

    Raises
    ------
    BundleError
        Two bundles share a name or a column; or an endpoint is named like a column of a table, a
        descriptor, or a term.

    Examples
    --------
    >>> check_columns([("mine", [Endpoint(name="score")])])
    Traceback (most recent call last):
    molscreen.errors.BundleError: bundle 'mine': endpoint 'score' needs the column 'score', which is in \
every table. Leave a bundle out, or train the endpoint under another name
    """
    owner: dict[str, str] = dict.fromkeys(OURS, "in every table")
    owner |= dict.fromkeys(DESCRIPTORS, "a descriptor")
    seen: set[str] = set()
    for bundle, endpoints in bundles:
        if bundle in seen:
            raise BundleError(
                f"two bundles are named '{bundle}': leave one of them out, or change its name in its"
                " bundle.json, under 'about'"
            )
        seen.add(bundle)
        for endpoint in endpoints:
            names = (*value_columns(endpoint.name), own_domain_column(endpoint.name))
            for name in names:
                what = "kept for ours" if name.startswith((TERM, IN_DOMAIN)) else owner.get(name)
                if what is not None:
                    raise BundleError(
                        f"bundle '{bundle}': endpoint '{endpoint.name}' needs the column '{name}', which is"
                        f" {what}. Leave a bundle out, or train the endpoint under another name"
                    )
            owner |= dict.fromkeys(names, f"that of '{endpoint.name}' of bundle '{bundle}'")


def value_columns(endpoint: str) -> tuple[str, str, str]:
    """Columns of an endpoint: mean, lower and upper bound."""
    return endpoint, f"{endpoint}_low", f"{endpoint}_high"
