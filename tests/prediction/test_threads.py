"""Threads of torch."""

from __future__ import annotations

import pytest
import torch

from molscreen.prediction.threads import single_thread


def test_one_thread_inside_and_as_before_outside() -> None:
    """Also where the work fails: a user's own training must not go on with one thread."""

    def work() -> None:
        with single_thread():
            assert torch.get_num_threads() == 1
            raise ZeroDivisionError

    torch.set_num_threads(2)
    with pytest.raises(ZeroDivisionError):
        work()
    assert torch.get_num_threads() == 2
