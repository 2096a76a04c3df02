"""A screen that its scheduler stops: put in order as after Ctrl-C, with the command that goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from molscreen.cli.interrupt import TERMINATED

STAND_INS = Path(__file__).parents[1] / "screening"
PLAN = """
name = "endless"
bundles = ["stand_in:endless"]
[objective]
[[objective.term]]
endpoint = "potency"
curve = "rise"
low = 4.0
high = 9.0
"""


def test_sigterm_ends_as_ctrl_c_does(tmp_path: Path) -> None:
    """Time limits, `scancel`, `docker stop` and spot notices send it; what was spooled is confidential."""
    plan, out, scratch = tmp_path / "endless.toml", tmp_path / "run", tmp_path / "scratch"
    plan.write_text(PLAN)
    scratch.mkdir()
    words = ["screen", "-", "--plan", plan, "--workers", "1", "--out", out]
    driver = subprocess.Popen(
        [sys.executable, "-m", "molscreen", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{STAND_INS}:{STAND_INS.parents[1]}", "TMPDIR": str(scratch)},
    )
    assert driver.stdin is not None
    driver.stdin.write(b"smiles\nCCO\nCCN\n")
    driver.stdin.close()
    driver.stdin = None
    until = time.monotonic() + 60
    while not (out / "scores").is_dir() and driver.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert list(scratch.iterdir()), "the library, of which there is no other copy"
    driver.send_signal(signal.SIGTERM)
    _, said = driver.communicate(timeout=60)
    assert driver.returncode == TERMINATED, said.decode()
    assert f"0 of 2 rows are scored and kept in {out}; go on with:" in said.decode()
    assert said.decode().endswith("molscreen: terminated\n")
    assert not (out / "lock").exists()
    assert not list(scratch.iterdir())
