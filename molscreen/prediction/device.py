"""What torch computes on: the accelerators it can use, and how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def accelerators() -> tuple[str, ...]:
    """Names of the GPUs that torch sees; empty where there is none, or no driver that fits."""
    return tuple(torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count()))


@contextmanager
def one_thread() -> Iterator[None]:
    """A single torch thread inside the block.

    For a few molecules the work is shorter than the wait for other threads; on a busy machine with
    two cores the wait was 2 s a molecule, against 0.04 s with one thread.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
