"""Which atoms the predictions of a hit rest on, drawn, each drawing with what its strongest atom is worth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from molscreen.endpoint import Endpoint
from molscreen.prediction.columns import value_columns
from molscreen.prediction.explained.shading import AtomMap
from molscreen.report.content import Picture
from molscreen.report.number import shown_unit, typeset
from molscreen.report.picture import drawing


def draw_attributions(row: Mapping[str, Any], endpoints: Mapping[str, Endpoint]) -> tuple[Picture, ...]:
    """A drawing for each endpoint in ``{endpoint: [a number per atom of the key]}`` of a shortlist's row."""
    return tuple(
        _draw(row, endpoints[name], weights)
        for name, weights in json.loads(row["attributions"] or "{}").items()
    )


def _draw(row: Mapping[str, Any], endpoint: Endpoint, weights: list[float | None]) -> Picture:
    name = endpoint.name
    atoms = AtomMap.of(endpoint, weights, *(row[column] for column in value_columns(name)))
    told = typeset(atoms.in_words(shown_unit(endpoint.unit)))
    caption = f"{name}: orange atoms raise the value, blue atoms lower it; {told}"
    return drawing(row["key"], caption, atoms.shading)
