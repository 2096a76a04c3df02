"""PlanScorer: the reward of a design, and what else a plan says of compounds that no library holds."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from molscreen.chem.compound import SCORED
from molscreen.data.drugs import read_drugs
from molscreen.errors import ConfigError
from molscreen.generation.reranker import SHARD_SIZE, Reranker
from molscreen.generation.search.judgement import Judgement
from molscreen.graphs.features import featurize_batch
from molscreen.prediction.predictor import Predictor
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import open_plan, plan_identity
from molscreen.screening.plan.views import Views, find_bundle_infos, open_views, single_thread, used_bundles
from molscreen.screening.tiers.stages import predict

Floats = NDArray[np.float64]
PROBES = 5  # drugs that a predictor of one's own is asked about, to see whether it gives intervals


class PlanScorer:
    """Scores keys as a plan scores the best of a library: full view, filters, the whole objective.

    A context manager: bundles are opened, and workers started, when it is entered.

    Beside the reward it says what a control predictor says (`Judgement.control`): of each bundle the fast
    view, a network that was fitted apart from the experts of the full view and that no reward reads. It was
    trained on the same measurements, so it shows what a search gains from the peculiarities of the experts,
    and not from errors in the data; for these, name a bundle that was trained on other data.

    Parameters
    ----------
    plan : ScreenPlan
        Its library and shortlist play no part; its ``[run]`` table says who does the work.
    cautious : bool
        Whether a wish on a predicted endpoint is judged by the less desirable end of its interval, so that a
        compound gains nothing from a prediction that is merely unsure. The plan's own terms on bounds stay.
        Endpoints without an interval are judged by their mean: see `judged_by_mean`.
    control : sequence of str
        Bundles that predict all endpoints of the plan's objective, in place of the fast views. Some may be
        the plan's own, where another says something of at least one endpoint.
    folder : Path, optional
        Of the workers, see `Reranker`; a temporary one, which other machines do not see, where absent.
    shard_size : int
        Compounds that one worker scores together.

    Attributes
    ----------
    rewarded : ScreenPlan
        The plan as the reward judges it, with or without caution; known when the scorer is entered.
    is_controlled : bool
        Whether there is a control; known when the scorer is entered.

    Raises
    ------
    UsageError
        The plan or a bundle is wrong.

    Examples
    --------
    >>> from molscreen.screening.plan.plan import load_plan
    >>> with PlanScorer(load_plan("low-tox")) as score:
    ...     score(["CC(=O)Oc1ccccc1C(=O)O", "CCO"]).shape
    (2,)
    """

    def __init__(
        self,
        plan: ScreenPlan,
        *,
        cautious: bool = False,
        control: Sequence[str] = (),
        folder: Path | None = None,
        shard_size: int = SHARD_SIZE,
    ) -> None:
        self.plan, self.is_cautious = plan, cautious
        self._folder, self._shard_size = folder, shard_size
        self.infos, self.plain = open_plan(plan)
        self.controls = find_bundle_infos(control) if control else []
        predicted = {endpoint.name for info in self.infos for endpoint in info.endpoints}
        self._predicted = frozenset(term.endpoint for term in self.plain.terms) & predicted
        if self.controls:
            self._check_controls()
        self._open = contextlib.ExitStack()

    @property
    def terms(self) -> tuple[str, ...]:
        """Endpoints and descriptors of the columns of `Judgement.terms`."""
        return tuple(term.endpoint for term in self.plain.terms)

    def identity(self) -> dict[str, Any]:
        """Everything that determines a score, as JSON-able values."""
        found = plan_identity(self.plan, self.infos)
        return {
            **found,
            "plan": {name: value for name, value in found["plan"].items() if name != "run"},
            "control": {info.name: info.digest for info in self.controls},
            "shard_size": self._shard_size,
        }

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opened:  # what is open is closed where the rest fails
            opened.enter_context(single_thread([*self.infos, *self.controls]))
            views = [open_views(info) for info in self.infos]
            self.judged_by_mean = self._without_interval(views)
            wary = self._predicted - set(self.judged_by_mean) if self.is_cautious else ()
            self.rewarded = self.plan.cautious(wary)
            endpoints = [each for info in self.infos for each in info.endpoints]
            self.objective = self.rewarded.make_objective(endpoints)
            folder = self._folder or Path(
                opened.enter_context(tempfile.TemporaryDirectory(prefix="molscreen-"))
            )
            look = Reranker(folder, self.rewarded, self.infos, shard_size=self._shard_size)
            self._look = opened.enter_context(look)
            used = used_bundles({view.name: view.full for view in views}, self.objective)
            domains = [view.domain_for(self._predicted) for view in views if view.name in used]
            self._domains = [domain for domain in domains if domain is not None]
            self._control = self._open_control([view for view in views if view.name in used])
            self.is_controlled = bool(self._control)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def __call__(self, keys: Sequence[str]) -> Floats:
        """Scores (n,) in [0, 1], higher is better; NaN for a compound that is refused or lacks a number."""
        return self.judge(keys).score

    def judge(self, keys: Sequence[str]) -> Judgement:
        """The scores, and all that is known besides; see `Judgement`."""
        if not keys:
            return Judgement.of_scores([])
        table = self._look.table(keys)
        score = _numbers(table, "score")
        values = {
            name: _numbers(table, name)
            for objective in (self.objective, self.plain)
            for name in objective.columns
        }
        terms = self.objective.explain(values)
        return Judgement(
            score,
            [_reason(row) for row in table.select(["status", "reason_code", "reason"]).to_pylist()],
            np.where(np.isnan(score), np.nan, self.plain.score(values)),
            self._ask_control(keys, values, ~np.isnan(score)),
            np.stack([terms[name] for name in self.terms], axis=1),
            np.array([self.is_cautious and is_in is False for is_in in table["in_domain"].to_pylist()], bool),
        )

    def distance(self, keys: Sequence[str]) -> Floats:
        """How far (n,) each key is from the domain of the bundles that the objective reads, at most 1 inside.

        The farthest of several. The domain is that of the nearest training compounds, as `in_domain` of a
        shortlist is; for a predictor of one's own that knows no training compounds all are inside. What the
        predictors themselves say of the domain comes with the score: `Judgement.outside`.
        """
        found = [np.asarray(domain.distance(keys), np.float64) for domain in self._domains]
        return np.max(found, axis=0) if found else np.zeros(len(keys))

    def _check_controls(self) -> None:
        """The controls predict what the plan wishes for, and are not all of them what is rewarded."""
        names = ", ".join(info.name for info in self.controls)
        says = {info: {each.name for each in info.endpoints} & self._predicted for info in self.controls}
        if missing := self._predicted.difference(*says.values()):
            raise ConfigError(
                f"control {names}: does not predict '{min(missing)}', which the plan wishes for"
            )
        rewarded = {(info.name, info.digest) for info in self.infos}
        if all((info.name, info.digest) in rewarded for info, wished in says.items() if wished):
            raise ConfigError(
                f"control {names}: is what the plan rewards, so the gap would be 0 whatever the search gains"
                " from it. Name a bundle that was trained apart, or leave --control out for the fast views"
            )

    def _open_control(self, views: Sequence[Views]) -> Mapping[str, Predictor]:
        """Who controls, by name; nobody where a bundle has but one view, which is the reward's."""
        if self.controls:
            opened = [open_views(info) for info in self.controls]
            return {view.name: view.asked_about(self._predicted) for view in opened}
        if any(view.wide is view.full for view in views):
            return {}
        return {view.name: view.wide for view in views}

    def _ask_control(
        self, keys: Sequence[str], values: Mapping[str, Floats], is_scored: NDArray[np.bool_]
    ) -> Floats:
        """The plain score (n,) with what the control says in place of every prediction; NaN without one."""
        control = np.full(len(keys), np.nan)
        places = np.flatnonzero(is_scored).tolist()
        if not self._control or not places:
            return control
        asked = [keys[place] for place in places]
        said = predict(self._control, asked, featurize_batch(asked)).values
        described = {name: column[places] for name, column in values.items() if name not in said}
        control[places] = self.plain.score({**described, **said})
        return control

    def _without_interval(self, views: Sequence[Views]) -> tuple[str, ...]:
        """Endpoints of the objective that have no interval, which nobody can be cautious about.

        Bundles say so themselves; a predictor of one's own is asked about some drugs.
        """
        found = {name for info in self.infos for name in info.unbounded}
        drugs = [drug.smiles for drug, _ in zip(read_drugs(), range(PROBES), strict=False)]
        for view in views:
            if view.wide is view.full:
                said = view.full.predict(drugs, featurize_batch(drugs))
                bounded = (np.isfinite(said.low) & np.isfinite(said.high)).any(axis=0)  # (t,)
                found |= {said.endpoints[place].name for place in np.flatnonzero(~bounded).tolist()}
        return tuple(sorted(found & self._predicted))


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column (n,) as float64, NaN where it is null."""
    return np.asarray(table[name].to_numpy(), np.float64)


def _reason(row: Mapping[str, Any]) -> str:
    """Why a compound has no score: the rule that refuses it, or what lacks a number."""
    if row["status"] in SCORED:
        return ""
    return f"filter {row['reason_code']}" if row["status"] == "filtered" else str(row["reason"])
