"""Expert: one family of models inside a blend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from molscreen.prediction.experts.described import Described


class Expert(Protocol):
    """What a blend asks for an opinion beside its networks: a kernel, trees.

    All speak of the same t endpoints, in the same order and on one scale, so that opinions can be added up.
    """

    def opine(self, compounds: Described) -> NDArray[np.float64]:
        """An opinion (n, t) on n compounds.

        On the fitted scale of an endpoint (see `to_fitted_scale`), or a logit;
        NaN in the column of an endpoint that the expert knows nothing of.
        """
        ...

    def restricted_to(self, asked: NDArray[np.bool_]) -> Expert:
        """The same for those of its t endpoints where `asked` (t,): faster, and NaN elsewhere."""
        ...

    def to_tensors(self) -> Mapping[str, NDArray[Any]]:
        """Named arrays for a safetensors file; the class's ``from_tensors`` is the inverse."""
        ...
