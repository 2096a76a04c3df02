"""In a container that may use two cores of sixty-four, two workers are started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from molscreen.cores import usable_cores


@pytest.fixture
def many(monkeypatch):
    """A machine of 64 cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)


def cores(tmp_path: Path, groups: str, files: dict[str, str]) -> int:
    membership = tmp_path / "membership"
    membership.write_text(groups)
    for name, text in files.items():
        path = tmp_path / "control" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return usable_cores(control=tmp_path / "control", membership=membership)


@pytest.mark.parametrize(
    ("groups", "files", "wanted"),
    [
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),  # docker run --cpus 2, seen from inside
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),  # a pod with half a core
        ("0::/\n", {"cpu.max": "250000 100000\n"}, 3),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 64),
        ("0::/\n", {}, 64),  # a machine itself
        (
            "0::/batch.slice/job\n",
            {"batch.slice/cpu.max": "400000 100000", "batch.slice/job/cpu.max": "max 1"},
            4,
        ),
        (
            "3:cpuset:/\n2:cpu,cpuacct:/job\n0::/\n",  # the first version
            {"cpu/job/cpu.cfs_quota_us": "300000\n", "cpu/job/cpu.cfs_period_us": "100000\n"},
            3,
        ),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 64),
    ],
)
def test_quota_of_a_container_counts(many, tmp_path, groups, files, wanted):
    assert cores(tmp_path, groups, files) == wanted


def test_where_there_are_no_groups_the_affinity_counts(many, tmp_path):
    assert usable_cores(control=tmp_path / "none", membership=tmp_path / "nowhere") == 64
