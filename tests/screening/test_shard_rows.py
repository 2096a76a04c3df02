"""Shards are as large as the library allows, whoever does the work."""

import dataclasses

import pytest
from small_plan import make_plan, result_files

from molscreen.errors import ConfigError
from molscreen.screening.plan.tables import Execution, shard_rows
from molscreen.screening.screen import screen


def test_a_small_library_is_several_shards():
    """An interrupt loses one of sixteen, not all; a large one keeps parts of ten seconds."""
    assert shard_rows(Execution(), 10_000) * 16 <= 10_000
    assert shard_rows(Execution(), 100) == 256
    assert shard_rows(Execution(), 10**9) == 4096
    assert shard_rows(Execution(shard_size=10), 10**9) == 10
    with pytest.raises(ConfigError, match=r"\[run\] shard_size must not be negative"):
        Execution(shard_size=-1)


def test_the_number_of_workers_decides_nothing(library, tmp_path):
    """Promise 2: one worker or three, the same bytes, where the size was found and not given."""
    plan = make_plan(run={"executor": "local"})
    runs = []
    for workers in (1, 3):
        few = dataclasses.replace(plan, run=dataclasses.replace(plan.run, workers=workers))
        runs.append(screen(library, plan=few, out=tmp_path / str(workers)))
    assert runs[0].plan.run.shard_size == 256
    assert result_files(runs[0].path) == result_files(runs[1].path)
