"""How well the models of a run did in their own tests, beside the fingerprint baseline."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from molscreen.endpoint import Endpoint, Kind
from molscreen.errors import BundleError
from molscreen.prediction.bundle.headline import FROM, TO, beats
from molscreen.prediction.bundle.manifest import About, read_manifest
from molscreen.report.content import Accuracy, Comparison
from molscreen.report.legend import Legend
from molscreen.report.number import number, shown_unit
from molscreen.screening.plan.views import BundleInfo

_OURS = re.compile(r"(?P<fold>.+), (blend|ensemble)")  # "ensemble": of bundles made before there was a blend
_FORESTS = "{fold}, ECFP forests, mean of "
_MEASURES: dict[Kind, dict[str, tuple[str, int]]] = {  # metric -> its name, and which sign is better
    "regression": {"rmse": ("RMSE", -1), "spearman": ("Spearman", 1)},
    "classification": {"auroc": ("AUROC", 1)},
}


def read_accuracies(legend: Legend) -> tuple[Accuracy, ...]:
    """The test figures of every bundle that the objective uses and that is still where it was.

    A predictor of one's own has none. A bundle that is gone, damaged, of another format, or not the one
    that the run used (by its sha256) is passed over: a report needs only its run folder.
    """
    found = (_read(bundle, legend.wished(bundle)) for bundle in legend.bundles)
    return tuple(accuracy for accuracy in found if accuracy is not None and accuracy.comparisons)


def _read(bundle: BundleInfo, wished: tuple[Endpoint, ...]) -> Accuracy | None:
    try:
        manifest, digest = read_manifest(Path(bundle.source))
    except (BundleError, OSError):
        return None
    if digest != bundle.digest:
        return None
    about = manifest.about
    title = min(
        filter(_OURS.fullmatch, about.metrics), default="", key=lambda name: not name.endswith("blend")
    )
    match = _OURS.fullmatch(title)
    fold = match["fold"] if match else ""
    return Accuracy(
        bundle=bundle.name,
        description=about.description,
        fold=fold,
        comparisons=tuple(_compare(about, title, fold, wished)),
        limits=tuple(_limits(about, [each.name for each in manifest.endpoints], wished)),
    )


def _limits(about: About, endpoints: Sequence[str], wished: Sequence[Endpoint]) -> Iterator[str]:
    """What a bundle says against itself, but for what it says of endpoints that the score does not use."""
    asked = {endpoint.name for endpoint in wished}
    for limit in about.limits:
        named = {name for name in endpoints if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", limit)}
        if not named or named & asked:
            yield re.sub(r"(?<=\d)%", " %", limit)  # as everywhere on the page


def _compare(about: About, title: str, fold: str, wished: tuple[Endpoint, ...]) -> Iterator[Comparison]:
    """Of every endpoint that has a figure under `title`, one comparison per measure."""
    start = _FORESTS.format(fold=fold)
    runs = (name for name in about.metrics if name.startswith(start) and name.removeprefix(start).isdigit())
    forests = about.metrics.get(next(runs, ""))
    model = about.metrics.get(title)
    for endpoint in wished:
        for metric, (name, sign) in _MEASURES[endpoint.kind].items():
            ours, theirs = (_figure(of, endpoint.name, metric) for of in (model, forests))
            if ours is None:
                continue
            ends = [_figure(model, endpoint.name, metric + end) for end in (FROM, TO)]
            has_unit = metric == "rmse" and shown_unit(endpoint.unit)
            yield Comparison(
                endpoint=endpoint.name,
                measure=f"{name}, {shown_unit(endpoint.unit)}" if has_unit else name,
                model=number(ours),
                forest=number(theirs),
                better=_better(ours, theirs, sign, ends),
            )


def _figure(figures: Any, endpoint: str, metric: str) -> float | None:
    """One figure of a manifest at the digits that are shown; None whatever else may stand there."""
    values = figures.get(endpoint) if isinstance(figures, Mapping) else None
    value = values.get(metric) if isinstance(values, Mapping) else None
    return float(f"{value:.3g}") if isinstance(value, int | float) else None


def _better(model: float, forest: float | None, sign: int, interval: Sequence[float | None] = ()) -> str:
    """Which is better, where `sign` is 1 if more is and -1 if less is: a forest beyond the model's interval.

    Examples
    --------
    >>> _better(0.842, 0.846, 1), _better(0.365, 0.427, -1), _better(0.925, 0.925, 1), _better(0.7, None, 1)
    ('forest', 'model', 'alike', '')
    >>> _better(0.842, 0.846, 1, (0.8, 0.87)), _better(0.842, 0.88, 1, (0.8, 0.87))
    ('alike', 'forest')
    """
    if forest is None:
        return ""
    if beats(model, forest, sign):
        return "model"
    ends = [end for end in (model, *interval) if end is not None and not math.isnan(end)]
    return "forest" if beats(forest, max(ends, key=lambda end: sign * end), sign) else "alike"
