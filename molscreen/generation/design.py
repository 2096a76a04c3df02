"""design: from a plan and some compounds to new ones that the plan ranks higher, as a screen of their own.

A design folder holds ``design.json`` (what was asked, what came), ``search/`` (every compound that was
scored, in order, and what a resumed search needs), ``candidates.csv`` (the best of the new ones), and
``proposals/``: the run folder of a screen of these, with shortlist, explanations and, by whoever stands
above, a report.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from molscreen.errors import ConfigError, ResumeError, UsageError
from molscreen.generation.fragments.generator import FragmentGenerator
from molscreen.generation.fragments.keep import Keep
from molscreen.generation.generator import GENERATORS, MoleculeGenerator
from molscreen.generation.scorer import PlanScorer
from molscreen.generation.search.checkpoint import CALLS, check_same
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.history import Call, History
from molscreen.generation.search.optimize import PRESETS, Progress, optimize
from molscreen.generation.seeds import N_DRUGS, Seeds, read_seeds, some_drugs
from molscreen.screening.folder.commit import read_table, write_text, write_whole
from molscreen.screening.folder.layout import RECORD as RUN_RECORD
from molscreen.screening.folder.resume import claim_folder
from molscreen.screening.plan.plan import ScreenPlan
from molscreen.screening.results.run import Run, open_run
from molscreen.screening.screen import amend, screen

RECORD, SEARCH, CANDIDATES, PROPOSALS = "design.json", "search", "candidates.csv", "proposals"
LIMIT = 1000  # candidates that are screened: what the second look of a screen takes as well
HEAVY_ATOMS = (8, 60)  # of a proposal: from a fragment's size to that of the largest oral drugs

Preset = Literal["fast", "standard", "expensive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignConfig:
    """What a design may propose, and how it searches.

    Attributes
    ----------
    budget : int
        Compounds that may be scored, seeds included.
    seed : int
    preset : {"fast", "standard", "expensive"}
        See `molscreen.generation.search.preset.PRESETS`.
    generators : tuple of str
        Names in `GENERATORS`; empty: all that hold what must be kept by construction, or, where nothing must
        be kept, those that need no blocks.
    keep : str
        What every proposal has, at the same atoms: SMARTS, or a core as SMILES with ``*`` where alone
        something may be attached; see `molscreen.generation.fragments.keep.Keep`. Empty: nothing.
    forbid : tuple of str
        SMARTS that no proposal has.
    heavy_atoms : (int, int)
        Fewest and most of a proposal.
    bold : bool
        Whether predictions are believed as they stand, anywhere. Otherwise a wish is judged by the less
        desirable end of its 90 % interval, and proposals outside the domain of the bundles are refused: a
        search without these finds what fools the models.
    """

    budget: int = 1000
    seed: int = 0
    preset: Preset = "standard"
    generators: tuple[str, ...] = ()
    keep: str = ""
    forbid: tuple[str, ...] = ()
    heavy_atoms: tuple[int, int] = HEAVY_ATOMS
    bold: bool = False

    def __post_init__(self) -> None:
        if self.budget < 1:
            raise ConfigError(f"budget must be positive, got {self.budget}")
        if self.preset not in get_args(Preset):
            raise ConfigError(f"preset is '{self.preset}', expected one of {', '.join(get_args(Preset))}")
        for name in self.generators:
            GENERATORS[name]  # raises, and lists the choices
            if self.generators.count(name) > 1:
                raise ConfigError(f"generator '{name}' is named twice")

    @property
    def proposers(self) -> tuple[str, ...]:
        """The generators, chosen where none is named."""
        return self.generators or (("fragments",) if self.keep else ("genetic", "fragments"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a design, for `design.json`.

    Attributes
    ----------
    calls, unscored : int
        Compounds that were scored, and how many of them got no number.
    refused : mapping of str to int
        Proposals that were not scored, by reason, the commonest first.
    stopped : str
        Why it ended.
    bad_seeds : tuple of str
        Rows of the seeds' files that are no compound: place and reason.
    """

    calls: int
    unscored: int
    refused: Mapping[str, int]
    stopped: str
    bad_seeds: tuple[str, ...]


class Design:
    """A design folder, read back. Nothing is read before it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"Design({str(self.path)!r})"

    @cached_property
    def record(self) -> dict[str, Any]:
        """``design.json``: what was asked, and what came."""
        found: dict[str, Any] = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
        return found

    @cached_property
    def history(self) -> pa.Table:
        """Every compound that was scored, in order; see `molscreen.generation.search.history.SCHEMA`."""
        return read_table(self.path / SEARCH / CALLS)

    @property
    def run(self) -> Run | None:
        """The screen of the proposals; None where nothing new has a score, or the search goes on."""
        folder = self.path / PROPOSALS
        return open_run(folder) if _is_begun(folder) else None


def design(
    plan: str | Path | ScreenPlan = "oral-drug",
    *,
    out: str | Path,
    seeds: Sequence[str | Path] = (),
    bundles: Sequence[str | Path] = (),
    top: int | None = None,
    config: DesignConfig | None = None,
    resume: bool = False,
    progress: Callable[[Progress], object] = lambda _: None,
) -> Design:
    """Propose compounds that a plan ranks higher than those it starts from, and screen the best of them.

    Parameters
    ----------
    plan : str, path or ScreenPlan
        As for `screen`: its objective is what is optimised, its filters that refuse are held.
    out : path
        The design folder, new or empty.
    seeds : sequence of path
        Files of compounds to start from; approved drugs where there are none.
    bundles, top
        In place of the plan's.
    config : DesignConfig, optional
    resume : bool
        Go on with the design in `out`: it ends as an unbroken one does. Of a finished one, read it back.
    progress : callable
        Told of each round.

    Raises
    ------
    UsageError
        The plan, a setting, the seeds or `out` are not usable; nothing was started.
    ResumeError
        There is nothing to resume in `out`, or it was begun with something else.
    """
    config = config or DesignConfig()
    wanted = amend(plan, bundles=bundles, top=top)
    folder = Path(out)
    _check_folder(folder, resume=resume)
    keep = Keep.read(config.keep) if config.keep else None
    start = _start(seeds, wanted, config, keep)
    scorer = PlanScorer(wanted, cautious=not config.bold)
    generators = _make_generators(config, keep)
    gates = _make_gates(wanted, config, keep)
    asked = _as_json(wanted, config, scorer, start)
    if resume:
        check_same(folder, Design(folder).record["asked"], asked)
    else:
        claim_folder(folder)
        write_text(folder / RECORD, json.dumps({"asked": asked}, indent=1))
    with scorer as score:
        if not config.bold:
            gates = replace(gates, in_domain=score.in_domain)
        history = optimize(
            score, generators,
            gates=gates, budget=config.budget, seed=config.seed, config=PRESETS[config.preset],
            seeds=start.keys, folder=folder / SEARCH, identity=asked, progress=progress,
        )  # fmt: skip
    outcome = _sum_up(history, start)
    write_text(folder / RECORD, json.dumps({"asked": asked, "outcome": asdict(outcome)}, indent=1))
    if candidates := [call for call in history.best(len(history.calls)) if call.picked != "seed"][:LIMIT]:
        _write_candidates(folder / CANDIDATES, candidates)
        proposals = folder / PROPOSALS
        screen(folder / CANDIDATES, plan=wanted, out=proposals, resume=_is_begun(proposals))
    return Design(folder)


def _start(seeds: Sequence[str | Path], plan: ScreenPlan, config: DesignConfig, keep: Keep | None) -> Seeds:
    """The user's seeds; the core that is kept; or drugs, for at most a quarter of the budget."""
    n = max(1, min(N_DRUGS, config.budget // 4))
    if seeds:
        start = read_seeds(seeds, recipe=plan.standardize)
    elif keep is not None and keep.is_core:
        made = FragmentGenerator(keep=keep).seeds(n, np.random.default_rng(config.seed))
        start = Seeds(tuple(each.smiles for each in made))
    else:
        start = some_drugs(n, seed=config.seed)
    if keep is not None:
        keep.require(start.keys)
    if len(start.keys) >= config.budget:
        raise ConfigError(
            f"a budget of {config.budget} is spent on the {len(start.keys)} seeds, and nothing new could be"
            " scored: raise --budget, or give fewer seeds"
        )
    return start


def _is_begun(proposals: Path) -> bool:
    """Whether there is a run: a screen that was killed at once leaves a folder without a record."""
    return (proposals / RUN_RECORD).is_file()


def _make_gates(plan: ScreenPlan, config: DesignConfig, keep: Keep | None) -> Gates:
    """The gates; the domain comes with the bundles."""
    return Gates(
        recipe=plan.standardize,
        forbid=config.forbid,
        heavy_atoms=config.heavy_atoms,
        filters=(*plan.make_filters("refuse"), *([keep] if keep else [])),
    )


def _check_folder(folder: Path, *, resume: bool) -> None:
    begun = (folder / RECORD).is_file()
    if resume and not begun:
        raise ResumeError(
            f"{folder}: no design to resume here (no {RECORD}); leave --resume out to start one"
        )
    if begun and not resume:
        raise UsageError(f"{folder}: a design is here. Give --resume to go on with it, or another --out")
    if not begun and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: not empty, and no design; name an empty folder, or a new one")


def _make_generators(config: DesignConfig, keep: Keep | None) -> list[MoleculeGenerator]:
    return [
        FragmentGenerator(keep=keep) if name == "fragments" else GENERATORS[name]()
        for name in config.proposers
    ]


def _as_json(plan: ScreenPlan, config: DesignConfig, scorer: PlanScorer, start: Seeds) -> dict[str, Any]:
    """All that the result depends on."""
    settings: dict[str, Any] = {
        "plan": {key: value for key, value in plan.resolve().items() if key not in ("library", "run")},
        "bundles": {info.name: info.digest for info in scorer.infos},
        "design": asdict(config) | {"generators": config.proposers},
        "seeds": start.keys,
    }
    return dict(json.loads(json.dumps(settings)))


def _sum_up(history: History, start: Seeds) -> Outcome:
    return Outcome(
        calls=len(history.calls),
        unscored=sum(math.isnan(call.score) for call in history.calls),
        refused=dict(sorted(history.refused.items(), key=lambda item: (-item[1], item[0]))),
        stopped=history.stopped,
        bad_seeds=tuple(f"{each.source}: {each.reason}" for each in start.rejections),
    )


def _write_candidates(path: Path, calls: Sequence[Call]) -> None:
    """The calls as a library, with where each came from."""
    columns = {
        "id": [f"D{call.number:05d}" for call in calls],
        "smiles": [call.key for call in calls],
        "proposer": [call.proposer for call in calls],
        "step": [call.step for call in calls],
        "parents": [" ".join(call.parents) for call in calls],
        "call": [call.number for call in calls],
        "reward": [round(call.score, 6) for call in calls],
    }
    write_whole(path, lambda file: pa_csv.write_csv(pa.table(columns), file))
