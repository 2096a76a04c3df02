"""Kernel expert: weighted likeness to training compounds.

Where a project has hundreds of compounds to an endpoint, not tens of thousands, this is as good as a network
and errs on other compounds, so the two gain from being blended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from molscreen.prediction.compressed import compress
from molscreen.prediction.experts.described import Described
from molscreen.prediction.experts.descriptor_space import DescriptorSpace
from molscreen.prediction.experts.likeness import Profile, Reference, named, unfolded

LOGIT_SLOPE = 4.0  # of a logit at a probability of a half
_BLOCK_BYTES = 1 << 25  # of similarities while opinions are computed


@dataclass(frozen=True, eq=False)
class KernelExpert:
    """An `Expert`: the mean of a Gaussian process on the likeness to r training compounds.

    Attributes
    ----------
    space : DescriptorSpace
    reference : Profile
        Of the training compounds.
    weight : (r, t) float32
        What likeness 1 to a compound adds; 0 where it was not measured for an endpoint.
    shift : (t,) float64
        The opinion on a compound that is like none of them; NaN for an endpoint that is not known.
    is_label : (t,) bool
        Classification endpoints: the sum is near a probability; see `to_opinion`.

    References
    ----------
    Ralaivola et al., Neural Networks 18, 1093 (2005), doi:10.1016/j.neunet.2005.07.009 (its kernels).
    Rasmussen & Williams, Gaussian Processes for Machine Learning, MIT Press 2006, section 2.2.
    """

    space: DescriptorSpace
    reference: Profile
    weight: NDArray[np.float32]
    shift: NDArray[np.float64]
    is_label: NDArray[np.bool_]

    def __post_init__(self) -> None:
        r, t = self.weight.shape
        if len(self.reference) != r or self.shift.shape != (t,) or self.is_label.shape != (t,):
            raise ValueError(
                f"kernel: {len(self.reference)} compounds, weights of shape {(r, t)}, shifts of"
                f" {self.shift.shape} and kinds of {self.is_label.shape} do not belong together"
            )
        if not np.isfinite(self.weight).all() or np.isinf(self.shift).any():
            raise ValueError("kernel: a weight or a shift is not a finite number")

    @cached_property
    def _unfolded(self) -> Reference:
        return Reference(self.reference, self.space)

    @cached_property
    def _sparse_weight(self) -> csr_matrix:
        return csr_matrix(self.weight.T.astype(np.float64))  # (t, r)

    def opine(self, compounds: Described) -> NDArray[np.float64]:
        """An opinion (n, t) on n compounds; see `Expert`."""
        others = Profile.of(compounds, self.space)
        said = np.empty((len(others), len(self.shift)))
        step = max(1, _BLOCK_BYTES // (8 * max(1, len(self.weight))))
        for start in range(0, len(others), step):
            similarity = self._unfolded.similarity(others.take(slice(start, start + step)))  # (r, step)
            said[start : start + step] = (self._sparse_weight @ similarity).T
        return to_opinion(said + self.shift, self.is_label)

    def restricted_to(self, asked: NDArray[np.bool_]) -> KernelExpert:
        """For fewer endpoints; compounds that only others were fitted on are not compared with."""
        weight = np.where(asked, self.weight, np.float32(0))
        rows = np.flatnonzero(weight.any(axis=1))
        shift = np.where(asked, self.shift, np.nan)
        return replace(self, reference=self.reference.take(rows), weight=weight[rows], shift=shift)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Named arrays for a safetensors file; `from_tensors` is the inverse.

        About 400 bytes for a compound of ChEMBL, and 4 for each of its measurements.

        Raises
        ------
        ValueError
            The reference is too large to be read again; see `compressed`.
        """
        measured = self.weight.T != 0  # (t, r)
        return {
            "kernel.weight": self.weight.T[measured],
            "kernel.measured": compress(np.packbits(measured).tobytes()),
            "kernel.shift": self.shift,
            "kernel.is_label": self.is_label,
            **self.space.to_tensors("kernel.space"),
            **self.reference.to_tensors("kernel"),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[Any]]) -> KernelExpert:
        """The expert that a bundle stored.

        Raises
        ------
        ValueError
            An array is missing or damaged, or they do not belong together.
        """
        reference = Profile.from_tensors(tensors, "kernel")
        shift, is_label = named(tensors, "kernel.shift"), named(tensors, "kernel.is_label")
        shape = (shift.size, len(reference))  # (t, r)
        packed = unfolded(tensors, "kernel.measured", np.uint8)
        values = named(tensors, "kernel.weight")
        if len(packed) != -(-shape[0] * shape[1] // 8):
            raise ValueError(f"kernel.measured: {len(packed)} bytes for (t, r) = {shape}")
        measured = np.unpackbits(packed, count=shape[0] * shape[1]).reshape(shape).astype(bool)
        if values.shape != (measured.sum(),):
            raise ValueError(f"kernel.weight: {values.shape} weights, expected {(measured.sum(),)}")
        weight = np.zeros(shape, np.float32)
        weight[measured] = values
        space = DescriptorSpace.from_tensors(tensors, "kernel.space")
        return cls(space, reference, weight.T, shift.astype(np.float64), is_label.astype(bool))


def to_opinion(said: NDArray[np.float64], is_label: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sums (n, t) as a blend wants them: of labels, the tangent of the logit at a half; NaN stays.

    A sum near a probability may lie outside of 0 and 1, where there is no logit; on the tangent nothing is
    cut off, and the order of compounds stays.

    Examples
    --------
    >>> to_opinion(np.array([[0.5, 0.75]]), np.array([False, True])).tolist()
    [[0.5, 1.0]]
    """
    return np.where(is_label, LOGIT_SLOPE * (said - 0.5), said)
