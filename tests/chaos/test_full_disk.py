"""A disk that is full in truth, and a limit on the size of files: told with the name, and gone on with."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chaotic import LOCAL, check, end, start, struck

from molscreen.errors import RunError
from molscreen.screening.folder.duplicates import write_duplicates
from molscreen.screening.folder.resume import check_space

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(sys.platform != "linux", reason="tmpfs and RLIMIT_FSIZE are Linux's"),
]
SIZE = 2 << 20  # bytes of the small disk
INLINE = {"executor": "inline"}
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a disk may not be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, free: int) -> Path:
    """A file that leaves so many bytes free."""
    path = disk / "other"
    path.write_bytes(b"0" * (SIZE - free))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_full_disk(library, unbroken, small_disk, seed):
    """Wherever in the run it is full; then there is room, and the run goes on."""
    rng, out = random.Random(seed), small_disk / "run"
    needed = sum(map(len, unbroken.values()))
    asked = check_space(small_disk, n_rows=300, n_endpoints=2, shard_size=64)
    least = 1.5 * asked  # with less it would not be begun
    other = fill(small_disk, free=int(rng.uniform(least, 0.8 * needed)))
    driver = start(library, out, options=INLINE if seed % 2 else LOCAL)
    _, log = driver.communicate(timeout=200)
    assert driver.returncode != 0
    assert f"{out}/" in log.splitlines()[-1]
    assert "no space left on the disk" in log.splitlines()[-1]
    struck("disk full")
    other.unlink()
    assert not list(out.rglob("*.tmp-*"))
    end(start(library, out))
    check(out, unbroken)


def test_disk_that_is_full_when_duplicates_are_written(run_folder, small_disk):
    """Or when what does not fit in memory is."""
    fill(small_disk, free=0)
    with pytest.raises(RunError, match=r"disk/duplicates\.parquet: no space left on the disk"):
        write_duplicates(run_folder / "scores", small_disk / "duplicates.parquet", n_rows=300)
    struck("disk full")


@pytest.mark.parametrize("seed", SEEDS)
def test_file_that_may_not_grow(library, unbroken, tmp_path, seed):
    """A quota, or ``ulimit -f``: the kernel refuses in the middle of a file."""
    out = tmp_path / "run"
    largest = max(map(len, unbroken.values()))
    limit = int(random.Random(seed).uniform(0.1, 0.95) * largest)
    prelude = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    driver = start(library, out, options=INLINE if seed % 2 else LOCAL, prelude=prelude)
    _, log = driver.communicate(timeout=200)
    assert driver.returncode != 0
    assert f"{out}/" in log.splitlines()[-1]
    assert "cannot be written: File too large" in log.splitlines()[-1]
    struck("file too large")
    assert not list(out.rglob("*.tmp-*"))
    end(start(library, out))
    check(out, unbroken)
