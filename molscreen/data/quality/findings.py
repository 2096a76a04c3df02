"""Findings: what of a data report is worth a sentence before hours of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from molscreen.data.quality.data_report import DataReport, DataSet, EndpointReport
from molscreen.data.reasons import list_reasons

TOLD = 5  # faults
REFUSED = 0.05  # share of the rows of a data set
FEW = 20  # compounds of a class, or with a value: fewer judge nothing
RARE = 0.05  # share of the rarer class
DISAGREEING = 0.05  # share of the compounds measured more than once, and three of them at least
LIMITS = 0.3  # share of values with < or >
PILED = 0.1  # share of exact values that are the least or the largest
CLIFFS = 0.1  # share of the compounds in an activity cliff
NEAR = 0.1  # share of the test compounds with a near-duplicate in training
ONE_SCAFFOLD = 0.5  # share of the compounds in the largest scaffold

Rule = Callable[[EndpointReport], "tuple[float, str] | None"]


def find_noteworthy(report: DataReport, *, with_refused: bool = True) -> tuple[str, ...]:
    """Sentences, the gravest first; nothing where nothing is noteworthy.

    Rows and cells that cannot be used come first, unless without `with_refused`; then how values were read,
    then questions, then at most `TOLD` faults. Where several endpoints have a fault, the worst is told.
    """
    says = (_refused, _unread) if with_refused else ()
    refused = filter(None, (say(each) for say in says for each in report.datasets))
    how_read = [note for each in report.datasets for note in each.notes]
    faults = []
    for rule in RULES:
        judged = [e for e in report.endpoints if rule is not _concentrations or not _is_asked(e, report)]
        found = [(*said, each.endpoint.name) for each in judged if (said := rule(each))]
        if found:
            _, sentence, name = max(found, key=lambda each: each[0])
            others = f" (as in {_more(len(found) - 1)})" if len(found) > 1 else ""
            faults.append(f"{name}: {sentence}{others}")
    return (*refused, *how_read, *report.questions.values(), *faults[:TOLD])


def _is_asked(each: EndpointReport, report: DataReport) -> bool:
    """Whether there is a question about the scale of an endpoint already."""
    return each.endpoint.name in report.questions


def percent(share: float) -> str:
    """A share in per cent, without decimals unless it is below one.

    Examples
    --------
    >>> percent(0.123), percent(0.004), percent(0.0)
    ('12 %', '0.4 %', '0 %')
    """
    return f"{100 * share:.1g} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _more(n: int) -> str:
    return f"{n} more endpoint{'s' * (n > 1)}"


def _refused(each: DataSet) -> str:
    """Rows that are not used: of many, somebody should know why."""
    share = (each.rows - each.records) / max(1, each.rows)
    if share <= REFUSED:
        return ""
    return (
        f"{each.name}: {percent(share)} of {each.rows:,} rows cannot be used ({list_reasons(each.refused)})"
    )


def _unread(each: DataSet) -> str:
    """The column that loses most cells, where their rows are used for other columns."""
    lost = {column: sum(texts.values()) for column, texts in each.unread.items()}
    column = max(lost, key=lambda name: lost[name], default="")
    if not column or lost[column] <= max(REFUSED * each.rows, each.refused.get("invalid/value", 0)):
        return ""
    share = percent(lost[column] / each.rows)
    return f"{each.name}: {share} of {each.rows:,} rows have a cell in column '{column}' that cannot be read"


def _constant(each: EndpointReport) -> tuple[float, str] | None:
    """Nothing to learn."""
    coverage = each.coverage
    if each.endpoint.kind == "classification":
        if coverage.compounds and coverage.positives in (0, coverage.compounds):
            return 1.0, f"every label is {int(coverage.positives > 0)}: there is nothing to learn"
    elif coverage.compounds > 1 and coverage.quantiles[0] == coverage.quantiles[-1]:
        return 1.0, f"every value is {coverage.quantiles[0]:.4g}: there is nothing to learn"
    return None


def _few(each: EndpointReport) -> tuple[float, str] | None:
    """Too few compounds, or too few of a class, to judge by."""
    n, positives = each.coverage.compounds, each.coverage.positives
    rarer = min(positives, n - positives)
    if each.endpoint.kind == "regression" or n < FEW:
        return (1 / (n + 1), f"only {n} compounds have a value") if n < FEW else None
    if 0 < rarer < FEW:
        label = int(positives < n - positives)
        return 1 / rarer, f"only {rarer} of {n:,} compounds have label {label}: too few to judge by"
    return None


def _disagreeing(each: EndpointReport) -> tuple[float, str] | None:
    """Replicates that disagree."""
    found, repeated = len(each.replicates.conflicts), each.replicates.repeated
    if found < max(3, DISAGREEING * repeated):
        return None
    return found / repeated, (
        f"{found:,} of {repeated:,} compounds that were measured more than once have values that disagree"
    )


def _leaking(each: EndpointReport) -> tuple[float, str] | None:
    """A test fold that flatters."""
    leakage = each.leakage
    if leakage is None:
        return None
    if leakage.near and leakage.near >= NEAR * leakage.tested:
        return leakage.near / leakage.tested, (
            f"{percent(leakage.near / leakage.tested)} of {leakage.tested:,} test compounds have a"
            " near-duplicate in training, so that figures will flatter"
        )
    known = leakage.repeated + len(leakage.forms)
    if known:
        return known / leakage.tested / 100, (
            f"{known:,} of {leakage.tested:,} test compounds are in the training data as well, as they are"
            " (left out there) or as a stereoisomer or tautomer"
        )
    return None


def _concentrations(each: EndpointReport) -> tuple[float, str] | None:
    """Values that ask for their logarithm."""
    if each.tails is None or not each.tails.wants_logarithm:
        return None
    return each.tails.skew, (
        f"values are skewed ({each.tails.skew:.1f}; their logarithms {each.tails.log_skew:z.1f}): a"
        " logarithmic scale would fit better"
    )


def _piled(each: EndpointReport) -> tuple[float, str] | None:
    """A limit of the assay, written as a value."""
    tails = each.tails
    if tails is None or tails.at_edge < PILED or each.coverage.quantiles[0] == each.coverage.quantiles[-1]:
        return None
    is_least = tails.edge == each.coverage.quantiles[0]
    return tails.at_edge, (
        f"{percent(tails.at_edge)} of the exact values are the {'least' if is_least else 'largest'},"
        f" {tails.edge:.4g}: if that is a limit of the assay, write it with {'<' if is_least else '>'}"
    )


def _limits(each: EndpointReport) -> tuple[float, str] | None:
    """Values that say "at most" or "at least" alone."""
    coverage = each.coverage
    share = (coverage.below + coverage.above) / max(1, coverage.values)
    return (share, f"{percent(share)} of the values are limits (< or >)") if share >= LIMITS else None


def _steep(each: EndpointReport) -> tuple[float, str] | None:
    """Activity cliffs."""
    if each.cliffs is None or each.cliffs.compounds < max(2.0, CLIFFS * each.cliffs.compared):
        return None
    share = each.cliffs.compounds / each.cliffs.compared
    return share, f"{percent(share)} of the compounds are in an activity cliff: expect larger errors there"


def _imbalanced(each: EndpointReport) -> tuple[float, str] | None:
    """A rare class."""
    n, positives = each.coverage.compounds, each.coverage.positives
    share = min(positives, n - positives) / max(1, n)
    if each.endpoint.kind == "regression" or not 0 < share < RARE:
        return None
    label = int(positives < n - positives)
    return 1 - share, f"{percent(share)} of the compounds have label {label}: look at AUPRC, not at accuracy"


def _one_series(each: EndpointReport) -> tuple[float, str] | None:
    """One scaffold, and little else."""
    share = each.coverage.largest
    if share < ONE_SCAFFOLD:
        return None
    return share, f"{percent(share)} of the compounds have one scaffold: others are outside what was learnt"


RULES: Sequence[Rule] = (
    _constant, _few, _disagreeing, _leaking, _piled,
    _concentrations, _limits, _steep, _imbalanced, _one_series,
)  # fmt: skip
