"""The shortlist's rows as the page shows them: terms, endpoints, neighbours, atoms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.endpoint import BOUNDS, Endpoint
from molscreen.number import DASH, percent
from molscreen.prediction.columns import IN_DOMAIN, TERM, value_columns
from molscreen.prediction.prepare import split_codes
from molscreen.report.atoms import draw_attributions
from molscreen.report.content import Analogues, Domain, Estimate, Hit, Term, WhatIf
from molscreen.report.figure import x_of
from molscreen.report.legend import Legend
from molscreen.report.number import interval, number, shown_unit, with_unit
from molscreen.report.picture import drawing
from molscreen.report.rows import plain
from molscreen.report.wishes import describe_limits, judged_end
from molscreen.screening.shard import their_columns

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
_MEASURED_NEAR = {
    "in": "close analogues were measured",
    "edge": "few close analogues were measured",
    "out": "no close analogue was measured",
}
_ITSELF = "it was measured itself, or a compound of the same ECFP4"
_DOMAIN = {True: "inside", False: "outside", None: "unknown"}
_ENDS = {"low": "lower", "high": "upper"}
_TURNS = {True: "mend", False: "spoil", None: ""}
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
        warnings=tuple(map(plain, split_codes(row["reason_code"]))) if row["status"] == "warning" else (),
        picture=drawing(row["key"], f"structure of {name}"),
        terms=tuple(_term(row, term, legend) for term in legend.weights),
        estimates=tuple(_estimate(row, legend.endpoints[each], axes[each], below) for each in wished),
        others=tuple(_estimate(row, legend.endpoints[each], axes[each], below) for each in others),
        analogues=_analogues(row["neighbours"]),
        properties=tuple(
            (label, with_unit(row[each], legend.unit(each)))
            for each, label in PROPERTIES.items()
            if each in row.keys() - legend.weights.keys()
        ),
        alerts=tuple(each for each in (row["alerts"] or "").split("; ") if each),
        attributions=draw_attributions(row, legend.endpoints) if rank <= DRAWN_ATOMS else (),
        whatifs=_whatifs(row, legend, drawn=rank <= DRAWN_ATOMS),
        notes=row["reason"] or "",
        duplicates=tuple(json.loads(row["duplicates"] or "[]")),
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


def _term(row: Mapping[str, Any], name: str, legend: Legend) -> Term:
    unit, end = legend.unit(name), judged_end(legend.terms.get(name, {}), row)
    judged = f"by its {_ENDS[end]} bound, {number(row[f'{name}_{end}'], unit)}" if end else ""
    return Term(
        name=name,
        value=number(row[name], unit),
        unit=shown_unit(unit),
        interval=_interval(row, name, unit) if name in legend.endpoints else "",
        judged=judged,
        desirability=row[TERM + name],
        weight=legend.weights[name],
    )


def _interval(row: Mapping[str, Any], name: str, unit: str) -> str:
    _, low, high = (row[column] for column in value_columns(name))
    return interval(low, high, unit)


def _named_interval(row: Mapping[str, Any], name: str, legend: Legend) -> str:
    if name not in legend.endpoints:
        return ""
    endpoint = legend.endpoints[name]
    bounds = _interval(row, name, endpoint.unit)
    return "" if bounds == DASH else f"{BOUNDS[endpoint.kind]} {bounds}"


def _estimate(
    row: Mapping[str, Any], endpoint: Endpoint, axis: tuple[float, float], below: Mapping[str, float]
) -> Estimate:
    value, low, high = (row[column] for column in value_columns(endpoint.name))
    x, x_low, x_high = (None if each is None else _place(each, endpoint, axis) for each in (value, low, high))
    return Estimate(
        name=endpoint.name,
        meaning=endpoint.description,
        value=number(value, endpoint.unit),
        unit=shown_unit(endpoint.unit),
        is_quantity=endpoint.kind == "regression",
        bounds=BOUNDS[endpoint.kind],
        interval=_interval(row, endpoint.name, endpoint.unit),
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
    _, low, high = (shortlist[column] for column in value_columns(endpoint.name))
    return (pc.min(low).as_py() or 0.0, pc.max(high).as_py() or 0.0)


def _place(value: float, endpoint: Endpoint, axis: tuple[float, float]) -> float:
    """Where a value lies on the axis, from 0 to 100; on a log axis where the endpoint is fitted on one."""
    low, high = axis
    if endpoint.scale == "log10" and low > 0 and value > 0:
        value, low, high = (math.log10(each) for each in (value, low, high))
    return round(x_of(value, low, high, width=100), 1)


def _analogues(text: str | None) -> tuple[Analogues, ...]:
    """From ``{bundle: {"verdict": …, "measured": …, "nearest": [[id, similarity], …]}}``."""
    return tuple(
        Analogues(
            bundle=bundle,
            verdict=_measured(said),
            measured=said.get("measured", ""),
            nearest=tuple((f"{similarity:.2f}", name) for name, similarity in said["nearest"][:NEIGHBOURS]),
        )
        for bundle, said in json.loads(text or "{}").items()
    )


def _measured(said: Mapping[str, Any]) -> str:
    """What was measured near a compound, or that it was itself, and for what."""
    highest = max((similarity for _, similarity in said["nearest"]), default=0.0)
    for_what = said.get("measured") or "some endpoint"
    if highest == 1:
        return f"{_ITSELF}, for {for_what}: of that, the prediction is partly a memory"
    return f"{_MEASURED_NEAR[said['verdict']]} for {for_what}"


def _whatifs(row: Mapping[str, Any], legend: Legend, *, drawn: bool) -> tuple[WhatIf, ...]:
    """From ``{endpoint: {"key": …, "change": …, "similarity": …, "from": …, "to": …, "better": …}}``."""
    return tuple(
        WhatIf(
            endpoint=endpoint,
            change=said["change"],
            before=number(said["from"], legend.unit(endpoint)),
            interval=_named_interval(row, endpoint, legend),
            after=number(said["to"], legend.unit(endpoint)),
            unit=shown_unit(legend.unit(endpoint)),
            verdict=_TURNS[said["better"]],
            limits=describe_limits(legend.terms[endpoint]) if endpoint in legend.terms else "",
            similarity=f"{said['similarity']:.2f}",
            key=said["key"],
            picture=drawing(said["key"], f"analogue after {said['change']}") if drawn else None,
        )
        for endpoint, said in json.loads(row.get("counterfactuals") or "{}").items()
    )
