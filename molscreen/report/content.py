"""What the page says, as plain values: the template only lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from molscreen.report.figure import Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One wish of the objective, as one molecule meets it."""

    name: str
    value: str  # with its unit, "–" where there is none
    desirability: float | None  # in [0, 1]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One predicted endpoint: value, interval, and where they lie on the endpoint's axis (0 to 100)."""

    name: str
    meaning: str
    value: str
    interval: str
    x: float
    x_low: float
    x_high: float
    wish: str  # "lower is better", or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogues:
    """The training compounds nearest to a hit, in one bundle.

    `verdict` says what their similarity means; `nearest` holds similarity (Tanimoto, ECFP4) and name.
    """

    bundle: str
    verdict: str
    nearest: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image as a data URI, and what it shows in words."""

    source: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One molecule of the shortlist."""

    rank: int
    name: str
    origin: str  # file:line
    received: str
    key: str
    inchikey: str
    score: float
    in_domain: bool | None
    picture: Picture
    terms: tuple[Term, ...]
    estimates: tuple[Estimate, ...]  # of the endpoints that the objective judges
    others: tuple[Estimate, ...]
    analogues: tuple[Analogues, ...]
    properties: tuple[tuple[str, str], ...]  # of the molecule: label, value
    alerts: tuple[str, ...]
    attributions: tuple[Picture, ...]
    notes: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar of the funnel: how many rows came this far, and the share of all (0 to 100)."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows refused for one reason, with a few of them."""

    status: str
    code: str
    count: int
    examples: tuple[tuple[str, str, str], ...]  # place, text, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of ``report.html``."""

    title: str
    description: str
    libraries: tuple[str, ...]
    finished: str
    read: int
    scored: int
    unscored: int
    rejected: int
    duplicates: int
    steps: tuple[Step, ...]
    shortlisted: int
    hits: tuple[Hit, ...]  # the first of the shortlisted
    plots: tuple[Histogram, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]
    provenance: Mapping[str, Mapping[str, str]]  # table -> name -> value
