"""The benchmark half of ``molscreen evaluate``: methods side by side on the field's own tasks."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from molscreen.cli.console import print_json, print_table, say
from molscreen.errors import UsageError

if TYPE_CHECKING:
    from molscreen.training.benchmark.contender import Contender
    from molscreen.training.benchmark.cross_validation import Comparison
    from molscreen.training.benchmark.exam import Variant
    from molscreen.training.benchmark.findings import Report
    from molscreen.training.benchmark.ledger import Ledger
    from molscreen.training.benchmark.suite import Suite

SEEDS = 5
FITS = "fits"  # folder of what a cut run goes on from
ACTIVES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is to be run, checked: nothing was read yet but the cards.

    Attributes
    ----------
    suite : Suite
        With the tasks that are asked for.
    contenders : tuple of Contender
    seeds : int
    actives : int
        That train a virtual screen; nothing elsewhere.
    variants : tuple of {"official", "cleaned"}
        Of the training folds, where methods are judged by official test folds.
    cross_validate : bool
    out : path, optional
        Where results are kept and tables are written.
    """

    suite: Suite
    contenders: tuple[Contender, ...]
    seeds: int
    actives: int
    variants: tuple[Variant, ...]
    cross_validate: bool
    out: Path | None

    @classmethod
    def checked(
        cls,
        *,
        benchmark: str,
        models: tuple[str, ...],
        tasks: tuple[str, ...],
        seeds: int | None,
        effort: str | None,
        recipe: Path | None,
        variant: Variant | None,
        actives: int | None,
        cross_validate: bool,
        out: Path | None,
    ) -> Settings:
        """The settings that the options mean.

        Raises
        ------
        UsageError
            A name is unknown, a number is out of range, or options do not go together.
        """
        from molscreen.training.benchmark.exam import VARIANTS
        from molscreen.training.benchmark.lineup import DEFAULT, line_up
        from molscreen.training.benchmark.ours import OURS, STUDENT
        from molscreen.training.benchmark.suite import VIRTUAL_SCREENING, load_suite
        from molscreen.training.recipe import load_recipe

        suite = load_suite(benchmark).only(tasks)
        is_screen = suite.name == VIRTUAL_SCREENING
        asked = {OURS, STUDENT}.intersection(models or (() if is_screen else DEFAULT))
        for option, given in (("--effort", effort), ("--recipe", recipe)):
            if given is not None and not asked:
                raise UsageError(f"{option} {given}: it is for --model {OURS}, which is not asked for")
        if STUDENT in asked and (is_screen or cross_validate):
            raise UsageError(
                f"--model {STUDENT}: it is for official test folds, not for {VIRTUAL_SCREENING} or"
                " --cross-validate"
            )
        if effort and recipe:
            raise UsageError("--effort and --recipe are both given: a training file says how much is done")
        contenders = line_up(
            models,
            benchmark=benchmark,
            effort=effort or "standard",
            recipe=load_recipe(recipe)[0] if recipe else None,
            folder=out / FITS if out else None,
        )
        if actives is not None and not is_screen:
            raise UsageError(f"--actives {actives}: it is for --benchmark {VIRTUAL_SCREENING} alone")
        for option, value in (("--seeds", seeds), ("--actives", actives)):
            if value is not None and value < 1:
                raise UsageError(f"{option} must be at least 1, got {value}")
        if variant is not None and (is_screen or cross_validate):
            raise UsageError(
                f"--variant {variant}: it is for official test folds, not for {VIRTUAL_SCREENING} or"
                " --cross-validate"
            )
        if cross_validate and (is_screen or len(suite.tasks) != 1 or len(contenders) < 2 or seeds):
            raise UsageError(
                "--cross-validate compares two or more --model on one task of --tasks, not of"
                f" {VIRTUAL_SCREENING}, and has its own splits instead of --seeds"
            )
        return cls(
            suite=suite,
            contenders=contenders,
            seeds=seeds or SEEDS,
            actives=actives or ACTIVES,
            variants=(variant,) if variant else VARIANTS,
            cross_validate=cross_validate,
            out=out,
        )


def run_benchmark(settings: Settings, *, json: bool) -> None:
    """Run what is not there yet, and print and write the tables."""
    from molscreen.data.data_folder import find_data_folder
    from molscreen.training.benchmark.ledger import FILE, Ledger

    find_data_folder()
    out = settings.out
    ledger = Ledger(settings.suite.name, out)
    if len(ledger):
        say(f"{len(ledger):,} results are in {out}, and are not computed again")
    try:
        if settings.cross_validate:
            _compare(settings, ledger, json=json)
        else:
            _contest(settings, ledger, json=json)
    except KeyboardInterrupt:
        if out is not None:
            say(f"{len(ledger):,} results are kept in {out / FILE}; the same command goes on from there")
        raise


def _contest(settings: Settings, ledger: Ledger, *, json: bool) -> None:
    from molscreen.report.benchmark import COLUMNS, as_json, rank_rows, summary_rows, write_report
    from molscreen.training.benchmark.suite import VIRTUAL_SCREENING

    report = (
        _screens(settings, ledger) if settings.suite.name == VIRTUAL_SCREENING else _tasks(settings, ledger)
    )
    if settings.out is not None:
        say(f"wrote {', '.join(str(path) for path in write_report(report, settings.out))}")
    if json:
        print_json(as_json(report))
        return
    print_table(COLUMNS, summary_rows(report), title=f"{report.title}: {report.protocol}")
    for name, why in report.missing.items():
        print(f"{name}: {why}")
    if found := rank_rows(report):
        print_table(("method", "mean rank"), found, title="Mean rank, official; 1 is best")


def _tasks(settings: Settings, ledger: Ledger) -> Report:
    from molscreen.training.benchmark.contest import hold_contest

    return hold_contest(
        settings.suite,
        settings.contenders,
        seeds=settings.seeds,
        variants=settings.variants,
        ledger=ledger,
        progress=say,
    )


def _screens(settings: Settings, ledger: Ledger) -> Report:
    from molscreen.training.benchmark.virtual import hold_screens

    return hold_screens(
        settings.suite,
        settings.contenders,
        actives=settings.actives,
        repeats=settings.seeds,
        ledger=ledger,
        progress=say,
    )


def _compare(settings: Settings, ledger: Ledger, *, json: bool) -> None:
    from molscreen.training.benchmark.cross_validation import cross_validate

    [task] = settings.suite.tasks
    comparison = cross_validate(task, settings.contenders, ledger=ledger, progress=say)
    if settings.out is not None:
        from molscreen.report.benchmark import write_comparison

        say(f"wrote {', '.join(str(path) for path in write_comparison(comparison, settings.out))}")
    if json:
        print_json(asdict(comparison))
    else:
        _print_comparison(comparison)


def _print_comparison(comparison: Comparison) -> None:
    from molscreen.report.benchmark import comparison_rows, score_rows

    title = f"{comparison.task}: repeated cross-validation of the training fold"
    print_table(("method", comparison.metric), score_rows(comparison), title=title)
    heading = ("difference", "mean", "95 % interval", "p (Tukey HSD)")
    print_table(heading, comparison_rows(comparison))
    for name, why in comparison.missing.items():
        print(f"{name}: {why}", file=sys.stderr)
