"""Proposals: the best new compounds as one table, each with its score, its neighbours and its descent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from molscreen.generation.known import Known
from molscreen.screening.folder.layout import PROPOSALS
from molscreen.screening.results.outputs import write_shortlist

FIRST = (
    "rank", "id", "key", "score", "reward", "proposer", "step", "parents", "call", "in_domain", "domain",
    "nearest_known", "nearest_known_similarity", "nearest_structure", "nearest_structure_similarity",
    "SA_score", "alerts", "inchikey",
)  # fmt: skip
LEFT_OUT = (
    "duplicates", "row", "source", "line", "input_smiles", "status", "stage", "reason_code", "reason",
    "neighbours", "attributions", "counterfactuals", "drug_percentiles",
)  # fmt: skip  # what is only said of a library, and JSON for programs: ``proposals/`` has it

NUMBERS = {"reward": pa.float64(), "call": pa.int64()}  # which the candidates' library has as text


class Near(NamedTuple):
    """What a proposal is most like.

    Attributes
    ----------
    domain : str
        For each bundle its verdict, and how similar the nearest training compounds are on average.
    name, similarity : str, float or None
        The nearest of all that is known: training compounds of the bundles, seeds, and the user's own.
    structure, structure_similarity : str or None, float or None
        The nearest of those whose structure we have, which training compounds in a bundle have not.
    """

    domain: str
    name: str
    similarity: float | None
    structure: str | None
    structure_similarity: float | None


def write_proposals(folder: Path, shortlist: pa.Table, known: Known) -> None:
    """``proposals.csv``, ``.sdf`` and ``.parquet``: the shortlist of the proposals with what they are like.

    ``score`` is the plan's, as it stands; ``reward`` is what the search saw, with its caution. ``step`` is
    what was done to the ``parents``; of reactions it is the route. All other columns are those of
    ``proposals/columns.csv``.
    """
    write_shortlist(folder, _join(shortlist, _look_around(shortlist, known)), name=PROPOSALS)


def _join(shortlist: pa.Table, near: Sequence[Near]) -> pa.Table:
    columns = {name: shortlist[name] for name in shortlist.column_names if name not in LEFT_OUT}
    text, number = pa.string(), pa.float64()
    columns |= {name: columns[name].cast(kind) for name, kind in NUMBERS.items() if name in columns}
    columns |= {
        "domain": pa.array([each.domain for each in near], text),
        "nearest_known": pa.array([each.name for each in near], text),
        "nearest_known_similarity": pa.array([each.similarity for each in near], number),
        "nearest_structure": pa.array([each.structure for each in near], text),
        "nearest_structure_similarity": pa.array([each.structure_similarity for each in near], number),
    }
    return pa.table({name: columns[name] for name in dict.fromkeys([*FIRST, *columns]) if name in columns})


def _look_around(shortlist: pa.Table, known: Known) -> list[Near]:
    trained = [json.loads(text) for text in shortlist["neighbours"].to_pylist()]
    others: Sequence[tuple[int, float] | None] = known.nearest(shortlist["key"].to_pylist())
    others = others or [None] * len(trained)
    return [_near(said, other, known) for said, other in zip(trained, others, strict=True)]


def _near(trained: Mapping[str, Any], other: tuple[int, float] | None, known: Known) -> Near:
    """From what the bundles say of a compound, and the nearest whose structure is known."""
    found = [
        (similarity, f"{name} (training of {bundle})")
        for bundle, said in trained.items()
        for name, similarity in said["nearest"][:1]
    ]
    structure, similarity = None, None
    if other is not None:
        place, similarity = other[0], round(other[1], 3)
        structure = known.keys[place]
        found.insert(0, (similarity, known.names[place]))
    best = max(found, key=lambda each: each[0], default=(None, ""))
    return Near("; ".join(map(_domain, trained.items())), best[1], best[0], structure, similarity)


def _domain(item: tuple[str, Mapping[str, Any]]) -> str:
    bundle, said = item
    similarity = [each for _, each in said["nearest"]]
    mean = sum(similarity) / len(similarity)
    return f"{bundle}: {said['verdict']}, its {len(similarity)} nearest are {mean:.2f} similar"
