"""The benchmarks of generation behind ``molscreen evaluate``: searches, and what generators make."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from molscreen.cli.console import print_json, print_table, say
from molscreen.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from molscreen.generation.benchmark.table import BenchmarkSummary

SEARCHES = ("pmo", "guacamol")
BENCHMARKS = (*SEARCHES, "prior", "fragments")
BUDGETS = {"pmo": 10_000, "guacamol": 20_000}  # calls; GuacaMol sets none
SEEDS = {"pmo": 3, "guacamol": 1}
PRIOR_SAMPLES = 30_000  # as MOSES has it
WRITTEN = {"by the grammar": True, "as the network writes": False}  # of the prior's SMILES, and whether ruled


def run_generation_benchmark(
    benchmark: str,
    *,
    generator: str | None,
    tasks: tuple[str, ...],
    seeds: int | None,
    budget: int | None,
    workers: int | None,
    out: Path | None,
    json: bool,
) -> None:
    """Run what is not there yet, and print and write the tables.

    Raises
    ------
    UsageError
        A name is unknown, a number is out of range, or an option is not for this benchmark.
    """
    numbers = {"--seeds": seeds, "--budget": budget, "--workers": workers}
    for option, value in numbers.items():
        if value is not None and value < 1:
            raise UsageError(f"{option} must be at least 1, got {value}")
    if benchmark not in SEARCHES:
        for option, given in (numbers | {"--generator": generator}).items():
            if given:
                raise UsageError(f"{option} is for --benchmark pmo or guacamol alone: leave it out")
    if benchmark == "fragments":
        _run_fragments(tasks, out, json=json)
        return
    if benchmark == "prior":
        _run_prior(tasks, out, json=json)
        return
    from molscreen.generation.benchmark.method import find_method
    from molscreen.generation.benchmark.runs import Plan, run_all
    from molscreen.generation.benchmark.table import BenchmarkSummary, write_tables

    with tempfile.TemporaryDirectory() as nowhere:
        plan = Plan(
            benchmark=benchmark,
            method=find_method(generator or "portfolio"),
            tasks=_choose_tasks(benchmark, tasks),
            seeds=tuple(range(seeds or SEEDS[benchmark])),
            budget=budget or BUDGETS[benchmark],
            out=out or Path(nowhere),
            workers=workers or 1,
        )
        try:
            summary = BenchmarkSummary.of(plan, run_all(plan, say))
        except KeyboardInterrupt:
            if out is not None:
                say(f"every call is kept in {out}; the same command goes on from there")
            raise
        if out is not None:
            say(f"wrote {', '.join(map(str, write_tables(summary)))}")
        _show(summary, json=json)


def _choose_tasks(benchmark: str, tasks: tuple[str, ...]) -> tuple[str, ...]:
    from molscreen.generation.benchmark import guacamol, pmo

    known = {"pmo": pmo.NAMES, "guacamol": guacamol.NAMES}[benchmark]
    for name in tasks:
        if name not in known:
            raise UsageError(
                f"--tasks {name}: {benchmark} has no such task.{did_you_mean(name, known)}"
                f" Known: {', '.join(known)}"
            )
    return tuple(dict.fromkeys(tasks)) or known


def _show(summary: BenchmarkSummary, *, json: bool) -> None:
    from molscreen.generation.benchmark.table import as_json, describe, detail_rows, main_rows

    if json:
        print_json(as_json(summary))
        return
    heading, rows = main_rows(summary)
    print_table(heading, rows, title=describe(summary))
    print_table(*detail_rows(summary))
    for source in summary.sources():
        print(f"{source.name}: {source.paper}")


def _run_fragments(tasks: tuple[str, ...], out: Path | None, *, json: bool) -> None:
    from molscreen.generation.benchmark.completion import MODES, complete, judge, make_parts
    from molscreen.generation.benchmark.completion_table import by_mode, rows_of, write_completions

    for name in tasks:
        if name not in MODES:
            raise UsageError(
                f"--tasks {name}: fragments has no such task.{did_you_mean(name, MODES)}"
                f" Known: {', '.join(MODES)}"
            )
    parts = [part for part in make_parts() if not tasks or part.mode in tasks]
    done, made = [], []
    for number, part in enumerate(parts, start=1):
        made.append(complete(part))
        done.append(judge(part, made[-1]))
        if number % 10 == 0:
            say(f"{number} of {len(parts)} parts of drugs are completed")
    if out is not None:
        say(f"wrote {', '.join(map(str, write_completions(done, made, out)))}")
    if json:
        print_json(done)
    else:
        title = "fragments: parts of drugs completed; % of 100 samples each"
        print_table(*rows_of(by_mode(done)), title=title)


def _run_prior(tasks: tuple[str, ...], out: Path | None, *, json: bool) -> None:
    import numpy as np

    from molscreen.generation.benchmark.distribution import judge_prior
    from molscreen.generation.language.corpus import read_corpus
    from molscreen.generation.language.prior import load_prior, sample_smiles

    if tasks:
        raise UsageError("--tasks is not for --benchmark prior, which is one task: leave it out")
    prior = load_prior()
    say("reading ZINC through its dataset card: some four minutes of a core")
    corpus = read_corpus(progress=say)
    figures: dict[str, dict[str, float]] = {}
    written: dict[str, list[str]] = {}
    for name, ruled in WRITTEN.items():
        say(f"sampling {PRIOR_SAMPLES:,} molecules, {name}")
        written[name] = sample_smiles(prior, PRIOR_SAMPLES, np.random.default_rng(0), ruled=ruled)
        report = judge_prior(written[name], train=corpus.train, held_out=corpus.held_out)
        figures[name] = asdict(report)
    if out is not None:
        say(f"wrote {', '.join(map(str, _write_prior(out, figures, written)))}")
    if json:
        print_json(figures)
    else:
        rows = [
            (name.replace("_", " "), *(f"{each[name]:,.6g}" for each in figures.values()))
            for name in next(iter(figures.values()))
        ]
        title = f"prior: {PRIOR_SAMPLES:,} samples, beside molecules of ZINC that it has not seen"
        print_table(("figure", *figures), rows, title=title)


def _write_prior(
    out: Path, figures: Mapping[str, Mapping[str, float]], written: Mapping[str, Sequence[str]]
) -> list[Path]:
    from json import dumps

    from molscreen.provenance import json_ready
    from molscreen.screening.folder.commit import write_text

    out.mkdir(parents=True, exist_ok=True)
    contents = {"results.json": dumps(json_ready(figures), indent=1)}
    for name, samples in written.items():
        contents[f"{name.replace(' ', '-')}.smi"] = "\n".join(samples) + "\n"
    for name, content in contents.items():
        write_text(out / name, content)
    return [out / name for name in contents]
