"""On a Ray cluster everything is as it is here: the same bytes, the same blame, the same refusals."""

from __future__ import annotations

import pytest
from small_plan import result_files

from molscreen.screening.screen import screen

pytest.importorskip("ray")
pytestmark = pytest.mark.integration


def test_ray_gives_the_bytes_of_inline(run, library, plan, tmp_path):
    """The contract of every executor, on a cluster that is started for the run."""
    cluster = screen(library, plan=plan, out=tmp_path / "run", executor="ray", workers=2)
    assert result_files(cluster.path) == result_files(run.path)
    assert cluster.record.fingerprint == run.record.fingerprint
