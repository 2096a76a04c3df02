"""The shortlist's rows as the page shows them: terms, endpoints, neighbours, atoms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.endpoint import BOUNDS, Endpoint
from molscreen.prediction.columns import IN_DOMAIN, TERM
from molscreen.report.content import Analogues, Domain, Estimate, Hit, Picture, Term, WhatIf
from molscreen.report.figure import x_of
from molscreen.report.legend import Legend
from molscreen.report.number import interval, number, percent, shown_unit, with_unit
from molscreen.report.picture import drawing
from molscreen.report.rows import plain
from molscreen.screening.tiers.wide import their_columns

DRAWN_ATOMS = 25  # hits whose attributions and analogues are drawn: each drawing takes about 15 kB
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
_ITSELF = "it was measured itself, or a compound of the same ECFP4: the prediction is partly a memory"
_DOMAIN = {True: "inside", False: "outside", None: "unknown"}
_VERDICTS = {True: "mends", False: "spoils", None: ""}
_WISH = {"higher": "↑ higher is better", "lower": "↓ lower is better", "none": ""}


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
    below = json.loads(row.get("drug_percentiles") or "{}")  # {endpoint: per cent}
    return Hit(
        rank=rank,
        name=name,
        origin=f"{row['source']}:{row['line']}",
        received=row["input_smiles"],
        key=row["key"],
        inchikey=row["inchikey"] or "",
        score=row["score"],
        in_domain=row[IN_DOMAIN],
        domains=_domains(row, legend),
        warning=plain(row["reason_code"] or "") if row["status"] == "warning" else "",
        picture=drawing(row["key"], f"structure of {name}"),
        terms=tuple(_term(row, term, weight, legend.unit(term)) for term, weight in legend.weights.items()),
        estimates=tuple(_estimate(row, legend.endpoints[each], axes[each], below) for each in wished),
        others=tuple(_estimate(row, legend.endpoints[each], axes[each], below) for each in others),
        analogues=_analogues(row["neighbours"]),
        properties=tuple(
            (label, with_unit(row[each], legend.unit(each)))
            for each, label in PROPERTIES.items()
            if each in row.keys() - legend.weights.keys()
        ),
        alerts=tuple(each for each in (row["alerts"] or "").split("; ") if each),
        attributions=_attributions(row) if rank <= DRAWN_ATOMS else (),
        whatifs=_whatifs(row.get("counterfactuals"), legend, drawn=rank <= DRAWN_ATOMS),
        notes=row["reason"] or "",
        fields={each: row[each] for each in theirs if row[each]},
    )


def _domains(row: Mapping[str, Any], legend: Legend) -> tuple[Domain, ...]:
    """What each bundle says, where there are several; one alone is the overall verdict."""
    columns = legend.domains(row) if len(legend.bundles) > 1 else {}
    counts = {bundle.name: bool(legend.wished(bundle)) for bundle in legend.bundles}
    return tuple(
        Domain(bundle=bundle, verdict=_DOMAIN[row[column]], counts=counts[bundle])
        for bundle, column in columns.items()
    )


def _term(row: Mapping[str, Any], name: str, weight: float, unit: str) -> Term:
    return Term(
        name=name,
        value=number(row[name], unit),
        unit=shown_unit(unit),
        desirability=row[TERM + name],
        weight=weight,
    )


def _estimate(
    row: Mapping[str, Any], endpoint: Endpoint, axis: tuple[float, float], below: Mapping[str, float]
) -> Estimate:
    value, low, high = (row[endpoint.name + suffix] for suffix in ("", "_low", "_high"))
    x, x_low, x_high = (None if each is None else _place(each, endpoint, axis) for each in (value, low, high))
    return Estimate(
        name=endpoint.name,
        meaning=endpoint.description,
        value=number(value, endpoint.unit),
        unit=shown_unit(endpoint.unit),
        is_quantity=endpoint.kind == "regression",
        bounds=BOUNDS[endpoint.kind],
        interval=interval(low, high, endpoint.unit),
        x=x,
        x_low=x_low,
        x_high=x_high,
        wish=_WISH[endpoint.direction],
        drugs_below=percent(below[endpoint.name]) if endpoint.name in below else "",
    )


def _axis(shortlist: pa.Table, endpoint: Endpoint) -> tuple[float, float]:
    """The ends of an endpoint's axis: [0, 1] for a probability, else those of the shortlist's intervals."""
    if endpoint.kind == "classification":
        return 0.0, 1.0
    low, high = pc.min(shortlist[f"{endpoint.name}_low"]), pc.max(shortlist[f"{endpoint.name}_high"])
    return (low.as_py() or 0.0, high.as_py() or 0.0)


def _place(value: float, endpoint: Endpoint, axis: tuple[float, float]) -> float:
    """Where a value lies on the axis, from 0 to 100; on a log axis where the endpoint is fitted on one."""
    low, high = axis
    if endpoint.scale == "log10" and low > 0 and value > 0:
        value, low, high = (math.log10(each) for each in (value, low, high))
    return round(x_of(value, low, high, width=100), 1)


def _analogues(text: str | None) -> tuple[Analogues, ...]:
    """From ``{bundle: {"verdict": …, "nearest": [[id, similarity], …]}}``."""
    return tuple(
        Analogues(
            bundle=bundle,
            verdict=_measured(said),
            nearest=tuple((f"{similarity:.2f}", name) for name, similarity in said["nearest"][:NEIGHBOURS]),
        )
        for bundle, said in json.loads(text or "{}").items()
    )


def _measured(said: Mapping[str, Any]) -> str:
    """What was measured near a compound, or that it was itself."""
    highest = max((similarity for _, similarity in said["nearest"]), default=0.0)
    return _ITSELF if highest == 1 else _VERDICT[said["verdict"]]


def _attributions(row: Mapping[str, Any]) -> tuple[Picture, ...]:
    """From ``{endpoint: [a number per atom of the key]}``."""
    return tuple(
        drawing(row["key"], f"{endpoint}: orange atoms raise the value, blue atoms lower it", weights)
        for endpoint, weights in json.loads(row["attributions"] or "{}").items()
    )


def _whatifs(text: str | None, legend: Legend, *, drawn: bool) -> tuple[WhatIf, ...]:
    """From ``{endpoint: {"key": …, "change": …, "similarity": …, "from": …, "to": …, "better": …}}``."""
    return tuple(
        WhatIf(
            endpoint=endpoint,
            change=said["change"],
            before=number(said["from"], legend.unit(endpoint)),
            after=number(said["to"], legend.unit(endpoint)),
            unit=shown_unit(legend.unit(endpoint)),
            verdict=_VERDICTS[said["better"]],
            similarity=f"{said['similarity']:.2f}",
            key=said["key"],
            picture=drawing(said["key"], f"analogue after {said['change']}") if drawn else None,
        )
        for endpoint, said in json.loads(text or "{}").items()
    )
