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
    from molscreen.training.benchmark.findings import Report
    from molscreen.training.benchmark.ledger import Ledger
    from molscreen.training.benchmark.suite import Suite

SEEDS = 5
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
    cross_validate : bool
    """

    suite: Suite
    contenders: tuple[Contender, ...]
    seeds: int
    actives: int
    cross_validate: bool

    @classmethod
    def checked(
        cls,
        *,
        benchmark: str,
        models: tuple[str, ...],
        tasks: tuple[str, ...],
        seeds: int | None,
        effort: str | None,
        actives: int | None,
        cross_validate: bool,
    ) -> Settings:
        """The settings that the options mean.

        Raises
        ------
        UsageError
            A name is unknown, a number is out of range, or options do not go together.
        """
        from molscreen.training.benchmark.lineup import DEFAULT, OURS, line_up
        from molscreen.training.benchmark.suite import VIRTUAL_SCREENING, load_suite

        suite = load_suite(benchmark).only(tasks)
        is_screen = suite.name == VIRTUAL_SCREENING
        if effort is not None and OURS not in (models or (() if is_screen else DEFAULT)):
            raise UsageError(f"--effort {effort}: it is for --model {OURS}, which is not asked for")
        contenders = line_up(models, benchmark=benchmark, effort=effort or "standard")
        if actives is not None and not is_screen:
            raise UsageError(f"--actives {actives}: it is for --benchmark {VIRTUAL_SCREENING} alone")
        for option, value in (("--seeds", seeds), ("--actives", actives)):
            if value is not None and value < 1:
                raise UsageError(f"{option} must be at least 1, got {value}")
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
            cross_validate=cross_validate,
        )


def run_benchmark(settings: Settings, *, out: Path | None, json: bool) -> None:
    """Run what is not there yet, and print and write the tables."""
    from molscreen.data.card import find_data_folder
    from molscreen.training.benchmark.ledger import FILE, Ledger

    find_data_folder()
    ledger = Ledger(settings.suite.name, out)
    if len(ledger):
        say(f"{len(ledger):,} results are in {out}, and are not computed again")
    try:
        if settings.cross_validate:
            _compare(settings, ledger, out, json=json)
        else:
            _contest(settings, ledger, out, json=json)
    except KeyboardInterrupt:
        if out is not None:
            say(f"{len(ledger):,} results are kept in {out / FILE}; the same command goes on from there")
        raise


def _contest(settings: Settings, ledger: Ledger, out: Path | None, *, json: bool) -> None:
    from molscreen.report.benchmark import COLUMNS, as_json, rank_rows, summary_rows, write_report
    from molscreen.training.benchmark.suite import VIRTUAL_SCREENING

    report = (
        _screens(settings, ledger) if settings.suite.name == VIRTUAL_SCREENING else _tasks(settings, ledger)
    )
    if out is not None:
        say(f"wrote {', '.join(str(path) for path in write_report(report, out))}")
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
        settings.suite, settings.contenders, seeds=settings.seeds, ledger=ledger, progress=say
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


def _compare(settings: Settings, ledger: Ledger, out: Path | None, *, json: bool) -> None:
    from molscreen.training.benchmark.cross_validation import cross_validate

    [task] = settings.suite.tasks
    comparison = cross_validate(task, settings.contenders, ledger=ledger, progress=say)
    if out is not None:
        from molscreen.report.benchmark import write_comparison

        say(f"wrote {', '.join(str(path) for path in write_comparison(comparison, out))}")
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
