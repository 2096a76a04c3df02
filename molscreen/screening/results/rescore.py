"""Rescore: the compounds of a second look by another plan, without asking a model again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from molscreen.chem.compound import SCORED
from molscreen.chem.guarded.guard import Guard
from molscreen.errors import UsageError
from molscreen.objectives.objective import Objective
from molscreen.prediction.columns import IN_DOMAIN, TERM
from molscreen.prediction.prepare import NO_NUMBER
from molscreen.screening.outcome import read_verdict
from molscreen.screening.plan.judge import Judge, Verdict, survived
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import open_objective
from molscreen.screening.plan.tables import FilterRule
from molscreen.screening.plan.views import BundleInfo
from molscreen.screening.results.second_look import SecondLook
from molscreen.screening.shard import JUDGED, OUTCOME
from molscreen.screening.tiers.rerank import SHOWN_DESCRIPTORS, Judged, judged_table

INSTEAD = "screen the library by this plan"


def rescore(
    look: SecondLook, before: ScreenPlan, plan: ScreenPlan, bundles: Sequence[BundleInfo]
) -> SecondLook:
    """The same compounds as a screen by `plan` would judge them.

    Parameters
    ----------
    look : SecondLook
    before : ScreenPlan
        That the run was made by.
    plan : ScreenPlan
    bundles : sequence of BundleInfo
        Of the run.

    Raises
    ------
    UsageError
        The plan is wrong, or needs what the run did not store.
    """
    objective = open_objective(plan, bundles)
    _require_stored(look.judged, before, plan, objective)
    verdicts = _verdicts(look.judged, before, plan)
    domains, numbers = _others(look.judged)
    if not _same_domain(before, objective, bundles):
        domains = []
    kept = look.judged.filter(pa.array([verdict.status in SCORED for verdict in verdicts], pa.bool_()))
    judged = Judged(
        verdicts,
        {name: np.asarray(kept[name]) for name in numbers},
        {name: np.asarray(kept[name]) for name in domains},
    )
    row, key = (look.judged[name].combine_chunks() for name in ("row", "key"))
    return replace(look, judged=judged_table(row, key, judged, objective))


def _require_stored(judged: pa.Table, before: ScreenPlan, plan: ScreenPlan, objective: Objective) -> None:
    """Refuse a plan whose compounds are others, or that wishes for what was not predicted."""
    if plan.standardize != before.standardize:
        raise UsageError(
            f"{plan.where}, [standardize]: other compounds than this run's would be scored; {INSTEAD}"
        )
    if plan.out_of_domain == "refuse" != before.out_of_domain:
        raise UsageError(
            f'{plan.where}: out_of_domain = "refuse" goes by the domain of the first look, and this run kept'
            f" what is outside; {INSTEAD}"
        )
    lacking = [term.endpoint for term in objective.terms if not set(term.columns) <= set(judged.column_names)]
    if lacking:
        stored = dict.fromkeys([*_wished(before), *SHOWN_DESCRIPTORS])
        raise UsageError(
            f"{plan.where}, [objective]: the second look of this run did not ask for {', '.join(lacking)}"
            f" but for: {', '.join(stored)}; {INSTEAD}"
        )


def _verdicts(judged: pa.Table, before: ScreenPlan, plan: ScreenPlan) -> list[Verdict]:
    """What the plan's rules say of each compound; one that lacked a number may have it now."""
    verdicts = [read_verdict(row) for row in judged.select(list(OUTCOME)).to_pylist()]
    has_numbers = [each.status in SCORED or each.code == NO_NUMBER for each in verdicts]
    verdicts = [
        Verdict("ok", "", "") if has else each for has, each in zip(has_numbers, verdicts, strict=True)
    ]
    rules = _refusing(plan)
    if rules == _refusing(before):
        return verdicts
    asked = [i for i, each in enumerate(verdicts) if has_numbers[i] or each.status == "filtered"]
    keys = judged["key"].to_pylist()
    judge = Judge(rules, ())
    with Guard(judge, initializer=judge.load, timeout=10.0) as guard:
        said = list(map(survived, guard.map([keys[i] for i in asked])))
    unknown = []
    for i, verdict in zip(asked, said, strict=True):
        if verdict.status not in SCORED:
            verdicts[i] = verdict
        elif not has_numbers[i]:
            unknown.append(verdicts[i].code)
    if unknown:
        raise UsageError(
            f"{plan.where}: its rules let pass {len(unknown)} compounds that this run refused by"
            f" {', '.join(sorted(set(unknown)))}, so that no model was asked about them; {INSTEAD}"
        )
    return verdicts


def _refusing(plan: ScreenPlan) -> list[FilterRule]:
    return [rule for rule in plan.filters if rule.action == "refuse"]


def _others(judged: pa.Table) -> tuple[list[str], list[str]]:
    """Names of the columns with verdicts on the domain, and of those with numbers, terms apart."""
    rest = [name for name in judged.column_names if name not in JUDGED and not name.startswith(TERM)]
    domains = [name for name in rest if name.startswith(IN_DOMAIN)]
    return domains, [name for name in rest if name not in domains]


def _same_domain(before: ScreenPlan, objective: Objective, bundles: Sequence[BundleInfo]) -> bool:
    """Whether the same bundles are used and the same activities wished for: the domain goes by them."""
    now, then = {term.endpoint for term in objective.terms}, set(_wished(before))
    return all(_decisive(bundle, now) == _decisive(bundle, then) for bundle in bundles)


def _decisive(bundle: BundleInfo, wished: set[str]) -> tuple[bool, set[str]]:
    """Whether a bundle is used, and which of the wishes decide on its domain: of one's own, perhaps all."""
    used = {endpoint.name for endpoint in bundle.endpoints} & wished
    activities = {each.name for each in bundle.endpoints if each.role == "activity"}
    return bool(used), used if bundle.is_own else used & activities


def _wished(plan: ScreenPlan) -> list[str]:
    return [term["endpoint"] for term in plan.objective["term"]]
