"""The figures of completed parts: by task, beside what others have published, and as files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from molscreen.data.csv_text import csv_text
from molscreen.generation.benchmark.completion import MODES, Completed, Mode
from molscreen.generation.benchmark.table import PUBLISHED, Row
from molscreen.provenance import json_ready
from molscreen.screening.folder.commit import write_text
from molscreen.training.benchmark.published import load_published

FIGURES = ("validity", "uniqueness", "kept", "quality", "diversity")
SHARED = ("validity", "uniqueness", "quality")  # that others have published as well


def by_mode(done: Sequence[Completed]) -> dict[Mode, dict[str, float]]:
    """Means over the drugs of each figure, for each task that was run; ``parts`` is how many there are."""
    grouped = {mode: [each for each in done if each.part.mode == mode] for mode in MODES}
    return {
        mode: {"parts": float(len(group))}
        | {figure: float(np.nanmean([getattr(each, figure) for each in group])) for figure in FIGURES}
        for mode, group in grouped.items()
        if group
    }


def rows_of(means: Mapping[Mode, Mapping[str, float]]) -> tuple[Row, list[Row]]:
    """Heading, and a row for each task; of the published methods validity / uniqueness / quality."""
    methods = load_published(PUBLISHED).of("fragments")
    heading = ("task", "drugs", *FIGURES[:-1], "diversity", *(method.name for method in methods))
    rows = []
    for mode, figures in means.items():
        shares = (_percent(figures[name]) for name in FIGURES[:-1])
        others = ("/".join(_percent(m.subsets[name][mode][0]) for name in SHARED) for m in methods)
        rows.append((mode, f"{figures['parts']:.0f}", *shares, f"{figures['diversity']:.3f}", *others))
    return heading, rows


def write_completions(done: Sequence[Completed], made: Sequence[Sequence[str]], out: Path) -> list[Path]:
    """Write ``results.json`` and every molecule that was made, ``samples.csv``.

    Returns
    -------
    list of Path
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = (
        (each.part.drug, each.part.mode, each.part.text, text)
        for each, smiles in zip(done, made, strict=True)
        for text in smiles
    )
    report = {"means": by_mode(done), "parts": list(done)}
    write_text(out / "results.json", json.dumps(json_ready(report), indent=1))
    write_text(out / "samples.csv", csv_text(("drug", "task", "part", "smiles"), rows))
    return [out / "results.json", out / "samples.csv"]


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"
