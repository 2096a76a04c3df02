"""Contender: a method that enters a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell
from molscreen.training.benchmark.exam import TrainingFold

Predicts = Callable[[Sequence[str]], NDArray[np.float64]]
"""n keys to (n, t): values in the endpoints' units; for a label a score in [0, 1], high where 1 is likely."""


class Contender(Protocol):
    """A method: fitted to a training fold, it predicts compounds."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        ...

    @property
    def settings(self) -> str:
        """What decides its figures: a stored figure counts only for the same settings."""
        ...

    @property
    def seeded(self) -> bool:
        """Whether another seed gives another model; if not, it runs once."""
        ...

    def missing(self) -> str:
        """What has to be installed before it can run here; empty if nothing is."""
        ...

    def fit(self, fold: TrainingFold, *, seed: int) -> Predicts:
        """A fitted model. Every choice it makes is made on `fold`: it never sees a test compound's value."""
        ...


@runtime_checkable
class JointContender(Contender, Protocol):
    """A method that can learn all tasks of a benchmark together."""

    def fit_together(
        self,
        folds: Sequence[TrainingFold],
        *,
        tested: Sequence[str],
        seed: int,
        progress: Tell,
    ) -> Sequence[Predicts]:
        """A fitted model for each fold; as `Contender.fit`.

        The compounds that one task tests may train another, as those of its training fold. Beyond that
        nothing may be learnt from the keys in `tested`, not even without a value.
        """
        ...


def muster(contenders: Sequence[Contender]) -> tuple[list[Contender], dict[str, str]]:
    """Those that can run here, and by name what each of the others misses."""
    missing = {each.name: each.missing() for each in contenders}
    present = [each for each in contenders if not missing[each.name]]
    return present, {name: why for name, why in missing.items() if why}
