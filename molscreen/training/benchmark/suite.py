"""Suite: the tasks of a benchmark, each with its data, its official split and its metric."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from molscreen.data.card import DatasetCard, known_cards, load_card
from molscreen.endpoint import Endpoint
from molscreen.errors import ConfigError, did_you_mean
from molscreen.metrics import METRICS

Split = Literal["given", "scaffold"]

VIRTUAL_SCREENING = "virtual-screening"
MOLECULENET = ("tox21", "clintox", "bbbp", "esol", "freesolv", "lipophilicity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a benchmark.

    Attributes
    ----------
    name : str
        As published figures are listed under it, for example ``caco2_wang`` or ``CHEMBL204_Ki``.
    card : DatasetCard
        With the endpoints of the task alone. Of several, all of one kind, the metric is averaged.
    metric : str
        A name in `molscreen.metrics.METRICS`.
    split : {"given", "scaffold"}
        "given": the folds of the data set. "scaffold": MoleculeNet's, 80/10/10 by DeepChem's splitter.
    group : str
        The figures of tasks of one group are averaged as well; empty where an average means nothing.
    """

    name: str
    card: DatasetCard
    metric: str
    split: Split = "given"
    group: str = ""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints, in the order of the card."""
        return self.card.endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A benchmark: tasks that the literature reports together.

    Attributes
    ----------
    name, title : str
    tasks : tuple of Task
    protocol : str
        How its figures come about, in one sentence for the reader of a table.
    """

    name: str
    title: str
    tasks: tuple[Task, ...]
    protocol: str

    def only(self, names: Sequence[str]) -> Suite:
        """The same suite with the named tasks alone, in the order of the suite; all where none is named.

        Raises
        ------
        ConfigError
            A task is unknown; those there are, are listed.
        """
        known = {task.name: task for task in self.tasks}
        for name in names:
            if name not in known:
                raise ConfigError(
                    f"benchmark '{self.name}' has no task '{name}'.{did_you_mean(name, known)}"
                    f" Its tasks: {', '.join(known)}"
                )
        kept = tuple(task for task in self.tasks if not names or task.name in names)
        return dataclasses.replace(self, tasks=kept)


def load_suite(name: str) -> Suite:
    """The benchmark of that name, from the dataset cards.

    Raises
    ------
    ConfigError
        There is no such benchmark, or a card is missing or wrong.
    """
    if name not in _SUITES:
        raise ConfigError(
            f"unknown benchmark '{name}'.{did_you_mean(name, _SUITES)} Known: {', '.join(_SUITES)}"
        )
    return _SUITES[name]()


def metric_of(card: DatasetCard) -> str:
    """The metric that the card says the literature reports, by our name for it.

    Raises
    ------
    ConfigError
        It is none of `molscreen.metrics.METRICS`.
    """
    metric = card.metric.lower()
    if metric not in METRICS:
        raise ConfigError(
            f"card '{card.name}': the metric is '{card.metric}', expected one of {', '.join(METRICS)}"
        )
    return metric


def _tdc() -> Suite:
    names = [name for name in known_cards() if name.startswith("tdc_admet/")]
    cards = [load_card(name) for name in names]
    return Suite(
        name="tdc-admet",
        title="TDC ADMET benchmark group",
        tasks=tuple(Task(name=c.name.split("/")[1], card=c, metric=metric_of(c)) for c in cards),
        protocol="official train_val and test files; the metric of each task on the test file",
    )


def _moleculeace() -> Suite:
    card = load_card("moleculeace")
    return Suite(
        name="moleculeace",
        title="MoleculeACE, 24 potency sets with activity cliffs",
        tasks=tuple(
            Task(name=name, card=of_endpoint(card, name), metric=metric_of(card), group="MoleculeACE")
            for name in (endpoint.name for endpoint in card.endpoints)
        ),
        protocol="official train and test folds; RMSE over all test compounds and over those with a cliff",
    )


def _moleculenet() -> Suite:
    known = set(known_cards())
    cards = [load_card(f"moleculenet/{n}") for n in MOLECULENET if f"moleculenet/{n}" in known]
    return Suite(
        name="moleculenet",
        title="MoleculeNet",
        tasks=tuple(
            Task(name=c.name.split("/")[1], card=c, metric=metric_of(c), split="scaffold") for c in cards
        ),
        protocol=(
            "MoleculeNet's scaffold split 80/10/10, the same for every seed (DeepChem's splitter, structures"
            " as written); the metric is averaged over endpoints; the validation fold never fits a peer"
        ),
    )


def _virtual_screening() -> Suite:
    card = load_card("vs_riniker")
    return Suite(
        name=VIRTUAL_SCREENING,
        title="Virtual screening, sets of Riniker and Landrum",
        tasks=tuple(
            Task(name=name, card=of_endpoint(card, name), metric="auroc", group=name.split("_")[0])
            for name in (endpoint.name for endpoint in card.endpoints)
        ),
        protocol=(
            "per target and repeat, a few actives and 20 % of the decoys train and the rest is ranked;"
            " mean over the targets of a source; sd over repeats; interval over targets"
        ),
    )


def of_endpoint(card: DatasetCard, name: str) -> DatasetCard:
    """The card with one endpoint, and with no file that does not measure it."""
    card = card.only([name])
    [measurement] = card.measurements
    files = tuple(file for file in card.files if measurement.file in ("", file.path))
    return dataclasses.replace(card, files=files)


_SUITES: dict[str, Callable[[], Suite]] = {
    "tdc-admet": _tdc,
    "moleculeace": _moleculeace,
    "moleculenet": _moleculenet,
    VIRTUAL_SCREENING: _virtual_screening,
}
