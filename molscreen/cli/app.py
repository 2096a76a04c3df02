"""The ``molscreen`` command: its verbs, and what an error or an interrupt becomes.

Exit codes: 0 ok, 1 failed, 2 wrong usage or input, 130 interrupted, 141 nobody reads the output, 143
terminated.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from molscreen.cli import (
    bundles,
    datasets,
    demo,
    design,
    doctor,
    enumeration,
    evaluate,
    explain,
    index,
    predict,
    pretrain,
    report,
    screen,
    search,
    train,
)
from molscreen.cli.console import say
from molscreen.cli.interrupt import tell_interrupt
from molscreen.errors import MolscreenError, WeakModelWarning

UNREAD = 141  # 128 + SIGPIPE: what a shell reports for any program that writes to a closed pipe


class Verbs(TyperGroup):
    """The verbs; an error that molscreen raises on purpose is one message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; anything unforeseen keeps its traceback."""
        try:
            with _plain_warnings():
                outcome = super().invoke(ctx)
            sys.stdout.flush()  # a closed pipe shows here, not when the interpreter ends
            return outcome
        except MolscreenError as error:
            say(f"molscreen: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(tell_interrupt(error)) from error
        except BrokenPipeError as error:  # `molscreen predict library.smi | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(UNREAD) from error
        except OSError as error:
            if error.filename is None:
                raise
            say(f"molscreen: {error.filename}: {error.strerror}")
            raise typer.Exit(MolscreenError.exit_code) from error


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """In the block, each warning of ours is a sentence, without the line of code that it came from."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", WeakModelWarning)
        show = warnings.showwarning

        def say_ours(message: Warning | str, category: type[Warning], *args: Any, **kwargs: Any) -> None:
            if issubclass(category, WeakModelWarning):
                say(f"molscreen: {message}")
            else:
                show(message, category, *args, **kwargs)

        warnings.showwarning = say_ours
        yield


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Screen a molecule library: SMILES in, a ranked, explained, defensible shortlist out.",
    epilog="Research use only: for prioritising compounds, never for clinical decisions.",
)


def _print_version(wanted: bool) -> None:
    from molscreen.provenance import versions

    if wanted:
        print(f"molscreen {versions()['molscreen']}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


app.command("screen")(screen.screen)
app.command("index")(index.index)
app.command("search")(search.search)
app.command("predict")(predict.predict)
app.command("train")(train.train)
app.command("pretrain")(pretrain.pretrain)
app.command("evaluate")(evaluate.evaluate)
app.command("explain")(explain.explain)
app.command("design")(design.design)
app.command("enumerate")(enumeration.enumerate_library)
app.command("report")(report.report)
app.add_typer(bundles.app, name="bundles")
app.add_typer(datasets.app, name="datasets")
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
