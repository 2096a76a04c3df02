"""``python -m molscreen``: the command line without an installed script."""

from __future__ import annotations

from molscreen.cli import main

if __name__ == "__main__":
    main()
