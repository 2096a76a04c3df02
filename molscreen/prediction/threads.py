"""One thread for numbers while a block runs, so that they do not depend on the machine's cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped,unused-ignore]


@contextmanager
def single_thread() -> Iterator[None]:
    """Limit torch and numpy to one thread: with more, sums come in another order and end in other bits.

    For a few molecules one thread is also the fastest: on a busy machine with two cores, waiting for the
    second cost 2 s a molecule, against 0.04 s without it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        torch.set_num_threads(threads)
