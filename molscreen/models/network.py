"""Network: encoder, readout and heads, made from a spec that a bundle can store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from molscreen.config import check_positive, to_dataclass
from molscreen.endpoint import Kind
from molscreen.errors import ConfigError
from molscreen.models.batch import GraphBatch
from molscreen.models.encoder import ENCODERS
from molscreen.models.heads import Heads, Readout


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """The shape of a `Network`: the ``[network]`` table of a training file.

    Attributes
    ----------
    encoder : str
        A name in `ENCODERS`.
    width, depth, hidden : int
        Atom vector width d, message rounds, and width of the heads' hidden layer.
    dropout : float in [0, 1)
    kinds : tuple of {"regression", "classification"}
        One per endpoint, in order.
    """

    encoder: str = "dmpnn"
    width: int = 192
    depth: int = 4
    hidden: int = 256
    dropout: float = 0.1
    kinds: tuple[Kind, ...] = ()

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            ENCODERS[self.encoder]  # raises, and lists the choices
        check_positive(self, "width", "depth", "hidden", where="[network]")
        if not 0 <= self.dropout < 1:
            raise ConfigError(f"[network] dropout must be in [0, 1), got {self.dropout}")

    def to_json(self) -> dict[str, Any]:
        """A JSON-able mapping; `from_json` is its inverse."""
        return {**asdict(self), "kinds": list(self.kinds)}

    @classmethod
    def from_json(cls, mapping: Mapping[str, Any]) -> NetworkSpec:
        """The spec a bundle stored; unknown keys are refused."""
        return to_dataclass(cls, mapping, where="network spec")


class NetworkOutput(NamedTuple):
    """What one forward pass gives for n molecules and t endpoints.

    ``raw`` (n, t): regression, the mean on the standardised fitted scale; classification, the
    logit. ``log_variance`` (n, t): of the standardised target, meaningless for classification.
    ``embedding`` (n, hidden): the heads' last hidden layer.
    """

    raw: Tensor
    log_variance: Tensor
    embedding: Tensor


class Network(nn.Module):
    """Heads of the readout of an encoded batch: ``heads(readout(encoder(batch)))``.

    Buffers ``shift`` and ``scale`` (t,) take a standardised output back to the fitted scale:
    ``raw * scale + shift``; they are 0 and 1 for classification.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.encoder = ENCODERS[spec.encoder](spec.width, spec.depth, spec.dropout)
        self.readout = Readout()
        self.heads = Heads(2 * spec.width, spec.hidden, len(spec.kinds), spec.dropout)
        self.register_buffer("shift", torch.zeros(len(spec.kinds)))
        self.register_buffer("scale", torch.ones(len(spec.kinds)))

    def forward(self, batch: GraphBatch, atom_weight: Tensor | None = None) -> NetworkOutput:
        """One pass over a batch; `atom_weight` (A,) of 0 hides an atom from the network."""
        h = self.encoder(batch, atom_weight)  # (A, d)
        molecules = self.readout(h, batch)  # (n, 2d)
        return NetworkOutput(*self.heads(molecules))  # (n, t), (n, t), (n, hidden)

    def standardise(self, value: NDArray[np.floating]) -> None:
        """Set ``shift`` and ``scale`` to mean and sd of each regression column, NaN left out.

        Parameters
        ----------
        value : (n, t) float
            Training targets on the fitted scale.
        """
        for column, kind in enumerate(self.spec.kinds):
            known = value[:, column][~np.isnan(value[:, column])]
            if kind == "regression" and len(known) > 1:
                self.shift[column] = float(known.mean())
                self.scale[column] = float(known.std()) or 1.0
