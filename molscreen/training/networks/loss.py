"""What a fit descends and what stops it: missing labels are left out, censored ones count one-sidedly."""

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
    y = torch.nan_to_num(target)
    regression = torch.where(relation == 0, _beta_nll(output, y), _censored_nll(output, y, relation))
    return _summed(output, target, regression, is_classification, weight)


def multitask_error(
    output: NetworkOutput,
    target: Tensor,
    relation: Tensor,
    *,
    is_classification: Tensor,
    weight: Tensor,
) -> tuple[Tensor, Tensor]:
    """How wrong the means are: what early stopping compares. Arguments and sums as in `multitask_loss`.

    Classification: binary cross-entropy. Regression: half the squared error; of a censored value only
    where the mean lies on its forbidden side. Predicted variances do not enter: they go wrong long
    before the means do, and intervals are calibrated afterwards whatever their scale.
    """
    miss = torch.nan_to_num(target) - output.raw
    wrong = (relation == 0) | (relation * miss > 0)
    return _summed(output, target, 0.5 * miss**2 * wrong, is_classification, weight)


def _summed(
    output: NetworkOutput, target: Tensor, regression: Tensor, is_classification: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """Sums over the known labels: of cross-entropies and `regression` entries (n, t), and of weights."""
    known = ~torch.isnan(target)
    bce = functional.binary_cross_entropy_with_logits(output.raw, torch.nan_to_num(target), reduction="none")
    entry = torch.where(is_classification, bce, regression)  # (n, t)
    factor = known * weight
    return (entry * factor).sum(), factor.sum()


def _beta_nll(output: NetworkOutput, y: Tensor) -> Tensor:
    """Gaussian negative log likelihood, each entry scaled by its variance to the power BETA."""
    variance = output.log_variance.exp()
    nll = 0.5 * (output.log_variance + (y - output.raw) ** 2 / variance)
    return nll * variance.detach() ** BETA


def _censored_nll(output: NetworkOutput, y: Tensor, relation: Tensor) -> Tensor:
    """``-log P(value on the allowed side of y)`` under the predicted Gaussian."""
    z = (y - output.raw) / (0.5 * output.log_variance).exp()
    likelihood: Tensor = torch.special.log_ndtr(-relation * z)
    return -likelihood
