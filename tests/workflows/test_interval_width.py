"""The benchmark of interval widths, on errors whose cause is known."""

from __future__ import annotations

import numpy as np
import pytest

from workflows.benchmarks.interval_width import WAYS, Judged, figures


def judged(n: int, *, least: float, seed: int) -> Judged:
    """Errors in proportion to the distance, of compounds at least so far."""
    rng = np.random.default_rng(seed)
    distance = rng.uniform(least, 1, n)
    return Judged(np.abs(rng.normal(size=n)) * distance, rng.uniform(size=n), distance)


def test_widths_by_the_distance_hold_what_is_farther_than_was_known() -> None:
    known, far = judged(2000, least=0.0, seed=0), judged(2000, least=0.8, seed=1)
    found = {name: figures(known, far, way) for name, way in WAYS.items()}
    assert found["one width"].held < found["by std"].held + 0.02 < 0.85
    assert found["by distance"].held == pytest.approx(0.9, abs=0.03)
    assert found["by both"].held == pytest.approx(0.9, abs=0.03)
    assert found["by both"].inside == found["by both"].held  # none of them is outside
    assert found["by distance"].width > 1.2 * found["one width"].width
