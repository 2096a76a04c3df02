"""CrossFitted: an expert, and what its like said of compounds that they had not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

E = TypeVar("E", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class CrossFitted(Generic[E]):
    """What cross-fitting gives.

    Attributes
    ----------
    expert : Expert
        Fitted on all compounds.
    apart : Expert
        Fitted without fold 0: it may teach a student that is judged there.
    opinion : (n, t) float64
        Out of fold; NaN where there is none.
    """

    expert: E
    apart: E
    opinion: NDArray[np.float64]
