"""The shortlist's rows as the page shows them: terms, endpoints, neighbours, atoms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.chem.depict import draw_svg
from molscreen.chem.descriptors import DESCRIPTORS
from molscreen.endpoint import Endpoint
from molscreen.report.content import Analogues, Estimate, Hit, Picture, Term
from molscreen.report.figure import x_of
from molscreen.report.number import number, quantity
from molscreen.report.picture import data_uri
from molscreen.screening.wide import TERM, their_columns

SIZE = (280, 220)  # pixels of a drawing
DRAWN_ATOMS = 25  # hits whose attributions are drawn: each drawing takes about 15 kB
NEIGHBOURS = 3  # of each bundle

PROPERTIES = {  # descriptor -> what chemists call it
    "MolWt": "MW",
    "MolLogP": "cLogP",
    "TPSA": "TPSA",
    "NumHDonors": "HBD",
    "NumHAcceptors": "HBA",
    "NumRotatableBonds": "RotB",
    "QED": "QED",
    "SA_score": "SA",
}
_VERDICT = {
    "in": "close analogues were measured",
    "edge": "few close analogues were measured",
    "out": "no close analogue was measured",
}
_WISH = {"higher": "↑ higher is better", "lower": "↓ lower is better", "none": ""}


@dataclass(frozen=True, slots=True)
class Legend:
    """What the columns of a shortlist mean.

    Attributes
    ----------
    endpoints : mapping of str to Endpoint
        Everything that the run's bundles predict.
    weights : mapping of str to float
        The objective's terms.
    """

    endpoints: Mapping[str, Endpoint]
    weights: Mapping[str, float]

    def unit(self, name: str) -> str:
        """The unit of an endpoint or descriptor."""
        return self.endpoints[name].unit if name in self.endpoints else str(DESCRIPTORS[name][0])


def read_hits(shortlist: pa.Table, legend: Legend) -> tuple[Hit, ...]:
    """One hit per row of the shortlist, best first."""
    axes = {name: _axis(shortlist, endpoint) for name, endpoint in legend.endpoints.items()}
    theirs = their_columns(shortlist.schema)
    return tuple(
        _hit(row, rank, legend, axes, theirs) for rank, row in enumerate(shortlist.to_pylist(), start=1)
    )


def _hit(
    row: Mapping[str, Any],
    rank: int,
    legend: Legend,
    axes: Mapping[str, tuple[float, float]],
    theirs: Sequence[str],
) -> Hit:
    name = row["id"] or f"row {row['row'] + 1}"
    wished = [endpoint for endpoint in legend.weights if endpoint in legend.endpoints]
    others = [endpoint for endpoint in legend.endpoints if endpoint not in legend.weights]
    return Hit(
        rank=rank,
        name=name,
        origin=f"{row['source']}:{row['line']}",
        received=row["input_smiles"],
        key=row["key"],
        inchikey=row["inchikey"] or "",
        score=row["score"],
        in_domain=row["in_domain"],
        picture=Picture(source=data_uri(draw_svg(row["key"], SIZE)), caption=f"structure of {name}"),
        terms=tuple(_term(row, term, weight, legend.unit(term)) for term, weight in legend.weights.items()),
        estimates=tuple(_estimate(row, legend.endpoints[each], axes[each]) for each in wished),
        others=tuple(_estimate(row, legend.endpoints[each], axes[each]) for each in others),
        analogues=_analogues(row["neighbours"]),
        properties=tuple(
            (label, number(row[each]))
            for each, label in PROPERTIES.items()
            if each in row.keys() - legend.weights.keys()
        ),
        alerts=tuple(filter(None, (row["alerts"] or "").split("; "))),
        attributions=_attributions(row) if rank <= DRAWN_ATOMS else (),
        notes=row["reason"] or "",
        fields={each: row[each] for each in theirs if row[each]},
    )


def _term(row: Mapping[str, Any], name: str, weight: float, unit: str) -> Term:
    value = quantity(row[name], unit)
    return Term(name=name, value=value, desirability=row[TERM + name], weight=weight)


def _estimate(row: Mapping[str, Any], endpoint: Endpoint, axis: tuple[float, float]) -> Estimate:
    value, low, high = (row[endpoint.name + suffix] for suffix in ("", "_low", "_high"))
    x, x_low, x_high = (
        round(x_of(axis[0] if each is None else each, *axis, width=100), 1) for each in (value, low, high)
    )
    return Estimate(
        name=endpoint.name,
        meaning=endpoint.description,
        value=quantity(value, endpoint.unit),
        interval=f"{number(low)} to {number(high)}",
        x=x,
        x_low=x_low,
        x_high=x_high,
        wish=_WISH[endpoint.direction],
    )


def _axis(shortlist: pa.Table, endpoint: Endpoint) -> tuple[float, float]:
    """The ends of an endpoint's axis: [0, 1] for a probability, else those of the shortlist's intervals."""
    if endpoint.kind == "classification":
        return 0.0, 1.0
    low, high = pc.min(shortlist[f"{endpoint.name}_low"]), pc.max(shortlist[f"{endpoint.name}_high"])
    return (low.as_py() or 0.0, high.as_py() or 0.0)


def _analogues(text: str | None) -> tuple[Analogues, ...]:
    """From ``{bundle: {"verdict": …, "nearest": [[id, similarity], …]}}``."""
    return tuple(
        Analogues(
            bundle=bundle,
            verdict=_VERDICT[said["verdict"]],
            nearest=tuple((f"{similarity:.2f}", name) for name, similarity in said["nearest"][:NEIGHBOURS]),
        )
        for bundle, said in json.loads(text or "{}").items()
    )


def _attributions(row: Mapping[str, Any]) -> tuple[Picture, ...]:
    """From ``{endpoint: [a number per atom of the key]}``."""
    return tuple(
        Picture(
            source=data_uri(draw_svg(row["key"], SIZE, atom_weights=weights)),
            caption=f"{endpoint}: orange atoms raise the value, blue atoms lower it",
        )
        for endpoint, weights in json.loads(row["attributions"] or "{}").items()
    )
