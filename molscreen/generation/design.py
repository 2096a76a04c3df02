"""design: from a plan and some compounds to new ones that the plan ranks higher, as a screen of their own.

A design folder holds ``design.json`` (what was asked, what came), ``search/`` (every compound that was
scored, in order, and what a resumed search needs), ``scoring/`` (what workers are told, and what went wrong
with them), ``candidates.csv`` (the best of the new ones), ``proposals/`` (the run folder of a screen of
these, with shortlist, explanations and, by whoever stands above, a report), and ``proposals.csv``, ``.sdf``
and ``.parquet``: its shortlist, with what each is like, which ``columns.csv`` explains.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from molscreen.arguments import as_names, require
from molscreen.errors import ResumeError, UsageError, WeakModelWarning
from molscreen.generation.brief import make_brief
from molscreen.generation.front import describe_front, write_front
from molscreen.generation.outcome import sum_up
from molscreen.generation.proposals import explain_scores, write_calls, write_proposals
from molscreen.generation.scorer import PlanScorer
from molscreen.generation.search.approach import Approach
from molscreen.generation.search.checkpoint import CALLS, check_same
from molscreen.generation.search.optimize import optimize
from molscreen.generation.search.search import RoundReport
from molscreen.generation.settings import DesignConfig
from molscreen.screening.events import silent
from molscreen.screening.folder.commit import read_table, write_text
from molscreen.screening.folder.layout import DESIGN, DESIGN_LAYOUT, PROPOSALS
from molscreen.screening.folder.layout import RECORD as RUN_RECORD
from molscreen.screening.folder.resume import make_private
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.plan.setup import find_cautions
from molscreen.screening.plan.tables import ExecutorName
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import amend, screen
from molscreen.screening.source import source_names
from molscreen.screening.store.read import Store

SEARCH, SCORING, CANDIDATES = "search", "scoring", "candidates.csv"
POOL = 5  # candidates that are screened for each place on the shortlist: what a diverse choice needs


class Design:
    """A design folder, read back. Nothing is read before it is asked for."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()

    def __repr__(self) -> str:
        return f"Design({str(self.path)!r})"

    @cached_property
    def record(self) -> dict[str, Any]:
        """``design.json``: what was asked, and, of a finished design, what came."""
        found: dict[str, Any] = json.loads((self.path / DESIGN).read_text(encoding="utf-8"))
        return found

    @cached_property
    def history(self) -> pa.Table:
        """Every compound that was scored, in order; see `molscreen.generation.search.history.SCHEMA`."""
        return read_table(self.path / SEARCH / CALLS)

    @cached_property
    def proposals(self) -> pa.Table:
        """The best new compounds, see `molscreen.generation.proposals.write_proposals`.

        Raises
        ------
        UsageError
            There are none, or the design is not finished.
        """
        path = self.path / f"{PROPOSALS}.parquet"
        if not path.is_file():
            raise UsageError(f"{self.path}: no proposals; the design found none, or goes on by --resume")
        return read_table(path)

    @property
    def run(self) -> Run | None:
        """The screen of the proposals; None where nothing new has a score, or the search goes on."""
        folder = self.path / PROPOSALS
        return open_run(folder) if _is_begun(folder) else None


def design(
    plan: str | Path | ScreenPlan = "oral-drug",
    *,
    out: str | Path,
    seeds: str | Path | Store | Sequence[str | Path] = (),
    known: str | Path | Store | Sequence[str | Path] = (),
    bundles: str | Path | Sequence[str | Path] = (),
    control: str | Path | Sequence[str | Path] = (),
    top: int | None = None,
    executor: ExecutorName | None = None,
    workers: int | None = None,
    address: str | None = None,
    gpus: float | None = None,
    config: DesignConfig | None = None,
    resume: bool = False,
    progress: Callable[[RoundReport], object] = lambda _: None,
) -> Design:
    """Propose compounds that a plan ranks higher than those it starts from, and screen the best of them.

    Parameters
    ----------
    plan : str, path or ScreenPlan
        As for `screen`: its objective is what is optimised, its filters that refuse are held.
    out : path
        The design folder, new or empty.
    seeds : path, Store, or sequence of paths
        Files of compounds to start from, or a store; approved drugs where there are none.
    known : path, Store, or sequence of paths
        Libraries or stores of compounds that are not new, as the seeds are not, by the first block of their
        InChIKeys: neither they nor their stereoisomers and tautomers are proposed. About 2 ms a row.
    bundles, top, executor, workers, address, gpus
        In place of the plan's. Whoever scores on a CPU, the result is the same. All nodes of a cluster must
        see `out`.
    control : str, path, or sequence of them
        Bundles that are asked about the best, and never part of a reward: see `PlanScorer`.
    config : DesignConfig, optional
    resume : bool
        Go on with the design in `out`: it ends as an unbroken one does. Of a finished one, read it back.
    progress : callable
        Told of each round.

    Warns
    -----
    WeakModelWarning
        The plan ranks by an endpoint that its bundle predicts no better than a guess.

    Raises
    ------
    UsageError
        The plan, a setting, the seeds or `out` are not usable; nothing was started.
    ResumeError
        There is nothing to resume in `out`, or it was begun with something else.
    RunLockedError
        Another process works on `out`.
    WorkerError
        Workers fail alike; what was scored is kept.
    """
    config = config or DesignConfig()
    require(config, DesignConfig, what="config")
    execution = {"executor": executor, "workers": workers, "address": address, "gpus": gpus}
    wanted = amend(plan, bundles=bundles, top=top, run=execution)
    folder = Path(out)
    _check_folder(folder, resume=resume)
    brief = make_brief(
        wanted, config, seeds=source_names(seeds, what="seeds"), known=source_names(known, what="known")
    )
    scorer = PlanScorer(
        wanted, cautious=not config.bold, control=as_names(control, what="control"),
        folder=folder / SCORING, shard_size=config.shard_size,
    )  # fmt: skip
    for sentence in find_cautions(scorer.infos, scorer.plain):
        warnings.warn(sentence, WeakModelWarning, stacklevel=2)
    identity = {**scorer.identity(), "terms": scorer.terms, **brief.identity(), "layout": DESIGN_LAYOUT}
    asked = dict(json.loads(json.dumps(identity)))
    about = brief.about()
    if resume:
        check_same(folder, Design(folder).record["asked"], asked)
    make_private(folder)
    with scorer as score:  # it claims the folder, and joins a cluster: a design is begun when that was done
        if not resume:
            write_text(folder / DESIGN, json.dumps({"about": about, "asked": asked}, indent=1))
        gates = brief.gates
        if not config.bold:
            gates = replace(gates, approach=Approach(score.distance))
        history = optimize(
            score.judge, brief.generators,
            gates=gates, budget=config.budget, seed=config.seed, config=brief.preset,
            seeds=brief.start.keys, folder=folder / SEARCH, identity=asked, progress=progress,
        )  # fmt: skip
        mean = score.judged_by_mean if score.is_cautious else ()
        came = sum_up(
            history, brief.start, is_controlled=score.is_controlled, wishes=score.terms, judged_by_mean=mean
        )
        rewarded = score.rewarded
    limit = POOL * wanted.top
    on_front = write_front(folder, history, scorer.terms) if config.pareto else frozenset()
    if candidates := sorted(history.best_new(), key=lambda call: call.key not in on_front)[:limit]:
        marks = (
            {"on_front": ["yes" if call.key in on_front else "" for call in candidates]} if on_front else {}
        )
        write_calls(folder / CANDIDATES, candidates, marks)
        run = _screen(folder, rewarded, limit, is_series=bool(brief.keep))
        write_proposals(folder, run, brief.compared_with(), best_seed=came.best_seed)
    outcome = asdict(came) | {"front": describe_front(history) if config.pareto else None}
    write_text(folder / DESIGN, json.dumps({"about": about, "asked": asked, "outcome": outcome}, indent=1))
    return Design(folder)


def _screen(folder: Path, plan: ScreenPlan, limit: int, *, is_series: bool) -> Run:
    """The candidates, screened by what they were rewarded for, so that the list begins with what was sought.

    All of them are looked at again, and of a series all may be on the list.
    """
    wanted = replace(
        plan,
        description=" ".join(filter(None, [plan.description, explain_scores(plan)])),
        rerank=replace(plan.rerank, fraction=1.0, minimum=limit, maximum=max(limit, plan.rerank.maximum)),
        diversity=replace(plan.diversity, method="none") if is_series else plan.diversity,
    )
    proposals = folder / PROPOSALS
    resume = _is_begun(proposals)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakModelWarning)  # said when the search began
        return screen(folder / CANDIDATES, plan=wanted, out=proposals, resume=resume, progress=silent)


def _is_begun(proposals: Path) -> bool:
    """Whether there is a run: a screen that was killed at once leaves a folder without a record."""
    return (proposals / RUN_RECORD).is_file()


def _check_folder(folder: Path, *, resume: bool) -> None:
    begun = (folder / DESIGN).is_file()
    if resume and not begun:
        raise ResumeError(
            f"{folder}: no design to resume here (no {DESIGN}); leave --resume out to start one"
        )
    if begun and not resume:
        raise UsageError(
            f"{folder}: a design is here. Give --resume (Python: resume=True) to go on with it, or another"
            " --out"
        )
    if begun or not folder.exists():
        return
    if not folder.is_dir() or any(each.name != SCORING for each in folder.iterdir()):
        raise UsageError(f"{folder}: not empty, and no design; name an empty folder, or a new one")
