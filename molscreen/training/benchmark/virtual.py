"""Virtual screening: a few actives and some decoys train, the rest of the set is ranked."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from molscreen.aloud import Tell, unheard
from molscreen.chem.identity import inchikey_blocks
from molscreen.data.card import load_card
from molscreen.data.measured.assay import read_assay
from molscreen.data.measured.assay_table import AssayTable
from molscreen.errors import UsageError
from molscreen.metrics import METRICS
from molscreen.training.benchmark.contender import Contender, muster
from molscreen.training.benchmark.exam import VARIANTS, Conflict, TrainingFold, Variant
from molscreen.training.benchmark.findings import Finding, Report, TaskReport, gather
from molscreen.training.benchmark.ledger import Ledger, Place, Result
from molscreen.training.benchmark.suite import Suite, Task

FIGURES = ("auroc", "ef1", "ef5", "bedroc")
DECOYS = 0.2  # share of the decoys that trains
ACTIVES = (5, 10, 20)  # that train, in the published protocol
AT_A_TIME = 8  # targets read together: ChEMBL's share their decoys, and the table is dense


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The set of one target.

    Attributes
    ----------
    task : Task
    keys : tuple of n str
        Records as read; a compound may come several times.
    ids : tuple of n str
        DUD holds several protonation states of a ligand under one id.
    active : (n,) bool
    """

    task: Task
    keys: tuple[str, ...]
    ids: tuple[str, ...]
    active: NDArray[np.bool_]

    def select(self, rows: NDArray[np.intp]) -> Target:
        """The records of an index array."""
        keys, ids = tuple(self.keys[i] for i in rows), tuple(self.ids[i] for i in rows)
        return Target(self.task, keys, ids, self.active[rows])


def hold_screens(
    suite: Suite,
    contenders: Sequence[Contender],
    *,
    actives: int,
    repeats: int,
    ledger: Ledger,
    data_root: str | Path | None = None,
    progress: Tell = unheard,
) -> Report:
    """Rank every target's set with every method that is installed, several times.

    The cleaned variant keeps one record of each compound before it draws: see `clean`. Figures of a target
    have no interval; those of a source have one, over its targets.

    Parameters
    ----------
    suite : Suite
        "virtual-screening".
    contenders : sequence of Contender
    actives : int
        Actives that train, at random; the protocol has 5, 10 and 20.
    repeats : int
        Draws per target, the same ones for every method; the protocol has 50.
    ledger : Ledger
    data_root : path, optional
    progress : callable

    Raises
    ------
    UsageError
        A target has no more than `actives` actives, or a file is missing or damaged.
    """
    present, absent = muster(contenders)
    reports = []
    for target, refused in _read(suite.tasks, data_root):
        sets: dict[Variant, Target] = {"official": target}
        sets["cleaned"], conflicts = clean(target)
        findings = []
        for contender in present:
            for variant in VARIANTS:
                draws = [
                    _rank(sets[variant], contender, variant, actives, repeat, ledger)
                    for repeat in range(repeats)
                ]
                findings += _summarise(target.task.name, contender.name, variant, draws)
            said = ", ".join(f"{each.metric} {each.mean:.3f}" for each in findings[-len(FIGURES) :])
            progress(f"{target.task.name}, {contender.name}, cleaned, {repeats} repeats: {said}")
        removed = len(target.keys) - len(sets["cleaned"].keys)
        reports.append(
            TaskReport(
                task=target.task.name,
                metric=target.task.metric,
                group=target.task.group,
                findings=tuple(findings),
                removed=removed,
                refused=refused,
                conflicts=conflicts,
            )
        )
    return gather(suite, reports, {each.name: each.settings for each in present}, absent)


def draw(
    active: NDArray[np.bool_], actives: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows that train, `actives` actives and a fifth of the decoys, and the rows that are left to rank.

    Parameters
    ----------
    active : (n,) bool
    actives : int
    rng : Generator

    Raises
    ------
    UsageError
        No active would be left to find.
    """
    found, decoys = np.flatnonzero(active), np.flatnonzero(~active)
    if len(found) <= actives:
        raise UsageError(
            f"{actives} actives are to train, and the set holds {len(found)}: none is left to find"
        )
    chosen = [rng.choice(found, actives, replace=False)]
    chosen.append(rng.choice(decoys, round(DECOYS * len(decoys)), replace=False))
    train = np.sort(np.concatenate(chosen))
    return train, np.setdiff1d(np.arange(len(active)), train)


def clean(target: Target) -> tuple[Target, tuple[Conflict, ...]]:
    """One record of each compound, the first; a compound that is active and decoy is left out and listed.

    Records are of one compound where the first blocks of their InChIKeys are equal, or their ids.
    """
    blocks = inchikey_blocks(target.keys)
    labels: dict[str, set[bool]] = {}
    for block, active in zip(blocks, target.active.tolist(), strict=True):
        labels.setdefault(block, set()).add(active)
    seen: set[str] = set()
    kept = []
    for row, (block, identifier) in enumerate(zip(blocks, target.ids, strict=True)):
        if len(labels[block]) == 1 and block not in seen and identifier not in seen:
            kept.append(row)
        seen |= {block, identifier}
    conflicts = []
    for block in (block for block, both in labels.items() if len(both) > 1):
        rows = [row for row, each in enumerate(blocks) if each == block]
        conflicts.append(
            Conflict(
                target.task.name,
                block,
                tuple(target.keys[i] for i in rows),
                ("",) * len(rows),
                tuple(float(target.active[i]) for i in rows),
            )
        )
    return target.select(np.array(kept, np.intp)), tuple(conflicts)


def _read(tasks: Sequence[Task], data_root: str | Path | None) -> Iterator[tuple[Target, int]]:
    """The targets, some at a time, and the records of each reading that were refused."""
    for start in range(0, len(tasks), AT_A_TIME):
        group = {task.endpoints[0].name: task for task in tasks[start : start + AT_A_TIME]}
        table = read_assay(
            load_card(tasks[0].card.name), data_root=data_root, endpoints=list(group), as_published=True
        )
        for column, task in enumerate(group.values()):
            yield _target(task, table, column), len(table.rejections)


def _target(task: Task, table: AssayTable, column: int) -> Target:
    rows = np.flatnonzero(table.measured[:, column])
    keys, ids = tuple(table.keys[i] for i in rows), tuple(table.ids[i] for i in rows)
    return Target(task, keys, ids, table.value[rows, column] == 1)


def _rank(
    target: Target, contender: Contender, variant: Variant, actives: int, repeat: int, ledger: Ledger
) -> Result:
    """The figures of one draw, from the ledger where they are there."""
    seed = [zlib.crc32(target.task.name.encode()), actives, repeat]
    train, rest = draw(target.active, actives, np.random.default_rng(seed))
    keys, tested = [tuple(target.keys[i] for i in rows) for rows in (train, rest)]
    value = target.active[train].astype(np.float64)[:, None]
    fold = TrainingFold(keys, value, target.task.endpoints, np.zeros(len(keys), bool))
    place = Place.of(contender, task=target.task.name, seed=repeat, fold=fold.digest(tested))
    if (known := ledger.find(place)) is not None:
        return known
    start = time.perf_counter()
    score = contender.fit(fold, seed=repeat)(tested)[:, 0]
    return ledger.add(
        Result(
            place=place,
            variant=variant,
            n_train=len(train),
            n_test=len(rest),
            seconds=round(time.perf_counter() - start, 2),
            figures={metric: METRICS[metric].function(target.active[rest], score) for metric in FIGURES},
        )
    )


def _summarise(task: str, method: str, variant: Variant, draws: Sequence[Result]) -> list[Finding]:
    """Each figure over the repeats: draws of one set, which say nothing of other targets (no interval)."""
    findings = []
    for metric in FIGURES:
        runs = tuple(each.figures[metric] for each in draws)
        findings.append(
            Finding(
                task=task,
                method=method,
                metric=metric,
                variant=variant,
                runs=runs,
                low=math.nan,
                high=math.nan,
                n_train=draws[0].n_train,
                n_test=draws[0].n_test,
            )
        )
    return findings
