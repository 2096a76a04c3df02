"""The masked multi-task loss: missing labels are left out, censored ones count one-sidedly."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from molscreen.models.network import NetworkOutput

BETA = 0.5  # weight of variance in the Gaussian loss; Seitzer et al. recommend 0.5


def multitask_loss(
    output: NetworkOutput,
    target: Tensor,
    relation: Tensor,
    *,
    is_classification: Tensor,
    weight: Tensor,
    beta: float = BETA,
) -> tuple[Tensor, Tensor]:
    """Weighted loss summed over known labels, and the sum of their weights.

    Parameters
    ----------
    output : NetworkOutput
        For n molecules and t endpoints.
    target : (n, t) float
        Standardised values or labels 0/1; NaN = not measured.
    relation : (n, t) int8
        0: equal; -1: the true value is below `target` ("<"); +1: above it (">").
        Ignored for classification.
    is_classification : (t,) bool
    weight : (t,) float
        Of each endpoint's labels.
    beta : float in [0, 1]
        0 makes the regression loss the plain Gaussian likelihood: a proper score, by which fits may be
        compared, where the weighted one is only good to descend.

    Returns
    -------
    loss, total : 0-d tensors
        Divide the sums over all batches of an epoch to get its mean loss. Classification:
        binary cross-entropy. Regression: the beta-NLL of a Gaussian for measured values, and
        the negative log probability of the allowed side for censored ones (Tobit).

    References
    ----------
    Seitzer et al., ICLR 2022, arXiv:2203.09168 (beta-NLL). Tobin, Econometrica 26, 24 (1958),
    doi:10.2307/1907382 (censoring).
    """
    known = ~torch.isnan(target)
    y = torch.where(known, target, torch.zeros_like(target))
    bce = functional.binary_cross_entropy_with_logits(output.raw, y, reduction="none")
    gaussian = _beta_nll(output, y, beta)
    tail = _censored_nll(output, y, relation)
    regression = torch.where(relation == 0, gaussian, tail)
    entry = torch.where(is_classification, bce, regression)  # (n, t)
    factor = known * weight
    return (entry * factor).sum(), factor.sum()


def _beta_nll(output: NetworkOutput, y: Tensor, beta: float) -> Tensor:
    """Gaussian negative log likelihood, each entry scaled by its variance to the power `beta`."""
    variance = output.log_variance.exp()
    nll = 0.5 * (output.log_variance + (y - output.raw) ** 2 / variance)
    return nll * variance.detach() ** beta


def _censored_nll(output: NetworkOutput, y: Tensor, relation: Tensor) -> Tensor:
    """``-log P(value on the allowed side of y)`` under the predicted Gaussian."""
    z = (y - output.raw) / (0.5 * output.log_variance).exp()
    likelihood: Tensor = torch.special.log_ndtr(-relation * z)
    return -likelihood
