"""The command line: one file per verb; a verb imports its room when it is called."""

from __future__ import annotations

import os
import sys

from molscreen.cli.interrupt import hear_termination, tell_interrupt


def main() -> None:
    """Run the command line; ends the process with one of the exit codes of `molscreen.cli.app`."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # gives back what is no longer needed
    hear_termination()
    try:
        from molscreen.cli.app import app  # half a second, in which Ctrl-C is an interrupt as well

        app(prog_name="molscreen")
    except KeyboardInterrupt as error:
        sys.exit(tell_interrupt(error))
