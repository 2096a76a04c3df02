"""The command line: one file per verb; a verb imports its room when it is called."""

from __future__ import annotations

from molscreen.cli.app import main

__all__ = ["main"]
