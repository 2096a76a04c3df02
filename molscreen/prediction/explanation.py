"""Explanation: one prediction of one compound, its atoms, its neighbours, and what would turn it round."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molscreen.arguments import require
from molscreen.chem.cleaning.standardize import standardize
from molscreen.chem.compound import Rejection
from molscreen.chem.depict import draw_svg
from molscreen.endpoint import BOUNDS, Endpoint
from molscreen.errors import UsageError
from molscreen.number import interval, number, percent, shown_unit
from molscreen.prediction.bundle.bundle import Bundle
from molscreen.prediction.bundle.bundle_file import load_bundle
from molscreen.prediction.explained.counterfactual import Counterfactual
from molscreen.prediction.explained.explain import attribute, endpoint_column
from molscreen.prediction.explained.shading import AtomMap
from molscreen.prediction.threads import single_thread

SIZE = (400, 300)  # pixels of a drawing

_VERDICT = {"in": "inside the domain", "edge": "at the edge of the domain", "out": "outside the domain"}
_CHANGE = {True: "better", False: "worse", None: ""}


class Neighbour(NamedTuple):
    """A training compound that is near.

    Attributes
    ----------
    id : str
        What its data set calls it.
    similarity : float
        Tanimoto on ECFP4, in [0, 1], three decimals; 1 is the compound itself, or one of the same ECFP4.
    """

    id: str
    similarity: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Explanation:
    """What a bundle says of one endpoint of one compound, and what that rests on.

    In Jupyter it draws the compound: orange atoms raise the value, blue ones lower it, and each has its
    number, counted from 1 in the order of `key`.

    Attributes
    ----------
    key : str
        The compound as it was judged: canonical SMILES of its parent.
    endpoint : Endpoint
        With its unit and direction.
    value, low, high : float
        The prediction of the full view and its bounds, in the endpoint's unit; see `Prediction`. NaN where
        there is none.
    verdict : {"in", "edge", "out"}
        Where the compound lies in the domain of the bundle, or of those measured for an activity.
    atoms : (a,) float64
        What each atom brings to the value, in its unit, in the order of the atoms of `key`; NaN of a
        hydrogen isotope. Near 0 and 1 a probability hardly moves: `atom_map.log_odds` tells atoms apart. See
        `molscreen.prediction.explained.explain.attribute`.
    neighbours : tuple of Neighbour
        The nearest training compounds, nearest first.
    measured : str
        The activity that the neighbours were measured for; empty where they trained any endpoint of the
        bundle, see `Neighbours`.
    counterfactuals : tuple of Counterfactual
        Analogues one step away whose prediction flips, nearest first; of a run, those for which its plan's
        wish does, see `molscreen.prediction.explained.counterfactual`.
    drugs_below : float
        Per cent of approved drugs with a lower prediction; NaN where that is not known.
    """

    key: str
    endpoint: Endpoint
    value: float
    low: float
    high: float
    verdict: str
    atoms: NDArray[np.float64]
    neighbours: tuple[Neighbour, ...] = ()
    measured: str = ""
    counterfactuals: tuple[Counterfactual, ...] = ()
    drugs_below: float = float("nan")

    @property
    def in_domain(self) -> bool:
        """Whether the verdict is "in"."""
        return self.verdict == "in"

    @property
    def about_neighbours(self) -> str:
        """What the neighbours were measured for, as far as the bundle can tell."""
        if self.measured:
            return f"nearest training compounds, measured for {self.measured}"
        return (
            "nearest training compounds, each measured for some endpoint of the bundle, not necessarily"
            f" for {self.endpoint.name}"
        )

    @property
    def elements(self) -> tuple[str, ...]:
        """Element of each of `atoms`."""
        return tuple(atom.GetSymbol() for atom in Chem.MolFromSmiles(self.key).GetAtoms())

    def __repr__(self) -> str:
        return f"<{self.key}, {self}>"

    def __str__(self) -> str:
        endpoint, unit = self.endpoint, self.endpoint.unit
        value = f"{number(self.value, unit)} {shown_unit(unit)}".rstrip()
        bounds = f"{BOUNDS[endpoint.kind]} {interval(self.low, self.high, unit)}"
        return f"{endpoint.name}: {value} ({bounds}), {_VERDICT[self.verdict]}"

    @property
    def atom_map(self) -> AtomMap:
        """The atoms as they are coloured and told of: those of a probability by its log odds."""
        return AtomMap.of(self.endpoint, self.atoms.tolist(), self.value, self.low, self.high)

    def svg(self, size: tuple[int, int] = SIZE) -> str:
        """The compound as an SVG element, its atoms coloured and numbered, `size` pixels wide and high."""
        return draw_svg(self.key, size, replace(self.atom_map.shading, are_numbered=True))

    def _repr_html_(self) -> str:
        """The drawing, the prediction in words, neighbours and counterfactuals; every text is escaped."""
        image = base64.b64encode(self.svg().encode()).decode()
        unit = self.endpoint.unit
        near = [(f"{each.similarity:.2f}", each.id) for each in self.neighbours]
        flips = [
            (
                each.analogue.change,
                f"{number(each.before, unit)} → {number(each.after, unit)}",
                _CHANGE[each.better],
                f"{each.analogue.similarity:.2f}",
                each.analogue.key,
            )
            for each in self.counterfactuals
        ]
        return (
            f"<p><b>{_safe(self)}</b><br>{_safe(self.endpoint.description)}{self._among_drugs()}</p>"
            f'<img alt="{_safe(self.key)}" src="data:image/svg+xml;base64,{image}">'
            "<p>orange atoms raise the value, blue atoms lower it;"
            f" {_safe(self.atom_map.in_words(shown_unit(unit)))}</p>"
            + _table(self.about_neighbours, ("similarity", "id"), near)
            + _table(
                "what would turn it round", ("change", "prediction", "", "similarity", "analogue"), flips
            )
        )

    def _among_drugs(self) -> str:
        known = not math.isnan(self.drugs_below)
        return f"<br>lower for {_safe(percent(self.drugs_below))} of approved drugs" if known else ""


def explain(smiles: str, *, bundle: str | Path | Bundle, endpoint: str, count: int = 5) -> Explanation:
    """One prediction of one compound: value, domain, atoms, nearest training compounds, counterfactuals.

    Parameters
    ----------
    smiles : str
        Standardised first, as everywhere.
    bundle : str, path or Bundle
        The name of a shipped bundle, a folder, or a bundle that is loaded.
    endpoint : str
        One of the bundle's.
    count : int
        Counterfactuals, at most.

    Raises
    ------
    UsageError
        `smiles` is no compound that can be judged, or the bundle has no such endpoint.
    BundleError
        The bundle is missing, damaged or foreign.

    Examples
    --------
    >>> why = explain("CC(=O)Oc1ccccc1C(=O)O", bundle="admet-tox", endpoint="hERG")  # doctest: +SKIP
    >>> why.value, why.in_domain, len(why.atoms)  # doctest: +SKIP
    (0.0095, True, 13)
    """
    require(endpoint, str, what="explain: endpoint")
    compound = standardize(smiles)
    if isinstance(compound, Rejection):
        raise UsageError(f"'{smiles}': {compound.reason}")
    opened = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
    key, column = compound.key, endpoint_column(opened, endpoint)
    with single_thread():
        asked = opened.full_view().restricted_to({endpoint})
        said = asked.predict([key])
        near = asked.neighbours.query([key])
        atoms = attribute(asked, [key], [endpoint])[0][:, 0]
        flips = opened.counterfactuals(key, endpoint, count=count)
    value, low, high = (float(part[0, column]) for part in (said.mean, said.low, said.high))
    drugs = None if opened.drugs is None else opened.drugs.within(opened.endpoints)
    below = float("nan") if drugs is None else float(drugs.percentile(said.mean)[0, column])
    return Explanation(
        key=key,
        endpoint=opened.endpoints[column],
        value=value,
        low=low,
        high=high,
        verdict=near.verdict[0],
        atoms=atoms,
        neighbours=tuple(
            Neighbour(name, round(similarity, 3))
            for name, similarity in zip(near.ids[0], near.similarity[0].tolist(), strict=True)
        ),
        measured=near.measured[0],
        counterfactuals=tuple(flips),
        drugs_below=below,
    )


def _table(title: str, head: Sequence[str], rows: Sequence[Iterable[str]]) -> str:
    """A table of texts under its title; nothing where there are no rows."""
    if not rows:
        return ""
    lines = [
        "<tr>" + "".join(f"<{tag}>{_safe(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in [("th", head), *(("td", row) for row in rows)]
    ]
    return f"<table><caption>{_safe(title)}</caption>{''.join(lines)}</table>"


def _safe(text: object) -> str:
    return html.escape(str(text))
