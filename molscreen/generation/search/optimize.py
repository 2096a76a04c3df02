"""Optimize: the loop that proposes, refuses, chooses, scores and learns until a budget of calls is spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from molscreen.errors import ConfigError
from molscreen.generation.generator import MoleculeGenerator
from molscreen.generation.search.checkpoint import check_same, load, save
from molscreen.generation.search.gate import Gates
from molscreen.generation.search.history import History
from molscreen.generation.search.judgement import Score
from molscreen.generation.search.preset import PRESETS, OptimizeConfig
from molscreen.generation.search.search import RoundReport, Search
from molscreen.screening.folder.lock import RunLock


def optimize(
    score: Score,
    generators: Sequence[MoleculeGenerator],
    *,
    gates: Gates,
    budget: int,
    seed: int = 0,
    config: OptimizeConfig = PRESETS["standard"],
    seeds: Sequence[str] = (),
    folder: Path | None = None,
    identity: Mapping[str, Any] = MappingProxyType({}),
    progress: Callable[[RoundReport], object] = lambda _: None,
) -> History:
    """Search for compounds of high score, with at most `budget` of them scored.

    Each round: generators propose more than can be scored, gates refuse, the surrogate and the shares of
    the generators choose a batch, it is scored, and all learn from it. With a folder, the search is written
    down after each round, and goes on from there when it is called again: a killed search ends with the
    history that an unbroken one has.

    Parameters
    ----------
    score : callable
        From n different keys to (n,) scores in [0, 1], higher is better, NaN where there is none; or to a
        `Judgement`, which says more of them. Only its scores steer the search.
    generators : sequence of MoleculeGenerator
        Of different names.
    gates : Gates
        For proposals; seeds are the user's own, and only have to be structures.
    budget : int
        Compounds that may be scored, seeds and those without a score included.
    seed : int
        Of all that is random.
    config : OptimizeConfig
    seeds : sequence of str
        SMILES that are scored first, in this order.
    folder : Path, optional
        Made where it is missing.
    identity : mapping
        What else the result depends on, the score above all, as JSON-able values: a search is not gone on
        with where it differs.
    progress : callable
        Told of each round.

    Raises
    ------
    ConfigError
        The budget, or the generators' names, cannot be.
    ResumeError
        The folder's search was begun with other settings, or cannot be read.
    RunLockedError
        Another process works in the folder.
    RunError
        `score` gives something that is no score, or a generator signs with another's name.

    Examples
    --------
    >>> import numpy as np
    >>> from molscreen.generation.generator import Proposal
    >>> class Alkanes(MoleculeGenerator):
    ...     name = "alkanes"
    ...     def propose(self, n, rng):
    ...         return [Proposal("C" * int(size), self.name) for size in rng.integers(2, 12, n)]
    >>> def score(keys):
    ...     return np.array([1 / len(key) for key in keys])
    >>> history = optimize(score, [Alkanes()], gates=Gates(), budget=100, seeds=["CCCO"])
    >>> history.best(1)[0].key, history.stopped
    ('CC', 'no new candidate in 5 rounds: the generators, or what the gates let pass, ran dry')
    """
    if budget < 1:
        raise ConfigError(f"budget must be positive, got {budget}")
    search = Search(
        score,
        generators,
        gates=gates,
        budget=budget,
        seed=seed,
        config=config,
        seeds=seeds,
        identity=identity,
    )
    if folder is None:
        return search.run(lambda _: None, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with RunLock(folder):
        found = load(folder)
        if found is not None:
            check_same(folder, found.identity, search.identity)
            search.resume(found)
        return search.run(lambda checkpoint: save(folder, checkpoint), progress)
