"""Runs that fail, in a file of their own, since processes import what they are to run."""

from __future__ import annotations

import os
import time


def die(job):
    """As a process does that the system ends."""
    os._exit(1)


def fail_or_sleep(job):
    """One task fails at once, every other takes five minutes."""
    if job.task == "qed":
        raise ValueError("qed failed")
    time.sleep(300)
