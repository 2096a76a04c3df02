"""What the page says, as plain values: the template only lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from molscreen.report.figure import Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One wish of the objective, as one molecule meets it."""

    name: str
    value: str  # "–" where there is none
    unit: str
    interval: str  # or bounds; empty for a descriptor
    judged: str  # "by its upper bound, 0.162", where that is not the value
    desirability: float | None  # in [0, 1]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One predicted endpoint: value, bounds, and where they lie on the endpoint's axis (0 to 100)."""

    name: str
    meaning: str
    value: str
    unit: str
    is_quantity: bool  # or else a probability
    bounds: str  # what the next line is: "90 % interval" or "Venn-ABERS bounds"
    interval: str
    x: float | None
    x_low: float | None
    x_high: float | None
    wish: str  # "lower is better", or empty
    drugs_below: str  # share of approved drugs with a lower estimate, "73 %"; or empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What one of several bundles says of a hit: inside, outside or unknown; and whether it counts."""

    bundle: str
    verdict: str
    counts: bool  # the score uses this bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogues:
    """The training compounds nearest to a hit, in one bundle.

    `verdict` says what their similarity means; `nearest` holds similarity (Tanimoto, ECFP4) and name.
    """

    bundle: str
    verdict: str
    measured: str  # the activity that they were measured for; empty: any endpoint
    nearest: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image as a data URI, and what it shows in words."""

    source: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The small change to a hit that would turn one of its wishes round."""

    endpoint: str
    change: str  # "Cl → CN"
    before: str
    interval: str  # of the hit: "90 % interval 5.02 to 107"; or empty
    after: str
    unit: str
    verdict: str  # "mend", "spoil" or empty
    limits: str  # "met ≤ 20, not met ≥ 50"; or empty
    similarity: str  # Tanimoto, ECFP4
    key: str  # of the analogue
    picture: Picture | None  # of the analogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A wish that the two looks at a hit see very differently: of each, the value and how far it is met."""

    name: str
    unit: str
    first: tuple[str, str]
    second: tuple[str, str]


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
    in_domain: bool | None  # of every bundle that the score uses
    domains: tuple[Domain, ...]  # of each bundle, where there are several
    warnings: tuple[str, ...]  # what to look at in the structure: "stereo undefined"
    picture: Picture
    terms: tuple[Term, ...]
    estimates: tuple[Estimate, ...]  # of the endpoints that the objective judges
    others: tuple[Estimate, ...]
    analogues: tuple[Analogues, ...]
    properties: tuple[tuple[str, str], ...]  # of the molecule: label, value
    alerts: tuple[str, ...]
    attributions: tuple[Picture, ...]
    whatifs: tuple[WhatIf, ...]
    notes: str
    duplicates: tuple[str, ...]  # ids of the other rows with this structure
    fields: Mapping[str, str]
    disagreements: tuple[Disagreement, ...] = ()  # of the two looks

    @property
    def least(self) -> Term | None:
        """The wish that is met least; None where not one has a value."""
        known = [term for term in self.terms if term.desirability is not None]
        return min(known, key=lambda term: term.desirability or 0.0, default=None)

    @property
    def among_drugs(self) -> bool:
        """Whether any estimate has its place among those of approved drugs."""
        return any(each.drugs_below for each in (*self.estimates, *self.others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar of the funnel: how many rows came this far, and the share of all (0 to 100)."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """One row that was refused."""

    id: str
    place: str  # file:line
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows refused for one reason, with the first of them."""

    status: str
    code: str
    count: int
    examples: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Scored rows with the same note on their structure, among others or alone, and what is said of one."""

    code: str
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One term of the objective as the plan states it: where it is met, and where it is not."""

    name: str
    unit: str
    met: str
    unmet: str
    shape: str  # of its curve: "smooth" or "linear"; empty for a curve of the user's own
    weight: float
    judged: str  # which value of the prediction, where it is not the value itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One test figure of a bundle's model beside that of the ECFP forest."""

    endpoint: str
    measure: str
    model: str
    forest: str
    better: str  # "model", "forest", "alike", or empty where one of the two is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How well a bundle did in its own test, for the endpoints that the score uses."""

    bundle: str
    description: str
    fold: str
    comparisons: tuple[Comparison, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One thing to know before looking at the first molecule, and the ranks of the hits that it is about."""

    text: str
    ranks: tuple[int, ...] = ()
    unlisted: int = 0  # hits that it is about besides

    def __str__(self) -> str:
        if not self.ranks:
            return self.text
        more = f" and {self.unlisted:,} more" if self.unlisted else ""
        return f"{self.text}: rank{'s' * (len(self.ranks) > 1)} {', '.join(map(str, self.ranks))}{more}"


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
    judged_twice: int  # compounds that all models and rules judged
    refuses_outside: bool  # whether the first look refused what lies outside the domain
    shortlisted: int
    hits: tuple[Hit, ...]  # the best of the shortlisted
    drawn_atoms: int  # of the hits, the first so many have their atoms coloured
    aggregate: str  # how the wishes become one score, in words
    choice: str  # how the shortlist was taken from the ranking, in words
    wishes: tuple[Wish, ...]
    plots: tuple[Histogram, ...]
    refused: tuple[Refused, ...]
    noted: tuple[Noted, ...]
    accuracies: tuple[Accuracy, ...]
    cautions: tuple[Caution, ...]
    provenance: Mapping[str, Mapping[str, str]]  # table -> name -> value
