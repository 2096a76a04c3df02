"""The accelerators that torch can compute on."""

from __future__ import annotations

import torch


def accelerators() -> tuple[str, ...]:
    """Names of the GPUs that torch sees; empty where there is none, or no driver that fits."""
    return tuple(torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count()))
