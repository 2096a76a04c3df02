"""What a reader must know before looking at the first molecule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from molscreen.chem.features.descriptors import DESCRIPTORS
from molscreen.number import interval
from molscreen.prediction.columns import TERM
from molscreen.prediction.prepare import split_codes
from molscreen.provenance import Counts
from molscreen.report.accuracy import read_accuracies
from molscreen.report.content import Accuracy, Caution
from molscreen.report.legend import Legend, read_legend
from molscreen.report.rows import plain
from molscreen.screening.results.run import Run

TOO_MANY = 1 / 5  # of the rows: more likely the wrong column, or a rule too strict, than such a library
LISTED = 12  # ranks that a caution names
UNREAD = ("invalid", "unsupported")  # statuses of what no model is asked about


def cautions(
    counts: Counts, shortlist: pa.Table, legend: Legend, accuracies: Sequence[Accuracy]
) -> Iterator[Caution]:
    """One sentence each: models that guess, unmet wishes, domains, notes, better forests, rejections."""
    for bundle in legend.bundles:
        yield from (Caution(text=text) for text in bundle.say_guessed(legend.weights))
    yield from (Caution(text=text) for text in _unmet(shortlist))
    yield from _outside(shortlist, legend)
    yield from (Caution(text=text) for text in (*_noted(shortlist), *_behind(accuracies), *_lost(counts)))


def cautions_of(run: Run) -> tuple[Caution, ...]:
    """Those of a complete run, as its report heads with them."""
    record = run.record
    if record.counts is None:
        return ()
    legend = read_legend(record)
    return tuple(cautions(record.counts, run.shortlist_table, legend, read_accuracies(legend)))


def _unmet(shortlist: pa.Table) -> Iterator[str]:
    """One for each wish that not one of the shortlisted meets at all: its limits may be in another unit."""
    for column in shortlist.column_names:
        name = column.removeprefix(TERM)
        if name == column or not pc.all(pc.equal(shortlist[column], 0)).as_py():
            continue
        unit = DESCRIPTORS[name][0] if name in DESCRIPTORS else ""
        ends = pc.min_max(shortlist[name]).as_py()
        yield (
            f"none of the {shortlist.num_rows:,} shortlisted meets the wish for {name} at all:"
            f" its values are {interval(ends['min'], ends['max'], unit)}."
            " Are the plan's limits in its unit, and within reach?"
        )


def _outside(shortlist: pa.Table, legend: Legend) -> Iterator[Caution]:
    """One for each bundle that the score uses and whose domain does not hold all of the shortlist."""
    used = {bundle.name for bundle in legend.bundles if legend.wished(bundle)}
    for bundle, column in legend.domains(shortlist.column_names).items():
        inside = shortlist[column].to_pylist()
        ranks = [rank for rank, each in enumerate(inside, start=1) if each is False]
        if ranks and bundle in used:
            listed = f"{len(ranks):,} of the {shortlist.num_rows:,} shortlisted"
            verb = "lies" if len(ranks) == 1 else "lie"
            yield Caution(
                text=f"{listed} {verb} outside the domain of {bundle}",
                ranks=tuple(ranks[:LISTED]),
                unlisted=len(ranks[LISTED:]),
            )


def _noted(shortlist: pa.Table) -> Iterator[str]:
    """One for all notes, each counted by its code: a compound may have several."""
    noted = shortlist.filter(pc.equal(shortlist["status"], "warning"))["reason_code"].to_pylist()
    if noted:
        codes = Counter(code for codes in noted for code in split_codes(codes))
        each = ", ".join(f"{n:,} × {plain(code)}" for code, n in codes.most_common())
        listed = f"{len(noted):,} of the {shortlist.num_rows:,} shortlisted"
        yield f"{listed} carry a note on the structure: {each}"


def _behind(accuracies: Sequence[Accuracy]) -> Iterator[str]:
    """One if a forest on fingerprints did better than the models of this run anywhere."""
    comparisons = [each for accuracy in accuracies for each in accuracy.comparisons]
    behind = [each for each in comparisons if each.better == "forest"]
    if behind:
        n, of = (len({each.endpoint for each in some}) for some in (behind, comparisons))
        named = ", ".join(f"{each.endpoint} ({each.measure.partition(',')[0]})" for each in behind)
        yield (
            "in the models’ own tests an ECFP random forest did better than the models used here for"
            f" {n} of {of} endpoints of the score: {named}"
        )


def _lost(counts: Counts) -> Iterator[str]:
    """One if many rows are no molecule to judge, and one if the plan's own rules refused many."""
    of_status: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for name, n in counts.rejected.items():
        status, _, code = name.partition("/")
        of_status[status] += n
        if status == "filtered":
            rules[code] = n
    if sum(of_status[status] for status in UNREAD) > TOO_MANY * counts.read:
        yield (
            "more than a fifth of the rows are no molecule that the models can judge:"
            " was the right column read?"
        )
    if of_status["filtered"] > TOO_MANY * counts.read:
        each = ", ".join(
            f"{n:,} as out of domain" if code == "out_of_domain" else f"{n:,} by {plain(code)}"
            for code, n in rules.most_common()
        )
        yield f"more than a fifth of the {counts.read:,} rows were refused by the plan: {each}"
