"""Rounding: weights as they ship, a byte each, so that what is loaded is what was calibrated."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor

from molscreen.models.network import Network

MOST = 127  # steps either side of 0
SCALE = ".scale"  # a tensor of steps `NAME` comes with the size of a step of each row, `NAME.scale`


def rounded(network: Network) -> Network:
    """A copy on the CPU whose weights take a byte each in a bundle; it computes in float32 as before.

    Matrices become, row by row, whole multiples of a step, at most 127 of them; all other parameters become
    what float16 can hold. Done before calibration, it changes nothing afterwards. Buffers keep their
    precision.
    """
    copied = copy.deepcopy(network).cpu()
    with torch.no_grad():
        for parameter in copied.parameters():
            if parameter.ndim == 2:
                steps, size = _to_steps(parameter)
                parameter.copy_(steps.float() * size[:, None])
            else:
                parameter.copy_(parameter.half().float())
    return copied


def to_bytes(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a `rounded` network in the fewest bytes that lose nothing; of any other, as they are.

    Parameters
    ----------
    state : mapping of str to Tensor
        A ``state_dict``.
    """
    packed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        tensor = tensor.detach().cpu()
        if tensor.ndim == 2 and tensor.is_floating_point():
            steps, size = _to_steps(tensor)
            if torch.equal(steps.float() * size[:, None], tensor):
                packed[name], packed[name + SCALE] = steps, size
                continue
        half = tensor.half()
        packed[name] = (half if torch.equal(half.to(tensor.dtype), tensor) else tensor).clone()
    return packed


def from_bytes(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of `to_bytes`, in float32.

    Raises
    ------
    ValueError
        Steps come without their size.
    """
    state = {}
    for name, tensor in packed.items():
        if name.endswith(SCALE):
            continue
        if tensor.dtype != torch.int8:
            state[name] = tensor.float()
        elif name + SCALE not in packed:
            raise ValueError(f"weight '{name}' comes without the size of its steps")
        else:
            state[name] = tensor.float() * packed[name + SCALE][:, None]
    return state


def _to_steps(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Steps (n, m) int8 of a matrix, and the size of a step of each row (n,) float32.

    A size has 11 bits, rounded down, so that the largest weight of a row is 127 steps. The product of both is
    exact in float32, and the same size is found again from it.
    """
    fraction, exponent = torch.frexp(matrix.abs().amax(dim=1) / MOST)
    size = torch.ldexp((fraction * 2048).floor() / 2048, exponent)
    size = torch.where(size < torch.finfo(torch.float32).tiny, 0, size)  # too small to be halved exactly
    steps = matrix / torch.where(size > 0, size, 1)[:, None]
    return steps.round().clamp(-MOST, MOST).to(torch.int8), size
