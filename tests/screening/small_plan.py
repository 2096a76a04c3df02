"""A small plan over a stand-in predictor, and what is compared between runs."""

from __future__ import annotations

import csv
from pathlib import Path

from molscreen.screening.plan.plan import ScreenPlan

# The untrained networks of `tiny_bundle` say 0.4 to 0.6 of everything; so narrow a wish makes flips of it.
NARROW = [
    {"endpoint": "hERG", "curve": "fall", "low": 0.48, "high": 0.54},
    {"endpoint": "pIC50", "curve": "rise", "low": -9.0, "high": -8.0},
]


def make_plan(bundle: str = "stand_in:flat", **changes: object) -> ScreenPlan:
    """Potency up, risk down, QED up; 64 rows a shard; PAINS refused, BRENK shown."""
    table = {
        "name": "test",
        "bundles": [bundle],
        "top": 10,
        "objective": {
            "term": [
                {"endpoint": "potency", "curve": "rise", "low": 4.0, "high": 9.0},
                {"endpoint": "risk", "curve": "fall", "low": 0.1, "high": 0.9},
                {"endpoint": "QED", "curve": "rise", "low": 0.2, "high": 0.9},
            ]
        },
        "filter": [{"rule": "pains"}, {"rule": "brenk", "action": "flag"}],
        "rerank": {"minimum": 60, "maximum": 100, "shard_size": 25},
        "run": {"executor": "inline", "shard_size": 64},
    }
    return ScreenPlan.from_table({**table, **changes}, where="test plan")


def result_files(folder: Path) -> dict[str, bytes]:
    """Everything a run says of the library: all but its log and its record, which hold times."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.name not in ("run.json", "events.jsonl")
    }


def write_library(path: Path, smiles: list[str]) -> Path:
    """A CSV with columns of the user's own, one of which is called like one of ours."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["smiles", "id", "batch", "score"])
        writer.writerows([s, f"{i:05d}", f"=b{i % 7}", "1e5"] for i, s in enumerate(smiles))
    return path
