"""Proposals: the best new compounds as one table, each with its score, its neighbours and its descent."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv as pa_csv

from molscreen.generation.known import Known
from molscreen.generation.search.history import Call
from molscreen.prediction.columns import TERM
from molscreen.screening.folder.commit import write_whole
from molscreen.screening.folder.layout import COLUMNS, PROPOSALS
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.results.outputs import write_columns, write_shortlist
from molscreen.screening.results.run import Run

PLAIN = "plain_score"  # the name of the score without caution, here and in ``front.csv``
BETTER = "better_than_seeds"
FIRST = (
    "rank", "id", "key", "reward", PLAIN, BETTER, "proposer", "step", "parents", "call", "in_domain",
    "domain", "trained_on", "nearest_known", "nearest_known_similarity", "nearest_structure",
    "nearest_structure_similarity", "SA_score", "alerts", "inchikey",
)  # fmt: skip
LEFT_OUT = (
    "score", "duplicates", "row", "source", "line", "input_smiles", "status", "stage", "reason_code",
    "reason", "neighbours", "attributions", "counterfactuals", "drug_percentiles",
)  # fmt: skip  # what is only said of a library, and JSON for programs: ``proposals/`` has it
_MEANING = {
    "id": "D, and the call at which it was scored",
    "reward": "0 to 1, higher is better: the plan's score as the search was rewarded for it, by which"
    " proposals are chosen and ordered",
    PLAIN: "0 to 1, higher is better: the plan's score by predictions as they stand, without caution, as a"
    " screen by the same plan gives it",
    BETTER: "whether its reward is above that of every seed; empty where no seed inside the domain has one",
    "proposer": "the generator that proposed it",
    "step": "what was done to the parents; of reactions the route",
    "parents": "the compounds that it was made of",
    "call": "how many compounds had been scored when it was, itself included",
    "on_front": "yes: no scored compound beats it in one wish without losing in another",
    "domain": "of each bundle its verdict, and the mean similarity of the nearest training compounds",
    "trained_on": "the bundles that were trained on a compound of its ECFP4: on it, or on an isomer",
    "nearest_known": "the nearest of training compounds, seeds and known compounds, by name",
    "nearest_known_similarity": "its Tanimoto similarity on ECFP4",
    "nearest_structure": "the nearest of seeds and known compounds, whose structure is known",
    "nearest_structure_similarity": "its Tanimoto similarity on ECFP4",
}
CAUTION = "by the less desirable end of its interval"

ALIKE = 1.0  # similarity of compounds with one ECFP4


def write_calls(path: Path, calls: Sequence[Call], more: Mapping[str, Sequence[object]]) -> None:
    """Write calls as a library, with where each came from and what it was worth, and `more` columns."""
    columns = {
        "id": [f"D{call.number:05d}" for call in calls],
        "smiles": [call.key for call in calls],
        "proposer": [call.proposer for call in calls],
        "step": [call.step for call in calls],
        "parents": [" ".join(call.parents) for call in calls],
        "call": [call.number for call in calls],
        "reward": [round(call.score, 6) for call in calls],
        PLAIN: [round(call.plain, 6) for call in calls],
    }
    write_whole(path, lambda file: pa_csv.write_csv(pa.table({**columns, **more}), file))


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
    trained_on : str
        Bundles that were fitted on a compound with the same ECFP4: on this one, or on one that differs in
        stereo or, rarely, more. What they predict may be what they remember.
    """

    domain: str
    name: str
    similarity: float | None
    structure: str | None
    structure_similarity: float | None
    trained_on: str


def write_proposals(folder: Path, run: Run, known: Known, *, best_seed: float | None) -> None:
    """``proposals.csv``, ``.sdf`` and ``.parquet``: the shortlist of the proposals with what they are like.

    ``reward``, the score of the run, is what the search was rewarded for, and orders the proposals;
    ``plain_score`` is the plan's by predictions as they stand. ``better_than_seeds`` tells whether the
    reward is above that of the best seed. ``columns.csv`` says what every column is.
    """
    shortlist = run.shortlist_table
    table = _join(shortlist, _look_around(shortlist, known), best_seed)
    described = _describe(table.column_names, run)
    write_shortlist(folder, table, described, name=PROPOSALS)
    write_columns(folder, described)


def explain_scores(plan: ScreenPlan) -> str:
    """What a run of proposals by a cautious plan calls ``score``; empty where the plan has no caution."""
    if not _cautious(plan):
        return ""
    return (
        "Here score is what the search was rewarded for: a wish on a predicted endpoint is judged"
        f" {CAUTION}. {PLAIN}, beside the identity of a compound, is by predictions as they stand."
    )


def _cautious(plan: ScreenPlan) -> frozenset[str]:
    """The endpoints that are judged by the less desirable end of their interval."""
    return frozenset(t["endpoint"] for t in plan.objective["term"] if t.get("bound") == "pessimistic")


def _describe(names: Sequence[str], run: Run) -> dict[str, tuple[str, str]]:
    """Unit and meaning of every column of the proposals."""
    with (run.path / COLUMNS).open(encoding="utf-8", newline="") as file:
        described = {row["column"]: (row["unit"], row["meaning"]) for row in csv.DictReader(file)}
    described |= {name: ("", meaning) for name, meaning in _MEANING.items()}
    wary = _cautious(run.plan)
    if wary:
        said = f"{_MEANING['reward']}; a wish on a predicted endpoint is judged {CAUTION}"
        described["reward"] = ("", said)
    for endpoint in wary:
        unit, meaning = described[TERM + endpoint]
        described[TERM + endpoint] = (unit, f"{meaning}, {CAUTION}")
    return {name: described[name] for name in names}


def _join(shortlist: pa.Table, near: Sequence[Near], best_seed: float | None) -> pa.Table:
    columns = {name: shortlist[name] for name in shortlist.column_names if name not in LEFT_OUT}
    text, number = pa.string(), pa.float64()
    better = [None if best_seed is None else score > best_seed for score in shortlist["score"].to_pylist()]
    columns |= {
        "reward": shortlist["score"],
        PLAIN: shortlist[PLAIN].cast(number),  # of the candidates' library, which has all as text
        "call": shortlist["call"].cast(pa.int64()),
        BETTER: pa.array(better, pa.bool_()),
        "domain": pa.array([each.domain for each in near], text),
        "trained_on": pa.array([each.trained_on for each in near], text),
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
    alike = [bundle for bundle, said in trained.items() if said["nearest"] and said["nearest"][0][1] == ALIKE]
    domain = "; ".join(map(_domain, trained.items()))
    return Near(domain, best[1], best[0], structure, similarity, "; ".join(alike))


def _domain(item: tuple[str, Mapping[str, Any]]) -> str:
    bundle, said = item
    similarity = [each for _, each in said["nearest"]]
    mean = sum(similarity) / len(similarity)
    return f"{bundle}: {said['verdict']}, its {len(similarity)} nearest are {mean:.2f} similar"
