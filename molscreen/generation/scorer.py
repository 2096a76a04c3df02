"""PlanScorer: what a plan says of compounds that no library holds, by the second look of a screen."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from molscreen.chem.nurse import Nurse
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import open_plan
from molscreen.screening.plan.views import open_views, single_thread
from molscreen.screening.shard import cut_compounds
from molscreen.screening.tiers.rerank import RerankTier
from molscreen.screening.tiers.stages import Stopwatch
from molscreen.screening.tiers.wide import used_bundles


class PlanScorer:
    """Scores keys as a plan scores the best of a library: full view, filters, the whole objective.

    A context manager: bundles are opened, and a watched child process started, when it is entered.

    Parameters
    ----------
    plan : ScreenPlan
        Its library, shortlist and execution play no part.
    cautious : bool
        Whether a wish on a predicted endpoint is judged by the less desirable end of its interval, so that a
        compound gains nothing from a prediction that is merely unsure. The plan's own terms on bounds stay.

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

    def __init__(self, plan: ScreenPlan, *, cautious: bool = False) -> None:
        self.plan = plan
        self.infos, objective = open_plan(plan)
        unbounded = {name for info in self.infos for name in info.unbounded}
        predicted = {endpoint.name for info in self.infos for endpoint in info.endpoints}
        self.objective = objective.cautious(predicted - unbounded) if cautious else objective
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opened:  # what is open is closed where the rest fails
            opened.enter_context(single_thread(self.infos))
            views = [open_views(info) for info in self.infos]
            nurse = opened.enter_context(contextlib.closing(Nurse()))
            tier = RerankTier(self.plan.filters, views, self.objective, nurse=nurse)
            self._tier = opened.enter_context(contextlib.closing(tier))
            used = used_bundles({view.name: view.full for view in views}, self.objective)
            self._domains = [view.neighbours for view in views if view.name in used and view.neighbours]
            self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def __call__(self, keys: Sequence[str]) -> NDArray[np.float64]:
        """Scores (n,) in [0, 1], higher is better; NaN for a compound that is refused or lacks a number."""
        if not keys:
            return np.empty(0)
        [shard] = cut_compounds(range(len(keys)), keys, len(keys))
        table = self._tier.table(shard, Stopwatch())
        return np.asarray(table["score"].to_numpy(), np.float64)

    def in_domain(self, keys: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each key (n,) is inside the domain of every bundle that the objective reads.

        The domain of the nearest training compounds, as `in_domain` of a shortlist is; a predictor of one's
        own that knows no training compounds has none, and refuses nothing.
        """
        verdicts = [np.asarray(domain.distance(keys)) <= 1 for domain in self._domains]
        return np.all(verdicts, axis=0) if verdicts else np.ones(len(keys), bool)
