"""``molscreen pretrain``: unlabelled molecules in, an encoder that networks start from out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from molscreen.cli.console import say
from molscreen.cli.options import OutFolder
from molscreen.cli.progress import Ticker


def pretrain(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Which libraries, and how.")],
    out: OutFolder,
) -> None:
    """Teach a graph network descriptors and fingerprints of unlabelled molecules.

    The encoder in --out is named by a training file (encoder = "DIR"). A killed call is continued by
    the same call. The libraries are dataset cards, whose files lie under $MOLSCREEN_DATA.
    """
    from molscreen.screening.folder.resume import check_writable
    from molscreen.training.networks.pretrain import pretrain as pretrain_encoder

    check_writable(out.parent)
    with Ticker() as ticker:
        pretrain_encoder(file, out=out, progress=ticker)
    say(f"wrote {out}; name it in a training file: encoder = '{out}'")
